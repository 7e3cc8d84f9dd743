"""The cast and the props, built through the real commands, so that no test starts from a state the product cannot reach."""

import itertools
from datetime import UTC, datetime, timedelta

from chuzhi.ledger import assets, chart, operations, posting
from chuzhi.ledger.chart import Bucket, Standing
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


def story(now: datetime) -> None:
    """A journal with every kind of operation, refusals and time's own acts, on six wallets of two books."""
    day = timedelta(days=1)
    points = Grant(asset=assets.number("POINTS"), bucket=Bucket.BONUS, amount=120, source=chart.BONUS_COST)
    post(top_up_asked(1, 500_00, 80_00, until=now + 10 * day, most_a_day=900_00), top_up_asked(2, 200_00, 50_00), now=now)
    sold = post(
        charge_asked(1, 520_00, order="proportional", earns=(points,), most_a_day=600_00), charge_asked(2, 900_00), now=now
    )[0]
    held = post(
        asked(operations.Hold, 2, 90_00, expires_at=now + day), asked(operations.Hold, 2, 60_00, expires_at=now + day), now=now
    )
    post(
        asked(operations.Refund, 1, 33_33, charge=sold.seq, proportional=True, takes_back=((points.asset, Bucket.BONUS, 8),)),
        now=now,
    )
    post(asked(operations.Capture, 2, 30_00, hold=held[0].seq, into=SALES), now=now + day / 2)
    post(asked(operations.Capture, 2, 10_00, hold=held[0].seq, into=SALES, final=True), now=now + day / 2)
    post(charge_asked(2, 1_00), now=now + 2 * day)
    late = post(asked(operations.Hold, 2, 5_00, expires_at=now + 9 * day), now=now + 2 * day)[0]
    post(asked(operations.Release, 2, hold=late.seq), now=now + 2 * day)
    post(charge_asked(1, 1), now=now + 11 * day)
    post(asked(operations.Refund, 1, 100_00, charge=sold.seq), now=now + 11 * day)
    given_back = post(top_up_asked(3, 300_00, 30_00), now=now + 11 * day)[0]
    post(asked(operations.TopUpRefund, 3, 100_00, top_up=given_back.seq, into=CASH), now=now + 11 * day)
    move(3, 4, 50_00, now=now + 12 * day)
    post(asked(operations.Stand, 2, standing=Standing.FROZEN, reason="lost"), charge_asked(2, 1), now=now + 12 * day)
    post(asked(operations.Stand, 2, standing=Standing.OPEN, reason="found"), now=now + 12 * day)
    gift = Grant(asset=cny(), bucket=Bucket.BONUS, amount=5_00, source=chart.ADJUSTMENT)
    post(asked(operations.Adjust, 4, 5_00, book=1, reason="sorry", grants=(gift,)), now=now + 12 * day)
    post(asked(operations.Adjust, 4, 2_00, book=1, reason="too sorry"), now=now + 12 * day)
    post(
        asked(operations.TakeBack, 4, 9_00, book=1, reason="returned goods"), top_up_asked(4, 20_00, book=1), now=now + 13 * day
    )
    for wallet, won in ((5, True), (6, False)):
        paid = post(top_up_asked(wallet, 100_00, 10_00), now=now + 13 * day)[0]
        post(charge_asked(wallet, 40_00), now=now + 13 * day)
        disputed = post(asked(operations.Dispute, wallet, top_up=paid.seq, clearing=CASH), now=now + 14 * day)[0]
        post(top_up_asked(wallet, 25_00), now=now + 14 * day)
        post(asked(operations.DisputeEnd, wallet, dispute=disputed.seq, clearing=CASH, won=won), now=now + 15 * day)


def move(from_wallet: int, to_wallet: int, amount: int, *, now: datetime) -> None:
    """Both halves of a transfer from a wallet of book 0 to one of book 1."""
    left = post(asked(operations.TransferOut, from_wallet, amount, to_book=1, to_wallet=to_wallet), now=now)[0]
    left.raise_if_refused()
    grants = tuple(Grant(asset=leg.asset, bucket=leg.bucket, amount=-leg.amount, source=chart.TRANSIT) for leg in left.legs)
    values = {"from_book": 0, "from_wallet": from_wallet, "from_seq": left.seq, "grants": grants}
    post(asked(operations.TransferIn, to_wallet, amount, book=1, **values), now=now)[0].raise_if_refused()
