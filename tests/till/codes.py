"""A basket at a till whose rest a customer's phone pays, at a provider on the other side of a socket."""

import itertools

import make

import cast
import goods
from chuzhi.core.actors import Actor
from chuzhi.organization.models import Till
from chuzhi.payments import tasks
from chuzhi.payments.models import Payment, Refund
from chuzhi.till import baskets, codes
from chuzhi.till.models import Basket, CodePayment
from chuzhi.till.paying import Means
from chuzhi.wallets.models import Wallet

LONG_AGO = "2020-01-01T00:00Z"
_shown = itertools.count(1)


def code(provider: str = "wechat") -> str:
    """What the phone shows: another each time."""
    return f"{'13' if provider == 'wechat' else '28'}{next(_shown):016d}"


def basket(till: Till, *prices: int, wallet: Wallet | None = None, by: Actor = cast.OWNER) -> Basket:
    made = baskets.begin(store=till.store_id, till=till.pk, currency="CNY", key=make.key(), by=by, wallet=wallet)
    for price in prices:
        baskets.add(basket=made, product=goods.product(price), quantity=1000, key=make.key(), by=by)
    return made


def ask(basket: Basket, means: Means, *, by: Actor = cast.OWNER, key: str = "", shown: str = "", **more: object) -> CodePayment:
    given: dict[str, object] = {"till": basket.till} | more
    return codes.ask(basket=basket, means=means, code=shown or code(), key=key or make.key(), by=by, **given)  # type: ignore[arg-type]  # of many types


def heard() -> None:
    """The clock asks the provider about all that is under way."""
    Payment.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.ask_about_payments()


def sent_back() -> None:
    """The clock sends what has to go back."""
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.send_refunds()
