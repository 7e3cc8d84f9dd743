"""Short words for what the tests of failures do again and again, at one moment unless they say another."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from chuzhi.ledger import assets, posting
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.models import Lot
from chuzhi.ledger.outcomes import Outcome

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def post(*operations: Any, now: datetime = NOW) -> list[Outcome]:
    connection.ensure_connection()
    return posting.post(operations, now=now)


def done(operation: Any, now: datetime = NOW) -> Outcome:
    outcome = post(operation, now=now)[0]
    outcome.raise_if_refused()
    return outcome


def refusal(operation: Any, now: datetime = NOW) -> str:
    no = post(operation, now=now)[0].refusal
    assert no is not None
    return no.code


def has(wallet: int, bucket: Bucket = Bucket.PRINCIPAL, asset: str = "CNY") -> int:
    lots = Lot.objects.filter(wallet=wallet, bucket=bucket, asset=assets.number(asset))
    return sum(lots.values_list("remaining", flat=True))
