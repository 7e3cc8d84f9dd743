"""Views of the customers' list: which filters, columns and order somebody keeps, and customers by such filters."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field, ValidationError

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Day, Id
from chuzhi.api.pages import Limit
from chuzhi.core import money
from chuzhi.customers import fields
from chuzhi.customers.field_errors import FieldUnknown
from chuzhi.customers.filters import Way
from chuzhi.customers.profiles import LONGEST_TAG
from chuzhi.ledger.assets import UnknownAsset
from chuzhi.organization.lists import keeping, owners
from chuzhi.organization.lists.errors import ColumnUnknown, ViewUnknown, ViewUnusable
from chuzhi.organization.lists.models import SavedView
from chuzhi.organization.models import Store
from chuzhi.wallets import holdings, people
from chuzhi.wallets.acts import CUSTOMERS
from chuzhi.wallets.errors import StoreUnknown
from chuzhi.wallets.people import Own, Wanted

router = Router(tags=["Customers"])
BALANCES = ("balance_least", "balance_most")
Name = Annotated[str, Field(pattern="^[a-z0-9_.]{1,60}$")]


class CustomerFilters(Asked):
    """Customers of whom all of it is so; what is not named asks for nothing. The words are those of the list's address."""

    tag: str | None = Field(default=None, min_length=1, max_length=LONGEST_TAG, examples=["VIP"])
    home_store: Id | None = None
    owner: str | None = Field(
        default=None,
        pattern="^(nobody|left|[1-9][0-9]{0,17})$",
        description="A colleague, `nobody`, or `left`: somebody who has left",
    )
    has_wallet: Literal["yes", "no"] | None = None
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Of the balance; else that of the oldest programme"
    )
    balance_least: int | None = Field(
        default=None,
        ge=0,
        le=money.LARGEST,
        description="Minor units in all wallets of the currency together",
        examples=[10000],
    )
    balance_most: int | None = Field(default=None, ge=0, le=money.LARGEST)
    own: str | None = Field(default=None, max_length=60, description="The key of a field of the shop’s own", examples=["size"])
    own_way: Literal["is", "from", "to", "known", "unknown"] | None = Field(
        default=None, description="`is`, where nothing is said"
    )
    own_value: str | None = Field(default=None, max_length=200, description="As people write it", examples=["Large"])
    created_since: Day | None = None
    created_until: Day | None = None
    changed_since: Day | None = None
    changed_until: Day | None = None


class CustomerViewIn(Asked):
    name: str = Field(min_length=1, max_length=keeping.LONGEST_NAME, examples=["Regulars"])
    filters: CustomerFilters = Field(default_factory=CustomerFilters)
    columns: list[Name] = Field([], max_length=150, description="Empty: the usual ones; own fields as `custom.size`")
    sort: str = Field(
        "", pattern="^(-?[a-z_]{1,40})?$", description="A column, with a minus the other way", examples=["-created"]
    )
    shared: bool = Field(default=False, description="With everybody who may see the list, in the console too")


class CustomerViewOut(Schema):
    id: str = Field(examples=["7"])
    name: str
    filters: dict[str, str] = Field(description="As typed in the list", examples=[{"tag": "VIP"}])
    columns: list[str] = Field(description="Empty: the usual ones")
    sort: str = Field(examples=["-created"])
    shared: bool
    own: bool = Field(description="Whether this program keeps it")
    by: str = Field(description="Who keeps it", examples=["staff:12"])
    at: str


class CustomerViewList(Schema):
    items: list[CustomerViewOut]
    next_cursor: str | None


@router.get(
    "/customer-views", auth=KeyAuth("customers:read"), response=CustomerViewList,
    operation_id="listCustomerViews", summary="Views of the customers' list",
)  # fmt: skip
def list_views(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Those of this program, and those that colleagues and other programs share; in the order in which they were first kept."""
    rows = _visible(request).filter(pk__gt=pages.place_of(cursor) or 0).order_by("pk").select_related("owner", "program")
    some = list(rows[: limit + 1])
    following = pages.cursor(some[limit - 1].pk) if len(some) > limit else None
    return answers.respond({"items": [_told(request, view) for view in some[:limit]], "next_cursor": following})


@router.post(
    "/customer-views", auth=KeyAuth("views:write"), response={200: CustomerViewOut},
    operation_id="keepCustomerView", summary="Keep a view of the customers' list",
)  # fmt: skip
def keep(request: ApiRequest, asked: CustomerViewIn) -> HttpResponse:
    """Under a name that this program uses already it takes that one's place: asking twice keeps one.

    Refusals: `saved_view.name_missing`, `saved_view.too_many`, `list.column_unknown`, and of the filters `store.unusable`,
    `asset.unknown`, `field.unknown`, `field.filter_unknown`, `field.required` and what its kind does not take.
    """
    wanted(request, asked.filters)
    known = {*people.COLUMNS, *(f"{fields.COLUMN}{one.definition.key}" for one in fields.seen(request.auth))}
    for column in asked.columns:
        if column not in known:
            raise ColumnUnknown(column=column)
    if asked.sort.removeprefix("-") not in {"", *people.ORDERS}:
        raise ColumnUnknown(column=asked.sort)
    view = keeping.keep(
        list_name=CUSTOMERS, name=asked.name, filters=_typed(asked.filters), columns=asked.columns, sort=asked.sort,
        is_shared=asked.shared, by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(request, view))


@router.post(
    "/customer-views/{view}/remove", auth=KeyAuth("views:write"), response={204: None},
    operation_id="removeCustomerView", summary="Remove a view of the customers' list",
)  # fmt: skip
def remove(request: ApiRequest, view: str) -> HttpResponse:
    """One that this program keeps. Refusals: `saved_view.unknown`, `saved_view.not_yours`."""
    keeping.remove(view=_named(request, view), by=request.auth)
    return HttpResponse(status=204)


def wanted_of_view(request: ApiRequest, view: str) -> Wanted:
    """What a view asks for. Refuses one that asks for what is gone, or for what depends on who looks."""
    try:
        return wanted(request, CustomerFilters.model_validate(_read(_named(request, view).filters)))
    except (ValidationError, money.NotAnAmount):
        raise ViewUnusable from None


def wanted(request: ApiRequest, asked: CustomerFilters) -> Wanted:
    """Refuses a store, a colleague and a field that are not there, and a value that the field cannot have."""
    if asked.home_store and not Store.objects.filter(pk=int(asked.home_store)).exists():
        raise StoreUnknown
    if not asked.own and (asked.own_way or asked.own_value):
        raise FieldUnknown(field="")
    own = Own(asked.own, Way(asked.own_way or Way.IS), asked.own_value or "") if asked.own else None
    currency = _currency(asked.currency)
    said = asked.model_dump(exclude_none=True, exclude={"currency", "own", "own_way", "own_value", "home_store", "has_wallet"})
    return people.checked(
        Wanted(
            home_store=int(asked.home_store) if asked.home_store else None,
            has_wallet={"yes": True, "no": False}.get(asked.has_wallet or ""), own=own, currency=currency, **said,
        )
    )  # fmt: skip


def _typed(asked: CustomerFilters) -> dict[str, str]:
    """As the list's address has them."""
    given = asked.model_dump(exclude_none=True)
    given = {name: "" if (name, said) == ("own_way", "is") else said for name, said in given.items()}
    given |= {name: money.plain(given[name], _currency(asked.currency)) for name in BALANCES if name in given}
    return {name: said.isoformat() if isinstance(said, date) else str(said) for name, said in given.items() if said != ""}


def _read(typed: Mapping[str, str]) -> dict[str, Any]:
    """The other way round."""
    currency = _currency(typed.get("currency"))
    return {**typed, **{name: holdings.amount(typed[name], currency) for name in BALANCES if name in typed}}


def _currency(asked: str | None) -> str:
    """What balances are in. Refuses a currency that no programme holds; nothing where none holds money and none is asked for."""
    held = holdings.currencies()
    if asked and asked not in held:
        raise UnknownAsset(given=asked)
    return asked or next(iter(held), "")


def _visible(request: ApiRequest) -> Any:
    return keeping.visible_to(request.auth, CUSTOMERS)


def _named(request: ApiRequest, view: str) -> SavedView:
    found: SavedView | None = _visible(request).filter(pk=named.number(view) or 0).first()
    if found is None:
        raise ViewUnknown
    return found


def _told(request: ApiRequest, view: SavedView) -> dict[str, Any]:
    return {
        "id": str(view.pk), "name": view.name, "filters": view.filters, "columns": view.columns, "sort": view.sort,
        "shared": view.is_shared, "own": owners.is_of(view, request.auth), "by": owners.label_of(view),
        "at": answers.moment(view.made_at),
    }  # fmt: skip
