"""The cast and the props, built through the real commands, so that no test starts from a state the product cannot reach."""

import itertools
from datetime import UTC, datetime, timedelta

from chuzhi.ledger import assets, chart, posting
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.operations import Charge, Grant, Operation, TopUp
from chuzhi.ledger.outcomes import Outcome

_keys = itertools.count(1)
CASH = chart.account(chart.System.CLEARING, chart.Method.CASH)
SALES = chart.account(chart.System.SALES, 1)


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def key() -> str:
    return f"key-{next(_keys)}"


def cny() -> int:
    return assets.number("CNY")


def top_up_asked(
    wallet: int, paid: int, bonus: int = 0, *, book: int = 0, until: datetime | None = None, **more: object
) -> TopUp:
    """Sell `paid` with `bonus`, in fen."""
    grants = [Grant(asset=cny(), bucket=Bucket.PRINCIPAL, amount=paid, source=CASH, repays_debt=True)]
    if bonus:
        grants.append(Grant(asset=cny(), bucket=Bucket.BONUS, amount=bonus, source=chart.BONUS_COST, expires_at=until))
    values: dict[str, object] = {"key": key(), "by": "system:0"} | more
    return TopUp(book=book, wallet=wallet, asset=cny(), amount=paid, grants=tuple(grants), **values)  # type: ignore[arg-type]


def charge_asked(wallet: int, amount: int, *, book: int = 0, **more: object) -> Charge:
    values: dict[str, object] = {"key": key(), "by": "system:0", "into": SALES} | more
    return Charge(book=book, wallet=wallet, asset=cny(), amount=amount, **values)  # type: ignore[arg-type]


def asked(kind: type[Operation], wallet: int, amount: int = 0, *, book: int = 0, **more: object) -> Operation:
    values: dict[str, object] = {"key": key(), "by": "system:0"} | more
    return kind(book=book, wallet=wallet, asset=cny(), amount=amount, **values)  # type: ignore[arg-type]


def post(*operations: Operation, now: datetime | None = None) -> list[Outcome]:
    return posting.post(operations, now=now)


def post_one(operation: Operation, now: datetime | None = None) -> Outcome:
    outcome = posting.post([operation], now=now)[0]
    outcome.raise_if_refused()
    return outcome
