"""A wallet's statement of account: what there was, what came and went, what is left. They always add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chuzhi.ledger import movements
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.movements import Movement
from chuzhi.wallets import moves
from chuzhi.wallets.errors import StatementTooLong, StatementUnusable
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

LONGEST_DAYS = 366
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A movement, and the wallet right after it."""

    moved: Movement
    after: Balance

    @property
    def change(self) -> int:
        return self.moved.principal + self.moved.bonus


@dataclass(frozen=True, slots=True)
class Statement:
    """From the beginning of the day `since` to the end of the day `until`, in the shop's zone. Minor units of `asset`."""

    wallet: Wallet
    asset: str
    since: date
    until: date
    opening: Balance
    lines: tuple[Line, ...]

    @property
    def closing(self) -> Balance:
        return self.lines[-1].after if self.lines else self.opening

    @property
    def came(self) -> int:
        return sum(max(0, line.change) for line in self.lines)

    @property
    def went(self) -> int:
        """Zero, or less."""
        return sum(min(0, line.change) for line in self.lines)


def of(wallet: Wallet, *, since: date, until: date) -> Statement:
    """By when things took effect. Raises StatementUnusable for days that are none or too many, StatementTooLong beyond 5,000 lines."""
    programme = moves.programme_of(wallet)
    if not timedelta(0) <= until - since < timedelta(days=LONGEST_DAYS):
        raise StatementUnusable(days=LONGEST_DAYS)
    place = (wallet.book, wallet.pk, programme.asset)
    first, end = _begin(since), _begin(until + timedelta(days=1))
    found = list(movements.between(*place, since=first, until=end, most=MOST_LINES + 1))
    if len(found) > MOST_LINES:
        raise StatementTooLong(most=MOST_LINES)
    held = movements.before(*place, first)
    opening = Balance(held.get(Bucket.PRINCIPAL, 0), held.get(Bucket.BONUS, 0), debt=held.get(Bucket.DEBT, 0))
    return Statement(wallet, programme.asset_code, since, until, opening, tuple(_added_up(opening, found)))


def _added_up(opening: Balance, found: Iterable[Movement]) -> Iterable[Line]:
    now = opening
    for moved in found:
        now = Balance(now.principal + moved.principal, now.bonus + moved.bonus, debt=now.debt + moved.debt)
        yield Line(moved, now)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=shop_zone())
