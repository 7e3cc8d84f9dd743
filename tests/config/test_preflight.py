import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from chuzhi.config import cli, preflight

Usage = namedtuple("Usage", "total used free")


def test_a_full_disk_is_said_before_anything_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 2**20, 2**20))

    with pytest.raises(SystemExit, match="is full: 1 MB are left, 256 MB are needed"), preflight.database(tmp_path / "data"):
        pass


def test_a_disk_that_fills_up_later_is_said_too() -> None:
    full = OperationalError("could not extend file")
    full.__cause__ = psycopg.errors.DiskFull()

    assert "The disk of the database is full" in (cli._in_one_line(full) or "")
    assert "key.new could not be written" in (cli._in_one_line(OSError(errno.ENOSPC, "No space left", "key.new")) or "")
    assert cli._in_one_line(ValueError("a bug")) is None


@pytest.mark.parametrize(("version", "refused"), [(140_012, True), (150_000, False)])
def test_an_old_postgresql_is_refused(version: int, *, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", version)
    url = os.environ["DATABASE_URL"]

    if refused:
        with pytest.raises(SystemExit, match="is PostgreSQL 14; 15 or newer is needed"):
            preflight.check_server(url)
    else:
        preflight.check_server(url)


def test_a_database_that_sees_no_chinese_is_refused() -> None:
    """As one made with LC_CTYPE=C would be: there, both names have no trigrams at all."""
    with preflight.connected(os.environ["DATABASE_URL"]) as there:
        name = f"chuzhi_blind_{os.getpid()}"
        there.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            with (
                preflight.connected(os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}") as blind,
                pytest.raises(SystemExit, match="does not see Chinese"),
            ):
                preflight.check_chinese(blind)
        finally:
            there.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_one_we_make_does_see_chinese() -> None:
    with preflight.connected(os.environ["DATABASE_URL"]) as there:
        preflight.check_chinese(there)
