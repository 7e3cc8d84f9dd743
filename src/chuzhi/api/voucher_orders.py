"""Recharge cards sold on line: which of them, and orders until their codes are shown or their price is given back."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, fields, named, programmes
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.orders import NotClearedOut, PayIn, PaymentOut, RefundOut, told_held, told_payment, told_refund
from chuzhi.organization.models import Store
from chuzhi.payments.intents import Circumstances
from chuzhi.topups.cards import clearing, delivering, offering, orders
from chuzhi.topups.cards.errors import OfferUnknown, OrderUnknown
from chuzhi.topups.cards.models import CardOffer, CardOrder, OrderedCard
from chuzhi.topups.cards.orders import Buyer
from chuzhi.wallets.errors import StoreUnknown
from chuzhi.wallets.vouchers.errors import VoucherUnknown

router = Router(tags=["Recharge cards"])


class CardOfferIn(Asked):
    programme: Id = Field(examples=["1"])
    store: Id = Field(description="Its rule pack holds, and its sales count the cards", examples=["12"])
    value: Amount = Field(examples=[10000])
    price: Amount = Field(description="At most the value; the rest is bonus", examples=[9500])
    most_at_once: Annotated[int, Field(strict=True, ge=1, le=offering.MOST_AT_ONCE)] = 5
    left: Annotated[int, Field(strict=True, ge=0, le=offering.MOST_LEFT)] | None = Field(
        None, description="How many may be sold; null: any number"
    )


class CardOfferOut(Schema):
    id: str = Field(examples=["3"])
    programme: str = Field(examples=["1"])
    store: str = Field(examples=["12"])
    value: int = Field(examples=[10000])
    price: int = Field(examples=[9500])
    currency: str = Field(examples=["CNY"])
    kind: str = Field(description="Always `bearer`", examples=["bearer"])
    most_at_once: int
    left: int | None
    is_on_sale: bool


class CardOfferList(Schema):
    items: list[CardOfferOut]


class CardOrderIn(Asked):
    """Name and identity number are needed where the law wants to know who buys for much at once."""

    offer: Id = Field(examples=["3"])
    count: Annotated[int, Field(strict=True, ge=1, le=offering.MOST_AT_ONCE)] = Field(examples=[2])
    email: str = Field(
        min_length=3, max_length=254, description="Numbers and PINs are sent here", examples=["wang@example.com"]
    )
    phone: str = Field("", max_length=40)
    name: str = Field("", max_length=80)
    identity_number: str = Field("", max_length=30)
    language: str = Field("zh-hans", pattern="^(zh-hans|en)$")
    source: str = Field("", max_length=64, description="The address of the buyer, to stop those who only reserve")


class OrderedCardOut(Schema):
    number: str = Field(examples=["9157012345678906"])
    status: str = Field(description="`reserved`, `active`, `redeeming`, `used` or `void`", examples=["active"])


class CardOrderOut(Schema):
    number: str = Field(examples=["C4TP…"])
    offer: str = Field(examples=["3"])
    count: int = Field(examples=[2])
    value: int = Field(description="Of one card", examples=[10000])
    amount: int = Field(description="To be paid", examples=[19000])
    currency: str = Field(examples=["CNY"])
    stage: str = Field(description="`open`, `paid`, `expired`, `owed` or `returned`", examples=["open"])
    refusal: str = Field(description="Why money that came brought no cards")
    codes_shown: bool
    held: NotClearedOut | None = Field(description="On the cards until the payment has cleared; they cannot be redeemed before")
    expires_at: str
    cards: list[OrderedCardOut]
    payments: list[PaymentOut]


class CodeOut(Schema):
    number: str
    secret: str


class CodesOut(Schema):
    """The only answer that ever holds the codes."""

    items: list[CodeOut]


class CardBackIn(Asked):
    card: str = Field(min_length=12, max_length=20, description="The card's number", examples=["9157012345678906"])
    reason: Reason


@router.get(
    "/voucher-offers",
    auth=KeyAuth("vouchers:sell"),
    response=CardOfferList,
    operation_id="listVoucherOffers",
    summary="Cards that are sold on line",
)
def list_offers(request: ApiRequest) -> HttpResponse:
    """Those that can be bought now, the smallest value first."""
    return answers.respond({"items": [_offer(one) for one in offering.on_sale()]})


@router.post(
    "/voucher-offers",
    auth=KeyAuth("vouchers:write"),
    response={201: CardOfferOut},
    operation_id="setVoucherOffer",
    summary="Sell cards of a value on line",
)
def set_offer(request: ApiRequest, asked: CardOfferIn) -> HttpResponse:
    """Said again for the same programme and value, the new price and numbers hold. Refusals: `voucher_offer.unusable`."""
    store = Store.objects.filter(pk=int(asked.store), is_open=True).first()
    if store is None:
        raise StoreUnknown
    made = offering.put_on_sale(
        programme=programmes.named(asked.programme), store=store, value=asked.value, price=asked.price,
        most_at_once=asked.most_at_once, left=asked.left, by=request.auth,
    )  # fmt: skip
    return answers.respond(_offer(made), HTTPStatus.CREATED)


@router.post(
    "/voucher-offers/{offer}/stop",
    auth=KeyAuth("vouchers:write"),
    response=CardOfferOut,
    operation_id="stopVoucherOffer",
    summary="Sell cards of a value on line no more",
)
def stop_offer(request: ApiRequest, offer: str, asked: NothingMore) -> HttpResponse:
    """Orders that are open can still be paid."""
    offering.stop(offer=_offered(offer), by=request.auth)
    return answers.respond(_offer(_offered(offer)))


@router.post(
    "/voucher-orders",
    auth=KeyAuth("vouchers:sell"),
    response={201: CardOrderOut},
    operation_id="createVoucherOrder",
    summary="Order cards, to be paid through a provider",
    openapi_extra=NEEDED,
)
def place(request: ApiRequest, asked: CardOrderIn) -> HttpResponse:
    """The cards are reserved for half an hour and worth nothing until they are paid.

    Refusals: `voucher_offer.unknown`, `voucher_order.not_on_sale`, `voucher_order.too_many`, `voucher_order.sold_out`,
    `voucher_order.too_many_unpaid`, `voucher_order.buyer`, `pack.refused`, `limit.balance`, `limit.per_transaction`,
    `email.invalid`, `phone.invalid`, `identity_number.invalid`, `idempotency.key_reused`.
    """
    buyer = Buyer(
        email=asked.email, phone=asked.phone, name=asked.name, identity_number=asked.identity_number,
        language=asked.language, source=asked.source,
    )  # fmt: skip
    made = orders.place(key=key_of(request), offer=_offered(asked.offer), count=asked.count, buyer=buyer, by=request.auth)
    return answers.respond(_order(made), HTTPStatus.CREATED)


@router.get(
    "/voucher-orders/{number}",
    auth=KeyAuth("vouchers:sell"),
    response=CardOrderOut,
    operation_id="getVoucherOrder",
    summary="One order of cards",
)
def get_order(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(_order(_found(number)))


@router.post(
    "/voucher-orders/{number}/payments",
    auth=KeyAuth("vouchers:sell"),
    response={201: PaymentOut},
    operation_id="payVoucherOrder",
    summary="Begin to pay an order of cards",
)
def pay(request: ApiRequest, number: str, asked: PayIn) -> HttpResponse:
    """The same way again is the same payment, so this may be repeated. Refusals: `order.over`, `order.no_way_to_pay`."""
    payment = orders.pay(
        order=_found(number), scene=asked.scene, method=fields.method(asked.method) if asked.method else None, payer=asked.payer,
        circumstances=Circumstances(return_url=asked.return_url, payer_ip=asked.payer_ip, code=asked.code), by=request.auth,
    )  # fmt: skip
    return answers.respond(told_payment(payment), HTTPStatus.CREATED)


@router.post(
    "/voucher-orders/{number}/codes",
    auth=KeyAuth("vouchers:sell"),
    response=CodesOut,
    operation_id="revealVoucherCodes",
    summary="The codes of a paid order, once",
)
def reveal(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """They are not kept afterwards. Refusals: `voucher_order.not_paid`, `voucher_order.codes_shown`."""
    shown = delivering.reveal(order=_found(number), by=request.auth)
    return answers.respond({"items": [{"number": one.number, "secret": one.secret} for one in shown]})


@router.post(
    "/voucher-orders/{number}/new-codes",
    auth=KeyAuth("vouchers:write"),
    response=CardOrderOut,
    operation_id="renewOrderedVoucherCodes",
    summary="New codes for an order whose letter was lost",
)
def new_codes(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Sent again and shown again; the old codes open nothing any more. Refusals: `voucher_order.not_paid`."""
    return answers.respond(_order(delivering.renew_codes(order=_found(number), by=request.auth)))


@router.post(
    "/voucher-orders/{number}/clear",
    auth=KeyAuth("payments:clear"),
    response=CardOrderOut,
    operation_id="clearVoucherOrder",
    summary="Say that the money of an order of cards has cleared",
    openapi_extra=NEEDED,
)
def clear(request: ApiRequest, number: str) -> HttpResponse:
    """The cards can be redeemed at once. Refusals: `order.not_held`."""
    return answers.respond(_order(clearing.clear(order=_found(number), key=key_of(request), by=request.auth)))


@router.post(
    "/voucher-orders/{number}/refunds",
    auth=KeyAuth("refunds:write"),
    response={201: RefundOut},
    operation_id="giveBackVoucher",
    summary="Give a bought card back that nobody redeemed",
    openapi_extra=NEEDED,
)
def give_back(request: ApiRequest, number: str, asked: CardBackIn) -> HttpResponse:
    """The card is void at once; the provider is asked right afterwards, and again until it has decided.

    Refusals: `voucher.unknown`, `voucher.cannot_be_sold` (redeemed), `voucher_order.not_paid`, `voucher_order.not_cleared`,
    `idempotency.key_reused`.
    """
    card = OrderedCard.objects.filter(order=_found(number), voucher__number=asked.card).first()
    if card is None:
        raise VoucherUnknown
    refund = delivering.give_back(card=card, reason=asked.reason, key=key_of(request), by=request.auth)
    return answers.respond(told_refund(refund), HTTPStatus.CREATED)


def _offered(given: str) -> CardOffer:
    number = named.number(given)
    found = CardOffer.objects.select_related("programme").filter(pk=number).first() if number else None
    if found is None:
        raise OfferUnknown
    return found


def _found(number: str) -> CardOrder:
    found = orders.named().filter(number=number[:32]).first()
    if found is None:
        raise OrderUnknown
    return found


def _offer(offer: CardOffer) -> dict[str, Any]:
    return {
        "id": str(offer.pk),
        "programme": str(offer.programme_id),
        "store": str(offer.store_id),
        "value": offer.value,
        "price": offer.price,
        "currency": offer.programme.asset,
        "kind": "bearer",
        "most_at_once": offer.most_at_once,
        "left": offer.left,
        "is_on_sale": offer.is_on_sale,
    }


def _order(order: CardOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "offer": str(order.offer_id),
        "count": order.count,
        "value": order.value,
        "amount": order.amount,
        "currency": order.currency,
        "stage": order.stage,
        "refusal": order.refusal,
        "codes_shown": order.shown_at is not None,
        "held": told_held(clearing.of(order)),
        "expires_at": answers.moment(order.expires_at),
        "cards": [{"number": one.voucher.number, "status": one.voucher.status} for one in orders.cards_of(order)],
        "payments": [told_payment(each) for each in orders.payments_of(order)],
    }
