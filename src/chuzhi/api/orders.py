from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, fields, named
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason, Text
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.core import money
from chuzhi.core.errors import NotFound
from chuzhi.organization.stores import visible_to as stores_visible_to
from chuzhi.payments import methods, queries, refunds
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Payment, Refund
from chuzhi.till import receipts
from chuzhi.topups import clearing, orders, overdue, results, ways
from chuzhi.topups.clearing import Held
from chuzhi.topups.errors import NotCredited
from chuzhi.topups.models import Channel, Order
from chuzhi.topups.results import Result
from chuzhi.wallets import moves
from chuzhi.wallets.errors import StoreUnknown

router = Router(tags=["Orders"])


class OrderIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[50000])
    store: Id | None = Field(None, description="The store that it counts for, if any", examples=["12"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"wallet": "40001", "amount": 50000}]})


class PayIn(Asked):
    """How the payer pays. Without a method, the one that we would advise."""

    scene: Scene = Field(strict=False, description="Where the payer is: `page`, `phone`, `in_app`, `shown`, `scanned`")
    method: str | None = Field(None, pattern="^(wechat|alipay|stripe|bank|crypto)$", examples=["wechat"])
    code: Text = Field("", description="For `scanned`: the code from the payer's phone")
    payer: str = Field("", max_length=80, description="For `in_app`: the payer as the provider knows them")
    payer_ip: str = Field("", max_length=45)
    return_url: str = Field("", max_length=500, pattern="^(https?://.*)?$", description="Where the payer comes back to")

    model_config = ConfigDict(json_schema_extra={"examples": [{"scene": "shown", "method": "wechat"}]})


class GiveBackIn(Asked):
    amount: Amount | None = Field(None, description="Without it: all that can be given back", examples=[10000])
    reason: Reason = Field(examples=["customer moves away"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "customer moves away"}]})


class RefundOut(Schema):
    number: str = Field(examples=["R8MW…"])
    payment: str = Field(examples=["P7K2…"])
    amount: int = Field(examples=[10000])
    stage: str = Field(examples=["intended"], description="`intended`, `sent`, `processing`, `done`, `failed`")
    claim_url: str = Field(description="Where the payer has to say how the money shall reach them; empty: it does by itself")


class PaymentOut(Schema):
    """One attempt to pay. While it is `sent`, the payer goes on with what `go_on` holds: an address, a code, or facts."""

    number: str = Field(examples=["P7K2…"])
    method: str = Field(examples=["wechat"])
    scene: str = Field(examples=["shown"])
    stage: str = Field(examples=["sent"], description="`intended`, `sent`, `paid`, `failed`, `closed`")
    amount: int = Field(examples=[50000])
    currency: str = Field(examples=["CNY"])
    surplus: int = Field(description="What came above the amount, in virtual currency; it is credited to nobody", examples=[0])
    refunded: int = Field(examples=[0])
    reason: str = Field(description="The provider's own code, when it failed")
    decline: str = Field(description="What a failure means for the next attempt: `later`, `ask`, `never`")
    go_on: dict[str, Any]
    paid_at: str | None
    refunds: list[RefundOut]
    expected_by: str | None = Field(description="When money that is under way should be here, by working days")
    expected_is_sure: bool | None = Field(description="No: not all public holidays of that year are known here")


class CreditedOut(Schema):
    """What it brought, in minor units. `bonus` came at once, `later` comes in parts; `repaid` went into a debt of the wallet."""

    added: int = Field(examples=[58000])
    bonus: int = Field(examples=[8000])
    later: int = Field(examples=[0])
    repaid: int = Field(examples=[0])
    missed: int = Field(description="Bonus that was shown and is not given", examples=[0])
    why: list[str] = Field(description="In sentences, where it is less than was shown")


class NotClearedOut(Schema):
    """Credited, and not to be spent until the payment has cleared."""

    amount: int = Field(examples=[58000])
    until: str | None = Field(description="When it clears by itself; null: when the provider's bill names it")


class AcceptedTermsOut(Schema):
    """What the payer agrees to: how long value is good for, and how money goes back. In sentences."""

    version: int = Field(examples=[1])
    validity: list[str]
    refunds: list[str]
    accepted_at: str | None = Field(description="When somebody went on to pay under them")


class OrderReceiptOut(Schema):
    """Proof of a credited order. Amounts in minor units, `available` in the wallet."""

    order: str = Field(examples=["T9QX…"])
    operation: str = Field(examples=["12-345"])
    code: str = Field(description="What a till checks the receipt by", examples=["12-345-K7QX2M9P4T"])
    payment: str | None = Field(examples=["P7K2…"])
    provider_reference: str = Field(description="The provider's own number", examples=["4200001234202603015678901234"])
    amount: int = Field(examples=[50000])
    bonus: int = Field(examples=[8000])
    repaid: int = Field(examples=[0])
    available_before: int = Field(examples=[0])
    available_after: int = Field(examples=[58000])
    at: str
    terms: int | None = Field(description="The version that was accepted", examples=[1])
    pdf: str = Field(
        description="For whoever may see the order: the receipt as a file, in the language that is asked for by `Accept-Language`",
        examples=["https://shop.example/pay/order/T9QX…/receipt.pdf"],
    )


class OrderOut(Schema):
    """An order for stored value. `operation` is the top-up that it became, `credited` what it brought."""

    number: str = Field(examples=["T9QX…"])
    wallet: str = Field(examples=["40001"])
    amount: int = Field(examples=[50000])
    bonus: int = Field(description="As it was shown when it was placed", examples=[8000])
    currency: str = Field(examples=["CNY"])
    stage: str = Field(examples=["open"], description="`open`, `credited`, `expired`, `owed`, `returned`, `cancelled`")
    refusal: str = Field(description="Why money that came could not be credited")
    operation: str | None = Field(examples=["12-345"])
    credited: CreditedOut | None
    held: NotClearedOut | None
    terms: AcceptedTermsOut
    expires_at: str
    payments: list[PaymentOut]


class WayOut(Schema):
    """One way to pay an amount. Figures in minor units; `most` null: no ceiling."""

    method: str = Field(examples=["wechat"])
    fee: int = Field(examples=[300])
    most: int | None
    arrives_within_seconds: int = Field(examples=[60])
    safety: str
    advised: bool
    reason: str


class WayList(Schema):
    items: list[WayOut]


@router.post(
    "/orders",
    auth=KeyAuth("topups:write"),
    response={201: OrderOut, 200: OrderOut},
    operation_id="createOrder",
    summary="Order stored value, to be paid through a provider",
    openapi_extra=NEEDED,
)
def place(request: ApiRequest, asked: OrderIn) -> HttpResponse:
    """Nothing is charged yet. What the ledger would refuse is refused now, before anybody pays.

    Refusals: `limit.per_transaction`, `limit.per_day`, `limit.balance`, `wallet.frozen`, `wallet.closed`, `programme.closed`,
    `order.not_money`, `store.unusable`, `store.not_yours`, `idempotency.key_reused`.
    """
    key = key_of(request)
    store = stores_visible_to(request.auth).filter(pk=int(asked.store)).first() if asked.store else None
    if asked.store and store is None:
        raise StoreUnknown
    order = orders.place(
        wallet=named.wallet(asked.wallet),
        amount=asked.amount,
        channel=Channel.PROGRAM,
        key=key,
        by=request.auth,
        store=store,
    )
    return answers.made(told(order), replayed=order.is_replayed)


@router.get("/orders/{number}", auth=KeyAuth("payments:read"), response=OrderOut, operation_id="getOrder", summary="One order")
def order(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(told(_named(number)))


@router.post(
    "/orders/{number}/cancel",
    auth=KeyAuth("topups:write"),
    response=OrderOut,
    operation_id="cancelOrder",
    summary="Nobody will pay it any more",
)
def cancel(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Nobody is reminded, and money that still comes goes back. Safe to repeat. Refusals: `order.over`."""
    orders.cancel(order=_named(number), by=request.auth)
    return answers.respond(told(_named(number)))


@router.get(
    "/orders/{number}/receipt",
    auth=KeyAuth("payments:read"),
    response=OrderReceiptOut,
    operation_id="getOrderReceipt",
    summary="Proof that an order was credited",
)
def receipt(request: ApiRequest, number: str) -> HttpResponse:
    """Refusals: `order.not_credited`."""
    order = _named(number)
    result = results.of(order)
    if result is None:
        raise NotCredited
    paid = orders.paid_by(order)
    proof = receipts.at(order.book or 0, order.seq or 0)
    return answers.respond(
        {
            "order": order.number,
            "operation": proof.number,
            "code": proof.code,
            "payment": paid.number if paid else None,
            "provider_reference": paid.provider_id if paid else "",
            "amount": order.amount,
            "bonus": result.bonus,
            "repaid": result.repaid,
            "available_before": proof.available_before,
            "available_after": proof.balance.available,
            "at": answers.moment(proof.at),
            "terms": order.terms.version if order.terms else None,
            "pdf": f"{orders.address_of(order)}receipt.pdf",
        }
    )


@router.post(
    "/orders/{number}/payments",
    auth=KeyAuth("topups:write"),
    response={201: PaymentOut},
    operation_id="payOrder",
    summary="Begin to pay an order",
)
def pay(request: ApiRequest, number: str, asked: PayIn) -> HttpResponse:
    """The same way again is the same payment, so this may be repeated. Another way gives up the one before.

    Refusals: `order.over`, `order.no_way_to_pay`, `offer.used_meanwhile`.
    """
    payment = orders.pay(
        order=_named(number),
        scene=asked.scene,
        method=fields.method(asked.method) if asked.method else None,
        circumstances=Circumstances(return_url=asked.return_url, payer_ip=asked.payer_ip, code=asked.code),
        payer=asked.payer,
        by=request.auth,
    )
    return answers.respond(told_payment(payment), HTTPStatus.CREATED)


@router.post(
    "/orders/{number}/refunds",
    auth=KeyAuth("refunds:write"),
    response={201: RefundOut, 200: RefundOut},
    operation_id="giveBackOrder",
    summary="Give back what is unspent of a credited order, the way it was paid",
    openapi_extra=NEEDED,
)
def give_back(request: ApiRequest, number: str, asked: GiveBackIn) -> HttpResponse:
    """Value leaves the wallet at once. The provider is asked by the clock, within seconds, and again until it has decided.

    Refusals: `order.not_credited`, `refund.too_large`, `refund.nothing_left`, `wallet.frozen`, `wallet.closed`,
    `idempotency.key_reused`.
    """
    key = key_of(request)
    refund = orders.give_back(order=_named(number), amount=asked.amount, reason=asked.reason, key=key, by=request.auth)
    return answers.made(told_refund(refund), replayed=refund.is_replayed)


@router.post(
    "/orders/{number}/clear",
    auth=KeyAuth("payments:clear"),
    response=OrderOut,
    operation_id="clearOrder",
    summary="Say that the money of an order has cleared",
    openapi_extra=NEEDED,
)
def clear(request: ApiRequest, number: str) -> HttpResponse:
    """What is held of it can be spent at once. Refusals: `order.not_held`."""
    return answers.respond(told(clearing.clear(order=_named(number), key=key_of(request), by=request.auth)))


@router.get("/ways", auth=KeyAuth("payments:read"), response=WayList, operation_id="listWays", summary="Ways to pay an amount")
def list_ways(
    request: ApiRequest,
    amount: Annotated[int, Query(gt=0, le=money.LARGEST)],
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$")],
    scene: Scene,
) -> HttpResponse:
    """What each way costs, how soon it arrives, how much it takes. The advised one comes first, with the reason."""
    found = ways.compare(scenes=[scene], amount=amount, currency=currency)
    items = [
        {
            "method": methods.name(way.account.method), "fee": way.fee, "most": way.most, "safety": str(way.safety),
            "arrives_within_seconds": way.arrives_within_seconds, "advised": way.advice is not None, "reason": str(way.reason),
        }
        for way in found
    ]  # fmt: skip
    return answers.respond({"items": items})


def told(order: Order) -> Mapping[str, Any]:
    return {
        "number": order.number,
        "wallet": str(order.wallet_id),
        "amount": order.amount,
        "bonus": order.bonus,
        "currency": order.currency,
        "stage": order.stage,
        "refusal": order.refusal,
        "operation": moves.operation_id(order.book, order.seq) if order.book is not None and order.seq else None,
        "credited": _told_result(found) if (found := results.of(order)) else None,
        "held": told_held(clearing.of(order)),
        "terms": _told_terms(order),
        "expires_at": answers.moment(order.expires_at),
        "payments": [told_payment(each) for each in orders.payments_of(order)],
    }


def told_held(held: Held | None) -> Mapping[str, Any] | None:
    return {"amount": held.amount, "until": answers.moment(held.until) if held.until else None} if held else None


def _told_result(found: Result) -> Mapping[str, Any]:
    return {
        "added": found.added, "bonus": found.bonus, "later": found.later, "repaid": found.repaid, "missed": found.missed,
        "why": [str(reason) for reason in found.why],
    }  # fmt: skip


def _told_terms(order: Order) -> Mapping[str, Any]:
    policy = orders.policy_of(order)
    accepted_at = answers.moment(order.accepted_at) if order.accepted_at else None
    return {"version": policy.version, "validity": policy.validity, "refunds": policy.refunds, "accepted_at": accepted_at}


def told_payment(payment: Payment) -> Mapping[str, Any]:
    expected = overdue.expected(payment)
    return {
        "number": payment.number,
        "method": methods.name(payment.account.method),
        "scene": payment.scene,
        "stage": payment.stage,
        "amount": payment.amount,
        "currency": payment.currency,
        "surplus": payment.surplus,
        "refunded": payment.refunded,
        "reason": payment.reason,
        "decline": payment.decline,
        "go_on": payment.started if payment.stage == Payment.Stage.SENT else {},
        "paid_at": answers.moment(payment.paid_at) if payment.paid_at else None,
        "refunds": [told_refund(each.refund) for each in queries.refunds_of(payment)],
        "expected_by": answers.moment(expected.by) if expected else None,
        "expected_is_sure": expected.is_sure if expected else None,
    }


def told_refund(refund: Refund) -> Mapping[str, Any]:
    return {
        "number": refund.number, "payment": refund.payment.number, "amount": refund.amount, "stage": refund.stage,
        "claim_url": refunds.claim_url(refund),
    }  # fmt: skip


def _named(number: str) -> Order:
    found = Order.objects.select_related("wallet", "terms").filter(number=number[:32]).first()
    if found is None:
        raise NotFound
    return found
