"""The chapter of the album that plays at the buyers' homes."""

from collections.abc import Iterator

import make

import cast
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.ledger.chart import Method
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.portal import visitors
from chuzhi.topups.cards import offering as card_offers
from chuzhi.topups.cards import orders as card_orders
from chuzhi.wallets.applications import reviewing


def cards_on_line(here: Shop) -> Iterator[Page]:
    """Recharge cards bought on line, what is on one, and a card in one's own name that somebody applies for."""
    for value, price in ((100_00, 95_00), (500_00, 500_00)):
        offer = card_offers.put_on_sale(
            programme=here.programme, store=here.store, value=value, price=price, most_at_once=5, left=200, by=cast.OWNER
        )
    buyer = card_orders.Buyer(email="wang@example.com", language="zh-hans")
    placed, begun, done = (
        card_orders.place(offer=offer, count=count, buyer=buyer, key=make.key(), by=visitors.BUYER) for count in (1, 2, 3)
    )
    for order in (begun, done):
        payment = card_orders.pay(
            order=order, scene=Scene.SHOWN, circumstances=Circumstances(), method=Method.WECHAT, by=visitors.BUYER
        )
    here.pay(payment)
    applied = [
        reviewing.file(
            programme=here.programme, name="何静", phone="13812345670", email="he@example.com", key=make.key(),
            source="192.0.2.7", by=visitors.APPLICANT,
        )
        for _each in range(2)
    ]  # fmt: skip
    reviewing.reject(application=applied[1], reason="证件照片看不清", by=cast.OWNER)

    yield Page("cards-buy", "/pay/cards/", Reader.PAYER)
    for name, order in (("placed", placed), ("begun", begun), ("paid", done)):
        yield Page(f"cards-order-{name}", f"/pay/cards/order/{order.number}/", Reader.PAYER)
    yield Page("card-balance", "/pay/card-balance/", Reader.PAYER)
    yield Page("card-apply", "/pay/apply/", Reader.PAYER)
    for name, application in zip(("waiting", "rejected"), applied, strict=True):
        yield Page(f"card-application-{name}", f"/pay/apply/{application.number}/", Reader.PAYER)
    yield Page("vouchers-online", "/console/vouchers/online/")
    yield Page("vouchers-online-order", f"/console/vouchers/online/{done.number}/")
    card = card_orders.cards_of(done)[0]
    yield Page("vouchers-online-back", f"/console/vouchers/online/{done.number}/cards/{card.pk}/give-back/")
    yield Page("store-pack", f"/console/stores/{here.store.pk}/pack/?pack=none")
