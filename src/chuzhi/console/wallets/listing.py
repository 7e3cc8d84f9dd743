"""All wallets, as a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chuzhi.console import values
from chuzhi.console.choices import Named
from chuzhi.console.lists.columns import Badge, Cell, Column, text
from chuzhi.console.lists.days import day, moment
from chuzhi.console.lists.listing import Empty, Filters, Listing
from chuzhi.console.lists.sources import Rows
from chuzhi.console.wallets import finding
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Standing
from chuzhi.wallets import choosing, queries
from chuzhi.wallets.choosing import Wanted
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.queries import Held

MOST_FOUND = 200
STANDINGS: Mapping[Standing, Badge] = {
    Standing.OPEN: Badge(pgettext_lazy("wallet", "Open"), "good", "check"),
    Standing.FROZEN: Badge(pgettext_lazy("wallet", "Frozen"), "bad", "snowflake"),
    Standing.CLOSED: Badge(gettext_lazy("Closed"), "bad", "lock"),
}


@dataclass(frozen=True, slots=True)
class Row:
    wallet: Wallet
    held: Held

    @property
    def asset(self) -> str:
        return self.wallet.programme.asset


class WalletFilters(Filters):
    lead = ("find", "programme")

    find = forms.CharField(
        label=gettext_lazy("Find a wallet"),
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": gettext_lazy("Card number, phone, name or pinyin")}
        ),
    )
    programme = Named(
        queryset=Programme.objects.order_by("pk"), label=gettext_lazy("Programme"), required=False,
        empty_label=gettext_lazy("All programmes"),
    )  # fmt: skip
    holder = forms.ChoiceField(
        label=gettext_lazy("Whose"), required=False,
        choices=[("", gettext_lazy("Any")), (choosing.NAMED, gettext_lazy("Named")), (choosing.BEARER, gettext_lazy("Bearer"))],
    )  # fmt: skip
    opened_since = day(gettext_lazy("Opened from"))
    opened_until = day(gettext_lazy("Opened to"))


def _found(asked: Mapping[str, Any], actor: Actor) -> Rows[Wallet, Row]:
    programme = asked["programme"].pk if asked["programme"] else None
    wanted = Wanted(programme, asked["holder"], asked["opened_since"], asked["opened_until"])
    wallets = choosing.found(wanted, by=actor).select_related("programme", "customer")
    if asked["find"]:
        wallets = finding.wallets(wallets, asked["find"], by=actor, most=MOST_FOUND)
    return Rows(wallets, _told)


def _told(wallets: list[Wallet]) -> list[Row]:
    held = queries.standings(wallets)
    return [Row(wallet, held[wallet.pk]) for wallet in wallets]


def _holder(row: Row) -> Cell:
    if row.wallet.customer is None:
        return text(_("Bearer card"))
    return text(row.wallet.customer.name, href=reverse("console:customer", args=[row.wallet.customer.pk]))


def _amount(name: str, label: Any, of: Callable[[Balance], int], **more: Any) -> Column[Row]:
    def cell(row: Row) -> Cell:
        units = of(row.held.balance)
        return Cell(values.text(units, row.asset), plain=values.plain(units, row.asset))

    return Column(name, label, cell, shape="amount", **more)


LISTING: Listing[Row] = Listing(
    name="wallets",
    title=gettext_lazy("Wallets"),
    permission=queries.VIEW,
    url_name="console:wallets",
    filters=WalletFilters,
    find=_found,
    sort="-number",
    has_acts=True,
    number=lambda row: row.wallet.pk,
    columns=(
        Column(
            "number", gettext_lazy("Wallet"), lambda row: text(row.wallet.pk, href=reverse("console:wallet", args=[row.wallet.pk])),
            ("id",), "figure",
        ),
        Column("customer", gettext_lazy("Customer"), _holder),
        Column(
            "phone", gettext_lazy("Phone"), lambda row: text(row.wallet.customer.masked_phone if row.wallet.customer else ""),
            shape="figure", is_usual=False,
            whole=lambda row: (row.wallet.customer.phone if row.wallet.customer else "") or "",
        ),
        Column("programme", gettext_lazy("Programme"), lambda row: text(row.wallet.programme.name), on_phones=False),
        _amount("principal", gettext_lazy("Principal"), lambda balance: balance.principal, on_phones=False),
        _amount("bonus", gettext_lazy("Bonus"), lambda balance: balance.bonus, on_phones=False),
        _amount("held", gettext_lazy("Held"), lambda balance: balance.held, is_usual=False),
        _amount("debt", gettext_lazy("Debt"), lambda balance: balance.debt, is_usual=False),
        _amount("available", gettext_lazy("Available"), lambda balance: balance.available),
        Column("currency", gettext_lazy("Currency"), lambda row: text(row.asset), is_usual=False),
        Column("state", gettext_lazy("State"), lambda row: Cell(badges=(STANDINGS[row.held.standing],))),
        Column("opened", gettext_lazy("Opened"), lambda row: moment(row.wallet.created_at), shape="figure", is_usual=False),
    ),
    empty=Empty(
        "wallet",
        gettext_lazy("No wallets yet"),
        gettext_lazy("A wallet is opened with a new customer at the till."),
        gettext_lazy("No wallet is like that"),
        gettext_lazy("A lost or ended card finds nothing. Look for its holder instead."),
    ),
)  # fmt: skip
