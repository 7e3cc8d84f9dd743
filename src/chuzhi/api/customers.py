from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Text
from chuzhi.api.idempotency import WELCOME, key_if_any
from chuzhi.customers import profiles, queries, search
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Store
from chuzhi.wallets.errors import StoreUnknown

router = Router(tags=["Customers"])
MOST_FOUND = 50


class CustomerIn(Asked):
    name: str = Field(min_length=1, max_length=200, examples=["王小明"])
    phone: Text | None = Field(None, description="As written; without + it is Chinese", examples=["138 0013 8000"])
    email: Text | None = Field(None, examples=["wang@example.com"])
    born_on: str | None = Field(None, max_length=10, examples=["1990-05-31"])
    notes: str | None = Field(None, max_length=profiles.LONGEST_NOTES)
    tags: list[str] = Field([], max_length=profiles.MOST_TAGS, examples=[["VIP"]])
    external_id: Text | None = Field(None, description="Your own number for this person", examples=["crm-7"])
    home_store: Id | None = Field(None, examples=["12"])


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
    created_at: str
    wallets: list[WalletOfCustomer]


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
    `store.unusable`.
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
        home_store=_store(request, asked.home_store),
    )
    return answers.respond(_whole(customer), HTTPStatus.CREATED)


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
    number = named.number(customer)
    found = None if number is None else queries.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise CustomerUnknown
    return answers.respond(_whole(found))


def _store(request: ApiRequest, given: str | None) -> Store | None:
    if given is None:
        return None
    found = Store.objects.filter(pk=int(given)).first() if request.auth.works_in(int(given)) else None
    if found is None:
        raise StoreUnknown
    return found


def _whole(customer: Customer) -> dict[str, Any]:
    return {
        "id": str(customer.pk),
        "name": customer.name,
        "phone": customer.masked_phone,
        "tags": list(customer.tags),
        "home_store": None if customer.home_store_id is None else str(customer.home_store_id),
        "matched": None,
        "external_id": customer.external_id,
        "created_at": answers.moment(customer.created_at),
        "wallets": [
            {"id": str(wallet.pk), "programme": str(wallet.programme_id), "currency": programmes.asset_of(wallet)}
            for wallet in customer.wallets.order_by("pk")
        ],
    }
