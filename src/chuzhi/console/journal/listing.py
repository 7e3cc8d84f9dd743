"""The journal, as a list."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.console import choices, formfields, values
from chuzhi.console.journal.source import Entries, Row
from chuzhi.console.lists.columns import Badge, Cell, Column, text
from chuzhi.console.lists.days import day, moment
from chuzhi.console.lists.listing import Empty, Filters, Listing
from chuzhi.console.wallets.telling import KINDS
from chuzhi.core.actors import Actor
from chuzhi.core.days import begin, end
from chuzhi.core.errors import Refused
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Kind, Method
from chuzhi.ledger.journal import Search
from chuzhi.payments import methods
from chuzhi.topups.channels import Channel
from chuzhi.wallets.models import Programme

USUAL_DAYS, LONGEST_DAYS = 7, 366
GROUPS: Mapping[str, tuple[Any, tuple[Kind, ...]]] = {
    "in": (gettext_lazy("Recharged: top-ups and their refunds"), (Kind.TOP_UP, Kind.TOP_UP_REFUND)),
    "out": (gettext_lazy("Spent: charges and their refunds"), (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND)),
}
"""Kinds that people ask for together."""


def _choices(first: Any, pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [("", first), *pairs]


class JournalFilters(Filters):
    """Empty days are those of the last week."""

    lead: ClassVar[tuple[str, ...]] = ("since", "until", "kind")
    personal = frozenset()

    since = day(gettext_lazy("From"))
    until = day(gettext_lazy("To"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False,
        choices=_choices(
            gettext_lazy("Every kind"),
            [*((name, label) for name, (label, _kinds) in GROUPS.items()), *((kind.name.lower(), KINDS[kind][0]) for kind in Kind)],
        ),
    )  # fmt: skip
    store = choices.store(label=gettext_lazy("Store"), required=False, empty_label=gettext_lazy("All stores"))
    method = forms.ChoiceField(
        label=gettext_lazy("Way of paying"), required=False, choices=_choices(gettext_lazy("Any"), methods.LABELS.items())
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), required=False, choices=_choices(gettext_lazy("Any"), Channel.choices)
    )
    who = choices.Doers()
    asset = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    at_least = forms.CharField(label=gettext_lazy("Amount from"), required=False, max_length=20)
    at_most = forms.CharField(label=gettext_lazy("Amount to"), required=False, max_length=20)
    result = forms.ChoiceField(
        label=gettext_lazy("Result"), required=False,
        choices=_choices(gettext_lazy("Any"), [("done", gettext_lazy("Done")), ("refused", gettext_lazy("Refused"))]),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        held = Programme.objects.order_by("asset").values_list("asset", flat=True).distinct()
        formfields.named(self, "asset", forms.ChoiceField).choices = _choices(_("Any"), [(code, code) for code in held])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        until = given.get("until") or max(timezone.localdate(), given.get("since") or timezone.localdate())
        since = given.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        if (until - since).days >= LONGEST_DAYS:
            self.add_error("since", _("At most a year at once."))
        for name in ("at_least", "at_most"):
            given[name] = self._amount(name)
        return given | {"first": since, "last": until}

    def _amount(self, name: str) -> int | None:
        said, asset = self.cleaned_data.get(name), self.cleaned_data.get("asset")
        if not said:
            return None
        if not asset:
            self.add_error("asset", _("Choose the currency that the amount is in."))
            return None
        try:
            return values.parse(said, asset)
        except Refused as no:
            self.add_error(name, str(no))
            return None


def search(asked: Mapping[str, Any], actor: Actor) -> Search:
    """What the filters ask for, as far as somebody works."""
    kind = asked["kind"]
    kinds = GROUPS[kind][1] if kind in GROUPS else (Kind[kind.upper()],) if kind else ()
    wanted = Search(
        since=begin(asked["first"]), until=end(asked["last"]), kinds=kinds, actors=asked["who"], channel=asked["channel"],
        stores=(asked["store"].pk,) if asked["store"] else (), method=Method[asked["method"].upper()] if asked["method"] else None,
        asset=assets.number(asked["asset"]) if asked["asset"] else None, at_least=asked["at_least"], at_most=asked["at_most"],
        is_done={"done": True, "refused": False}.get(asked["result"]),
    )  # fmt: skip
    return wanted.seen_by(actor)


def _amount(units: int, row: Row, *, signed: bool = True) -> Cell:
    said = values.signed(units, row.line.asset) if signed else values.text(units, row.line.asset)
    return Cell(said if units or not signed else "", plain=values.plain(units, row.line.asset))


def _what(row: Row) -> Cell:
    return Cell(row.line.label, badges=() if row.line.is_done else (Badge(gettext_lazy("Refused"), "bad", "x"),))


LISTING: Listing[Row] = Listing(
    name="journal",
    title=gettext_lazy("Journal"),
    note=gettext_lazy("Every recharge and everything spent, as the ledger wrote it down. Nobody can change it."),
    permission="ledger.view",
    url_name="console:journal",
    filters=JournalFilters,
    find=lambda asked, actor: Entries(search(asked, actor)),
    sort="-at",
    columns=(
        Column("at", gettext_lazy("When"), lambda row: moment(row.at), ("time", "book", "seq"), "figure"),
        Column("effective", gettext_lazy("Took effect"), lambda row: moment(row.line.at), shape="figure", is_usual=False),
        Column("kind", gettext_lazy("Kind"), _what),
        Column("amount", gettext_lazy("Amount"), lambda row: _amount(row.line.amount, row, signed=False), shape="amount"),
        Column(
            "customer", gettext_lazy("Customer"),
            lambda row: text(row.holder or _("Bearer card"), href=reverse("console:wallet", args=[row.wallet])),
        ),
        Column("change", gettext_lazy("Balance change"), lambda row: _amount(row.line.change, row), shape="amount", on_phones=False),
        Column(
            "after", gettext_lazy("Balance after"), lambda row: _amount(row.line.after, row, signed=False), shape="amount",
            on_phones=False,
        ),
        Column("principal", gettext_lazy("Principal"), lambda row: _amount(row.line.principal, row), shape="amount", is_usual=False),
        Column("bonus", gettext_lazy("Bonus"), lambda row: _amount(row.line.bonus, row), shape="amount", is_usual=False),
        Column("asset", gettext_lazy("Currency"), lambda row: text(row.line.asset), is_usual=False),
        Column("store", gettext_lazy("Store"), lambda row: text(row.store), on_phones=False),
        Column("channel", gettext_lazy("Channel"), lambda row: text(row.channel), on_phones=False),
        Column("method", gettext_lazy("Way of paying"), lambda row: text(row.method), on_phones=False),
        Column("who", gettext_lazy("Who did it"), lambda row: text(row.who), on_phones=False),
        Column("refusal", gettext_lazy("Why refused"), lambda row: text(row.line.refusal), is_usual=False),
        Column("reference", gettext_lazy("Reference"), lambda row: text(row.reference), is_usual=False),
        Column("number", gettext_lazy("Number"), lambda row: text(row.line.id), shape="figure", is_usual=False),
    ),
    empty=Empty(
        "book-open",
        gettext_lazy("Nothing in these days"),
        gettext_lazy("Without days, the list shows the last week."),
        gettext_lazy("No entry is like that"),
        gettext_lazy("Without days, the list shows the last week."),
    ),
)  # fmt: skip
