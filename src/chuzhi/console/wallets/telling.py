"""Entries of the journal, and lots, as they are told on a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import values
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.queries import Entry, LotLine
from chuzhi.ledger.spenders import named_in
from chuzhi.wallets import reactivating, wording
from chuzhi.wallets.moves import operation_id
from chuzhi.wallets.sharing import members
from chuzhi.wallets.withholding import Cause

ICONS: dict[Kind, str] = {
    Kind.TOP_UP: "plus",
    Kind.CHARGE: "receipt",
    Kind.HOLD: "hourglass",
    Kind.CAPTURE: "receipt",
    Kind.RELEASE: "lock-open",
    Kind.REFUND: "undo-2",
    Kind.TOP_UP_REFUND: "banknote",
    Kind.TRANSFER_OUT: "arrow-up-right",
    Kind.TRANSFER_IN: "arrow-down-left",
    Kind.STANDING: "snowflake",
    Kind.ADJUSTMENT: "scale",
    Kind.DISPUTE: "triangle-alert",
    Kind.DISPUTE_END: "check",
    Kind.EXPIRY: "clock",
    Kind.HOLD_EXPIRY: "clock",
    Kind.TAKE_BACK: "undo-2",
}
KINDS: dict[Kind, tuple[Promise, str]] = {kind: (wording.KINDS[kind], icon) for kind, icon in ICONS.items()}
"""What each kind of entry is called, and its icon."""

CAUSES: dict[str, Promise] = {
    "": _("a refund is being decided"),
    Cause.UNCLEARED: _("the payment has not cleared yet"),
    Cause.CASE: _("somebody looks into it"),
    Cause.GIFT: _("it is a gift that waits to be taken"),
}
"""Why something of a wallet is held."""

GIVEN = (_("Gift"), "gift")
"""A top-up that nobody paid for: what an offer gives later, or elsewhere."""
REACTIVATED = (_("Activated again"), "refresh-cw")
"""A correction that brings back what had expired."""
WITHOUT_MOVEMENT = frozenset({Kind.HOLD, Kind.RELEASE, Kind.HOLD_EXPIRY})


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list. Amounts in the smallest units of `asset`; `change` is what the wallet gained or lost."""

    id: str
    seq: int
    kind: Kind
    label: str
    icon: str
    asset: str
    amount: int
    change: int
    principal: int
    bonus: int
    after: int
    at: datetime
    refusal: str
    store: int | None
    actor: str
    answers: int | None

    @property
    def is_done(self) -> bool:
        return not self.refusal

    @property
    def moves_value(self) -> bool:
        return self.kind not in WITHOUT_MOVEMENT and self.kind is not Kind.STANDING

    @property
    def may_be_given_back(self) -> bool:
        return self.is_done and self.kind in {Kind.CHARGE, Kind.CAPTURE}

    @property
    def may_be_paid_back(self) -> bool:
        return self.is_done and self.kind is Kind.TOP_UP and self.principal > 0

    @property
    def is_dispute(self) -> bool:
        return self.is_done and self.kind is Kind.DISPUTE


def lines(entries: Iterable[Entry], asset: str) -> list[Line]:
    """`asset` is the wallet's, for entries that name none. What a member spent from it is named for them."""
    found = list(entries)
    names = spenders(found)
    return [line(entry, asset, names) for entry in found]


def spenders(entries: Iterable[Entry]) -> Mapping[str, str]:
    """The names of members who spent from wallets of others."""
    return members.names({named_in(entry.details) for entry in entries})


def by_member(label: str | Promise, spent_by: str, names: Mapping[str, str]) -> str:
    """What an entry is called, with who spent it."""
    return f"{label} · {names[spent_by]}" if spent_by in names else str(label)


def line(entry: Entry, fallback: str, names: Mapping[str, str]) -> Line:
    outcome = entry.outcome
    asset = assets.code(outcome.asset) if outcome.asset else fallback
    label, icon = _called(outcome)
    principal, bonus = outcome.moved(Bucket.PRINCIPAL), outcome.moved(Bucket.BONUS)
    return Line(
        id=operation_id(outcome.book, outcome.seq),
        seq=outcome.seq,
        kind=outcome.kind,
        label=by_member(label, named_in(entry.details), names),
        icon=icon,
        asset=asset,
        amount=outcome.amount,
        change=principal + bonus,
        principal=principal,
        bonus=bonus,
        after=outcome.balance(outcome.asset, Bucket.PRINCIPAL) + outcome.balance(outcome.asset, Bucket.BONUS),
        at=entry.effective_at,
        refusal=values.sentence(outcome.refusal, asset) if outcome.refusal else "",
        store=entry.store,
        actor=entry.actor,
        answers=outcome.ref_seq,
    )


def _called(outcome: Outcome) -> tuple[Promise, str]:
    if outcome.kind is Kind.TOP_UP and not outcome.amount:
        return GIVEN
    return REACTIVATED if reactivating.is_one(outcome) else KINDS[outcome.kind]


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot in a list. Amounts in the smallest units of `asset`."""

    id: int
    asset: str
    is_bonus: bool
    is_debt: bool
    amount: int
    remaining: int
    held: int
    granted_at: datetime
    last_day: datetime | None
    has_expired: bool
    funding: str


def lots(found: Iterable[LotLine]) -> list[LotRow]:
    now = timezone.now()
    return [
        LotRow(
            lot.id,
            assets.code(lot.asset),
            lot.bucket == Bucket.BONUS,
            lot.bucket == Bucket.DEBT,
            lot.amount,
            lot.remaining,
            lot.held,
            lot.granted_at,
            lot.expires_at and lot.expires_at - timedelta(microseconds=1),
            lot.has_expired(now),
            lot.funding,
        )
        for lot in found
    ]
