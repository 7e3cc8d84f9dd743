"""Cards on sale, ordered and paid, through the real commands; the provider is a process that is asked."""

import make
from payments.gateways.standing_in import StandIn

import cast
from chuzhi.organization.models import Store
from chuzhi.payments import intents
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.portal import visitors
from chuzhi.topups.cards import offering, orders
from chuzhi.topups.cards.models import CardOffer, CardOrder
from chuzhi.topups.cards.orders import Buyer
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers.models import Voucher

BUYER = Buyer(email="wang@example.com", language="en")
HERE = Circumstances(payer_ip="203.0.113.7", return_url="https://shop.example/back")


def put_on_sale(programme: Programme, store: Store, value: int = 100_00, **more: object) -> CardOffer:
    values: dict[str, object] = {"price": value, "most_at_once": 5} | more
    return offering.put_on_sale(programme=programme, store=store, value=value, by=cast.OWNER, **values)  # type: ignore[arg-type]


def ordered(offer: CardOffer, count: int = 2, **more: object) -> CardOrder:
    values: dict[str, object] = {"buyer": BUYER, "key": make.key(), "by": visitors.BUYER} | more
    return orders.place(offer=offer, count=count, **values)  # type: ignore[arg-type]  # any


def paid(order: CardOrder, provider: StandIn) -> CardOrder:
    begun = orders.pay(order=order, scene=Scene.SHOWN, circumstances=HERE, by=visitors.BUYER)
    provider.control("pay", number=begun.number)
    intents.ask(begun)
    order.refresh_from_db()
    return order


def cards(order: CardOrder) -> list[Voucher]:
    return [card.voucher for card in orders.cards_of(order)]
