"""All customers, as a list."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.console import choices, formfields
from chuzhi.console.customers import own_columns
from chuzhi.console.lists.columns import Badge, Cell, Column, text
from chuzhi.console.lists.days import day, moment
from chuzhi.console.lists.listing import Empty, Filters, Listing, Way
from chuzhi.console.lists.sources import Rows
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import filters, queries, search
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff
from chuzhi.wallets import holdings, people
from chuzhi.wallets.people import Own, Wanted

MOST_FOUND = 200
HELD_BACK = ("notes", "email", "identity_number", "custom_sealed", "born_on", "name_keys", "blind_tokens")
"""What no list reads unless a column needs it: what is sealed takes time to open."""


OWNERS = [
    ("", gettext_lazy("Anybody")),
    (people.MINE, gettext_lazy("Me")),
    (people.NOBODYS, gettext_lazy("Nobody")),
    (people.LEFT, gettext_lazy("Somebody who has left")),
]


AS_ASKED = ("currency", "balance_least", "balance_most", "created_since", "created_until", "changed_since", "changed_until")
AMOUNT = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class CustomerFilters(Filters):
    find = forms.CharField(
        label=gettext_lazy("Find a customer"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("Phone, name, pinyin or e-mail")}),
    )
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=30, required=False)
    home_store = choices.store(label=gettext_lazy("Home store"), required=False, empty_label=gettext_lazy("All stores"))
    owner = forms.ChoiceField(label=gettext_lazy("Looked after by"), required=False)
    has_wallet = forms.ChoiceField(
        label=gettext_lazy("Wallet"), required=False,
        choices=[("", gettext_lazy("Any")), ("yes", gettext_lazy("Has one")), ("no", gettext_lazy("Has none"))],
    )  # fmt: skip
    balance_least = forms.CharField(label=gettext_lazy("Balance at least"), max_length=20, required=False, widget=AMOUNT)
    balance_most = forms.CharField(label=gettext_lazy("Balance at most"), max_length=20, required=False, widget=AMOUNT)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    own = forms.ChoiceField(label=gettext_lazy("Own field"), required=False)
    own_way = forms.ChoiceField(
        label=gettext_lazy("How"), required=False,
        choices=[("", gettext_lazy("is")), (filters.Way.FROM, gettext_lazy("from")), (filters.Way.TO, gettext_lazy("up to")),
                 (filters.Way.KNOWN, gettext_lazy("has any value")), (filters.Way.UNKNOWN, gettext_lazy("has no value"))],
    )  # fmt: skip
    own_value = forms.CharField(label=gettext_lazy("Value"), max_length=200, required=False)
    created_since = day(gettext_lazy("Added from"))
    created_until = day(gettext_lazy("Added to"))
    changed_since = day(gettext_lazy("Changed from"))
    changed_until = day(gettext_lazy("Changed to"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        colleagues = [(str(pk), name) for pk, name in Staff.objects.order_by("name", "pk").values_list("pk", "name")]
        formfields.named(self, "owner", forms.ChoiceField).choices = [*OWNERS, *colleagues]
        self.currencies = holdings.currencies()
        formfields.named(self, "currency", forms.ChoiceField).choices = [
            (code if place else "", code) for place, code in enumerate(self.currencies)
        ]
        if len(self.currencies) < 2:  # nothing to choose
            del self.fields["currency"]
        own = [(one.field.key, str(one.field.label)) for one in filters.offered(people.ANYBODY)]
        formfields.named(self, "own", forms.ChoiceField).choices = [("", "—"), *own]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["currency"] = given.get("currency") or next(iter(self.currencies), "")
        for name in ("balance_least", "balance_most"):
            given[name] = self._amount(name, given["currency"], given.get(name, ""))
        least, most = given["balance_least"], given["balance_most"]
        if least is not None and most is not None and least > most:
            self.add_error("balance_most", _("This is less than the least."))
        if given.get("own"):
            try:
                people.with_own(Customer.objects.none(), _own(given))
            except Refused as no:
                self.add_error("own_value", str(no))
        return given

    def _amount(self, name: str, currency: str, typed: str) -> int | None:
        """Nothing where nothing was typed; zero is an amount here."""
        if not typed:
            return None
        try:
            return holdings.amount(typed, currency)
        except Refused as no:
            self.add_error(name, str(no))
            return None


def _own(asked: Mapping[str, Any]) -> Own:
    return Own(asked["own"], filters.Way(asked.get("own_way") or filters.Way.IS), asked.get("own_value", ""))


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    return Wanted(
        tag=asked["tag"],
        home_store=asked["home_store"].pk if asked["home_store"] else None,
        owner=asked["owner"],
        has_wallet={"yes": True, "no": False}.get(asked["has_wallet"]),
        own=_own(asked) if asked["own"] else None,
        **{name: asked[name] for name in AS_ASKED},
    )


def _name(one: Customer) -> Cell:
    badges = [Badge(gettext_lazy("Made up"))] if one.is_made_up else []
    return text(one.name, href=reverse("console:customer", args=[one.pk]), badges=badges)


def _found(asked: Mapping[str, Any], actor: Actor) -> Rows[Customer, Customer]:
    held_back = [name for name in HELD_BACK if name not in asked["needs"]]
    wanted = _wanted(asked)

    def found(*, walking: bool) -> QuerySet[Customer]:
        return people.found(wanted, by=actor, walking=walking).defer(*held_back).select_related("home_store", "owner")

    rows = found(walking=False)
    if not asked["find"]:
        return Rows(rows, list, walked=found(walking=True) if wanted.asks_for_balance else None)
    likely = search.find(asked["find"], by=actor, limit=MOST_FOUND)
    note = _("There may be more: type more to narrow it down.") if len(likely) == MOST_FOUND else ""
    return Rows(rows.filter(pk__in=[one.id for one in likely]), list, note)


LISTING: Listing[Customer] = Listing(
    name="customers",
    title=gettext_lazy("Customers"),
    permission=queries.VIEW,
    url_name="console:customers",
    filters=CustomerFilters,
    find=_found,
    sort="name",
    has_acts=True,
    number=lambda one: one.pk,
    more=own_columns.of,
    ways=(Way(gettext_lazy("New customer"), "user-plus", "console:customer_add", "customers.edit", is_main=True),),
    columns=(
        Column("name", gettext_lazy("Name"), _name, ("sort_key", "id")),
        Column(
            "phone", gettext_lazy("Phone"), lambda one: text(one.masked_phone), shape="figure",
            whole=lambda one: one.phone or "",
        ),
        Column(
            "tags", gettext_lazy("Tags"),
            lambda one: Cell(badges=[Badge(tag) for tag in one.tags[:4]], plain=", ".join(one.tags)),
        ),
        Column(
            "home_store", gettext_lazy("Home store"), lambda one: text(one.home_store.name if one.home_store else ""),
            on_phones=False,
        ),
        Column("owner", gettext_lazy("Looked after by"), lambda one: text(one.owner.name if one.owner else ""), is_usual=False),
        Column("created", gettext_lazy("Added"), lambda one: moment(one.created_at), ("created_at", "id"), "figure", is_usual=False),
        Column("changed", gettext_lazy("Changed"), lambda one: moment(one.changed_at), ("changed_at", "id"), "figure", is_usual=False),
        Column("external_id", gettext_lazy("Outside number"), lambda one: text(one.external_id), shape="figure", is_usual=False),
        Column("number", gettext_lazy("Number"), lambda one: text(one.pk), ("id",), "figure", is_usual=False),
    ),
    empty=Empty(
        "users",
        gettext_lazy("No customers yet"),
        gettext_lazy("Add the first one here, or bring a file from the system you used before."),
        gettext_lazy("Nobody is like that"),
        gettext_lazy("Try the last four digits of the phone, or the initials of the name in pinyin."),
    ),
)  # fmt: skip
