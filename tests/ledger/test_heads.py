import json
import stat
from pathlib import Path

import make
import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings as SettingsWrapper

from chuzhi.ledger import heads
from chuzhi.ledger.findings import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.LEDGER_HEADS_FOLDER = str(tmp_path / "heads")
    settings.DATA = tmp_path
    return tmp_path


def export() -> tuple[Path, int]:
    connection.ensure_connection()
    return heads.export(connection.connection)


def check(path: Path) -> list[Finding]:
    return list(heads.check(connection.connection, path))


def test_a_line_is_added_for_each_book_that_moved_and_no_other() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    make.post_one(make.top_up_asked(2, 100_00, book=1))
    path, first = export()
    make.post_one(make.charge_asked(2, 1_00, book=1))

    _path, second = export()
    _path, third = export()

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert (first, second, third) == (3, 1, 0)
    assert [(line["book"], line["batch_no"], line["last_seq"]) for line in lines if line["is"] == "head"] == [
        (0, 1, 1),
        (1, 1, 1),
        (1, 2, 2),
    ]
    assert check(path) == []


def test_the_private_key_is_its_owners_only(folder: Path) -> None:
    heads.public_key()

    assert stat.S_IMODE((folder / "secrets" / "ledger_heads.pem").stat().st_mode) == 0o600


def test_a_line_that_somebody_edited_is_not_ours() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    path, _lines = export()
    path.write_text(path.read_text().replace('"last_seq": 1', '"last_seq": 2'))

    findings = check(path)

    assert [finding.expected for finding in findings] == ["a line signed by our key"]


def test_the_command_says_that_nothing_is_lost_and_knows_its_heads(capsys: pytest.CaptureFixture[str]) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    path, _lines = export()

    call_command("ledger", "verify", "--heads", str(path), "--json")

    said = json.loads(capsys.readouterr().out)
    assert (said["clean"], said["operations"], said["legs"]) == (True, 1, 1)


def test_the_command_leaves_with_1_when_something_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    connection.connection.execute("UPDATE ledger_lot SET remaining = remaining - 1")

    with pytest.raises(SystemExit) as left:
        call_command("ledger", "verify")

    assert left.value.code == 1
    assert "I2  book 0, lot 1: expected remaining 10000, by its legs, found remaining 9999" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("ledger", "verify", "--heads", str(Path(str(configured.DATA)) / "nowhere"))
