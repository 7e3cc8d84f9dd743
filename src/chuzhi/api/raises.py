"""Applications for a higher limit, and their documents."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.documents import DocumentIn, files
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.api.limits import KIND
from chuzhi.api.pages import Limit
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.customers.models import Customer
from chuzhi.limits import raises
from chuzhi.limits.errors import RaiseUnknown
from chuzhi.limits.models import Raise

router = Router(tags=["Limits"])


def _is_day(given: str) -> str:
    try:
        date.fromisoformat(given)
    except ValueError:
        raise PydanticCustomError("string_pattern_mismatch", "a day") from None
    return given


Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-12-31"]), AfterValidator(_is_day)]


class RaiseIn(Asked):
    customer: Id = Field(examples=["30001"])
    kind: str = Field(pattern=KIND, examples=["a_day"])
    currency: str = Field(min_length=1, max_length=40, examples=["CNY"])
    amount: Amount = Field(examples=[900000])
    reason: Reason
    ends_on: Day = Field(description="The last day it is wanted for, at most a year away")
    documents: list[DocumentIn] = Field(min_length=1, max_length=5)


class GrantIn(Asked):
    reason: Reason
    ends_on: Day | None = Field(None, description="Without it: as it was asked for")


class RefuseIn(Asked):
    reason: Reason


class WithdrawIn(Asked):
    """Nothing more is to be said."""


class RaiseOut(Schema):
    id: str = Field(examples=["7"])
    customer: str = Field(examples=["30001"])
    kind: str = Field(examples=["a_day"])
    currency: str = Field(examples=["CNY"])
    amount: int = Field(examples=[900000])
    reason: str
    ends_on: str = Field(examples=["2026-12-31"])
    status: str = Field(description="`asked`, `granted`, `refused` or `withdrawn`", examples=["asked"])
    asked_by: str = Field(examples=["key:3"])
    asked_at: str
    decided_by: str | None
    decided_at: str | None
    decision: str | None
    documents: list[str]


class RaiseList(Schema):
    items: list[RaiseOut]
    next_cursor: str | None


@router.get(
    "/limit-raises",
    auth=KeyAuth("limits:read"),
    response=RaiseList,
    operation_id="listRaises",
    summary="List applications for a higher limit",
)
def list_raises(
    request: ApiRequest, status: str | None = None, limit: Limit = pages.USUAL, cursor: str | None = None
) -> dict[str, object]:
    """Newest first."""
    rows = raises.visible_to(request.auth)
    if status is not None:
        rows = rows.filter(status=status)
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [_out(row) for row in found[:limit]], "next_cursor": following}


@router.post(
    "/limit-raises",
    auth=KeyAuth("raises:write"),
    response={201: RaiseOut},
    operation_id="applyForRaise",
    summary="Ask for a higher limit",
)
def apply(request: ApiRequest, asked: RaiseIn) -> HttpResponse:
    """Somebody else decides. What the rule pack of a store says cannot be raised.

    Refusals: `document.missing`, `document.type`, `document.too_large`, `document.unknown`, `raise.unusable`, `customer.unknown`.
    """
    customer = Customer.objects.filter(pk=int(asked.customer)).first()
    if customer is None:
        raise CustomerUnknown
    made = raises.apply(
        customer=customer,
        kind=asked.kind,
        asset=asked.currency,
        amount=asked.amount,
        reason=asked.reason,
        ends_on=date.fromisoformat(asked.ends_on),
        files=files(asked.documents),
        by=request.auth,
    )
    return answers.respond(_out(made), HTTPStatus.CREATED)


@router.get(
    "/limit-raises/{application}",
    auth=KeyAuth("limits:read"),
    response=RaiseOut,
    operation_id="getRaise",
    summary="One application and what became of it",
)
def get_raise(request: ApiRequest, application: str) -> dict[str, object]:
    """Refusals: `raise.unknown`."""
    return _out(_named(request, application))


@router.post(
    "/limit-raises/{application}/grant",
    auth=KeyAuth("raises:review"),
    response=RaiseOut,
    operation_id="grantRaise",
    summary="Grant an application",
)
def grant(request: ApiRequest, application: str, asked: GrantIn) -> dict[str, object]:
    """It holds from now to its last day. Refusals: `raise.decided`, `approval.second_person`, `raise.unusable`."""
    ends_on = date.fromisoformat(asked.ends_on) if asked.ends_on else None
    row = _named(request, application)
    return _out(raises.grant(application=row, reason=asked.reason, ends_on=ends_on, by=request.auth))


@router.post(
    "/limit-raises/{application}/refuse",
    auth=KeyAuth("raises:review"),
    response=RaiseOut,
    operation_id="refuseRaise",
    summary="Refuse an application",
)
def refuse(request: ApiRequest, application: str, asked: RefuseIn) -> dict[str, object]:
    """With the reason. Refusals: `raise.decided`, `approval.second_person`."""
    return _out(raises.refuse(application=_named(request, application), reason=asked.reason, by=request.auth))


@router.post(
    "/limit-raises/{application}/withdraw",
    auth=KeyAuth("raises:write"),
    response=RaiseOut,
    operation_id="withdrawRaise",
    summary="Withdraw an application, or end a raise early",
)
def withdraw(request: ApiRequest, application: str, asked: WithdrawIn) -> dict[str, object]:
    """Refusals: `raise.decided`."""
    return _out(raises.withdraw(application=_named(request, application), by=request.auth))


def _named(request: ApiRequest, given: str) -> Raise:
    number = named.number(given)
    found = None if number is None else Raise.objects.filter(pk=number).first()
    if found is None:
        raise RaiseUnknown
    return found


def _out(row: Raise) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "customer": str(row.customer_id),
        "kind": row.kind,
        "currency": row.asset,
        "amount": row.amount,
        "reason": row.reason,
        "ends_on": row.ends_on.isoformat(),
        "status": row.status,
        "asked_by": row.asked_by,
        "asked_at": answers.moment(row.asked_at),
        "decided_by": row.decided_by or None,
        "decided_at": answers.moment(row.decided_at) if row.decided_at else None,
        "decision": row.decision or None,
        "documents": [document.name for document in row.documents.all()],
    }
