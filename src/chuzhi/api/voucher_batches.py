"""Batches of recharge cards: ordered, printed, sent to places, counted, made void."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, fields, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.organization.models import Store
from chuzhi.organization.partners.models import Partner
from chuzhi.wallets.vouchers import batches, custody
from chuzhi.wallets.vouchers.errors import BatchUnknown, PlaceUnusable
from chuzhi.wallets.vouchers.models import VoucherBatch, VoucherMove

router = Router(tags=["Recharge cards"])
Serial = Annotated[int, Field(strict=True, ge=1, le=batches.MOST, examples=[1])]


class VoucherBatchIn(Asked):
    code: str = Field(pattern="^[A-Za-z0-9_-]{1,20}$", max_length=20, examples=["SPRING-100"])
    programme: Id = Field(examples=["1"])
    value: Amount = Field(examples=[10000])
    count: Annotated[int, Field(strict=True, ge=1, le=batches.MOST)] = Field(examples=[500])
    form: Literal["secret", "pin"] = Field("pin", description="One long code, or card number and PIN")
    note: fields.Text = ""


class RunIn(Asked):
    first: Serial
    last: Serial


class SendIn(RunIn):
    store: Id | None = Field(None, examples=["12"])
    partner: Id | None = Field(None, description="Instead of a store", examples=[None])


class ReasonedRunIn(RunIn):
    reason: Reason


class CountIn(Asked):
    counted: Annotated[int, Field(strict=True, ge=0, le=10**6)] = Field(examples=[40])
    store: Id | None = Field(None, description="Neither store nor partner: what lies in the house", examples=["12"])
    partner: Id | None = Field(None, examples=[None])
    remark: fields.Text = ""


class Nothing(Asked):
    """Nothing more is to be said."""


class RenewalIn(Asked):
    reason: Reason


class StockOut(Schema):
    store: str | None
    partner: str | None
    received: int
    in_stock: int
    active: int
    used: int
    void: int
    counted: int | None = Field(description="When somebody counted last")
    expected: int | None


class VoucherBatchOut(Schema):
    id: str = Field(examples=["4"])
    code: str = Field(examples=["SPRING-100"])
    programme: str = Field(examples=["1"])
    value: int = Field(examples=[10000])
    count: int = Field(examples=[500])
    form: str = Field(examples=["pin"])
    is_online: bool
    printed_at: str | None
    cards: dict[str, int] = Field(description="How many are where in their life", examples=[{"sent": 40, "active": 3}])


class BatchWithPlaces(VoucherBatchOut):
    places: list[StockOut]


class BatchList(Schema):
    items: list[VoucherBatchOut]


class PrintedCard(Schema):
    serial: int
    number: str
    secret: str


class PrintedOut(Schema):
    """The only answer that ever holds the codes."""

    items: list[PrintedCard]


class MoveOut(Schema):
    kind: str = Field(examples=["sent"])
    first: int
    last: int
    count: int = Field(description="Cards that it moved")


class CountOut(Schema):
    expected: int
    counted: int


@router.get(
    "/voucher-batches",
    auth=KeyAuth("vouchers:read"),
    response=BatchList,
    operation_id="listVoucherBatches",
    summary="List batches of recharge cards",
)
def list_batches(request: ApiRequest) -> HttpResponse:
    """Newest first, at most 200."""
    return answers.respond({"items": [_batch(one) for one in batches.visible_to(request.auth)[:200]]})


@router.post(
    "/voucher-batches",
    auth=KeyAuth("vouchers:write"),
    response={201: VoucherBatchOut},
    operation_id="orderVoucherBatch",
    summary="Order a batch",
)
def order(request: ApiRequest, asked: VoucherBatchIn) -> HttpResponse:
    """No card exists before it is printed. Refusals: `voucher.batch_taken`, `voucher.batch_unusable`."""
    made = batches.order(
        code=asked.code, programme=programmes.named(asked.programme), value=asked.value, count=asked.count,
        form=VoucherBatch.Form(asked.form), note=asked.note, by=request.auth,
    )  # fmt: skip
    return answers.respond(_batch(made), HTTPStatus.CREATED)


@router.get(
    "/voucher-batches/{batch}",
    auth=KeyAuth("vouchers:read"),
    response=BatchWithPlaces,
    operation_id="getVoucherBatch",
    summary="One batch, place by place",
)
def get_batch(request: ApiRequest, batch: str) -> HttpResponse:
    """What was received, sold, redeemed and made void in each place, and when it was counted last."""
    found = _found(request, batch)
    return answers.respond(_batch(found) | {"places": [_stock(one) for one in custody.stocks(found)]})


@router.post(
    "/voucher-batches/{batch}/print",
    auth=KeyAuth("vouchers:write"),
    response=PrintedOut,
    operation_id="printVoucherBatch",
    summary="Make the cards and their codes",
)
def print_once(request: ApiRequest, batch: str, asked: Nothing) -> HttpResponse:
    """The codes are in this answer and nowhere else. Refusals: `voucher.batch_printed`."""
    return _codes(batches.print_once(batch=_found(request, batch), by=request.auth))


@router.post(
    "/voucher-batches/{batch}/renew",
    auth=KeyAuth("vouchers:write"),
    response=PrintedOut,
    operation_id="renewVoucherCodes",
    summary="New codes for the cards that are still in the house",
)
def renew(request: ApiRequest, batch: str, asked: RenewalIn) -> HttpResponse:
    """If the answer to printing was lost. The old codes open nothing any more. Refusals: `voucher.nothing_to_renew`."""
    return _codes(batches.renew(batch=_found(request, batch), reason=asked.reason, by=request.auth))


@router.post(
    "/voucher-batches/{batch}/send",
    auth=KeyAuth("vouchers:write"),
    response={201: MoveOut},
    operation_id="sendVouchers",
    summary="Send a run of cards to a store or a partner",
)
def send(request: ApiRequest, batch: str, asked: SendIn) -> HttpResponse:
    """Refusals: `voucher.run`, `voucher.not_in_stock`, `voucher.place`."""
    place = _place(asked.store, asked.partner)
    made = custody.send(batch=_found(request, batch), first=asked.first, last=asked.last, by=request.auth, **place)
    return answers.respond(_move(made), HTTPStatus.CREATED)


@router.post(
    "/voucher-batches/{batch}/take-back",
    auth=KeyAuth("vouchers:write"),
    response={201: MoveOut},
    operation_id="takeVouchersBack",
    summary="Take a run of unsold cards back",
)
def take_back(request: ApiRequest, batch: str, asked: ReasonedRunIn) -> HttpResponse:
    """Refusals: `voucher.run`, `voucher.not_in_stock`."""
    made = custody.take_back(
        batch=_found(request, batch), first=asked.first, last=asked.last, reason=asked.reason, by=request.auth
    )
    return answers.respond(_move(made), HTTPStatus.CREATED)


@router.post(
    "/voucher-batches/{batch}/void",
    auth=KeyAuth("vouchers:write"),
    response={201: MoveOut},
    operation_id="voidVouchers",
    summary="Make a run of unsold cards void",
)
def void(request: ApiRequest, batch: str, asked: ReasonedRunIn) -> HttpResponse:
    """A lost carton, in one act. Sold cards of the run stay with their buyers. Refusals: `voucher.run`."""
    made = custody.void(batch=_found(request, batch), first=asked.first, last=asked.last, reason=asked.reason, by=request.auth)
    return answers.respond(_move(made), HTTPStatus.CREATED)


@router.post(
    "/voucher-batches/{batch}/counts",
    auth=KeyAuth("vouchers:count"),
    response={201: CountOut},
    operation_id="countVouchers",
    summary="Keep how many cards were counted in a place",
)
def count(request: ApiRequest, batch: str, asked: CountIn) -> HttpResponse:
    """Kept with what there should have been. Refusals: `store.not_yours`, `voucher.place`."""
    made = custody.count_stock(
        batch=_found(request, batch), counted=asked.counted, remark=asked.remark, by=request.auth,
        **_place(asked.store, asked.partner),
    )  # fmt: skip
    return answers.respond({"expected": made.expected, "counted": made.counted}, HTTPStatus.CREATED)


def _found(request: ApiRequest, given: str) -> VoucherBatch:
    number = named.number(given)
    found = None if number is None else VoucherBatch.objects.select_related("programme").filter(pk=number).first()
    if found is None:
        raise BatchUnknown
    return found


def _place(store: str | None, partner: str | None) -> dict[str, Any]:
    """The store or partner that was named, as the commands take it."""
    found: dict[str, Any] = {}
    if store is not None:
        found["store"] = Store.objects.filter(pk=int(store), is_open=True).first()
    if partner is not None:
        found["partner"] = Partner.objects.filter(pk=int(partner)).first()
    if None in found.values():
        raise PlaceUnusable
    return found


def _codes(cards: list[batches.Printed]) -> HttpResponse:
    items = [{"serial": card.serial, "number": card.number, "secret": card.secret} for card in cards]
    return answers.respond({"items": items})


def _batch(batch: VoucherBatch) -> dict[str, Any]:
    return {
        "id": str(batch.pk),
        "code": batch.code,
        "programme": str(batch.programme_id),
        "value": batch.value,
        "count": batch.count,
        "form": batch.form,
        "is_online": batch.is_online,
        "printed_at": answers.moment(batch.printed_at) if batch.printed_at else None,
        "cards": batches.by_status(batch),
    }


def _stock(stock: custody.Stock) -> dict[str, Any]:
    return {
        "store": str(stock.store.pk) if stock.store else None,
        "partner": str(stock.partner.pk) if stock.partner else None,
        "received": stock.received,
        "in_stock": stock.in_stock,
        "active": stock.active,
        "used": stock.used,
        "void": stock.void,
        "counted": stock.counted.counted if stock.counted else None,
        "expected": stock.counted.expected if stock.counted else None,
    }


def _move(move: VoucherMove) -> dict[str, Any]:
    return {"kind": move.kind, "first": move.first, "last": move.last, "count": move.count}
