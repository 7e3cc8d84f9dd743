from pathlib import Path

import make
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from chuzhi.ledger import heads, verifications
from chuzhi.ledger.models import BookHead, Lot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_HEADS_FOLDER = str(tmp_path / "heads")
    settings.DATA = tmp_path


def test_nobody_has_verified_yet() -> None:
    assert verifications.latest() is None


def test_a_verdict_is_kept_with_its_moment() -> None:
    make.post_one(make.top_up_asked(1, 100_00, 20_00))

    verdict = verifications.make()

    assert (verdict.operations, verdict.legs, verdict.wrong, verdict.findings) == (1, 2, 0, [])
    assert verifications.latest() == verdict


def test_what_is_wrong_is_kept_too() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    Lot.objects.update(remaining=99_99)

    verdict = verifications.make()

    assert verdict.wrong > 0
    assert any("expected remaining 10000, by its legs, found remaining 9999" in line for line in verdict.findings)


def test_it_remembers_the_heads_that_were_exported() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    connection.ensure_connection()
    path, _lines = heads.export(connection.connection)
    path.write_text(path.read_text().replace(bytes(BookHead.objects.get().head_hash).hex(), "00" * 32))

    assert verifications.make().wrong > 0
