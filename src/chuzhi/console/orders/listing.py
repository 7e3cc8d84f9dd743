"""All orders for stored value, as a list."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.console import choices, values
from chuzhi.console.lists.columns import Badge, Cell, Column, text
from chuzhi.console.lists.days import day, moment
from chuzhi.console.lists.listing import Empty, Filters, Listing, Way
from chuzhi.console.lists.sources import Rows
from chuzhi.core.actors import Actor
from chuzhi.core.days import within
from chuzhi.topups import clearing, queries
from chuzhi.topups.models import Channel, Order

UNCLEARED, STUCK = "uncleared", "stuck"
SIGNS: Mapping[str, tuple[str, str]] = {"credited": ("good", "check"), "owed": ("warn", "undo-2"), "open": ("info", "clock")}
OTHERS = ("plain", "ban")


class OrderFilters(Filters):
    lead = ("find", "stage")

    find = forms.CharField(
        label=gettext_lazy("Find an order"),
        max_length=80,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "placeholder": gettext_lazy("Number of the order, payment, entry or receipt, in full"),
            }
        ),
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[
            ("", gettext_lazy("All states")), *Order.Stage.choices,
            (UNCLEARED, gettext_lazy("Credited, not cleared")), (STUCK, gettext_lazy("Stuck")),
        ],
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), required=False, choices=[("", gettext_lazy("Any")), *Channel.choices]
    )
    store = choices.store(label=gettext_lazy("Store"), required=False, empty_label=gettext_lazy("All stores"))
    placed_since = day(gettext_lazy("Placed from"))
    placed_until = day(gettext_lazy("Placed to"))


def _found(asked: Mapping[str, Any], actor: Actor) -> Rows[Order, Order]:
    found = queries.visible_to(actor).select_related("wallet__customer", "wallet__programme", "store")
    if asked["find"]:
        found = queries.named(found, asked["find"])
    if asked["stage"] == UNCLEARED:
        found = clearing.uncleared(found)
    elif asked["stage"] == STUCK:
        found = queries.stuck(found)
    elif asked["stage"]:
        found = found.filter(stage=asked["stage"])
    if asked["channel"]:
        found = found.filter(channel=asked["channel"])
    if asked["store"]:
        found = found.filter(store=asked["store"])
    return Rows(found.filter(within("created_at", asked["placed_since"], asked["placed_until"])), list)


def _placed(order: Order) -> Cell:
    at = moment(order.created_at)
    return Cell(at.text, href=reverse("console:order", args=[order.number]), plain=at.plain)


def _payer(order: Order) -> Cell:
    if order.wallet.customer is None:
        return text(_("Bearer card"))
    return text(order.wallet.customer.name, href=reverse("console:customer", args=[order.wallet.customer.pk]))


def _amount(units: int, order: Order) -> Cell:
    return Cell(values.text(units, order.currency) if units else "", plain=values.plain(units, order.currency))


LISTING: Listing[Order] = Listing(
    name="orders",
    title=gettext_lazy("Top-up orders"),
    note=gettext_lazy("Stored value that customers ordered and pay for through a provider."),
    permission="wallets.view",
    url_name="console:orders",
    filters=OrderFilters,
    find=_found,
    sort="-placed",
    ways=(
        Way(gettext_lazy("Time to credit"), "clock", "console:order_speed", "payments.view"),
        Way(gettext_lazy("Reminders"), "mail", "console:order_follow_up", "messages.manage"),
    ),
    columns=(
        Column("placed", gettext_lazy("When"), _placed, ("created_at", "id"), "figure"),
        Column("customer", gettext_lazy("Customer"), _payer),
        Column("amount", gettext_lazy("Amount"), lambda order: _amount(order.amount, order), shape="amount"),
        Column(
            "stage", gettext_lazy("State"),
            lambda order: Cell(badges=(Badge(order.get_stage_display(), *SIGNS.get(order.stage, OTHERS)),)),
        ),
        Column("bonus", gettext_lazy("Bonus"), lambda order: _amount(order.bonus, order), shape="amount", on_phones=False),
        Column("currency", gettext_lazy("Currency"), lambda order: text(order.currency), is_usual=False),
        Column("channel", gettext_lazy("Channel"), lambda order: text(order.get_channel_display()), on_phones=False),
        Column("store", gettext_lazy("Store"), lambda order: text(order.store.name if order.store else ""), is_usual=False),
        Column("number", gettext_lazy("Number"), lambda order: text(order.number), shape="figure", on_phones=False),
    ),
    empty=Empty(
        "receipt",
        gettext_lazy("No orders yet"),
        gettext_lazy("Make one from a wallet and send the customer its link."),
        gettext_lazy("No order is like that"),
    ),
)  # fmt: skip
