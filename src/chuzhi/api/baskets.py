from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, basket_answers, fields, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.basket_answers import BasketOut
from chuzhi.api.fields import Amount, Asked, Id, SlipIn
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.products import named_product_of
from chuzhi.catalogue.rules import MOST_QUANTITY
from chuzhi.core import money
from chuzhi.till import baskets, code_words, codes, paying, walkins
from chuzhi.till.errors import CodeDeclined
from chuzhi.till.models import Basket, CodePayment
from chuzhi.till.paying import Means
from chuzhi.topups import payers
from chuzhi.wallets.models import Wallet

router = Router(tags=["Baskets"])

Quantity = Annotated[
    int,
    Field(strict=True, ge=0, le=MOST_QUANTITY, description="Thousandths of a unit: 2000 is two, 350 is 0.35", examples=[2000]),
]


class BasketIn(Asked):
    store: Id = Field(examples=["12"])
    till: Id | None = Field(None, examples=["3"])
    wallet: Id | None = Field(None, description="Who pays, if it is known", examples=["40001"])
    currency: str = Field("CNY", pattern="^[A-Z]{3}$")


class BasketLineIn(Asked):
    product: Id = Field(examples=["7"])
    quantity: Quantity = 1000


class BasketLineChangeIn(Asked):
    quantity: Quantity | None = Field(None, description="0 takes the line out; null: as it is")
    discount: int | None = Field(None, strict=True, ge=0, le=money.LARGEST, description="Off the line, in minor units")


class BasketPayerIn(Asked):
    wallet: Id | None = Field(None, examples=["40001"])
    served_by: Id | None = Field(None, description="A colleague of the store; null: whoever is at the till", examples=[None])


class BasketHoldIn(Asked):
    label: str = Field("", max_length=40, description="A name, or the end of a phone number", examples=["尾号 8000"])


class BasketResumeIn(Asked):
    till: Id | None = Field(None, examples=["3"])


class BasketDiscountIn(Asked):
    amount: Amount = Field(description="Off the whole basket, at most", examples=[3000])
    reason: fields.Reason = Field(examples=["the box was torn"])


class BasketVisitIn(Asked):
    line: Id = Field(examples=["31"])
    wallet: Id = Field(description="Of a count card of the service", examples=["40002"])


class BasketPaymentIn(Asked):
    from_wallet: Annotated[int, Field(strict=True, ge=0, le=money.LARGEST)] | None = Field(
        None, description="What the basket's wallet pays; without it, what is left"
    )
    cash: int = Field(0, strict=True, ge=0, le=money.LARGEST, description="Handed over: may be more than is to be paid")
    keep_change: bool = Field(default=False, description="Change is topped up instead of handed out")
    card: int = Field(0, strict=True, ge=0, le=money.LARGEST, description="By card terminal")
    slip: SlipIn | None = Field(None, description="Needed with `card`")
    pay_code: str = Field(
        "", max_length=40, description="From the customer’s phone, WeChat Pay or Alipay: pays all that is left; "
        "then `from_wallet` is 0 unless it is said", examples=[""],
    )  # fmt: skip
    visits: list[BasketVisitIn] = Field([], max_length=baskets.MOST_LINES)
    till: Id | None = Field(None, examples=["3"])


class BasketReceiptLineOut(Schema):
    name: str
    quantity: str = Field(examples=["2"])
    discount: int
    amount: int = Field(examples=[5600])


class BasketTenderOut(Schema):
    method: str = Field(examples=["cash"])
    amount: int = Field(description="Less than nothing: given back", examples=[5600])


class BasketReceiptOut(Schema):
    """A sale that no wallet paid, as it is handed to whoever paid."""

    number: str = Field(examples=["S-55"])
    code: str = Field(description="Proves that a printed receipt is ours", examples=["S-55-K7QX2M9P4T"])
    currency: str = Field(examples=["CNY"])
    total: int = Field(examples=[5600])
    at: str
    lines: list[BasketReceiptLineOut]
    tenders: list[BasketTenderOut]


class BasketList(Schema):
    items: list[BasketOut]


class BasketApprovalOut(Schema):
    approval: str = Field(examples=["12"])
    number: str


SCOPE = KeyAuth("baskets:write")


@router.post(
    "/baskets",
    auth=SCOPE,
    response={201: BasketOut},
    operation_id="createBasket",
    summary="Begin a basket",
    openapi_extra=NEEDED,
)
def create_basket(request: ApiRequest, asked: BasketIn) -> HttpResponse:
    """Refusals: `store.unusable`, `store.not_yours`, `wallet.unknown`, `basket.currency`, `currency.unknown`."""
    made = baskets.begin(
        store=int(asked.store), till=fields.number(asked.till), currency=asked.currency, wallet=_wallet(asked.wallet),
        key=key_of(request), by=request.auth,
    )  # fmt: skip
    return answers.made(basket_answers.out(made), replayed=False)


@router.get("/baskets", auth=SCOPE, response=BasketList, operation_id="listHeldBaskets", summary="Baskets that wait in a store")
def list_baskets(request: ApiRequest, store: Id) -> dict[str, Any]:
    """The longest first, at most 100."""
    return {"items": [basket_answers.out(each) for each in baskets.held_in(int(store), request.auth)[:100]]}


@router.get("/baskets/{basket}", auth=SCOPE, response=BasketOut, operation_id="getBasket", summary="One basket")
def get_basket(request: ApiRequest, basket: str) -> dict[str, Any]:
    """Refusals: `basket.unknown`."""
    return basket_answers.out(basket_answers.found(request.auth, basket))


@router.post(
    "/baskets/{basket}/lines",
    auth=SCOPE,
    response=BasketOut,
    operation_id="addToBasket",
    summary="Put something into a basket",
    openapi_extra=NEEDED,
)
def add_line(request: ApiRequest, basket: str, asked: BasketLineIn) -> dict[str, Any]:
    """More of a product; the same key adds once.

    Refusals: `product.unknown`, `basket.not_sold`, `basket.quantity`, `basket.over`, `sale.too_many_lines`.
    """
    product = named_product_of(asked.product)
    found = basket_answers.found(request.auth, basket)
    return basket_answers.out(
        baskets.add(basket=found, product=product, quantity=asked.quantity, key=key_of(request), by=request.auth)
    )


@router.post(
    "/baskets/{basket}/lines/{line}",
    auth=SCOPE,
    response=BasketOut,
    operation_id="changeBasketLine",
    summary="Another quantity, or a discount",
    openapi_extra=NEEDED,
)
def change_line(request: ApiRequest, basket: str, line: str, asked: BasketLineChangeIn) -> dict[str, Any]:
    """Refusals: `basket.no_such_line`, `basket.quantity`, `basket.discount`, `approval.needed`, `basket.over`."""
    changed = baskets.change(
        basket=basket_answers.found(request.auth, basket), line=named.number(line) or 0, quantity=asked.quantity, discount=asked.discount,
        key=key_of(request), by=request.auth,
    )  # fmt: skip
    return basket_answers.out(changed)


@router.post(
    "/baskets/{basket}/payer",
    auth=SCOPE,
    response=BasketOut,
    operation_id="setBasketPayer",
    summary="Who pays, and who served",
    openapi_extra=NEEDED,
)
def set_payer(request: ApiRequest, basket: str, asked: BasketPayerIn) -> dict[str, Any]:
    """Both anew. Refusals: `wallet.unknown`, `basket.currency`, `sale.not_a_colleague`, `basket.over`."""
    found, key = basket_answers.found(request.auth, basket), key_of(request)
    baskets.pay_from(basket=found, wallet=_wallet(asked.wallet), key=key, by=request.auth)
    served_by = fields.number(asked.served_by)
    return basket_answers.out(baskets.serve(basket=found, served_by=served_by, key=f"{key[:190]}:served", by=request.auth))


@router.post("/baskets/{basket}/hold", auth=SCOPE, response=BasketOut, operation_id="holdBasket", summary="Hold a basket")
def hold(request: ApiRequest, basket: str, asked: BasketHoldIn) -> dict[str, Any]:
    """Held again, it stays held. Refusals: `basket.over`."""
    return basket_answers.out(
        baskets.hold(basket=basket_answers.found(request.auth, basket), label=asked.label, by=request.auth)
    )


@router.post(
    "/baskets/{basket}/resume", auth=SCOPE, response=BasketOut, operation_id="resumeBasket", summary="Take a held basket up"
)
def resume(request: ApiRequest, basket: str, asked: BasketResumeIn) -> dict[str, Any]:
    """At any till of its store. Refusals: `basket.over`, `store.unusable`."""
    return basket_answers.out(
        baskets.resume(basket=basket_answers.found(request.auth, basket), till=fields.number(asked.till), by=request.auth)
    )


@router.post("/baskets/{basket}/drop", auth=SCOPE, response=BasketOut, operation_id="dropBasket", summary="Give a basket up")
def drop(request: ApiRequest, basket: str) -> dict[str, Any]:
    """Nothing was sold. Refusals: `basket.over`."""
    return basket_answers.out(baskets.drop(basket=basket_answers.found(request.auth, basket), by=request.auth))


@router.post(
    "/baskets/{basket}/discounts",
    auth=KeyAuth("approvals:write"),
    response=BasketApprovalOut,
    operation_id="askForBasketDiscount",
    summary="Have a larger discount signed",
    openapi_extra=NEEDED,
)
def ask_for_discount(request: ApiRequest, basket: str, asked: BasketDiscountIn) -> dict[str, Any]:
    """A second person decides; then up to so much may be taken off the basket. Refusals: `access.denied`."""
    found = basket_answers.found(request.auth, basket)
    made = baskets.ask_for_discount(
        basket=found, amount=asked.amount, reason=asked.reason, key=key_of(request), by=request.auth
    )
    return {"approval": str(made.pk), "number": made.number}


@router.post(
    "/baskets/{basket}/payments",
    auth=SCOPE,
    response={201: BasketOut, 200: BasketOut, 202: BasketOut},
    operation_id="payBasket",
    summary="Sell what is in a basket",
    openapi_extra=NEEDED,
)
def pay(request: ApiRequest, basket: str, asked: BasketPaymentIn) -> HttpResponse:
    """One sale: its wallet, cash, card, visits and a code pay it to the cent, or nothing happens.

    With `pay_code` the answer may be 202: the customer is entering a password, the basket is `paying`, and what its wallet is to
    pay is held. Ask for the basket until it is not `paying` any more; it is asked about at the provider by the clock.

    Refusals: `basket.empty`, `basket.no_wallet`, `basket.over`, `basket.paid`, `basket.not_sold`, `basket.paid_too_little`,
    `basket.paid_too_much`, `basket.no_visits`, `basket.discount`, `approval.needed`, `wallet.not_for_this`, `shift.needed`, `slip.missing`,
    `slip.used`, `basket.nothing_by_code`, `basket.code_unusable`, `basket.codes_not_taken`, `basket.code_declined`, and those of
    a charge and of a top-up.
    """
    found = basket_answers.found(request.auth, basket)
    wallet = basket_answers.payer(found)
    means = Means(
        wallet=wallet, cash=asked.cash, keeps_change=asked.keep_change, card=asked.card, slip=fields.slip(asked.slip),
        visits={int(each.line): named.wallet(each.wallet) for each in asked.visits},
    )  # fmt: skip
    if asked.pay_code:
        return _pay_by_code(request, found, means, asked)
    paid = paying.pay(
        basket=found, means=means, from_wallet=asked.from_wallet, levels=payers.levels_of(wallet) if wallet else paying.NOBODY,
        till=fields.number(asked.till), key=key_of(request), by=request.auth,
    )  # fmt: skip
    return answers.made(basket_answers.out(paid.basket), replayed=paid.replayed)


def _pay_by_code(request: ApiRequest, found: Basket, means: Means, asked: BasketPaymentIn) -> HttpResponse:
    levels = payers.levels_of(means.wallet) if means.wallet else paying.NOBODY
    made = codes.asked_under(basket=found, key=key_of(request), by=request.auth)
    if made is None:
        means = paying.rest_by_code(baskets.bill_of(found, levels), means, from_wallet=asked.from_wallet)
    else:
        means = replace(means, code=made.payment.amount)
    made = codes.ask(
        basket=found, means=means, code=asked.pay_code, from_wallet=asked.from_wallet or 0, levels=levels,
        till=fields.number(asked.till), key=key_of(request), by=request.auth,
    )  # fmt: skip
    if made.state == CodePayment.State.WAITING:
        return answers.respond(basket_answers.out(made.basket), HTTPStatus.ACCEPTED)
    if made.state != CodePayment.State.SOLD:
        raise CodeDeclined(sentence=code_words.of_attempt(made))
    return answers.made(basket_answers.out(made.basket), replayed=made.is_replayed)


@router.get(
    "/baskets/{basket}/receipt",
    auth=SCOPE,
    response=BasketReceiptOut,
    operation_id="getBasketReceipt",
    summary="Receipt of a sale without a wallet",
)
def get_receipt(request: ApiRequest, basket: str) -> dict[str, Any]:
    """Of what a wallet paid, read the sale by its operation. Refusals: `basket.unknown`, `receipt.unknown`."""
    receipt = walkins.of(number=f"{walkins.MARK}{basket_answers.found(request.auth, basket).pk}", actor=request.auth)
    return {
        "number": receipt.number,
        "code": receipt.code,
        "currency": receipt.currency,
        "total": receipt.total,
        "at": answers.moment(receipt.at),
        "lines": [
            {"name": line.name, "quantity": line.quantity, "discount": line.discount, "amount": line.amount}
            for line in receipt.lines
        ],
        "tenders": [{"method": method, "amount": amount} for method, amount in receipt.tenders],
    }


def _wallet(given: str | None) -> Wallet | None:
    return None if given is None else named.wallet(given)
