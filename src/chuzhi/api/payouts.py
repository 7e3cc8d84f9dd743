from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.finance import payouts, queries
from chuzhi.finance.models import Movement
from chuzhi.payments.bank import queries as statements

router = Router(tags=["Reconciliation"])


class PayoutLineIn(Asked):
    line: Id = Field(description="Of a statement, that nobody knows what to do with", examples=["31"])


class PayoutOut(Schema):
    id: str = Field(examples=["81"])
    account: str = Field(description="The code of the way of paying", examples=["wechat"])
    number: str = Field(
        description="The provider's own; or the day whose bill, less the fees, it brings", examples=["2026-03-01"]
    )
    on: str = Field(description="The day of the bill", examples=["2026-03-01"])
    due_on: str = Field(examples=["2026-03-02"])
    state: str = Field(description="`on_its_way`, `arrived` or `differs`")
    amount: int = Field(description="Minor units; what is due")
    arrived: int | None = Field(description="What the bank says")
    currency: str = Field(examples=["CNY"])
    line: str | None = Field(description="The line of the statement that brought it")


class PayoutList(Schema):
    items: list[PayoutOut]
    next_cursor: str | None


@router.get(
    "/reconciliation/payouts",
    auth=KeyAuth("reconciliation:read"),
    response=PayoutList,
    operation_id="listPayouts",
    summary="What providers bring to our bank",
)
def list_payouts(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """In the order in which they were first expected, the last one first."""
    rows, before = queries.payouts(request.auth).order_by("-pk"), pages.place_of(cursor)
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_payout(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/reconciliation/payouts/{payout}/assign",
    auth=KeyAuth("reconciliation:write"),
    response=PayoutOut,
    operation_id="assignPayout",
    summary="Say which line of a statement brought a payout",
)
def assign(request: ApiRequest, payout: str, asked: PayoutLineIn) -> HttpResponse:
    """Another amount than was due stays a difference. Refusals: `reconciliation.payout_arrived`, `reconciliation.line_not_waiting`."""
    found = queries.payouts(request.auth).filter(pk=named.number(payout) or 0).first()
    line = statements.lines_visible_to(request.auth).filter(pk=named.number(asked.line) or 0).first()
    if found is None or line is None:
        raise NotFound
    payouts.assign(payout=found, line=line, by=request.auth)
    return answers.respond(_payout(queries.payouts(request.auth).get(pk=found.pk)))


def _payout(payout: Movement) -> dict[str, Any]:
    return {
        "id": str(payout.pk),
        "account": payout.account.code if payout.account else "",
        "number": payout.number,
        "on": str(payout.ours_on),
        "due_on": str(payout.due_on),
        "state": _state(payout),
        "amount": payout.ours,
        "arrived": payout.billed,
        "currency": payout.currency,
        "line": str(payout.line_id) if payout.line_id else None,
    }


def _state(payout: Movement) -> str:
    if any(case.closed_at is None for case in payout.cases.all()):
        return "differs"
    return "arrived" if payout.is_settled else "on_its_way"
