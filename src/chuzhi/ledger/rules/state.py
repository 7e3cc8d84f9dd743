"""What a decision looks at, and what it answers. No database: rows in, legs out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from chuzhi.ledger.chart import Bucket, Kind, Standing


@dataclass(slots=True)
class Lot:
    """One grant of one asset, and what is left of it."""

    id: int
    asset: int
    bucket: int
    amount: int
    remaining: int
    held: int
    expires_at: datetime | None
    granted_at: datetime
    terms: int | None
    funding: str
    made_by: int

    @property
    def free(self) -> int:
        return self.remaining - self.held

    @property
    def is_debt(self) -> bool:
        return self.bucket == Bucket.DEBT

    @property
    def pot(self) -> int:
        return self.asset * 10 + self.bucket

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def _number(lot: Lot) -> int:
    return lot.id


@dataclass(slots=True)
class Hold:
    """Value promised and not yet taken: which lots, how much of each is still promised."""

    id: int
    asset: int
    amount: int
    captured: int
    released: int
    expires_at: datetime | None
    parts: list[list[int]]

    @property
    def left(self) -> int:
        return self.amount - self.captured - self.released

    @property
    def is_open(self) -> bool:
        return self.left > 0

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(slots=True)
class Leg:
    """One movement: the lot, the account on the other side, what the lot gains (or loses), what is promised of it."""

    lot: Lot
    account: int
    amount: int
    held: int = 0


@dataclass(slots=True)
class Posted:
    """An earlier operation that a new one answers. `given_back` is kept per leg; `moved` is what happened to its lots since.

    The lots of its legs are in the wallet's `lots`, spent ones too.
    """

    seq: int
    wallet: int
    kind: int
    asset: int
    amount: int
    legs: list[tuple[int, int, int]]
    given_back: list[int]
    is_answered: bool = False
    moved: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def went(self, lots: Iterable[Lot], *kinds: Kind, account: int | None = None) -> int:
        """Net units that left these lots through operations of these kinds (into this account)."""
        numbers = {lot.id for lot in lots}
        return -sum(
            amount
            for (lot, kind, into), amount in self.moved.items()
            if lot in numbers and kind in kinds and account in {None, into}
        )

    def note(self, kind: int, legs: Iterable[Leg]) -> None:
        """Something happened to its lots after it: in this very batch, or wherever the journal is decided again."""
        own = {number for number, _account, _amount in self.legs}
        for leg in legs:
            if leg.lot.id in own:
                place = (leg.lot.id, kind, leg.account)
                self.moved[place] = self.moved.get(place, 0) + leg.amount


@dataclass(slots=True)
class Wallet:
    """One wallet as it stands under its book's lock: lots, holds, standing, today's use, and when time next acts on it."""

    book: int
    id: int
    standing: int = Standing.OPEN
    day: date | None = None
    topped_up: int = 0
    charged: int = 0
    lots: dict[int, Lot] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    wakes_at: datetime | None = None

    def spendable(self, asset: int, now: datetime) -> list[Lot]:
        """Lots that may pay, expired ones excluded even if nobody has swept them yet."""
        return [
            lot
            for lot in self.lots.values()
            if lot.asset == asset
            and lot.remaining > lot.held
            and lot.bucket != Bucket.DEBT
            and (lot.expires_at is None or lot.expires_at > now)
        ]

    def balance(self, asset: int) -> int:
        """What the customer holds of an asset, promised value included, debts left aside."""
        return sum(lot.remaining for lot in self.lots.values() if lot.asset == asset and lot.bucket != Bucket.DEBT)

    def debts(self, asset: int) -> list[Lot]:
        """What is owed, the oldest first."""
        return sorted((lot for lot in self.lots.values() if lot.is_debt and lot.asset == asset and lot.remaining), key=_number)

    def balances(self, touched: Iterable[Leg] = ()) -> dict[int, tuple[int, int]]:
        """Every pot that holds something or was just touched: (remaining, held). Emptied pots are kept when touched."""
        pots: dict[int, tuple[int, int]] = {leg.lot.pot: (0, 0) for leg in touched}
        for lot in self.lots.values():
            if lot.remaining:
                pot = lot.pot
                units, held = pots.get(pot, (0, 0))
                pots[pot] = (units + lot.remaining, held + lot.held)
        return pots


@dataclass(slots=True)
class Clock:
    """The one time of a batch, and the shop's calendar day then."""

    now: datetime
    day: date


@dataclass(slots=True)
class Decision:
    """What will change if this is recorded."""

    legs: list[Leg]
    amount: int
    new_lots: list[Lot] = field(default_factory=list)
    hold: Hold | None = None
    answers: Posted | None = None
    given_back: list[int] | None = None
    standing: Standing | None = None
    topped_up: int = 0
    charged: int = 0
    ref_seq: int | None = None
    asset: int | None = None
    """Said where an earlier operation decides it, whatever the asker thought."""
