"""All tickets, as a list."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from chuzhi.console import choices
from chuzhi.console.lists.columns import Badge, Cell, Column, text
from chuzhi.console.lists.days import day, moment
from chuzhi.console.lists.listing import Empty, Filters, Listing, Way
from chuzhi.console.lists.sources import Rows
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.days import within
from chuzhi.desk import queries, tickets
from chuzhi.desk.models import Ticket

State = Ticket.State
SIGNS: Mapping[str, tuple[str, str]] = {
    State.OPEN: ("warn", "message-square"), State.WAITING: ("info", "clock"), State.RESOLVED: ("good", "check"),
}  # fmt: skip
UNDONE, EVERY = "", "every"
MINE, NOBODYS = "mine", "nobody"


class TicketFilters(Filters):
    lead = ("find", "state", "whose")

    find = forms.CharField(
        label=gettext_lazy("Find a ticket"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("Its number, such as T12")}),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[(UNDONE, gettext_lazy("Not resolved")), *State.choices, (EVERY, gettext_lazy("All states"))],
    )  # fmt: skip
    whose = forms.ChoiceField(
        label=gettext_lazy("Given to"), required=False,
        choices=[("", gettext_lazy("Anybody")), (MINE, gettext_lazy("Me")), (NOBODYS, gettext_lazy("Nobody yet"))],
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("Any")), *Ticket.Kind.choices]
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), required=False, choices=[("", gettext_lazy("Any")), *Ticket.Channel.choices]
    )
    store = choices.store(label=gettext_lazy("Store"), required=False, empty_label=gettext_lazy("All stores"))
    opened_since = day(gettext_lazy("Opened from"))
    opened_until = day(gettext_lazy("Opened to"))


def _found(asked: Mapping[str, Any], actor: Actor) -> Rows[Ticket, Ticket]:
    found = queries.visible_to(actor)
    if asked["find"]:
        number = asked["find"].strip().upper().removeprefix("T")
        return Rows(found.filter(pk=int(number)) if number.isdecimal() and len(number) < 19 else found.none(), list)
    plain = {name: asked[name] for name in ("kind", "channel", "store") if asked[name]}
    return Rows(
        found.filter(
            _state(asked["state"]), _whose(asked["whose"], actor), within("opened_at", asked["opened_since"], asked["opened_until"]),
            **plain,
        ),
        list,
    )  # fmt: skip


def _state(asked: str) -> Q:
    if asked == EVERY:
        return Q()
    return Q(state=asked) if asked else ~Q(state=State.RESOLVED)


def _whose(asked: str, actor: Actor) -> Q:
    if asked == MINE:
        return Q(assigned_to=actor.id if actor.kind is ActorKind.STAFF else None)
    return Q(assigned_to=None) if asked == NOBODYS else Q()


def _opened(ticket: Ticket) -> Cell:
    at = moment(ticket.opened_at)
    return Cell(at.text, href=reverse("console:ticket", args=[ticket.pk]), plain=at.plain)


LISTING: Listing[Ticket] = Listing(
    name="tickets",
    title=gettext_lazy("Service desk"),
    note=gettext_lazy("What customers complain of, ask and have lost, until it is resolved."),
    permission=tickets.VIEW,
    url_name="console:tickets",
    filters=TicketFilters,
    find=_found,
    sort="-opened",
    ways=(Way(gettext_lazy("New ticket"), "plus", "console:ticket_find", tickets.WORK, is_main=True),),
    columns=(
        Column("opened", gettext_lazy("When"), _opened, ("opened_at", "id"), "figure"),
        Column("subject", gettext_lazy("Subject"), lambda row: text(row.subject)),
        Column(
            "customer", gettext_lazy("Customer"),
            lambda row: text(row.customer.name, href=reverse("console:customer", args=[row.customer_id])),
        ),
        Column(
            "state", gettext_lazy("State"), lambda row: Cell(badges=(Badge(row.get_state_display(), *SIGNS[row.state]),))
        ),
        Column("kind", gettext_lazy("Kind"), lambda row: text(row.get_kind_display()), on_phones=False),
        Column(
            "whose", gettext_lazy("Given to"), lambda row: text(row.assigned_to.name if row.assigned_to else ""), on_phones=False
        ),
        Column("channel", gettext_lazy("Channel"), lambda row: text(row.get_channel_display()), is_usual=False),
        Column("store", gettext_lazy("Store"), lambda row: text(row.store.name if row.store else ""), is_usual=False),
        Column("number", gettext_lazy("Number"), lambda row: text(row.number), shape="figure", on_phones=False),
    ),
    empty=Empty(
        "message-square",
        gettext_lazy("No tickets yet"),
        gettext_lazy("Open one from a customer’s page when somebody calls."),
        gettext_lazy("No ticket is like that"),
        gettext_lazy("Those that are resolved are shown by their state."),
    ),
)  # fmt: skip
