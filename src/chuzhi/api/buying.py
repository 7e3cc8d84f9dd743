from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Day, Id
from chuzhi.api.pages import CursorUnusable, Limit
from chuzhi.core import days
from chuzhi.customers.models import Customer
from chuzhi.insights import buying, trail
from chuzhi.wallets import habits

router = Router(tags=["Customers"])


class BoughtOut(Schema):
    name: str = Field(description="As on the latest receipt", examples=["手冲咖啡"])
    times: int = Field(description="On so many of the latest 200 receipts of each wallet", examples=[12])
    last_at: str


class BoughtList(Schema):
    items: list[BoughtOut]


class PaymentHabitOut(Schema):
    method: str | None = Field(description="`cash`, `terminal`, `wechat` …; null: nothing is known", examples=["wechat"])
    is_said: bool = Field(description="They said so; else it is what their latest top-ups were mostly paid by")


class SumOut(Schema):
    times: int = Field(description="Purchases", examples=[12])
    amount: int = Field(examples=[45600])


class StoreSumOut(SumOut):
    store: str | None = Field(description="null: in none", examples=["12"])
    last_at: str


class MonthSumOut(SumOut):
    month: str = Field(examples=["2026-03"])


class TrailOut(SumOut):
    currency: str = Field(description="ISO 4217, or POINTS, or VISITS:…", examples=["CNY"])
    stores: list[StoreSumOut] = Field(description="The most spent first")
    months: list[MonthSumOut] = Field(description="From the first to the last one, none left out")


class TrailList(Schema):
    items: list[TrailOut]


class PurchaseOut(Schema):
    id: str = Field(examples=["12-345"])
    at: str
    store: str | None = Field(examples=["12"])
    amount: int = Field(description="Less what came back", examples=[3800])
    currency: str = Field(examples=["CNY"])
    goods: list[str] = Field(examples=[["手冲咖啡"]])


class PurchaseList(Schema):
    items: list[PurchaseOut]
    next_cursor: str | None


class Stretch(Asked):
    since: Day | None = None
    until: Day | None = Field(None, description="This day included")
    store: Id | None = Field(None, examples=["12"])


@router.get(
    "/customers/{customer}/payment-habit", auth=KeyAuth("wallets:read"), response=PaymentHabitOut,
    operation_id="getPaymentHabit", summary="How a customer likes to pay",
)  # fmt: skip
def get_payment_habit(request: ApiRequest, customer: str) -> HttpResponse:
    """To be offered first, never alone. Another is said by `preferred_method` of the customer. Refusals: `customer.unknown`."""
    habit = habits.of(Customer.objects.get(pk=named.holder(request, customer)))
    return answers.respond({"method": habit.method or None, "is_said": habit.is_said})


@router.get(
    "/customers/{customer}/trail", auth=KeyAuth("wallets:read"), response=TrailList,
    operation_id="getCustomerTrail", summary="Where and when a customer buys",
)  # fmt: skip
def get_trail(request: ApiRequest, customer: str, asked: Query[Stretch]) -> HttpResponse:
    """By store and by month, in each currency, from the customer's own wallets. Refusals: `customer.unknown`."""
    return answers.respond({"items": [_trail(one) for one in trail.of(_asked(request, customer, asked))]})


@router.get(
    "/customers/{customer}/purchases", auth=KeyAuth("wallets:read"), response=PurchaseList,
    operation_id="listPurchases", summary="What a customer bought, purchase by purchase",
)  # fmt: skip
def list_purchases(
    request: ApiRequest, customer: str, asked: Query[Stretch], limit: Limit = pages.USUAL, cursor: str | None = None
) -> HttpResponse:
    """The latest first, less what came back. Purchases of one moment are on one page. Refusals: `customer.unknown`."""
    wanted = _asked(request, customer, asked)
    before = min(filter(None, (wanted.before, _before(cursor))), default=None)
    found, following = trail.purchases(replace(wanted, before=before), limit=limit)
    next_cursor = pages.text_cursor(following.isoformat()) if following else None
    return answers.respond({"items": [_purchase(one) for one in found], "next_cursor": next_cursor})


def _asked(request: ApiRequest, customer: str, asked: Stretch) -> trail.Asked:
    return trail.Asked(
        named.holder(request, customer), request.auth, days.begin(asked.since) if asked.since else None,
        days.end(asked.until) if asked.until else None, int(asked.store) if asked.store else None,
    )  # fmt: skip


def _before(cursor: str | None) -> datetime | None:
    found = days.moment(pages.text_of(cursor)) if cursor else None
    if cursor and found is None:
        raise CursorUnusable
    return found


def _trail(one: trail.Trail) -> dict[str, Any]:
    return {
        "currency": one.asset, "times": one.all.times, "amount": one.all.amount,
        "stores": [
            {"store": str(store) if store else None, "times": sum_.times, "amount": sum_.amount, "last_at": answers.moment(sum_.last_at)}
            for store, sum_ in one.stores.items() if sum_.last_at
        ],
        "months": [{"month": f"{month:%Y-%m}", "times": sum_.times, "amount": sum_.amount} for month, sum_ in one.months.items()],
    }  # fmt: skip


def _purchase(one: trail.Purchase) -> dict[str, Any]:
    return {
        "id": one.id, "at": answers.moment(one.at), "store": str(one.store) if one.store else None, "amount": one.amount,
        "currency": one.asset, "goods": list(one.goods),
    }  # fmt: skip


@router.get(
    "/customers/{customer}/bought", auth=KeyAuth("wallets:read"), response=BoughtList,
    operation_id="listBought", summary="What a customer buys most often",
)  # fmt: skip
def list_bought(request: ApiRequest, customer: str) -> HttpResponse:
    """At most three goods, bought twice at least. What came back was not bought. Refusals: `customer.unknown`."""
    items = [
        {"name": one.name, "times": one.times, "last_at": answers.moment(one.last_at)}
        for one in buying.most_often(named.holder(request, customer), request.auth)
    ]
    return answers.respond({"items": items})
