"""Customers by who they are and what they hold: whatever their list, its views and acts on many of them can be asked for."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.days import within
from chuzhi.customers import filters, queries
from chuzhi.customers.filters import Way
from chuzhi.customers.models import Customer
from chuzhi.wallets import holdings
from chuzhi.wallets.models import Wallet

MINE, NOBODYS, LEFT = "mine", "nobody", "left"
"""Who looks after them, where it is not one colleague."""
ANYBODY = Actor(ActorKind.SYSTEM, 0, "list", frozenset({queries.VIEW}))
"""Whoever sees customers: a list is narrowed by the fields that all of them see, so that a view means the same to everybody."""
COLUMNS = ("name", "phone", "tags", "home_store", "owner", "created", "changed", "external_id", "number")
"""What their list can show besides the shop's own fields."""
ORDERS = ("name", "created", "changed", "number")


@dataclass(frozen=True, slots=True)
class Own:
    """One of the shop's own fields: its key, and its value as it was typed."""

    key: str
    way: Way = Way.IS
    said: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that is said must be so. `owner` is a colleague's number, or one of the words above; balances are minor units
    of `currency`, of all wallets together; whoever has none has no balance.
    """

    tag: str = ""
    home_store: int | None = None
    owner: str = ""
    has_wallet: bool | None = None
    currency: str = ""
    balance_least: int | None = None
    balance_most: int | None = None
    own: Own | None = None
    created_since: date | None = None
    created_until: date | None = None
    changed_since: date | None = None
    changed_until: date | None = None

    @property
    def asks_for_balance(self) -> bool:
        return self.balance_least is not None or self.balance_most is not None


def found(wanted: Wanted, *, by: Actor, walking: bool = False) -> QuerySet[Customer]:
    """Those of whom it is so and whom the actor may see. Refuses what no own field can be asked for.

    `walking` asks for balances one customer after the other, for a page of a list in which many match.
    """
    rows = queries.visible_to(by)
    if wanted.tag:
        rows = rows.filter(tags__contains=[wanted.tag])
    if wanted.home_store:
        rows = rows.filter(home_store=wanted.home_store)
    if wanted.owner:
        rows = _of_owner(rows, wanted.owner, by)
    if wanted.has_wallet is not None:
        has_one = Exists(Wallet.objects.filter(customer=OuterRef("pk")))
        rows = rows.filter(has_one if wanted.has_wallet else ~has_one)
    if wanted.asks_for_balance:
        limits: holdings.Limits = {"currency": wanted.currency, "least": wanted.balance_least, "most": wanted.balance_most}
        rows = rows.filter(holdings.holds(**limits)) if walking else rows.filter(pk__in=holdings.holders(**limits))
    if wanted.own:
        rows = with_own(rows, wanted.own)
    created = within("created_at", wanted.created_since, wanted.created_until)
    return rows.filter(created, within("changed_at", wanted.changed_since, wanted.changed_until))


def checked(wanted: Wanted) -> Wanted:
    """Refuses a field of the shop's own that is not there, or that cannot be asked for so."""
    if wanted.own:
        with_own(Customer.objects.none(), wanted.own)
    return wanted


def with_own(rows: QuerySet[Customer], own: Own) -> QuerySet[Customer]:
    return filters.narrowed(rows, key=own.key, way=own.way, said=own.said, by=ANYBODY)


def _of_owner(rows: QuerySet[Customer], owner: str, by: Actor) -> QuerySet[Customer]:
    if owner == MINE:
        return rows.filter(owner=by.id) if by.kind is ActorKind.STAFF else rows.none()
    if owner == NOBODYS:
        return rows.filter(owner=None)
    if owner == LEFT:
        return rows.filter(owner__is_active=False)
    return rows.filter(owner=int(owner))
