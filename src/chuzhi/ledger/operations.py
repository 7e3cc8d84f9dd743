"""What can be asked of the ledger. Each is plain values: what is asked, by whom, under which key.

Amounts are positive whole minor units of the asset. Accounts are numbers from `chart`. `meaning` is what the asker decided
(the same key must come with the same meaning); everything else is what the terms of the day add to it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Protocol, Self

from chuzhi.ledger.chart import ADJUSTMENT, BONUS_COST, Bucket, Kind, Standing
from chuzhi.ledger.rows import Exchange


class Fact(Protocol):
    """Where an operation landed, for the documents that belong to it."""

    book: int
    seq: int
    time: datetime

    @property
    def amount(self) -> int:
        """What was moved in the end: less than asked, where "at most what is there" was."""


class Document(Protocol):
    """Values that belong to the same fact as an operation (a sale and its lines), written in the batch's own transaction."""

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        """Ask for the insertion of all of them, with one statement a table."""


class Order:
    """Which lots pay first."""

    PRINCIPAL_FIRST = "principal_first"
    BONUS_FIRST = "bonus_first"
    PROPORTIONAL = "proportional"
    SOONEST_EXPIRY = "soonest_expiry"
    ALL: ClassVar = (PRINCIPAL_FIRST, BONUS_FIRST, PROPORTIONAL, SOONEST_EXPIRY)


@dataclass(slots=True, kw_only=True, frozen=True)
class Grant:
    """A lot to be made, and the account its value comes from."""

    asset: int
    bucket: Bucket
    amount: int
    source: int
    expires_at: datetime | None = None
    granted_at: datetime | None = None
    terms: int | None = None
    funding: str = ""
    repays_debt: bool = False


@dataclass(slots=True, kw_only=True)
class Operation:
    """One request on one wallet of one book."""

    kind: ClassVar[Kind]
    names_amount: ClassVar[bool] = True
    """False where 0 has a meaning: all that there is, or no money at all."""
    COMMON: ClassVar = ("book", "wallet", "key", "by", "asset", "amount", "store", "till", "effective_at", "documents")

    book: int
    wallet: int
    key: str
    by: str
    asset: int = 0
    amount: int = 0
    store: int | None = None
    till: int | None = None
    effective_at: datetime | None = None
    documents: tuple[Document, ...] = ()

    def amounts(self) -> list[int]:
        """Every amount that was asked for, to be checked before anything is locked."""
        own = [self.amount] if self.amount or self.names_amount else []
        return own + [grant.amount for name in ("grants", "earns") for grant in getattr(self, name, ())]

    def meaning(self) -> tuple[object, ...]:
        return ()

    def key_hash(self) -> str:
        """Scope of a key (who calls, on which wallet) as 32 hex digits."""
        return scoped(self.by, self.wallet, self.key)

    def fingerprint(self) -> str:
        """What was meant, as 32 hex digits."""
        return _digest(repr((int(self.kind), self.asset, self.amount, self.store, *self.meaning())))

    def details(self) -> str:
        """What else was asked and which terms applied, as JSON: enough to decide it again."""
        own = {name: value for name, default in _own_fields(self.__class__) if (value := getattr(self, name)) != default}
        return _json(own) if own else ""


_OWN: dict[type[Operation] | type[Grant], tuple[tuple[str, object], ...]] = {}


def _own_fields(kind: type[Operation] | type[Grant]) -> tuple[tuple[str, object], ...]:
    """What a kind of operation adds to the common fields, each with its default (or MISSING, which equals no value)."""
    if kind not in _OWN:
        common = () if kind is Grant else Operation.COMMON
        _OWN[kind] = tuple((each.name, each.default) for each in fields(kind) if each.name not in common)
    return _OWN[kind]


def scoped(by: str, wallet: int, key: str) -> str:
    """What a key is remembered as: the same words of another caller, or for another wallet, are another key."""
    return _digest(f"{by}|{wallet}|{key}")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Grant):
        return {name: given for name, default in _own_fields(Grant) if (given := getattr(value, name)) != default}
    raise TypeError(type(value))


def _json(value: object) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True, kw_only=True)
class TopUp(Operation):
    """Value enters: lots paid for, given with it, or brought from elsewhere. `amount` is what was paid."""

    kind: ClassVar = Kind.TOP_UP
    names_amount: ClassVar = False
    grants: tuple[Grant, ...]
    method: int = 0
    reference: str = ""
    channel: str = ""
    most_at_once: int | None = None
    most_a_day: int | None = None
    most_held: int | None = None

    def meaning(self) -> tuple[object, ...]:
        return (self.method, self.reference)


@dataclass(slots=True, kw_only=True)
class Charge(Operation):
    """Value is spent into an account of the company, usually a store's sales. `earns` are points and the like."""

    kind: ClassVar = Kind.CHARGE
    into: int
    order: str = Order.PRINCIPAL_FIRST
    allow_partial: bool = False
    reference: str = ""
    earns: tuple[Grant, ...] = ()
    most_at_once: int | None = None
    most_a_day: int | None = None
    spent_by: str = ""  # who, where it was somebody other than the holder

    def meaning(self) -> tuple[object, ...]:
        return (self.allow_partial, self.reference, *filter(None, [self.spent_by]))


@dataclass(slots=True, kw_only=True)
class Hold(Operation):
    """Value is promised to somebody: these very lots, until it is taken, released or `expires_at` comes.

    With `top_ups` (their seqs) only lots that those made are promised, and no till can take or let go of them: what is asked
    back, until it is decided, or what is kept for another `cause`.
    """

    kind: ClassVar = Kind.HOLD
    expires_at: datetime
    order: str = Order.PRINCIPAL_FIRST
    reference: str = ""
    most_at_once: int | None = None
    top_ups: tuple[int, ...] = ()
    cause: str = ""

    def meaning(self) -> tuple[object, ...]:
        own: tuple[object, ...] = (self.reference, self.top_ups, self.cause)
        return own if self.cause else own[:2] if self.top_ups else own[:1]


@dataclass(slots=True, kw_only=True)
class Capture(Operation):
    """Part of a hold is taken; `final` lets the rest go."""

    kind: ClassVar = Kind.CAPTURE
    hold: int
    into: int
    final: bool = False

    def meaning(self) -> tuple[object, ...]:
        return (self.hold, self.final)


@dataclass(slots=True, kw_only=True)
class Release(Operation):
    """The rest of a hold is free again."""

    kind: ClassVar = Kind.RELEASE
    names_amount: ClassVar = False
    hold: int

    def meaning(self) -> tuple[object, ...]:
        return (self.hold,)


@dataclass(slots=True, kw_only=True)
class Refund(Operation):
    """A charge or capture goes back to the lots that paid it: last consumed first, or in proportion.

    A lot that has expired since comes back as a new one, good for `grace_days`. `takes_back` is what was earned, by asset.
    """

    kind: ClassVar = Kind.REFUND
    charge: int
    proportional: bool = False
    grace_days: int = 30
    takes_back: tuple[tuple[int, int, int], ...] = ()
    reason: str = ""

    def meaning(self) -> tuple[object, ...]:
        return (self.charge, self.reason)


@dataclass(slots=True, kw_only=True)
class TopUpRefund(Operation):
    """Money back to the payer: unspent principal of that top-up, its bonus removed, spent bonus deducted.

    `amount` 0 asks for all that can be given back. Where law says what is owed, `forfeits` takes the place of our own rule: the
    payer gets `amount`, and that much more of what is left, paid or given, is gone.
    """

    kind: ClassVar = Kind.TOP_UP_REFUND
    names_amount: ClassVar = False
    top_up: int
    into: int
    reason: str = ""
    approved_by: str = ""
    forfeits: int | None = None

    def meaning(self) -> tuple[object, ...]:
        return (self.top_up, self.reason) if self.forfeits is None else (self.top_up, self.reason, self.forfeits)


@dataclass(slots=True, kw_only=True)
class TransferOut(Operation):
    """Lots (only those that `lots_of` made, if any are named) leave for another wallet by way of transit; see TransferIn."""

    kind: ClassVar = Kind.TRANSFER_OUT
    to_book: int
    to_wallet: int
    order: str = Order.PRINCIPAL_FIRST
    reason: str = ""
    lots_of: tuple[int, ...] = ()

    def meaning(self) -> tuple[object, ...]:
        return (self.to_wallet, self.reason, *self.lots_of)


@dataclass(slots=True, kw_only=True)
class TransferIn(Operation):
    """Lots arrive from transit: the second half of a transfer, or its return when the first wallet would not take it."""

    kind: ClassVar = Kind.TRANSFER_IN
    from_book: int
    from_wallet: int
    from_seq: int
    grants: tuple[Grant, ...]
    is_return: bool = False
    most_held: int | None = None

    def meaning(self) -> tuple[object, ...]:
        return (self.from_wallet, self.from_seq)


@dataclass(slots=True, kw_only=True)
class Stand(Operation):
    """The wallet is opened, frozen or closed, for a reason."""

    kind: ClassVar = Kind.STANDING
    names_amount: ClassVar = False
    standing: Standing
    reason: str

    def meaning(self) -> tuple[object, ...]:
        return (int(self.standing), self.reason)


@dataclass(slots=True, kw_only=True)
class Adjust(Operation):
    """A correction with its reason and evidence: a lot given (never as paid principal), or value taken away."""

    kind: ClassVar = Kind.ADJUSTMENT
    reason: str
    evidence: str = ""
    approved_by: str = ""
    grants: tuple[Grant, ...] = ()
    order: str = Order.BONUS_FIRST
    into: int = ADJUSTMENT
    reverses: int | None = None

    def meaning(self) -> tuple[object, ...]:
        return (self.reason, self.reverses, bool(self.grants))


@dataclass(slots=True, kw_only=True)
class TakeBack(Operation):
    """Something earned is taken back, into a debt if it is spent already (points below zero).

    With `made_by` only from the lots that this operation (its seq) made.
    """

    kind: ClassVar = Kind.TAKE_BACK
    into: int = BONUS_COST
    reason: str = ""
    made_by: int | None = None

    def meaning(self) -> tuple[object, ...]:
        return (self.reason,)


@dataclass(slots=True, kw_only=True)
class Dispute(Operation):
    """The payer's bank takes a top-up back: its lots freeze, what was spent of them becomes a debt."""

    kind: ClassVar = Kind.DISPUTE
    names_amount: ClassVar = False
    top_up: int
    clearing: int

    def meaning(self) -> tuple[object, ...]:
        return (self.top_up,)


@dataclass(slots=True, kw_only=True)
class DisputeEnd(Operation):
    """Won: the lots thaw and the debt is forgiven. Lost: the frozen lots are gone, the debt stays."""

    kind: ClassVar = Kind.DISPUTE_END
    names_amount: ClassVar = False
    dispute: int
    clearing: int
    won: bool = False

    def meaning(self) -> tuple[object, ...]:
        return (self.dispute, self.won)


@dataclass(slots=True, kw_only=True)
class Wake(Operation):
    """Nothing is asked: time may act on the wallet. Not recorded itself; what time did is."""

    kind: ClassVar = Kind.EXPIRY
    key: str = ""
    by: str = "system:0"


BY_KIND: dict[Kind, type[Operation]] = {
    each.kind: each
    for each in (
        *(TopUp, Charge, Hold, Capture, Release, Refund, TopUpRefund),
        *(TransferOut, TransferIn, Stand, Adjust, TakeBack, Dispute, DisputeEnd),
    )
}


def again(kind: Kind, common: dict[str, object], details: str) -> Operation:
    """The operation that a journal row was made from, so that it can be decided once more."""
    own = json.loads(details) if details else {}
    if "expires_at" in own:
        own["expires_at"] = datetime.fromisoformat(own["expires_at"])
    for name in {"grants", "earns"} & own.keys():
        own[name] = tuple(_grant(each) for each in own[name])
    for name in own.keys() & {"top_ups", "lots_of"}:
        own[name] = tuple(own[name])
    if "takes_back" in own:
        own["takes_back"] = tuple(tuple(each) for each in own["takes_back"])
    if kind is Kind.STANDING:
        own["standing"] = Standing(own.get("standing", Standing.OPEN))
    return BY_KIND[kind](**common, **own)  # type: ignore[arg-type]  # the row was made from these very fields


def _grant(values: dict[str, object]) -> Grant:
    for name in {"expires_at", "granted_at"} & values.keys():
        values[name] = datetime.fromisoformat(str(values[name]))
    values["bucket"] = Bucket(int(str(values["bucket"])))
    return Grant(**values)  # type: ignore[arg-type]  # the row was made from these very fields
