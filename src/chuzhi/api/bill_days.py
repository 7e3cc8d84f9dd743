from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Reason
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.finance import days, queries, sheets
from chuzhi.finance.models import Day, Movement

router = Router(tags=["Reconciliation"])


class NothingMore(Asked):
    """Nothing more is to be said."""


class ReopenIn(Asked):
    reason: Reason = Field(examples=["the provider corrected its bill"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the provider corrected its bill"}]})


class DayOut(Schema):
    id: str = Field(examples=["12"])
    account: str = Field(description="The code of the way of paying", examples=["wechat"])
    on: str = Field(description="A day of the provider's own zone", examples=["2026-03-01"])
    state: str = Field(description="`no_bill`, `waiting`, `differs`, `agrees` or `signed_off`")
    lines: int
    billed: int = Field(description="Minor units; what came, less what went back")
    fees: int
    currency: str = Field(examples=["CNY"])
    open_cases: int
    trouble: str = Field(description="Why the bill is not here")
    signed_at: str | None
    signed_by: str = Field(description="Who signed it off", examples=["staff:12"])
    reopened_because: str = Field(description="Why it was opened again after somebody had signed it off, the last time")


class DayList(Schema):
    items: list[DayOut]
    next_cursor: str | None


class MovementOut(Schema):
    way: str = Field(description="`payment`, `refund`, `dispute` or `line` (of a statement)")
    number: str
    currency: str
    booked: int | None = Field(description="By the ledger; minor units, money that came is positive")
    ours: int | None = Field(description="By our payments")
    billed: int | None = Field(description="By the bill")
    fee: int | None = Field(description="As we expect it")
    billed_fee: int | None
    is_settled: bool
    cases: list[str] = Field(description="What differs: the kinds of its cases, open or closed")


class MovementList(Schema):
    items: list[MovementOut]
    next_cursor: str | None


@router.get(
    "/reconciliation/days",
    auth=KeyAuth("reconciliation:read"),
    response=DayList,
    operation_id="listReconciliationDays",
    summary="List days with their bills",
)
def list_days(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first, each account of its own."""
    rows = queries.visible_to(request.auth)
    if (place := pages.place_of(cursor)) is not None:
        edge = Day.objects.filter(pk=place).first()
        rows = rows.filter(Q(on__lt=edge.on) | Q(on=edge.on, pk__lt=edge.pk)) if edge else rows.none()
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_day(row) for row in found[:limit]], "next_cursor": following})


@router.get(
    "/reconciliation/days/{day}/movements",
    auth=KeyAuth("reconciliation:read"),
    response=MovementList,
    operation_id="listReconciliationDayMovements",
    summary="Every movement of a day as three books have it",
    openapi_extra=answers.AS_TABLE,
)
def list_movements(request: ApiRequest, day: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """With `Accept: text/csv` all of them as one table, money in whole units, as the console hands it out."""
    of = _found(request, day)
    if answers.wants_table(request):
        return answers.table(request, sheets.of_day(of), f"{of.account.code}-{of.on}")
    rows = queries.movements_of(of).order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_movement(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/reconciliation/days/{day}/sign-off",
    auth=KeyAuth("reconciliation:write"),
    response=DayOut,
    operation_id="signOffReconciliationDay",
    summary="Sign off a day whose books agree",
)
def sign_off(request: ApiRequest, day: str, asked: NothingMore) -> HttpResponse:
    """Refusals: `reconciliation.day_not_compared`, `reconciliation.differences_open`, `reconciliation.day_signed`."""
    found = days.sign_off(day=_found(request, day), by=request.auth)
    return answers.respond(_day(queries.visible_to(request.auth).get(pk=found.pk)))


@router.post(
    "/reconciliation/days/{day}/reopen",
    auth=KeyAuth("reconciliation:write"),
    response=DayOut,
    operation_id="reopenReconciliationDay",
    summary="Open a day again that was signed off",
)
def reopen(request: ApiRequest, day: str, asked: ReopenIn) -> HttpResponse:
    """Refusals: `reconciliation.day_not_signed`, `reconciliation.remark_missing`."""
    found = days.reopen(day=_found(request, day), reason=asked.reason, by=request.auth)
    return answers.respond(_day(queries.visible_to(request.auth).get(pk=found.pk)))


def _found(request: ApiRequest, day: str) -> Day:
    found = queries.visible_to(request.auth).filter(pk=named.number(day) or 0).first()
    if found is None:
        raise NotFound
    return found


def _day(day: Day) -> dict[str, Any]:
    open_cases = getattr(day, "open_cases", 0)
    return {
        "id": str(day.pk),
        "account": day.account.code,
        "on": str(day.on),
        "state": _state(day, open_cases),
        "lines": getattr(day, "line_count", 0),
        "billed": getattr(day, "billed", 0),
        "fees": getattr(day, "fees", 0),
        "currency": day.account.currency,
        "open_cases": open_cases,
        "trouble": day.trouble,
        "signed_at": answers.moment(day.signed_at) if day.signed_at else None,
        "signed_by": day.signed_by,
        "reopened_because": day.reopened_because,
    }


def _state(day: Day, open_cases: int) -> str:
    if day.fetched_at is None:
        return "no_bill"
    if day.matched_at is None:
        return "waiting"
    if open_cases:
        return "differs"
    return "signed_off" if day.signed_at else "agrees"


def _movement(movement: Movement) -> dict[str, Any]:
    return {
        "way": str(movement.way),
        "number": movement.number,
        "currency": movement.currency,
        "booked": movement.booked,
        "ours": movement.ours,
        "billed": movement.billed,
        "fee": movement.fee,
        "billed_fee": movement.billed_fee,
        "is_settled": movement.is_settled,
        "cases": [str(case.kind) for case in movement.cases.all()],
    }
