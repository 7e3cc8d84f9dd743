"""What the model of the ledger keeps in its plain lists, and small questions about it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from chuzhi.ledger import operations as ask

PRINCIPAL, BONUS, DEBT = 1, 2, 3
OPEN, FROZEN, CLOSED = 0, 1, 2
BONUS_COST, BREAKAGE, TRANSIT = 3_000_000_000, 4_000_000_000, 6_000_000_000
KINDS = {
    ask.TopUp: 1, ask.Charge: 2, ask.Hold: 3, ask.Capture: 4, ask.Release: 5, ask.Refund: 6, ask.TopUpRefund: 7,
    ask.TransferOut: 8, ask.TransferIn: 9, ask.Stand: 10, ask.Adjust: 11, ask.Dispute: 12, ask.DisputeEnd: 13, ask.TakeBack: 16,
}  # fmt: skip
LAPSE, HOLD_LAPSE = 14, 15


class No(Exception):
    def __init__(self, code: str, **facts: int) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass
class Lot:
    wallet: "Wallet"
    asset: int
    bucket: int
    amount: int
    expires_at: datetime | None = None
    number: int = 0
    made_by: int = 0
    left: int = 0
    held: int = 0

    @property
    def pot(self) -> int:
        return self.asset * 10 + self.bucket

    @property
    def free(self) -> int:
        return self.left - self.held

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


@dataclass
class Leg:
    lot: Lot
    account: int
    units: int
    held: int = 0


@dataclass
class Promise:
    asset: int
    until: datetime | None
    parts: list[tuple[Lot, int]]

    @property
    def left(self) -> int:
        return sum(part for _lot, part in self.parts)


@dataclass
class Wallet:
    book: int
    number: int
    standing: int = OPEN
    lots: list[Lot] = field(default_factory=list)
    promises: dict[int, Promise] = field(default_factory=dict)
    used: dict[tuple[date, str], int] = field(default_factory=dict)


@dataclass
class Entry:
    """One answer."""

    book: int
    seq: int
    wallet: int
    kind: int
    asset: int
    amount: int
    legs: list[Leg] = field(default_factory=list)
    refusal: tuple[str, dict[str, int]] | None = None
    ref_seq: int | None = None
    balances: dict[int, tuple[int, int]] = field(default_factory=dict)
    given_back: list[int] = field(default_factory=list)
    is_settled: bool = False
    written: list[tuple[int, int, int, int, int]] = field(default_factory=list)


def must_be_open(wallet: Wallet) -> None:
    if wallet.standing != OPEN:
        raise No("wallet.frozen" if wallet.standing == FROZEN else "wallet.closed")


def must_stay_below(wallet: Wallet, asset: int, grants: tuple[ask.Grant, ...], most: int | None) -> None:
    has = sum(lot.left for lot in wallet.lots if lot.asset == asset and lot.bucket != DEBT)
    coming = sum(grant.amount for grant in grants if grant.asset == asset and grant.bucket != DEBT)
    if most is not None and has + coming > most:
        raise No("limit.balance", limit=most)


def give(wallet: Wallet, grants: tuple[ask.Grant, ...]) -> list[Leg]:
    legs = []
    owed = {id(debt): debt.left for debt in wallet.lots if debt.bucket == DEBT}
    for grant in grants:
        left = grant.amount
        for debt in debts(wallet, grant.asset) if grant.repays_debt else []:
            repaid = min(owed[id(debt)], left)
            owed[id(debt)] -= repaid
            left -= repaid
            legs += [Leg(debt, grant.source, -repaid)] if repaid else []
        if left:
            legs.append(Leg(Lot(wallet, grant.asset, int(grant.bucket), left, grant.expires_at), grant.source, left))
    return legs


def debts(wallet: Wallet, asset: int) -> list[Lot]:
    return [lot for lot in wallet.lots if lot.bucket == DEBT and lot.asset == asset and lot.left]


def made_by(wallet: Wallet, entry: Entry, bucket: int) -> list[Lot]:
    return [lot for lot in wallet.lots if lot.made_by == entry.seq and lot.bucket == bucket and lot.asset == entry.asset]


def soonest(lots: list[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: (lot.expires_at is None, lot.expires_at or 0, lot.bucket, lot.number))


def in_order(lots: list[Lot], amount: int) -> list[tuple[Lot, int]]:
    taken = []
    for lot in lots:
        part = min(lot.free, amount)
        amount -= part
        taken += [(lot, part)] if part else []
    return taken


def backwards(amount: int, room: list[int]) -> list[int]:
    parts = [0] * len(room)
    for place in reversed(range(len(room))):
        parts[place] = min(amount, room[place])
        amount -= parts[place]
    return parts


def shares(amount: int, room: list[int]) -> list[int]:
    """By largest remainder; of equals the earlier."""
    total = sum(room)
    parts = [amount * each // total for each in room]
    while sum(parts) < amount:
        lacking = [amount * each - part * total for each, part in zip(room, parts, strict=True)]
        parts[lacking.index(max(lacking))] += 1
    return parts


def body_of(asked: ask.Operation) -> tuple[object, ...]:
    """What makes two requests under one key the same request."""
    named: dict[type, tuple[str, ...]] = {
        ask.TopUp: ("reference",),
        ask.Charge: ("allow_partial", "reference"),
        ask.Hold: ("reference", "top_ups"),
        ask.Capture: ("hold", "final"),
        ask.Release: ("hold",),
        ask.Refund: ("charge", "reason"),
        ask.TopUpRefund: ("top_up", "reason", "forfeits"),
        ask.TransferOut: ("to_wallet", "reason", "lots_of"),
        ask.TransferIn: ("from_wallet", "from_seq"),
        ask.Stand: ("standing", "reason"),
        ask.Adjust: ("reason", "reverses"),
        ask.TakeBack: ("reason",),
        ask.Dispute: ("top_up",),
        ask.DisputeEnd: ("dispute", "won"),
    }
    return tuple(getattr(asked, name) for name in named[type(asked)])
