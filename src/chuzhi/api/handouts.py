from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, pages, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.api.gifts import MOST_LINES, GiftLineIn, ReversalIn
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.wallets import lists, tasks
from chuzhi.wallets.giving import handouts
from chuzhi.wallets.giving.errors import HandoutUnknown
from chuzhi.wallets.giving.models import Handout, HandoutLine

router = Router(tags=["Handing out"])


class HandoutIn(Asked):
    wallet: Id = Field(description="That gives, such as an employer's", examples=["40001"])
    purpose: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="As everybody who gets something reads it", examples=["端午福利"]
    )
    lines: list[GiftLineIn] = Field(min_length=1, max_length=MOST_LINES)


class HandoutOut(Schema):
    id: str = Field(examples=["5"])
    wallet: str = Field(examples=["40001"])
    purpose: str = Field(examples=["端午福利"])
    state: str = Field(examples=["planned"], description="`planned`, `running`, `done` or `reversed`")
    count: int = Field(description="Lines that can be given, as it was planned", examples=[120])
    refused: int = Field(description="Lines that could not be given so far", examples=[2])
    amount: int = Field(description="Of all lines that can be given", examples=[2400000])
    currency: str = Field(examples=["CNY"])


class HandoutLineOut(Schema):
    line: int = Field(examples=[1])
    wallet: str | None = Field(examples=["40002"])
    amount: int | None = Field(examples=[20000])
    entry: str | None = Field(description="By which it arrived", examples=["12-346"])
    refusal: str | None = Field(examples=[None])
    taken_back: int = Field(examples=[0])


class HandoutLineList(Schema):
    items: list[HandoutLineOut]
    next_cursor: str | None


@router.post(
    "/handouts", auth=KeyAuth("transfers:write"), response={201: HandoutOut}, openapi_extra=NEEDED,
    operation_id="planHandout", summary="From one wallet to many: what a list would do",
)  # fmt: skip
def plan(request: ApiRequest, asked: HandoutIn) -> HttpResponse:
    """An employer paid once, and gives to the cards of its staff. Reads the list and keeps it; nothing moves.

    Refusals: `credit.empty`, `handout.purpose_missing`, `wallet.unknown`.
    """
    wallet = named.visible_wallet(request, asked.wallet)
    read = lists.pasted("\n".join(f"{line.who}\t{line.amount}" for line in asked.lines), wallet.programme)
    made = handouts.plan(wallet=wallet, read=read, purpose=asked.purpose, key=key_of(request), by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.get(
    "/handouts/{number}", auth=KeyAuth("transfers:write"), response=HandoutOut,
    operation_id="getHandout", summary="How far a handout has come",
)  # fmt: skip
def get(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(_told(_found(request, number)))


@router.get(
    "/handouts/{number}/lines", auth=KeyAuth("transfers:write"), response=HandoutLineList,
    operation_id="listHandoutLines", summary="What became of each line of a handout",
)  # fmt: skip
def list_lines(request: ApiRequest, number: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    lines = HandoutLine.objects.filter(handout=_found(request, number), line__gt=pages.place_of(cursor) or 0)
    rows = list(lines.select_related("wallet").order_by("line")[: limit + 1])
    following = pages.cursor(rows[limit - 1].line) if len(rows) > limit else None
    return answers.respond({"items": [_line(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/handouts/{number}/start", auth=KeyAuth("transfers:write"), response=HandoutOut,
    operation_id="startHandout", summary="Hand out what a list says",
)  # fmt: skip
def start(request: ApiRequest, number: str) -> HttpResponse:
    """Once; a long list goes on by itself, and can be watched. Refusals: `handout.too_large`, `handout.unknown`."""
    started = handouts.start(handout=_found(request, number), by=request.auth)
    tasks.handed_out(started)
    return answers.respond(_told(_found(request, number)))


@router.post(
    "/handouts/{number}/reverse", auth=KeyAuth("transfers:write"), response=HandoutOut,
    operation_id="reverseHandout", summary="Take back what is left of a handout",
)  # fmt: skip
def reverse(request: ApiRequest, number: str, asked: ReversalIn) -> HttpResponse:
    """Each part by a transfer of its own; what was spent stays spent. Refusals: `handout.not_done`, `handout.unknown`."""
    return answers.respond(_told(handouts.reverse(handout=_found(request, number), reason=asked.reason, by=request.auth)))


def _found(request: ApiRequest, given: str) -> Handout:
    found = handouts.visible_to(request.auth).filter(pk=named.number(given) or 0).first()
    if found is None:
        raise HandoutUnknown
    return found


def _told(handout: Handout) -> dict[str, Any]:
    return {
        "id": str(handout.pk),
        "wallet": str(handout.wallet_id),
        "purpose": handout.purpose,
        "state": handout.state,
        "count": handout.count,
        "refused": HandoutLine.objects.filter(handout=handout).exclude(refusal="").count(),
        "amount": handout.amount,
        "currency": programmes.asset_of(handout.wallet),
    }


def _line(row: HandoutLine) -> dict[str, Any]:
    return {
        "line": row.line,
        "wallet": str(row.wallet_id) if row.wallet_id else None,
        "amount": row.amount,
        "entry": f"{row.wallet.book}-{row.arrived_seq}" if row.wallet and row.arrived_seq else None,
        "refusal": row.refusal or None,
        "taken_back": row.taken_back,
    }
