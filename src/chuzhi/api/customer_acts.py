"""Acts on many customers: planned with a count, done by the worker where they are many, told row by row, undone for an hour."""

from http import HTTPStatus
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, customer_views, customers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.customer_views import CustomerFilters
from chuzhi.api.fields import Asked, Id
from chuzhi.api.pages import Limit
from chuzhi.core.errors import recalled
from chuzhi.customers import profiles
from chuzhi.organization.lists import acting
from chuzhi.organization.lists.errors import ActUnknown, CannotBeUndone, ChooseOneWay
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.wallets import acts, people, tasks
from chuzhi.wallets.acts import CUSTOMERS

router = Router(tags=["Customers"])
SAMPLE = 12
STATES = BulkRow.State
REFUSED = (STATES.REFUSED, STATES.STAYED)


class CustomerActIn(Asked):
    """Whom it is about, in one of three ways. Who comes later is not among them."""

    customers: list[Id] | None = Field(default=None, max_length=acting.MOST_ROWS, examples=[["30001", "30002"]])
    filters: CustomerFilters | None = Field(default=None, description="All of whom this is so; `{}`: all customers")
    view: Id | None = Field(default=None, description="All whom a view shows", examples=["7"])


class CustomerActStartIn(Asked):
    do: Literal["add_tag", "remove_tag", "home_store", "owner"]
    value: str | None = Field(
        default=None,
        max_length=profiles.LONGEST_TAG,
        description="The tag, the store or the colleague; null: no store, nobody",
        examples=["VIP"],
    )


class SampledCustomer(Schema):
    id: str = Field(examples=["30001"])
    name: str = Field(examples=["王小明"])


class ActCounts(Schema):
    waiting: int = Field(examples=[0])
    done: int = Field(examples=[118])
    same: int = Field(description="It was so already", examples=[2])
    refused: int = Field(description="See `/refused`", examples=[0])
    undone: int = Field(examples=[0])
    stayed: int = Field(description="Changed since by somebody, and not put back: see `/refused`", examples=[0])


class CustomerActOut(Schema):
    id: str = Field(examples=["9"])
    state: str = Field(description="`planned`, `running`, `done`, `undoing`, `undone`", examples=["planned"])
    do: str | None = Field(description="null while it is planned", examples=[None])
    value: str | None
    count: int = Field(description="How many customers it is about", examples=[120])
    counts: ActCounts
    sample: list[SampledCustomer] = Field(description="The first of them")
    undo_until: str | None = Field(description="Until when it can be undone; null: not, or no longer")
    planned_at: str


class RefusedCustomer(Schema):
    customer: str = Field(examples=["30001"])
    code: str = Field(examples=["customer.changed_meanwhile"])
    detail: str


class RefusedCustomerList(Schema):
    items: list[RefusedCustomer]
    next_cursor: str | None


@router.post(
    "/customer-acts", auth=KeyAuth("customers:bulk"), response={201: CustomerActOut},
    operation_id="planCustomerAct", summary="Choose customers for an act on many",
)  # fmt: skip
def plan(request: ApiRequest, asked: CustomerActIn) -> HttpResponse:
    """A preview: how many, and the first of them. Nothing is done yet; a plan that is not started is forgotten after a day.

    Refusals: `bulk.choose_one_way`, `bulk.nothing_chosen`, `list.too_long` (more than 20,000), those of the filters,
    `saved_view.unknown`, and `saved_view.unusable`: a view that asks for something gone or depends on who looks.
    """
    numbers = _chosen(request, asked)
    act = acting.plan(list_name=CUSTOMERS, subjects=numbers, store=None, by=request.auth)
    return answers.respond(_told(request, act), HTTPStatus.CREATED)


@router.get(
    "/customer-acts/{act}", auth=KeyAuth("customers:bulk"), response=CustomerActOut,
    operation_id="getCustomerAct", summary="How far an act on many is",
)  # fmt: skip
def get_act(request: ApiRequest, act: str) -> HttpResponse:
    """What this program planned. Refusals: `bulk.unknown`."""
    return answers.respond(_told(request, planned(request, act, CUSTOMERS)))


@router.post(
    "/customer-acts/{act}/start", auth=KeyAuth("customers:bulk"), response=CustomerActOut,
    operation_id="startCustomerAct", summary="Do it to all of them",
)  # fmt: skip
def start(request: ApiRequest, act: str, asked: CustomerActStartIn) -> HttpResponse:
    """Up to 200 are done when this answers; of more, the worker does them and `state` says `running`. One that is refused does
    not stop the others. Asked twice, the second is refused and nothing is done twice.

    Refusals: `bulk.unknown`, `bulk.decided`, `customer.tag_invalid`, `store.unusable`, `customer.owner_unusable`.
    """
    found = planned(request, act, CUSTOMERS)
    acting.start(act=found, kind=asked.do, arguments=_arguments(request, asked), by=request.auth)
    tasks.carry_out(found)
    return answers.respond(_told(request, planned(request, act, CUSTOMERS)))


@router.post(
    "/customer-acts/{act}/undo", auth=KeyAuth("customers:bulk"), response=CustomerActOut,
    operation_id="undoCustomerAct", summary="Put back what an act on many did",
)  # fmt: skip
def undo(request: ApiRequest, act: str) -> HttpResponse:
    """For an hour. Who was changed since stays, and is told by `/refused`. Refusals: `bulk.unknown`, `bulk.cannot_be_undone`."""
    found = planned(request, act, CUSTOMERS)
    if not acts.can_be_undone(found):
        raise CannotBeUndone
    acting.begin_undo(act=found, by=request.auth)
    tasks.carry_out(found)
    return answers.respond(_told(request, planned(request, act, CUSTOMERS)))


@router.get(
    "/customer-acts/{act}/refused", auth=KeyAuth("customers:bulk"), response=RefusedCustomerList,
    operation_id="listRefusedByCustomerAct", summary="Customers whom an act on many was not done to",
)  # fmt: skip
def list_refused(request: ApiRequest, act: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Each with its reason. Refusals: `bulk.unknown`."""
    return answers.respond(refused(planned(request, act, CUSTOMERS), "customer", limit, cursor))


def planned(request: ApiRequest, act: str, listing: str) -> BulkAct:
    """The act of this program that an address means."""
    found = acting.mine(request.auth).filter(listing=listing, pk=named.number(act) or 0).first()
    if found is None:
        raise ActUnknown
    return found


def refused(act: BulkAct, row_name: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the rows that it was not done to; `row_name` is what a row is called."""
    rows = act.rows.filter(state__in=REFUSED, pk__gt=pages.place_of(cursor) or 0).order_by("pk")
    some = list(rows[: limit + 1])
    following = pages.cursor(some[limit - 1].pk) if len(some) > limit else None
    items = [
        {row_name: str(row.subject), "code": row.refusal, "detail": str(recalled(row.refusal, row.refusal_facts))}
        for row in some[:limit]
    ]
    return {"items": items, "next_cursor": following}


def _chosen(request: ApiRequest, asked: CustomerActIn) -> list[int]:
    if sum(said is not None for said in (asked.customers, asked.filters, asked.view)) != 1:
        raise ChooseOneWay
    if asked.customers is not None:
        return acts.visible(CUSTOMERS, [int(one) for one in asked.customers], request.auth)
    if asked.view is not None:
        wanted = customer_views.wanted_of_view(request, asked.view)
    else:
        wanted = customer_views.wanted(request, asked.filters or CustomerFilters())
    found = people.found(wanted, by=request.auth).order_by("pk").values_list("pk", flat=True)
    return list(found[: acting.MOST_ROWS + 1])


def _arguments(request: ApiRequest, asked: CustomerActStartIn) -> dict[str, Any]:
    """As the page keeps them. What cannot be is refused before anything is done."""
    if asked.do in {"add_tag", "remove_tag"}:
        return {"tag": profiles.tags([asked.value or ""])[0]}
    if asked.do == "home_store":
        store = customers.home_store(request, asked.value)
        return {"store": store.pk if store else None}
    owner = customers.colleague(asked.value)
    return {"owner": owner.pk if owner else None}


def _told(request: ApiRequest, act: BulkAct) -> dict[str, Any]:
    tally = acting.tally(act)
    some = list(act.rows.order_by("pk").values_list("subject", flat=True)[:SAMPLE])
    names = acts.names(CUSTOMERS, some, request.auth)
    value = next(iter(act.arguments.values()), None)
    ends = act.done_at + acting.UNDO_FOR if act.done_at and acts.can_be_undone(act) else None
    return {
        "id": str(act.pk), "state": act.state, "do": act.kind or None, "value": None if value is None else str(value),
        "count": sum(tally.values()), "counts": {state.value: tally.get(state.value, 0) for state in STATES},
        "sample": [{"id": str(pk), "name": names[pk]} for pk in some if pk in names],
        "undo_until": answers.moment(ends) if ends else None, "planned_at": answers.moment(act.planned_at),
    }  # fmt: skip
