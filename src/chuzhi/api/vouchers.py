"""Recharge cards one by one: looked at, sold, redeemed."""

from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, fields, named
from chuzhi.api.answers import OperationOut
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, CounterMethod, Id, SlipIn
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.wallets import counters
from chuzhi.wallets.vouchers import looking, redeeming, selling
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.vouchers.purchases import Buyer

router = Router(tags=["Recharge cards"])


class Nothing(Asked):
    """Nothing more is to be said."""


class VoucherBuyerIn(Asked):
    """Who buys, where the law wants it registered: kept with the purchase."""

    name: str = Field(min_length=1, max_length=80, examples=["王小明"])
    identity_number: str = Field(min_length=1, max_length=30, examples=["11010519491231002X"])


class SaleIn(Asked):
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    method: CounterMethod
    slip: SlipIn | None = Field(None, description="Needed for `terminal`; one slip of a terminal pays once a day")
    purchase: str = Field(
        "", max_length=80, description="Your name for what one buyer takes at once: give each of their cards the same, and they "
        "are counted together against limits and the threshold for registering buyers", examples=["receipt-1024"],
    )  # fmt: skip
    buyer: VoucherBuyerIn | None = Field(
        None, description="Needed from the sum on that the store's pack names", examples=[None]
    )


class LookIn(Asked):
    """A card with a PIN is named by `number` and `secret`, a card with one long code by `secret` alone."""

    secret: str = Field(min_length=1, max_length=60, description="PIN or long code", examples=["12345678"])
    number: str = Field("", max_length=40, examples=["9157012345678906"])
    source: str = Field("", max_length=64, description="The address of whoever types it, to stop those who guess")
    device: str = Field("", max_length=64, description="What it is typed on, in your words, for the same purpose")
    store: Id | None = Field(None, description="If it is at a counter", examples=[None])


class RedemptionIn(LookIn):
    wallet: Id = Field(examples=["40001"])


class VoucherOut(Schema):
    number: str
    batch: str
    serial: int
    value: int
    status: str = Field(description="`printed`, `sent`, `reserved`, `active`, `redeeming`, `used` or `void`")
    kind: str = Field(description="Always `bearer`: it belongs to whoever holds it", examples=["bearer"])
    store: str | None
    partner: str | None


class LookOut(Schema):
    left: int = Field(description="What is on it; 0 once it is redeemed", examples=[10000])
    currency: str = Field(examples=["CNY"])
    uncleared: int = Field(
        description="Of it, what can be redeemed only when the payment for the card has cleared", examples=[0]
    )
    expires_at: str | None
    redeemed_at: str | None


class RedemptionOut(Schema):
    value: int = Field(examples=[10000])
    operation: OperationOut
    replayed: bool


@router.get(
    "/vouchers/{number}",
    auth=KeyAuth("vouchers:sell"),
    response=VoucherOut,
    operation_id="getVoucher",
    summary="One card by the number that is visible on it",
)
def get_voucher(request: ApiRequest, number: str) -> HttpResponse:
    """For those who sell it. It says nothing of the code."""
    return answers.respond(_voucher(selling.find(number)))


@router.post(
    "/vouchers/{number}/sale",
    auth=KeyAuth("vouchers:sell"),
    response=answers.MOVED,
    operation_id="sellVoucher",
    summary="Sell a card",
    openapi_extra=NEEDED,
)
def sell(request: ApiRequest, number: str, asked: SaleIn) -> HttpResponse:
    """The money was taken: the card is alive at once, its value in a bearer wallet of its own.

    Refusals: `voucher.unknown`, `voucher.cannot_be_sold`, `store.unusable`, `store.not_yours`, `shift.needed`, `slip.missing`,
    `slip.used`, `slip.card_number`, `pack.refused` (with the rule: the buyer must be registered, or a ceiling),
    `limit.balance`, `limit.per_transaction`, `identity_number.invalid`, `idempotency.key_reused`.
    """
    buyer = Buyer(asked.buyer.name, asked.buyer.identity_number) if asked.buyer else None
    moved = selling.sell(
        key=key_of(request), voucher=selling.find(number), method=fields.method(asked.method), store=int(asked.store),
        till=fields.number(asked.till), slip=fields.slip(asked.slip), purchase=asked.purchase, buyer=buyer, by=request.auth,
    )  # fmt: skip
    return answers.moved(moved.outcome)


@router.post(
    "/partner/vouchers/{number}/sale",
    auth=KeyAuth("partner:topup"),
    response=VoucherOut,
    operation_id="sellPartnerVoucher",
    summary="Sell a card of the partner's stock",
    openapi_extra=NEEDED,
)
def sell_for_partner(request: ApiRequest, number: str, asked: Nothing) -> HttpResponse:
    """Out of the partner's float.

    Refusals: `voucher.unknown`, `voucher.cannot_be_sold`, `partner.suspended`, `partner.float`, `partner.day`,
    `partner.not_one`, `idempotency.key_reused`.
    """
    key = key_of(request)
    voucher = selling.find(number)
    selling.sell_for_partner(voucher=voucher, key=key, by=request.auth)
    return answers.respond(_voucher(selling.find(number)))


@router.post(
    "/voucher-redemptions",
    auth=KeyAuth("vouchers:redeem"),
    response={201: RedemptionOut, 200: RedemptionOut},
    operation_id="redeemVoucher",
    summary="Redeem a card into a wallet",
    openapi_extra=NEEDED,
)
def redeem(request: ApiRequest, asked: RedemptionIn) -> HttpResponse:
    """The exact value, once. Whatever is wrong with a card, the answer is `voucher.unusable`.

    Refusals: `voucher.unusable`, `voucher.not_cleared`, `voucher.too_many_tries` (429), `store.unusable`, `limit.balance`,
    `wallet.frozen`, `wallet.closed`, `transfer.other_asset`.
    """
    done = redeeming.redeem(
        key=key_of(request), wallet=named.wallet(asked.wallet), number=asked.number, secret=asked.secret, source=asked.source,
        device=asked.device, store=_place(asked.store, request), by=request.auth,
    )  # fmt: skip
    body = {"value": done.value, "operation": answers.of(done.arrived.outcome), "replayed": done.replayed}
    return answers.made(body, replayed=done.replayed)


@router.post(
    "/voucher-balances",
    auth=KeyAuth("vouchers:redeem"),
    response=LookOut,
    operation_id="lookAtVoucher",
    summary="What is on a card, by its code",
)
def look(request: ApiRequest, asked: LookIn) -> HttpResponse:
    """Counted and answered as a try to redeem: whatever is wrong with a card, the answer is `voucher.unusable`.

    Refusals: `voucher.unusable`, `voucher.too_many_tries` (429), `store.unusable`.
    """
    seen = looking.balance(
        number=asked.number, secret=asked.secret, source=asked.source, device=asked.device, store=_place(asked.store, request),
        by=request.auth,
    )  # fmt: skip
    body = {
        "left": seen.left,
        "uncleared": seen.uncleared,
        "currency": seen.asset,
        "expires_at": answers.moment(seen.expires_at) if seen.expires_at else None,
        "redeemed_at": answers.moment(seen.redeemed_at) if seen.redeemed_at else None,
    }
    return answers.respond(body)


def _place(asked: str | None, request: ApiRequest) -> int | None:
    """Where somebody tries: an open store in which this key may act."""
    store = fields.number(asked)
    if store is not None and (no := counters.objection(store, None, request.auth)):
        raise no
    return store


def _voucher(card: Voucher) -> dict[str, Any]:
    return {
        "number": card.number,
        "batch": str(card.batch_id),
        "serial": card.serial,
        "value": card.batch.value,
        "status": card.status,
        "kind": "bearer",
        "store": str(card.store_id) if card.store_id else None,
        "partner": str(card.partner_id) if card.partner_id else None,
    }
