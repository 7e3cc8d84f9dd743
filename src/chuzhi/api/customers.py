from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, customer_fields, named, pages, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Text
from chuzhi.api.idempotency import WELCOME, key_if_any
from chuzhi.api.pages import Limit
from chuzhi.customers import history, profiles, queries, search
from chuzhi.customers.errors import CustomerUnknown, OwnerUnusable
from chuzhi.customers.models import Customer
from chuzhi.organization import staff
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets.errors import StoreUnknown

router = Router(tags=["Customers"])
MOST_FOUND = 50
MOST_OWN = 100


Custom = Annotated[
    dict[str, Any],
    Field(
        max_length=MOST_OWN,
        description="The shop's own fields, by key: see `GET /customer-fields` for what each takes. null: none",
        examples=[{}],
    ),
]


class CustomerIn(Asked):
    name: str = Field(min_length=1, max_length=200, examples=["王小明"])
    phone: Text | None = Field(None, description="As written; without + it is Chinese", examples=["138 0013 8000"])
    email: Text | None = Field(None, examples=["wang@example.com"])
    born_on: str | None = Field(None, max_length=10, examples=["1990-05-31"])
    notes: str | None = Field(None, max_length=profiles.LONGEST_NOTES)
    tags: list[str] = Field([], max_length=profiles.MOST_TAGS, examples=[["VIP"]])
    external_id: Text | None = Field(None, description="Your own number for this person", examples=["crm-7"])
    home_store: Id | None = Field(None, examples=["12"])
    owner: Id | None = Field(None, description="The colleague who looks after them", examples=["12"])
    favourite: str | None = Field(
        None, max_length=profiles.LONGEST_FAVOURITE, description="What they like best", examples=["手冲咖啡"]
    )
    preferred_method: str | None = Field(None, max_length=10, description="How they prefer to pay", examples=["wechat"])
    till_note: str | None = Field(None, max_length=profiles.LONGEST_TILL_NOTE, description="Shown to whoever serves them")
    custom: Custom = Field(default_factory=dict)


class CustomerChangeIn(Asked):
    """What is to change. A field that is not named stays as it is; null or empty text means none."""

    version: int | None = Field(None, ge=1, description="As read: a change made in between is then refused", examples=[1])
    name: str = Field("", min_length=1, max_length=200, examples=["王小明"])
    phone: Text | None = None
    email: Text | None = None
    born_on: str | None = Field(None, max_length=10)
    notes: str | None = Field(None, max_length=profiles.LONGEST_NOTES)
    tags: list[str] = Field([], max_length=profiles.MOST_TAGS, examples=[["VIP"]])
    external_id: Text | None = None
    home_store: Id | None = None
    owner: Id | None = Field(None, description="The colleague who looks after them", examples=["12"])
    favourite: str | None = Field(
        None, max_length=profiles.LONGEST_FAVOURITE, description="What they like best", examples=["手冲咖啡"]
    )
    preferred_method: str | None = Field(None, max_length=10, description="How they prefer to pay", examples=["wechat"])
    till_note: str | None = Field(None, max_length=profiles.LONGEST_TILL_NOTE, description="Shown to whoever serves them")
    custom: Custom = Field(default_factory=dict)


class CustomerFound(Schema):
    """Enough to tell people apart. A phone is shown masked: who needs it whole reads it in the console, where that is noted."""

    id: str = Field(examples=["30001"])
    name: str = Field(examples=["王小明"])
    phone: str = Field(description="Masked", examples=["138****8000"])
    tags: list[str]
    home_store: str | None = Field(examples=["12"])
    matched: str | None = Field(description="What the query matched: phone, name, card …; null where nothing was searched")


class CustomerList(Schema):
    items: list[CustomerFound]


class WalletOfCustomer(Schema):
    id: str = Field(examples=["40001"])
    programme: str = Field(examples=["1"])
    currency: str = Field(examples=["CNY"])


class CustomerOut(CustomerFound):
    external_id: str | None = Field(examples=["crm-7"])
    owner: str | None = Field(description="The colleague who looks after them", examples=["12"])
    created_at: str
    favourite: str = Field(examples=["手冲咖啡"])
    preferred_method: str | None = Field(examples=["wechat"])
    till_note: str | None
    custom: dict[str, Any] = Field(
        description="The shop's own fields, by key: see `GET /customer-fields`; personal ones masked", examples=[{"size": "l"}]
    )
    version: int = Field(description="Grows with every change", examples=[1])
    wallets: list[WalletOfCustomer]


class FieldChangeOut(Schema):
    """One field as it was and as it became; phone, e-mail and identity number masked."""

    id: str
    field: str = Field(examples=["phone"])
    before: Any = Field(examples=["138****8000"])
    after: Any = Field(examples=["139****8888"])
    at: str
    by: str = Field(examples=["staff:12"])
    source: history.Source
    version: int = Field(description="Of the customer, right after the change", examples=[2])


class FieldChangeList(Schema):
    items: list[FieldChangeOut]
    next_cursor: str | None


@router.post(
    "/customers",
    auth=KeyAuth("customers:write"),
    response={201: CustomerOut},
    operation_id="createCustomer",
    summary="Register a customer",
    openapi_extra=WELCOME,
)
def register(request: ApiRequest, asked: CustomerIn) -> HttpResponse:
    """A new customer. With an Idempotency-Key, asking twice registers once.

    Refusals: `customer.name_invalid`, `customer.phone_invalid`, `customer.phone_taken`, `customer.email_invalid`,
    `customer.birthday_invalid`, `customer.birthday_future`, `customer.tag_invalid`, `customer.external_id_taken`,
    `customer.favourite_invalid`, `customer.method_unknown`, `customer.till_note_invalid`, `store.unusable`,
    `customer.owner_unusable`; of the shop's own fields `field.unknown`, `field.archived`, `field.required`, and what its kind
    does not take: `field.not_text`, `field.not_one_line`, `field.too_long`, `field.not_whole`, `field.not_decimal`,
    `field.out_of_range`, `field.not_a_day`, `field.not_yes_or_no`, `field.not_a_choice`, `field.not_a_list`,
    `field.not_a_phone`, `field.not_an_email`, `field.not_a_link`.
    """
    customer = profiles.register(
        by=request.auth,
        key=key_if_any(request),
        name=asked.name,
        phone=asked.phone,
        email=asked.email,
        born_on=asked.born_on,
        notes=asked.notes,
        tags=asked.tags,
        external_id=asked.external_id,
        home_store=home_store(request, asked.home_store),
        owner=colleague(asked.owner),
        favourite=asked.favourite,
        preferred_method=asked.preferred_method,
        till_note=asked.till_note,
        custom=asked.custom,
    )
    return answers.respond(_whole(request, customer), HTTPStatus.CREATED)


@router.get(
    "/customers",
    auth=KeyAuth("customers:read"),
    response=CustomerList,
    operation_id="findCustomers",
    summary="Find customers",
)
def find(
    request: ApiRequest,
    query: Annotated[str, Query(max_length=search.LONGEST_QUERY)],
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 20,
) -> HttpResponse:
    """By any part of a phone number, by name, pinyin or its initials, card number, e-mail or your own number; nearest first."""
    found = search.find(query, by=request.auth, limit=limit)
    return answers.respond(
        {
            "items": [
                {
                    "id": str(each.id),
                    "name": each.name,
                    "phone": each.masked_phone,
                    "tags": list(each.tags),
                    "home_store": None if each.home_store_id is None else str(each.home_store_id),
                    "matched": each.matched,
                }
                for each in found
            ]
        }
    )


@router.get(
    "/customers/{customer}",
    auth=KeyAuth("customers:read"),
    response=CustomerOut,
    operation_id="getCustomer",
    summary="One customer and their wallets",
)
def get_customer(request: ApiRequest, customer: str) -> HttpResponse:
    """Who they are and what they hold their value in."""
    return answers.respond(_whole(request, visible(request, customer)))


@router.patch(
    "/customers/{customer}",
    auth=KeyAuth("customers:write"),
    response=CustomerOut,
    operation_id="changeCustomer",
    summary="Change a customer",
)
def change(request: ApiRequest, customer: str, asked: CustomerChangeIn) -> HttpResponse:
    """Only what is named changes, and every change is kept in the history.

    Refusals: those of registering, `customer.unknown` and, with a `version`, `customer.changed_meanwhile`.
    """
    given = {name: getattr(asked, name) for name in asked.model_fields_set - {"version"}}
    if "home_store" in given:
        given["home_store"] = home_store(request, asked.home_store)
    if "owner" in given:
        given["owner"] = colleague(asked.owner)
    changed = profiles.change(customer=visible(request, customer), version=asked.version, by=request.auth, **given)
    return answers.respond(_whole(request, changed))


@router.get(
    "/customers/{customer}/changes",
    auth=KeyAuth("customers:read"),
    response=FieldChangeList,
    operation_id="listCustomerChanges",
    summary="What became of each field of a customer",
)
def list_changes(request: ApiRequest, customer: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first, from the registration on: who changed what, when and from where."""
    rows, before = history.of(visible(request, customer), by=request.auth), pages.place_of(cursor)
    some = list((rows if before is None else rows.filter(pk__lt=before))[: limit + 1])
    following = pages.cursor(some[limit - 1].pk) if len(some) > limit else None
    items = [_change(history.told(one)) for one in some[:limit]]
    return answers.respond({"items": items, "next_cursor": following})


def visible(request: ApiRequest, given: str) -> Customer:
    number = named.number(given)
    found = None if number is None else queries.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise CustomerUnknown
    return found


def _change(told: history.Told) -> dict[str, Any]:
    return {**asdict(told), "id": str(told.id), "at": answers.moment(told.at)}


def home_store(request: ApiRequest, given: str | None) -> Store | None:
    if given is None:
        return None
    number = named.number(given) or 0
    found = Store.objects.filter(pk=number).first() if request.auth.works_in(number) else None
    if found is None:
        raise StoreUnknown
    return found


def colleague(given: str | None) -> Staff | None:
    if given is None:
        return None
    found = staff.at_work().filter(pk=named.number(given) or 0).first()
    if found is None:
        raise OwnerUnusable
    return found


def _whole(request: ApiRequest, customer: Customer) -> dict[str, Any]:
    return {
        "id": str(customer.pk),
        "name": customer.name,
        "phone": customer.masked_phone,
        "tags": list(customer.tags),
        "home_store": None if customer.home_store_id is None else str(customer.home_store_id),
        "matched": None,
        "external_id": customer.external_id,
        "owner": None if customer.owner_id is None else str(customer.owner_id),
        "created_at": answers.moment(customer.created_at),
        "favourite": customer.favourite,
        "preferred_method": customer.preferred_method or None,
        "till_note": customer.till_note,
        "custom": customer_fields.values(request, customer),
        "version": customer.version,
        "wallets": [
            {"id": str(wallet.pk), "programme": str(wallet.programme_id), "currency": programmes.asset_of(wallet)}
            for wallet in customer.wallets.filter(is_joined=False).order_by("pk")
        ],
    }
