"""The verifier, on journals that are as they should be."""

from datetime import UTC, datetime, timedelta

import make
import pytest
from django.db import connection

from chuzhi.ledger import chart, operations, posting
from chuzhi.ledger.findings import Report
from chuzhi.ledger.proof import verification

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def verify(**how: object) -> Report:
    return verification.verify(connection.connection, **how)  # type: ignore[arg-type]


def test_an_empty_ledger_is_in_order() -> None:
    connection.ensure_connection()

    assert verify().is_clean


def test_a_story_with_every_kind_of_operation_is_in_order() -> None:
    make.story(NOON)

    report = verify(deep=True)

    assert report.findings == []
    assert report.operations > 20


def test_a_transfer_under_way_is_a_note_and_no_fault() -> None:
    make.post(make.top_up_asked(1, 500_00), now=NOON)
    make.post(make.asked(operations.TransferOut, 1, 200_00, to_book=1, to_wallet=2), now=NOON)

    report = verify()

    assert report.is_clean
    assert "20000 units" in report.notes[0]


def test_what_only_time_did_is_decided_alike_again() -> None:
    for wallet in (1, 2):
        make.post(make.top_up_asked(wallet, 500_00, 80_00, until=NOON + DAY), now=NOON)
        make.post(make.asked(operations.Hold, wallet, 20_00, expires_at=NOON + DAY / 2), now=NOON)

    assert posting.wake([(0, 1), (0, 2)]) == 4

    assert verify(deep=True).findings == []


def test_it_counts_what_it_read() -> None:
    make.post(make.top_up_asked(1, 500_00, 80_00), now=NOON)
    make.post(make.charge_asked(1, 520_00), make.charge_asked(1, 900_00), now=NOON)

    report = verify()

    assert (report.books, report.operations, report.legs) == (1, 3, 4)
    assert chart.TRANSIT == 6_000_000_000
