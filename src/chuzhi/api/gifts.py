from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, pages, programmes
from chuzhi.api.approvals import GiftCause, GiftIn, NothingMore, Ticket
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.wallets import bulk_credits, gifts, lists
from chuzhi.wallets.errors import CreditBatchUnknown
from chuzhi.wallets.models import Credit, CreditBatch

router = Router(tags=["Gifts"])
MOST_LINES = 5_000


class GiftLineIn(Asked):
    who: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\s,，;；]+$")] = Field(
        description="Phone, card or outside number", examples=["13800138000"]
    )
    amount: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9.]+$")] = Field(
        description="As people write it: `20` or `20.50`", examples=["20.00"]
    )


class GiftListIn(Asked):
    programme: Id = Field(examples=["1"])
    cause: GiftCause
    ticket: Ticket
    lines: list[GiftLineIn] = Field(min_length=1, max_length=MOST_LINES)


class ReversalIn(Asked):
    reason: Reason = Field(examples=["wrong list"])


class GiftListOut(Schema):
    id: str = Field(examples=["5"])
    state: str = Field(examples=["planned"], description="`planned`, `waiting` (for approval), `running`, `done`, `reversed`")
    count: int = Field(description="Lines that can be given", examples=[120])
    refused: int = Field(description="Lines that could not be read or found", examples=[2])
    amount: int = Field(description="Of all lines that can be given", examples=[240000])
    currency: str = Field(examples=["CNY"])
    approval: str | None = Field(description="The request that it waits for", examples=[None])


class GiftLineOut(Schema):
    line: int = Field(examples=[1])
    wallet: str | None = Field(examples=["40001"])
    amount: int | None = Field(examples=[2000])
    entry: str | None = Field(examples=["12-346"])
    refusal: str | None = Field(examples=[None])
    taken_back: int = Field(examples=[0])


class GiftLineList(Schema):
    items: list[GiftLineOut]
    next_cursor: str | None


@router.post(
    "/gifts",
    auth=KeyAuth("gifts:write"),
    response=answers.MOVED,
    operation_id="createGift",
    summary="Give a bonus by hand",
    openapi_extra=NEEDED,
)
def give(request: ApiRequest, asked: GiftIn) -> HttpResponse:
    """Never paid principal. A program gives alone only what the shop's table of limits lets it; else ask for approval.

    Refusals: `approval.needed`, `gift.ticket_missing`, `wallet.frozen`, `wallet.closed`, `idempotency.key_reused`.
    """
    moved = gifts.give(
        key=key_of(request), wallet=named.wallet(asked.wallet), amount=asked.amount, cause=asked.cause, ticket=asked.ticket,
        by=request.auth,
    )  # fmt: skip
    return answers.moved(moved.outcome)


@router.post(
    "/gift-lists",
    auth=KeyAuth("gifts:write"),
    response={201: GiftListOut},
    operation_id="planGiftList",
    summary="A bonus for many: what a list would do",
    openapi_extra=NEEDED,
)
def plan(request: ApiRequest, asked: GiftListIn) -> HttpResponse:
    """Reads the list and keeps it; nothing is given. Refusals: `credit.empty`, `gift.ticket_missing`."""
    key, programme = key_of(request), programmes.named(asked.programme)
    read = lists.pasted("\n".join(f"{line.who}\t{line.amount}" for line in asked.lines), programme)
    batch = bulk_credits.plan(read=read, cause=asked.cause, ticket=asked.ticket, key=key, by=request.auth)
    return answers.respond(_told(batch), HTTPStatus.CREATED)


@router.get(
    "/gift-lists/{number}",
    auth=KeyAuth("gifts:write"),
    response=GiftListOut,
    operation_id="getGiftList",
    summary="How far a list has come",
)
def get_list(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(_told(_found(request, number)))


@router.get(
    "/gift-lists/{number}/lines",
    auth=KeyAuth("gifts:write"),
    response=GiftLineList,
    operation_id="listGiftListLines",
    summary="What became of each line",
)
def list_lines(request: ApiRequest, number: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    after = pages.place_of(cursor) or 0
    rows = list(Credit.objects.filter(batch=_found(request, number), line__gt=after).order_by("line")[: limit + 1])
    following = pages.cursor(rows[limit - 1].line) if len(rows) > limit else None
    return answers.respond({"items": [_line(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/gift-lists/{number}/start",
    auth=KeyAuth("gifts:write"),
    response=GiftListOut,
    operation_id="startGiftList",
    summary="Give what a list says, or send it for approval",
)
def start(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Only by the program that brought it, and once. Refusals: `credit.unknown`, `credit.decided`."""
    return answers.respond(_told(bulk_credits.start(batch=_found(request, number), by=request.auth)))


@router.post(
    "/gift-lists/{number}/reverse",
    auth=KeyAuth("gifts:write"),
    response=GiftListOut,
    operation_id="reverseGiftList",
    summary="Take back what is left of a list",
)
def reverse(request: ApiRequest, number: str, asked: ReversalIn) -> HttpResponse:
    """Each gift by an entry that points at it; what was spent stays spent. Refusals: `credit.unknown`, `credit.not_given`."""
    return answers.respond(_told(bulk_credits.reverse(batch=_found(request, number), reason=asked.reason, by=request.auth)))


def _found(request: ApiRequest, given: str) -> CreditBatch:
    """A program sees its own lists."""
    own = CreditBatch.objects.select_related("programme").filter(made_by=request.auth.label)
    number = named.number(given)
    found = own.filter(pk=number).first() if number else None
    if found is None:
        raise CreditBatchUnknown
    return found


def _told(batch: CreditBatch) -> dict[str, Any]:
    return {
        "id": str(batch.pk),
        "state": batch.state,
        "count": batch.count,
        "refused": batch.refused,
        "amount": batch.amount,
        "currency": batch.programme.asset,
        "approval": str(batch.request_id) if batch.request_id else None,
    }


def _line(row: Credit) -> dict[str, Any]:
    return {
        "line": row.line,
        "wallet": str(row.wallet) if row.wallet else None,
        "amount": row.amount,
        "entry": f"{row.book}-{row.seq}" if row.seq else None,
        "refusal": row.refusal or None,
        "taken_back": row.taken_back,
    }
