from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.core import money
from chuzhi.core.errors import NotFound
from chuzhi.organization import stores
from chuzhi.payments import methods
from chuzhi.payments.counter import drawer, shifts
from chuzhi.payments.counter.models import DrawerMove, Shift
from chuzhi.payments.counter.rules import MOST_PIECES

router = Router(tags=["Cash drawers"])


class OpenIn(Asked):
    till: Id = Field(examples=["3"])
    opened_with: int = Field(ge=0, le=money.LARGEST, description="The float, in minor units", examples=[20000])


class MoveIn(Asked):
    way: str = Field(pattern="^(in|out)$", examples=["out"])
    amount: Amount = Field(examples=[50000])
    reason: Reason = Field(examples=["to the safe"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"way": "out", "amount": 50000, "reason": "to the safe"}]})


class PiecesIn(Asked):
    value: Amount = Field(description="A note or coin, in minor units", examples=[10000])
    number: int = Field(ge=0, le=MOST_PIECES, examples=[3])


class CloseIn(Asked):
    pieces: list[PiecesIn] = Field(max_length=40, description="How many of each were found")
    reason: str = Field("", max_length=200, description="Needed where the difference is more than the store allows")

    model_config = ConfigDict(json_schema_extra={"examples": [{"pieces": [{"value": 10000, "number": 2}]}]})


class ShiftTenderOut(Schema):
    method: str = Field(examples=["wechat"])
    came: int = Field(examples=[7000])
    went: int = Field(description="Given back", examples=[0])


class ShiftOut(Schema):
    """Amounts in minor units. What the books say stands here once the drawer has been counted."""

    id: str = Field(examples=["7"])
    till: str = Field(examples=["3"])
    number: int = Field(description="Of this till: as on its report", examples=[12])
    currency: str = Field(examples=["CNY"])
    state: str = Field(description="`open`, `counting` or `closed`", examples=["open"])
    opened_at: str
    opened_with: int
    put_in: int
    taken_out: int
    closed_at: str | None
    cash_in: int | None = Field(description="Paid by customers, from the ledger")
    cash_out: int | None = Field(description="Paid back to customers, from the ledger")
    expected: int | None
    counted: int | None
    difference: int | None = Field(description="Long (+) or short (-)")
    reason: str


class ShiftReportOut(ShiftOut):
    otherwise: list[ShiftTenderOut] = Field(description="Paid for sales beside wallets and cash: not in the drawer")


class ShiftList(Schema):
    items: list[ShiftOut]
    next_cursor: str | None


@router.get(
    "/shifts", auth=KeyAuth("shifts:read"), response=ShiftList, operation_id="listShifts", summary="List shifts of cash drawers"
)
def list_shifts(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first."""
    rows = shifts.visible_to(request.auth).order_by("-pk")
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_shift(row) for row in found[:limit]], "next_cursor": following})


@router.get(
    "/shifts/{shift}", auth=KeyAuth("shifts:read"), response=ShiftReportOut, operation_id="getShift", summary="One shift"
)
def get_shift(request: ApiRequest, shift: str) -> HttpResponse:
    """The report of a shift; while it is open, without what the books say."""
    found = _named(request, shift)
    otherwise = [{"method": methods.name(method), "came": came, "went": went} for method, came, went in drawer.otherwise(found)]
    return answers.respond(_shift(found) | {"otherwise": otherwise})


@router.post(
    "/shifts", auth=KeyAuth("shifts:write"), response={201: ShiftOut}, operation_id="openShift", summary="Open a shift"
)
def open_shift(request: ApiRequest, asked: OpenIn) -> HttpResponse:
    """One at a time at a till. Refusals: `shift.open`, `shift.till`."""
    till = stores.tills_visible_to(request.auth).filter(pk=int(asked.till)).first()
    if till is None:
        raise NotFound
    made = drawer.open_shift(till=till, opened_with=asked.opened_with, by=request.auth)
    return answers.respond(_shift(made), HTTPStatus.CREATED)


@router.post(
    "/shifts/{shift}/moves",
    auth=KeyAuth("shifts:write"),
    response={201: ShiftOut},
    operation_id="moveCash",
    summary="Put cash into a drawer or take it out",
    openapi_extra=NEEDED,
)
def move(request: ApiRequest, shift: str, asked: MoveIn) -> HttpResponse:
    """What customers pay and get counts by itself. Refusals: `shift.not_open`, `drawer.reason_missing`."""
    key, found = key_of(request), _named(request, shift)
    drawer.move(shift=found, way=DrawerMove.Way(asked.way), amount=asked.amount, reason=asked.reason, key=key, by=request.auth)
    found.refresh_from_db()
    return answers.respond(_shift(found), HTTPStatus.CREATED)


@router.post(
    "/shifts/{shift}/count",
    auth=KeyAuth("shifts:write"),
    response=ShiftOut,
    operation_id="countShift",
    summary="Begin to count a drawer",
)
def count(request: ApiRequest, shift: str) -> HttpResponse:
    """From here on nothing that is taken belongs to this shift. Refusals: `shift.not_open`."""
    return answers.respond(_shift(drawer.begin_count(shift=_named(request, shift), by=request.auth)))


@router.post(
    "/shifts/{shift}/close",
    auth=KeyAuth("shifts:write"),
    response=ShiftOut,
    operation_id="closeShift",
    summary="Close a shift with what was counted",
)
def close(request: ApiRequest, shift: str, asked: CloseIn) -> HttpResponse:
    """Refusals: `shift.not_being_counted`, `shift.count_unusable`, `shift.reason_missing`, `shift.not_open`."""
    pieces: dict[int, int] = {}
    for each in asked.pieces:
        pieces[each.value] = pieces.get(each.value, 0) + each.number
    closed = drawer.close(shift=_named(request, shift), pieces=pieces, reason=asked.reason, by=request.auth)
    return answers.respond(_shift(closed))


def _named(request: ApiRequest, shift: str) -> Shift:
    found = shifts.visible_to(request.auth).filter(pk=named.number(shift) or 0).first()
    if found is None:
        raise NotFound
    return found


def _shift(shift: Shift) -> dict[str, Any]:
    is_closed = shift.closed_at is not None
    return {
        "id": str(shift.pk),
        "till": str(shift.till_id),
        "number": shift.number,
        "currency": shift.currency,
        "state": "closed" if is_closed else "counting" if shift.counting_since else "open",
        "opened_at": answers.moment(shift.opened_at),
        "opened_with": shift.opened_with,
        "put_in": shift.put_in,
        "taken_out": shift.taken_out,
        "closed_at": answers.moment(shift.closed_at) if shift.closed_at else None,
        "cash_in": shift.cash_in,
        "cash_out": shift.cash_out,
        "expected": shift.expected if is_closed else None,
        "counted": shift.counted,
        "difference": shift.difference if is_closed else None,
        "reason": shift.reason,
    }
