"""`chuzhi serve` as a person meets it: it starts, says where it is, says in one line why not, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys

import psycopg
import pytest

from chuzhi.config import embedded
from product import Product, answers, children_of, free_port, kill, wait_until


def started(product: Product, port: int) -> subprocess.Popen[str]:
    process = product.start("serve", "--port", str(port))
    assert process.stdout
    assert any(f"Chuzhi is at http://127.0.0.1:{port}/" in line for line in process.stdout), process.communicate()
    assert answers(port)
    return process


def one_line(said: str) -> bool:
    return said.count("\n") == 1 and "Traceback" not in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_starts_all_and_stops_all(product: Product, how: signal.Signals) -> None:
    process = started(product, free_port())

    process.send_signal(how)

    assert process.wait(timeout=180) == 0
    assert product.processes() == []


def test_kill_9_of_it_takes_the_rest_along(product: Product) -> None:
    process = started(product, free_port())

    kill(process.pid)

    wait_until(lambda: not product.processes(), "web, worker and database have left too")


def test_what_dies_under_it_is_started_again(product: Product) -> None:
    process = started(product, port := free_port())
    first = children_of(process.pid)
    postmaster = product.server.pid()

    for pid in [*first, postmaster or 0]:
        kill(pid)

    wait_until(lambda: not set(children_of(process.pid)) & set(first) and answers(port), "it answers again")
    wait_until(lambda: product.server.pid() != postmaster and product.server.answers(), "the database is back")


def test_what_a_killed_web_server_leaves_behind_does_not_keep_the_database(product: Product) -> None:
    process = started(product, free_port())
    web = next(child for child in children_of(process.pid) if (left := children_of(child)))
    for pid in left:
        os.kill(pid, signal.SIGSTOP)

    kill(web)
    process.terminate()

    try:
        assert process.wait(timeout=180) == 0
        assert not product.server.is_alive()
    finally:
        for pid in left:
            kill(pid)


@pytest.mark.parametrize("command", [("web", "--port", "0"), ("worker",), ("tell_demo",)])
def test_who_starts_after_whoever_started_it_has_died_leaves(product: Product, command: tuple[str, ...]) -> None:
    nobody = subprocess.Popen(["/bin/true"])
    nobody.wait()

    code, _said = product.run(*command, "--supervised", str(nobody.pid))

    assert code in {-signal.SIGTERM, 128 + signal.SIGTERM}


@pytest.mark.parametrize(("taken", "end"), [(0, signal.SIGTERM), (1, signal.SIGTERM), (99, signal.SIGKILL)])
def test_who_does_not_hear_that_it_should_leave_is_asked_again_and_then_ended(taken: int, end: signal.Signals) -> None:
    """`taken`: how often the wish to stop is swallowed."""
    told = f"""
import os, signal, time
from chuzhi.config import serving
heard = []
def swallow(*_): heard.append(1) or (len(heard) >= {taken} < 99 and signal.signal(signal.SIGTERM, signal.SIG_DFL))
if {taken}: signal.signal(signal.SIGTERM, swallow)
serving.STOP_SECONDS = 0.3
serving.leave_with(-1)
time.sleep(60)
"""

    done = subprocess.run([sys.executable, "-c", told], timeout=50, check=False)

    assert done.returncode == -end


def test_a_second_one_on_the_same_data_is_refused(product: Product) -> None:
    started(product, free_port())

    code, said = product.run("serve", "--port", str(free_port()))

    assert code == 1
    assert one_line(said), said
    assert "already runs on" in said


def test_a_taken_port_is_said(product: Product) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said = product.run("serve", "--port", str(other.getsockname()[1]))

    assert code == 1
    assert one_line(said), said
    assert "is taken" in said


def test_a_database_of_a_newer_version_is_refused(product: Product) -> None:
    product.run("migrate")
    with embedded.running(product.data) as server, psycopg.connect(server.url()) as there:
        there.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('wallets', '0099_from_tomorrow', now())")

    code, said = product.run("serve", "--port", str(free_port()))

    assert code == 1
    assert one_line(said), said
    assert re.search(r"newer version of Chuzhi \(wallets\.0099_from_tomorrow", said)


def test_a_database_that_does_not_answer_is_said_without_its_password(product: Product) -> None:
    code, said = product.run("serve", DATABASE_URL=f"postgresql://shop:secret@127.0.0.1:{free_port()}/shop")

    assert code == 1
    assert one_line(said), said
    assert "does not answer" in said
    assert "secret" not in said


def test_a_data_folder_that_cannot_be_is_said(product: Product) -> None:
    code, said = product.run("migrate", CHUZHI_DATA="/dev/null/chuzhi")

    assert code == 1
    assert one_line(said), said
    assert "/dev/null/chuzhi cannot be used" in said
