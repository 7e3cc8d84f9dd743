import os
from pathlib import Path

import psycopg
import pytest

from chuzhi.config import prepared

URL = os.environ["DATABASE_URL"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").touch()
    return tmp_path


def test_it_holds_until_something_changes(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not prepared.is_current(data, URL)
    prepared.remember(data, URL)
    assert prepared.is_current(data, URL)

    monkeypatch.setattr(prepared, "_migrations", lambda _url: "one more")

    assert not prepared.is_current(data, URL)


def test_new_files_of_ours_end_it(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(prepared, "PACKAGE", package)
    prepared.remember(data, URL)

    (package / "0002_more.py").touch()

    assert not prepared.is_current(data, URL)


def test_the_migrations_are_those_the_database_has_had() -> None:
    with psycopg.connect(URL) as there:
        row = there.execute("SELECT to_regclass('django_migrations') IS NULL").fetchone()

    assert (prepared._migrations(URL) == "") == (row == (True,))
