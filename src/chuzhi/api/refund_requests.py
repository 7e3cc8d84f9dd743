"""A balance that is asked back: what it would come to and why, and the request until it is paid."""

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.documents import DocumentIn, files
from chuzhi.api.fields import Amount, Asked, Id, OperationId, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.api.tickets import ticket_named
from chuzhi.core.packs.errors import Told
from chuzhi.desk import acting
from chuzhi.refunds import calculating, requests
from chuzhi.refunds.calculating import Calculation, Circumstances, Part
from chuzhi.refunds.errors import RequestUnknown
from chuzhi.refunds.models import RefundRequest
from chuzhi.refunds.rules import Cause, Line
from chuzhi.wallets import moves, queries
from chuzhi.wallets.errors import WalletUnknown
from chuzhi.wallets.models import Wallet

router = Router(tags=["Balance refunds"])
CAUSE = "^(customer|merchant)$"
METHOD = "^(cash|bank|terminal)$"


class CircumstancesIn(Schema):
    """What the ledger cannot know. Amounts in minor units of the money that is paid out."""

    cause: str = Field("customer", pattern=CAUSE, description="Who is the cause of the refund")
    had_it_before: bool = Field(default=False, description="The customer had received the same goods or services before buying")
    gifts: int = Field(0, ge=0, le=10**12, description="Value of gifts taken and not brought back")
    list_extra: int = Field(0, ge=0, le=10**12, description="How much more what was spent would have cost at list price")
    unit_price: int = Field(0, ge=0, le=10**9, description="Of visits: what was paid for each")
    list_price: int = Field(0, ge=0, le=10**9, description="Of visits: what each costs without the packet")
    is_time_card: bool = Field(default=False, description="Of visits: days count, used or not")


class RequestIn(Asked):
    wallet: Id = Field(examples=["40001"])
    reason: Reason = Field(examples=["the shop moves away"])
    method: str = Field(pattern=METHOD, description="How the customer wants it", examples=["bank"])
    payee: str = Field("", max_length=200, description="The account it is to go to; needed for `bank`")
    cause: str = Field("customer", pattern=CAUSE)
    had_it_before: bool = False
    gifts: int = Field(0, ge=0, le=10**12)
    list_extra: int = Field(0, ge=0, le=10**12)
    unit_price: int = Field(0, ge=0, le=10**9)
    list_price: int = Field(0, ge=0, le=10**9)
    is_time_card: bool = False
    topups: list[OperationId] = Field(default=[], max_length=100, description="Only these; empty: all that is owed for")
    expected: Amount | None = Field(None, description="What the customer was shown; refused if it is another by now")
    documents: list[DocumentIn] = Field(min_length=1, max_length=5)
    ticket: Id | None = Field(None, description="From which it is asked for; needs `tickets:write` too", examples=[None])


class DecisionIn(Asked):
    reason: Reason


class WithdrawalIn(Asked):
    """Nothing more is to be said."""


class PaymentIn(Asked):
    method: str = Field(pattern=METHOD, examples=["bank"])
    reference: str = Field(min_length=1, max_length=100, description="Of the payment", examples=["ICBC 20260301-77"])


class LineOut(Schema):
    step: str = Field(examples=["spent_in_proportion"])
    amount: int = Field(examples=[-269550])
    rule: str | None = Field(examples=["cn.refund.merchant"])
    reason: str | None = Field(description="What the rule says")
    figures: list[int] = Field(description="What it was worked out from", examples=[[359400, 300000, 400000]])


class PartOut(Schema):
    topup: str = Field(examples=["12-345"])
    terms: int | None = Field(description="Version of the programme's terms that was accepted", examples=[1])
    pack: str = Field(examples=["cn-national"])
    amount: int = Field(examples=[30450])
    units: int = Field(description="What is left of it and would be taken, in the wallet's own units", examples=[40600])
    lines: list[LineOut]


class CalculationOut(Schema):
    wallet: str = Field(examples=["40001"])
    currency: str = Field(examples=["CNY"])
    amount: int = Field(examples=[30450])
    due_on: str | None = Field(description="By when it would have to be paid, asked for today")
    other: int = Field(description="Units that were given or moved in, and are not paid out here")
    parts: list[PartOut]


class RefundRequestOut(Schema):
    id: str = Field(examples=["7"])
    wallet: str = Field(examples=["40001"])
    status: str = Field(description="`asked`, `approved`, `refused`, `withdrawn` or `paid`", examples=["asked"])
    currency: str = Field(examples=["CNY"])
    amount: int = Field(examples=[30450])
    cause: str
    reason: str
    method: str
    hold: str | None = Field(description="The operation that holds the value", examples=["12-346"])
    due_on: str = Field(examples=["2026-03-16"])
    is_overdue: bool
    asked_by: str
    asked_at: str
    decided_by: str | None
    decision: str | None
    paid_by: str | None
    paid_at: str | None
    paid_with: str | None
    reference: str | None
    documents: list[str]
    parts: list[PartOut]


class RefundRequestList(Schema):
    items: list[RefundRequestOut]
    next_cursor: str | None


@router.get(
    "/wallets/{wallet}/refund",
    auth=KeyAuth("refund-requests:read"),
    response=CalculationOut,
    operation_id="calculateRefund",
    summary="What a wallet would be paid back, line by line",
)
def calculate(request: ApiRequest, wallet: str, said: Query[CircumstancesIn]) -> HttpResponse:
    """Each top-up under the pack of its store and the terms it was sold under; nothing is held yet."""
    number = named.number(wallet)
    found = None if number is None else queries.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise WalletUnknown
    return answers.respond(_calculation(calculating.calculate(found, _said(said, frozenset()))))


@router.post(
    "/refund-requests",
    auth=KeyAuth("refund-requests:write"),
    response={201: RefundRequestOut, 200: RefundRequestOut},
    operation_id="createRefundRequest",
    summary="Ask for a balance refund",
    openapi_extra=NEEDED,
)
def create(request: ApiRequest, asked: RequestIn) -> HttpResponse:
    """All that it is for is held from now on. Somebody else decides.

    Refusals: `refund_request.nothing`, `refund_request.changed`, `refund_request.unusable`, `document.missing`,
    `document.type`, `document.too_large`, `document.unknown`, `wallet.unknown`, `wallet.frozen`, `wallet.closed`; with
    a ticket `ticket.resolved`, `ticket.not_theirs`.
    """
    key = key_of(request)
    wallet = Wallet.objects.select_related("programme").filter(pk=named.wallet(asked.wallet).pk).get()
    ticket = ticket_named(request, asked.ticket) if asked.ticket else None
    with transaction.atomic():
        made = requests.ask(
            wallet=wallet, said=_said(asked, _top_ups(wallet, asked.topups)), reason=asked.reason, method=asked.method,
            payee=asked.payee, files=files(asked.documents), key=key, by=request.auth, expected=asked.expected,
        )  # fmt: skip
        if ticket:
            acting.refund_asked(ticket=ticket, wallet=wallet, refund=made.pk, by=request.auth)
    return answers.respond(_out(made), HTTPStatus.CREATED)


@router.get(
    "/refund-requests",
    auth=KeyAuth("refund-requests:read"),
    response=RefundRequestList,
    operation_id="listRefundRequests",
    summary="List balance refunds",
)
def list_requests(
    request: ApiRequest, status: str | None = None, limit: Limit = pages.USUAL, cursor: str | None = None
) -> dict[str, object]:
    """Newest first."""
    rows = requests.visible_to(request.auth).prefetch_related("parts", "documents")
    if status is not None:
        rows = rows.filter(status=status)
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [_out(row) for row in found[:limit]], "next_cursor": following}


@router.get(
    "/refund-requests/{number}",
    auth=KeyAuth("refund-requests:read"),
    response=RefundRequestOut,
    operation_id="getRefundRequest",
    summary="One balance refund with its calculation",
)
def get_request(request: ApiRequest, number: str) -> dict[str, object]:
    """Refusals: `refund_request.unknown`."""
    return _out(_named(number))


@router.post(
    "/refund-requests/{number}/approve",
    auth=KeyAuth("refund-requests:decide"),
    response=RefundRequestOut,
    operation_id="approveRefundRequest",
    summary="Approve a balance refund",
)
def approve(request: ApiRequest, number: str, asked: DecisionIn) -> dict[str, object]:
    """The value stays held until it is paid. Refusals: `approval.second_person`, `refund_request.decided`."""
    return _out(requests.approve(request=_named(number), reason=asked.reason, by=request.auth))


@router.post(
    "/refund-requests/{number}/refuse",
    auth=KeyAuth("refund-requests:decide"),
    response=RefundRequestOut,
    operation_id="refuseRefundRequest",
    summary="Refuse a balance refund",
)
def refuse(request: ApiRequest, number: str, asked: DecisionIn) -> dict[str, object]:
    """The value can be spent again. Refusals: `approval.second_person`, `refund_request.decided`."""
    return _out(requests.refuse(request=_named(number), reason=asked.reason, by=request.auth))


@router.post(
    "/refund-requests/{number}/withdraw",
    auth=KeyAuth("refund-requests:write"),
    response=RefundRequestOut,
    operation_id="withdrawRefundRequest",
    summary="Withdraw a balance refund",
)
def withdraw(request: ApiRequest, number: str, asked: WithdrawalIn) -> dict[str, object]:
    """Before it is paid. The value can be spent again. Refusals: `refund_request.decided`."""
    return _out(requests.withdraw(request=_named(number), by=request.auth))


@router.post(
    "/refund-requests/{number}/pay",
    auth=KeyAuth("refund-requests:pay"),
    response=RefundRequestOut,
    operation_id="payRefundRequest",
    summary="Write down that a balance refund was paid",
    openapi_extra=NEEDED,
)
def pay(request: ApiRequest, number: str, asked: PaymentIn) -> dict[str, object]:
    """Books it for every top-up it is of. A request is paid once: sent again, the first payment is the answer.

    Refusals: `refund_request.decided`, `wallet.frozen`, `wallet.closed`.
    """
    key_of(request)
    paid = requests.pay(request=_named(number), method=asked.method, reference=asked.reference, by=request.auth)
    return _out(paid)


def _named(given: str) -> RefundRequest:
    number = named.number(given)
    found = RefundRequest.objects.filter(pk=number).first() if number is not None else None
    if found is None:
        raise RequestUnknown
    return found


def _said(asked: CircumstancesIn | RequestIn, top_ups: frozenset[int]) -> Circumstances:
    return Circumstances(
        cause=Cause(asked.cause),
        had_it_before=asked.had_it_before,
        gifts=asked.gifts,
        list_extra=asked.list_extra,
        unit_price=asked.unit_price,
        list_price=asked.list_price,
        is_time_card=asked.is_time_card,
        top_ups=top_ups,
    )


def _top_ups(wallet: Wallet, given: list[str]) -> frozenset[int]:
    """The seqs of operations of this wallet's book; one of another book is none of it."""
    places = [moves.place_of(one) for one in given]
    return frozenset(place[1] if place and place[0] == wallet.book else 0 for place in places)


def _calculation(found: Calculation) -> dict[str, Any]:
    owing = found.owing
    return {
        "wallet": str(found.wallet.pk),
        "currency": found.currency,
        "amount": found.amount,
        "due_on": calculating.due_on(owing, found.asked_on).isoformat() if owing else None,
        "other": found.other,
        "parts": [_part(found.wallet.book, part) for part in found.parts],
    }


def _part(book: int, part: Part) -> dict[str, Any]:
    return {
        "topup": moves.operation_id(book, part.top_up),
        "terms": part.terms,
        "pack": part.pack.id,
        "amount": part.owed.amount,
        "units": part.owed.units,
        "lines": [_line(line) for line in part.owed.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "step": str(line.step),
        "amount": line.amount,
        "rule": line.rule.id if line.rule else None,
        "reason": str(Told(line.rule)) if line.rule else None,
        "figures": list(line.figures),
    }


def _out(row: RefundRequest) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "wallet": str(row.wallet_id),
        "status": row.status,
        "currency": row.currency,
        "amount": row.amount,
        "cause": row.cause,
        "reason": row.reason,
        "method": row.method,
        "hold": moves.operation_id(row.wallet.book, row.hold) if row.hold else None,
        "due_on": row.due_on.isoformat(),
        "is_overdue": row.is_overdue,
        "asked_by": row.asked_by,
        "asked_at": answers.moment(row.asked_at),
        "decided_by": row.decided_by or None,
        "decision": row.decision or None,
        "paid_by": row.paid_by or None,
        "paid_at": answers.moment(row.paid_at) if row.paid_at else None,
        "paid_with": row.paid_with or None,
        "reference": row.reference or None,
        "documents": [document.name for document in row.documents.all()],
        "parts": [
            {
                "topup": moves.operation_id(row.wallet.book, part.top_up),
                "terms": part.terms,
                "pack": part.pack,
                "amount": part.amount,
                "units": part.units,
                "lines": [
                    {"step": step, "amount": amount, "rule": rule or None, "reason": None, "figures": figures}
                    for step, amount, rule, figures in part.lines
                ],
            }
            for part in row.parts.all()
        ],
    }
