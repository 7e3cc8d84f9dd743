from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, fields, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, CounterMethod, Id, OperationId, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.approvals import queries, requests
from chuzhi.approvals.errors import RequestUnknown
from chuzhi.approvals.models import Request
from chuzhi.core.errors import NotFound
from chuzhi.finance import cases as differences
from chuzhi.finance import queries as reconciliations
from chuzhi.finance.rules import Fix
from chuzhi.wallets import adjustments, gifts, paybacks
from chuzhi.wallets.gifts import Cause

router = Router(tags=["Approvals"])

GiftCause = Annotated[str, Field(pattern=f"^({'|'.join(Cause.values)})$", description="Why", examples=["complaint"])]
Ticket = Annotated[str, Field(min_length=1, max_length=200, description="Which complaint or campaign", examples=["T-1007"])]
STATES = "|".join(Request.State.values)


class CorrectionIn(Asked):
    wallet: Id = Field(examples=["40001"])
    way: Literal["give", "take"] = Field(
        examples=["give"], description="`give` adds as a bonus, `take` takes away, bonus first"
    )
    amount: Amount = Field(examples=[5000])
    reason: Reason = Field(examples=["charged twice"])
    evidence: Reason = Field(examples=["receipt 12-345"], description="Where it can be looked up")
    corrects: OperationId | None = Field(None, description="The entry of this wallet that it puts right", examples=["12-345"])


class GiftIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[5000])
    cause: GiftCause
    ticket: Ticket


class PaybackIn(Asked):
    top_up: OperationId = Field(examples=["12-345"])
    amount: Amount | None = Field(None, description="Without it: all that can be given back", examples=[10000])
    method: CounterMethod
    reason: Reason = Field(examples=["customer moves away"])

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"top_up": "12-345", "method": "cash", "reason": "customer moves away"}]}
    )


class DifferenceIn(Asked):
    case: Id = Field(examples=["7"])
    act: Literal["book", "pay_back", "refund_extra", "write_off"] = Field(examples=["write_off"])
    remark: Reason = Field(examples=["the bill was wrong"])


class RefusalIn(Asked):
    reason: Reason = Field(examples=["no such ticket"])


class NothingMore(Asked):
    """Nothing more is to be said."""


class RequestOut(Schema):
    """What was asked for, and what became of it."""

    id: str = Field(examples=["17"])
    kind: str = Field(examples=["correction"], description="`correction`, `gift`, `credits`, `payback`, `difference`")
    state: str = Field(
        examples=["waiting"],
        description="`waiting`, `approved` (being carried out), `done`, `failed`, `refused`, `withdrawn` or `expired`",
    )
    amount: int = Field(examples=[5000])
    currency: str = Field(examples=["CNY"])
    subject: str = Field(examples=["wallet:40001"])
    reason: str
    evidence: str
    asked_by: str = Field(examples=["key:7"])
    asked_at: str
    expires_at: str
    decided_by: str | None = Field(examples=["staff:12"])
    decided_at: str | None
    answer: str | None = Field(description="What the decider said")
    result: str | None = Field(examples=["12-346"], description="The entry it became, or `credits:…`")
    refusal: str | None = Field(examples=[None], description="The code of what stood in the way when it was carried out")


class RequestList(Schema):
    items: list[RequestOut]
    next_cursor: str | None


@router.get(
    "/approvals",
    auth=KeyAuth("approvals:read"),
    response=RequestList,
    operation_id="listApprovals",
    summary="Requests for approval",
)
def list_requests(
    request: ApiRequest,
    state: Annotated[str | None, Query(pattern=f"^({STATES})$")] = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Newest first: the key's own, and with `approvals:decide` those of others."""
    before, found = pages.place_of(cursor), queries.visible_to(request.auth)
    found = found.filter(pk__lt=before) if before else found
    rows = list((found.filter(state=state) if state else found)[: limit + 1])
    following = pages.cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return answers.respond({"items": [_told(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/approvals/corrections",
    auth=KeyAuth("approvals:write"),
    response={201: RequestOut},
    operation_id="askForCorrection",
    summary="Ask for a correction of a balance",
    openapi_extra=NEEDED,
)
def ask_for_correction(request: ApiRequest, asked: CorrectionIn) -> HttpResponse:
    """Nothing moves before a person approves it. Refusals: `wallet.unknown`, `approval.words_missing`, `correction.not_its_entry`."""
    made = adjustments.ask(
        wallet=named.wallet(asked.wallet), way=asked.way, amount=asked.amount, reason=asked.reason, evidence=asked.evidence,
        corrects=asked.corrects or "", store=_store(request), key=key_of(request), by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/approvals/gifts",
    auth=KeyAuth("approvals:write"),
    response={201: RequestOut},
    operation_id="askForGift",
    summary="Ask for a bonus to be given",
    openapi_extra=NEEDED,
)
def ask_for_gift(request: ApiRequest, asked: GiftIn) -> HttpResponse:
    """Nothing moves before a person approves it. Refusals: `wallet.unknown`, `gift.ticket_missing`."""
    made = gifts.ask(
        wallet=named.wallet(asked.wallet), amount=asked.amount, cause=asked.cause, ticket=asked.ticket, store=_store(request),
        key=key_of(request), by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/approvals/refunds",
    auth=KeyAuth("approvals:write"),
    response={201: RequestOut},
    operation_id="askForRefund",
    summary="Ask for a top-up to be given back",
    openapi_extra=NEEDED,
)
def ask_for_refund(request: ApiRequest, asked: PaybackIn) -> HttpResponse:
    """For refunds above what the key may give back alone. Refusals: `operation.not_found`, `approval.words_missing`."""
    key = key_of(request)
    wallet, entry = named.operation(asked.top_up, request)
    made = paybacks.ask(
        wallet=wallet, top_up=entry.outcome.seq, amount=asked.amount, method=fields.method(asked.method), reason=asked.reason,
        store=_store(request), key=key, by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/approvals/differences",
    auth=KeyAuth("approvals:write"),
    response={201: RequestOut},
    operation_id="askToFixDifference",
    summary="Ask for something to be done about a difference",
    openapi_extra=NEEDED,
)
def ask_to_fix(request: ApiRequest, asked: DifferenceIn) -> HttpResponse:
    """For differences above what the key may settle alone; it needs `reconciliation:write` too.

    Refusals: `reconciliation.case_closed`, `reconciliation.fix_not_offered`, `reconciliation.remark_missing`.
    """
    key, found = key_of(request), reconciliations.cases(request.auth).filter(pk=named.number(asked.case) or 0).first()
    if found is None:
        raise NotFound
    made = differences.ask(case=found, act=Fix(asked.act), remark=asked.remark, key=key, by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.get(
    "/approvals/{number}",
    auth=KeyAuth("approvals:read"),
    response=RequestOut,
    operation_id="getApproval",
    summary="One request for approval",
)
def get_request(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(_told(_found(request, number)))


@router.post(
    "/approvals/{number}/withdraw",
    auth=KeyAuth("approvals:write"),
    response=RequestOut,
    operation_id="withdrawApproval",
    summary="Take a request back",
)
def withdraw(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Refusals: `approval.unknown`, `approval.decided`, `approval.not_yours`."""
    return answers.respond(_told(requests.withdraw(request=_found(request, number), by=request.auth)))


@router.post(
    "/approvals/{number}/approve",
    auth=KeyAuth("approvals:decide"),
    response=RequestOut,
    operation_id="approve",
    summary="Approve a request, and carry it out",
)
def approve(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """A program signs only what the shop's table of limits lets it sign, and nothing that its own maker asked for.

    Refusals: `approval.unknown`, `approval.decided`, `approval.own`, `approval.beyond`.
    """
    return answers.respond(_told(requests.approve(request=_found(request, number), by=request.auth)))


@router.post(
    "/approvals/{number}/refuse",
    auth=KeyAuth("approvals:decide"),
    response=RequestOut,
    operation_id="refuse",
    summary="Refuse a request",
)
def refuse(request: ApiRequest, number: str, asked: RefusalIn) -> HttpResponse:
    """Refusals: `approval.unknown`, `approval.decided`, `approval.own`, `approval.beyond`, `approval.words_missing`."""
    return answers.respond(_told(requests.refuse(request=_found(request, number), reason=asked.reason, by=request.auth)))


def _store(request: ApiRequest) -> int | None:
    """The one store of a key that has one."""
    stores = request.auth.stores
    return next(iter(stores)) if stores and len(stores) == 1 else None


def _found(request: ApiRequest, given: str) -> Request:
    number = named.number(given)
    found = queries.visible_to(request.auth).filter(pk=number).first() if number else None
    if found is None:
        raise RequestUnknown
    return found


def _told(row: Request) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "state": row.state,
        "amount": row.amount,
        "currency": row.asset,
        "subject": row.subject,
        "reason": row.reason,
        "evidence": row.evidence,
        "asked_by": row.asked_by,
        "asked_at": answers.moment(row.asked_at),
        "expires_at": answers.moment(row.expires_at),
        "decided_by": row.decided_by or None,
        "decided_at": answers.moment(row.decided_at) if row.decided_at else None,
        "answer": row.answer or None,
        "result": row.result or None,
        "refusal": row.refusal or None,
    }
