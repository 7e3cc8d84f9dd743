from datetime import date, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, ConfigDict
from pydantic_core import PydanticCustomError

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Reason
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.finance import cases, queries, sheets
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Fix
from chuzhi.payments import methods

router = Router(tags=["Reconciliation"])


Days = Annotated[int, Query(ge=0, le=3650)]


def _is_day(given: str) -> str:
    try:
        date.fromisoformat(given)
    except ValueError:
        raise PydanticCustomError("string_pattern_mismatch", "a day") from None
    return given


On = Annotated[str, Query(pattern=r"^[12]\d{3}-\d\d-\d\d$", examples=["2026-03-01"]), AfterValidator(_is_day)]


class DifferenceCloseIn(Asked):
    remark: Reason = Field(examples=["the bill was wrong, corrected by the provider"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"remark": "the bill was wrong"}]})


class FixIn(DifferenceCloseIn):
    act: Literal["book", "pay_back", "refund_extra", "take_back", "write_off"] = Field(
        description="One of the `fixes` of the difference", examples=["book"]
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"act": "book", "remark": "the notice was lost"}]})


class CaseOut(Schema):
    id: str = Field(examples=["7"])
    kind: str = Field(
        description="`late`, `ours_not_in_bill`, `in_bill_not_ours`, `twice_in_bill`, `amount_differs`, `fee_differs`, "
        "`credited_not_paid`, `paid_not_credited`, `drawer_differs` or `not_arrived`"
    )
    account: str | None
    way: str = Field(description="`payment`, `refund`, `dispute`, `shift`, `line` (of a statement) or `payout` (to the bank)")
    number: str
    currency: str
    amount: int = Field(description="Minor units; by how much our books are above the other side's")
    booked: int | None = Field(description="By the ledger")
    ours: int | None = Field(description="By our payments")
    billed: int | None = Field(description="By the bill, or the count")
    fix: str = Field(description="What is advised, in the language asked for")
    fixes: list[str] = Field(
        description="What can be done about it with one call", examples=[["book", "pay_back", "write_off"]]
    )
    opened_at: str
    age_days: int
    closed_at: str | None
    closed_by: str = Field(description="Empty if it closed itself")
    remark: str


class LeftOut(Schema):
    account: str | None
    way: str
    number: str
    amount: int
    since: str | None = Field(examples=["2026-03-01"])
    case: str | None = Field(description="The open difference that explains it; without one it is on its way")


class AgedOut(Schema):
    over_days: int = Field(description="For so many days or more, and less than the next", examples=[3])
    count: int
    amount: int


class ClearingOut(Schema):
    method: str = Field(examples=["wechat"])
    stage: str = Field(
        description="`customers`: paid by customers and not confirmed; `provider`: confirmed, and not in our bank yet"
    )
    currency: str
    on: str
    opening: int
    came: int
    went: int
    settled: int
    closing: int
    ages: list[AgedOut] = Field(description="What keeps it from zero by how long it has, the youngest first")
    left: list[LeftOut] = Field(description="What keeps it from zero; adds up to `closing`")


class CaseList(Schema):
    items: list[CaseOut]
    next_cursor: str | None


class ClearingList(Schema):
    items: list[ClearingOut]


@router.get(
    "/reconciliation/cases",
    auth=KeyAuth("reconciliation:read"),
    response=CaseList,
    operation_id="listReconciliationCases",
    summary="List differences",
    openapi_extra=answers.AS_TABLE,
)
def list_cases(
    request: ApiRequest,
    state: Literal["open", "closed"] = "open",
    older_than_days: Days = 0,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Each difference once, in the order in which they were found first. With `Accept: text/csv` all of them as one table."""
    rows = queries.cases(request.auth).filter(closed_at__isnull=state == "open")
    if older_than_days:
        rows = queries.older_than(rows, older_than_days)
    if answers.wants_table(request):
        return answers.table(request, sheets.of_cases(rows), f"differences-{timezone.localdate()}")
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_case(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/reconciliation/cases/{case}/close",
    auth=KeyAuth("reconciliation:write"),
    response=CaseOut,
    operation_id="closeReconciliationCase",
    summary="Say what was found and done about a difference",
)
def close(request: ApiRequest, case: str, asked: DifferenceCloseIn) -> HttpResponse:
    """It opens again if the difference becomes another.

    Refusals: `reconciliation.case_closed`, `reconciliation.fix_not_offered` (a line of a statement is decided there),
    `reconciliation.remark_missing`, `approval.needed`.
    """
    return answers.respond(_case(cases.close(case=_found(request, case), remark=asked.remark, by=request.auth)))


@router.post(
    "/reconciliation/cases/{case}/fix",
    auth=KeyAuth("reconciliation:write"),
    response=CaseOut,
    operation_id="fixReconciliationCase",
    summary="Do something about a difference",
)
def fix(request: ApiRequest, case: str, asked: FixIn) -> HttpResponse:
    """Once for each difference: `book` what is missing, `pay_back` what nobody got, `refund_extra`, `take_back` what nobody
    paid (with the scope `disputes:write` too; what is spent of it is owed then), or `write_off`.

    It stays open until the books agree, where that takes longer. Above what the key may do alone, ask for it with
    `POST /approvals/differences`.
    Refusals: `reconciliation.case_closed`, `reconciliation.fix_not_offered`, `reconciliation.remark_missing`,
    `reconciliation.not_here_to_refund`, `refund.too_large`, `approval.needed`.
    """
    found = _found(request, case)
    return answers.respond(_case(cases.fix(case=found, act=Fix(asked.act), remark=asked.remark, by=request.auth)))


@router.get(
    "/reconciliation/clearing",
    auth=KeyAuth("reconciliation:read"),
    response=ClearingList,
    operation_id="listClearingAccounts",
    summary="Clearing accounts at the end of a day",
)
def list_clearing(request: ApiRequest, on: On | None = None) -> HttpResponse:
    """Opening + came − went − settled = closing. Without a day: yesterday."""
    day = date.fromisoformat(on) if on else timezone.localdate() - timedelta(days=1)
    return answers.respond({"items": [_clearing(each, day) for each in queries.accounts(request.auth, day)]})


def _found(request: ApiRequest, case: str) -> Case:
    found = queries.cases(request.auth).filter(pk=named.number(case) or 0).first()
    if found is None:
        raise NotFound
    return found


def _case(case: Case) -> dict[str, Any]:
    movement = case.movement
    return {
        "id": str(case.pk),
        "kind": str(case.kind),
        "account": _code(movement),
        "way": str(movement.way),
        "number": movement.number,
        "currency": movement.currency,
        "amount": case.amount,
        "booked": movement.booked,
        "ours": movement.ours,
        "billed": movement.billed,
        "fix": case.fix_text,
        "fixes": [str(each) for each in cases.offered(case)],
        "opened_at": answers.moment(case.opened_at),
        "age_days": case.age_days,
        "closed_at": answers.moment(case.closed_at) if case.closed_at else None,
        "closed_by": case.closed_by,
        "remark": case.remark,
    }


def _clearing(account: queries.Account, on: date) -> dict[str, Any]:
    return {
        "method": methods.name(account.method),
        "stage": "provider" if account.is_at_provider else "customers",
        "currency": account.currency,
        "on": str(on),
        "opening": account.clearing.opening,
        "came": account.clearing.came,
        "went": account.clearing.went,
        "settled": account.clearing.settled,
        "closing": account.clearing.closing,
        "ages": [{"over_days": each.over_days, "count": each.count, "amount": each.amount} for each in account.ages],
        "left": [_left(movement, amount) for movement, amount in account.left],
    }


def _left(movement: Movement, amount: int) -> dict[str, Any]:
    case = next((each for each in movement.cases.all() if each.closed_at is None), None)
    return {
        "account": _code(movement),
        "way": str(movement.way),
        "number": movement.number,
        "amount": amount,
        "since": str(movement.since) if movement.since else None,
        "case": str(case.pk) if case else None,
    }


def _code(movement: Movement) -> str | None:
    return movement.account.code if movement.account else None
