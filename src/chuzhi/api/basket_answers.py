"""A basket as every call about it answers, and how one is found."""

from typing import Any

from ninja import Schema
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.core.actors import Actor
from chuzhi.payments import methods
from chuzhi.till import baskets, code_refunds, code_words, paying
from chuzhi.till.errors import BasketUnknown
from chuzhi.till.models import Basket
from chuzhi.topups import payers
from chuzhi.wallets.models import Wallet


class BasketLineOut(Schema):
    id: str = Field(examples=["31"])
    product: str = Field(examples=["7"])
    name: str
    quantity: int
    price: int | None = Field(description="Of one, for whoever pays; null: not on sale any more", examples=[2800])
    discount: int
    amount: int


class BasketCodeOut(Schema):
    """The last time that a code on a phone was to pay the rest."""

    payment: str = Field(description="Our number, which the provider’s bill names", examples=["PX7K2M9QWERTYUPASDFGHJK"])
    method: str = Field(description="`wechat` or `alipay`", examples=["wechat"])
    amount: int = Field(examples=[7000])
    state: str = Field(description="`waiting`, `sold`, `over`: nothing was taken, or `returned`: paid, and goes back")
    reason: str = Field(description="Why it was not sold, in words")
    refunded: int = Field(description="Gone back, or on its way", examples=[0])
    unsent: int = Field(description="Has to go back, and the provider refused it so far", examples=[0])


class BasketOut(Schema):
    """Priced by the catalogue, for the level of whoever pays, each time it is asked for."""

    id: str = Field(examples=["55"])
    store: str = Field(examples=["12"])
    till: str | None
    state: str = Field(description="`open`, `held`, `paying`, `paid` or `dropped`", examples=["open"])
    currency: str = Field(examples=["CNY"])
    wallet: str | None
    served_by: str | None
    label: str
    held_at: str | None
    allowed_discount: int = Field(description="What a second person has signed")
    lines: list[BasketLineOut]
    discount: int
    total: int = Field(examples=[5600])
    operations: list[str] = Field(
        description="That paid for it: the money first (`S-55` if no wallet), then visits, then change that was kept"
    )

    code: BasketCodeOut | None


def found(by: Actor, given: str) -> Basket:
    number = named.number(given)
    found = None if number is None else baskets.visible_to(by).filter(pk=number).first()
    if found is None:
        raise BasketUnknown
    return found


def payer(basket: Basket) -> Wallet | None:
    return Wallet.objects.filter(pk=basket.wallet).first() if basket.wallet else None


def out(basket: Basket) -> dict[str, Any]:
    wallet = payer(basket)
    bill = baskets.bill_of(basket, payers.levels_of(wallet) if wallet else paying.NOBODY)
    return {
        "id": str(basket.pk),
        "store": str(basket.store_id),
        "till": str(basket.till) if basket.till else None,
        "state": basket.state,
        "currency": basket.currency,
        "wallet": str(basket.wallet) if basket.wallet else None,
        "served_by": str(basket.served_by) if basket.served_by else None,
        "label": basket.label,
        "held_at": answers.moment(basket.held_at) if basket.held_at else None,
        "allowed_discount": basket.allowed_discount,
        "lines": [
            {
                "id": str(line.id), "product": str(line.product.pk), "name": line.product.name, "quantity": line.quantity,
                "price": line.price, "discount": line.discount, "amount": line.amount,
            }
            for line in bill.lines
        ],
        "discount": bill.discount,
        "total": bill.total,
        "operations": basket.operations,
        "code": code(basket),
    }  # fmt: skip


def code(basket: Basket) -> dict[str, Any] | None:
    made = basket.codes.select_related("payment__account").order_by("-pk").first()
    if made is None:
        return None
    return {
        "payment": made.payment.number,
        "method": methods.name(made.payment.account.method),
        "amount": made.payment.amount,
        "state": made.state,
        "reason": code_words.of_attempt(made),
        "refunded": made.payment.refunded,
        "unsent": code_refunds.unsent(made),
    }
