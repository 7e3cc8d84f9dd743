"""Limits in words: how high, of what, and where it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.approvals.people import names as people_names
from chuzhi.console import choices, values
from chuzhi.console.wallets.telling import KINDS
from chuzhi.core.packs.errors import Told as RuleTold
from chuzhi.core.packs.errors import Worded
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind as Kinds
from chuzhi.limits import shop
from chuzhi.limits.models import Limit, LimitKind, Raise
from chuzhi.limits.rules import Bound, Kind, Origin
from chuzhi.payments import methods
from chuzhi.topups.channels import Channel
from chuzhi.wallets import ceilings, moves, queries
from chuzhi.wallets.ceilings import Ceilings
from chuzhi.wallets.models import Wallet

HOLDERS: dict[str, Promise] = {"named": gettext_lazy("Named cards"), "bearer": gettext_lazy("Bearer cards")}
CHANNELS: dict[str, Promise] = dict(Channel.choices)
METHODS: dict[str, Promise] = {name: methods.LABELS[name] for name in shop.METHODS}


@dataclass(frozen=True, slots=True)
class Line:
    """One ceiling as it is read. `used` is what counts against it so far, where it adds up."""

    kind: str
    amount: str
    origin: str
    why: str
    scope: str
    used: str
    left: str
    decides: bool
    href_of: str
    number: int


def lines(found: Ceilings, now: datetime) -> dict[str, list[Line]]:
    """All ceilings by kind, the one that decides first."""
    told: dict[str, list[Line]] = {}
    for kind in Kind:
        mine = sorted((bound for bound in found.bounds if bound.kind is kind), key=lambda bound: bound.amount)
        decisive = found.decisive(kind)
        told[str(LimitKind(kind).label)] = [_line(found, bound, now, decides=bound is decisive) for bound in mine]
    return told


def _line(found: Ceilings, bound: Bound, now: datetime, *, decides: bool) -> Line:
    asset = found.programme.asset_code
    used = ceilings.used_of(found, bound, now) if bound.is_total else None
    return Line(
        kind=str(LimitKind(bound.kind).label),
        amount=values.text(bound.amount, asset),
        origin=str(_ORIGINS[bound.origin]),
        why=_why(found, bound),
        scope=scope(bound),
        used="" if used is None else values.text(used, asset),
        left="" if used is None else values.text(max(0, bound.amount - used), asset),
        decides=decides,
        href_of=bound.origin,
        number=bound.number,
    )


_ORIGINS: dict[Origin, Promise] = {
    Origin.LAW: gettext_lazy("Rule pack"),
    Origin.TERMS: gettext_lazy("Programme"),
    Origin.SHOP: gettext_lazy("The shop"),
    Origin.RAISE: gettext_lazy("Raised"),
}


def _why(found: Ceilings, bound: Bound) -> str:
    if bound.rule is not None:
        return f"{RuleTold(bound.rule)} {bound.rule.id}, {Worded(bound.rule.source.title)}"
    if bound.raised_from is not None:
        before = values.text(bound.raised_from.amount, found.programme.asset_code)
        return _("Application %(number)s; without it %(before)s") % {"number": bound.number, "before": before}
    if bound.origin is Origin.TERMS:
        return _("%(programme)s, terms version %(version)s") % {"programme": found.programme.name, "version": bound.number}
    return _("Limit %(number)s") % {"number": bound.number}


def scope(of: Bound | Limit) -> str:
    """For whom it holds: `Cash · At the counter`, or everybody."""
    own = of.scope if isinstance(of, Bound) else of
    customer = own.customer if isinstance(of, Bound) else of.customer_id
    packs = dict(choices.packs())
    words = [
        _("This customer") if customer else "",
        _("Tier %(code)s") % {"code": own.tier} if own.tier else "",
        str(HOLDERS.get(own.holder, "")),
        str(METHODS.get(own.method, "")),
        str(CHANNELS.get(own.channel, "")),
        packs.get(own.pack, ""),
    ]
    return " · ".join(word for word in words if word) or _("Everybody")


@dataclass(frozen=True, slots=True)
class Risk:
    """What happened to one wallet lately, for whoever decides about the customer."""

    wallet: int
    programme: str
    available: str
    counts: tuple[tuple[str, int, str], ...]


def risk(wallet: Wallet, since: datetime) -> Risk:
    programme = moves.programme_of(wallet)
    done = journal.tally(wallet.book, wallet.pk, since)
    wanted = (Kinds.TOP_UP, Kinds.CHARGE, Kinds.TOP_UP_REFUND, Kinds.DISPUTE, Kinds.TRANSFER_OUT)
    counts = tuple(
        (str(KINDS[kind][0]), done[kind][0], values.text(done[kind][1], programme.asset_code))
        for kind in wanted
        if kind in done
    )
    available = values.text(queries.standing(wallet).balance.available, programme.asset_code)
    return Risk(wallet.pk, programme.name, available, counts)


def people(**labels: str) -> dict[str, str]:
    """Who asked and who decided, by name; whoever has none, as the journal has it."""
    names = people_names({label for label in labels.values() if label})
    return {part: names.get(label, label) for part, label in labels.items()}


def amounts(rows: Iterable[Limit | Raise]) -> list[dict[str, object]]:
    """Rows with their amount and what they hold for in words."""
    return [
        {
            "row": row,
            "amount": values.text(row.amount, row.asset),
            "kind": LimitKind(row.kind).label,
            "scope": scope(row) if isinstance(row, Limit) else "",
        }
        for row in rows
    ]
