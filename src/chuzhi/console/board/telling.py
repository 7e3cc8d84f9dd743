"""What moved today in the words of a shop, with the way to the entries behind each figure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import people
from chuzhi.console import values
from chuzhi.console.wallets.telling import KINDS, WITHOUT_MOVEMENT
from chuzhi.insights.board import Changed, Today
from chuzhi.insights.journal import Move
from chuzhi.insights.rules import WHATS as SORTS
from chuzhi.insights.rules import Held, Sums, What
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Kind
from chuzhi.organization.models import Store
from chuzhi.payments import methods
from chuzhi.topups.channels import Channel
from chuzhi.wallets.moves import operation_id

WHATS: Mapping[str, Promise] = {
    What.TOPPED_UP.value: _("Topped up"),
    What.CHARGED.value: _("Charged"),
    What.RETURNED.value: _("Back into wallets"),
    What.PAID_BACK.value: _("Paid back"),
}
OTHER_KINDS = {
    kind.name.lower(): label
    for kind, (label, _icon) in KINDS.items()
    if kind not in SORTS and kind not in WITHOUT_MOVEMENT and kind is not Kind.STANDING
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is called, its figures, and the entries behind them."""

    label: str | Promise
    sums: Sums
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """Today of one asset, in the order in which it is looked at."""

    asset: str
    sums: Sums
    addresses: dict[str, str]
    stores: Sequence[Row]
    channels: Sequence[Row]
    methods: Sequence[Row]
    hours: Sequence[tuple[str, Sums]]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the journal."""

    number: str
    label: Promise
    icon: str
    asset: str
    amount: int
    change: int
    move: Move
    store: str
    channel: str | Promise
    method: str | Promise
    who: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one kind of entries did to the float."""

    label: Promise
    held: Held
    address: str


def names(stores: frozenset[int] | None) -> dict[int, str]:
    """Of the stores that somebody may look at."""
    found = Store.objects.order_by("name")
    return dict((found if stores is None else found.filter(pk__in=stores)).values_list("pk", "name"))


def entries(**wanted: object) -> str:
    return f"{reverse('console:board_entries')}?{urlencode({name: value for name, value in wanted.items() if value != ''})}"


def today(found: Iterable[Today], stores: Mapping[int, str], hour: int) -> list[Told]:
    """`hour` is the present one: those that have not come yet are not told."""
    return [_told(one, stores, hour) for one in found]


def _told(one: Today, stores: Mapping[int, str], hour: int) -> Told:
    asset = one.asset
    return Told(
        asset, one.sums, {what: entries(asset=asset, what=what) for what in WHATS},
        [
            Row(stores.get(store or 0, "") or _("No store"), sums, entries(asset=asset, store=store or "none"))
            for store, sums in one.by_store.items()
        ],
        [
            Row(Channel(channel).label, sums, entries(asset=asset, channel=channel))
            for channel, sums in one.by_channel.items()
        ],
        [
            Row(methods.label(method), sums, entries(asset=asset, method=methods.name(method)))
            for method, sums in one.by_method.items()
        ],
        [(f"{each:02}:00", one.by_hour.get(each, Sums())) for each in range(min(one.by_hour, default=hour), hour + 1)],
    )  # fmt: skip


def lines(moves: Iterable[Move], stores: Mapping[int, str]) -> list[Line]:
    found = list(moves)
    who = people.names({move.actor for move in found})
    return [
        Line(
            operation_id(move.book, move.seq), *KINDS[move.kind], assets.code(move.asset), move.amount,
            move.principal + move.bonus, move, stores.get(move.store or 0, ""), Channel(move.channel).label,
            methods.label(move.method) if move.method else "", who.get(move.actor, ""),
        )
        for move in found
    ]  # fmt: skip


def steps(one: Changed, first: date, last: date) -> list[Step]:
    return [
        Step(
            KINDS[kind][0], held,
            entries(first=first, last=last, asset=one.asset, what=SORTS.get(kind) or kind.name.lower()),
        )
        for kind, held in sorted(one.by_kind.items(), key=lambda each: each[0])
    ]  # fmt: skip


def is_told(asset: str, held: Held) -> bool:
    """Whether a figure says something: the shop's money always does."""
    return held != Held() or values.is_money(asset)
