"""A kiosk: nobody before one screen, and before the other a customer with a card and a receipt of it."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

import cast
import shop
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.kiosk import kiosks, visits
from chuzhi.kiosk.models import Kiosk, Visit
from chuzhi.ledger.chart import Method
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.till import receipts
from chuzhi.topups import orders
from chuzhi.wallets import cards


def self_service(here: Shop) -> Iterator[Page]:
    empty, used = here.screens[Reader.TERMINAL][0], here.screens[Reader.VISITOR][0]
    wallet = here.wallets[5]
    shop.top_up(wallet, 500_00, here.store)
    code = receipts.of(operation=shop.charge(wallet, 36_00, here.store).id, actor=cast.OWNER).code
    visit = visits.begin(
        kiosk=used, number=cards.issue(wallet=wallet, key="kiosk", by=cast.OWNER).number, service=Kiosk.Service.BALANCE
    )
    visits.prove(visit, code=code)
    order = visits.top_up(visit=visit, amount=200_00, key="kiosk", by=kiosks.actor_of(used))
    orders.pay(order=order, scene=Scene.SHOWN, method=Method.WECHAT, circumstances=Circumstances(), by=kiosks.actor_of(used))
    Visit.objects.update(ends_at=timezone.now() + timedelta(days=1))
    link = kiosks.link(kiosk=empty, by=cast.OWNER)

    yield Page("kiosks", "/console/kiosks/")
    yield Page("kiosk-add", "/console/kiosks/add/")
    yield Page("kiosk", f"/console/kiosks/{used.pk}/")
    yield Page("kiosk-none", "/kiosk/", Reader.PAYER, status=403)
    yield Page("kiosk-open", "/kiosk/open/", Reader.PAYER)
    yield Page("kiosk-open-with", f"/kiosk/open/{link}/", Reader.PAYER)
    yield Page("kiosk-start", "/kiosk/", Reader.TERMINAL)
    yield Page("kiosk-card", "/kiosk/card/balance/", Reader.TERMINAL)
    yield Page("kiosk-menu", "/kiosk/", Reader.VISITOR)
    yield Page("kiosk-proof", "/kiosk/proof/", Reader.VISITOR)
    yield Page("kiosk-proof-sent", "/kiosk/proof/sent/", Reader.VISITOR)
    yield Page("kiosk-account", "/kiosk/account/", Reader.VISITOR)
    yield Page("kiosk-statement", "/kiosk/statement/", Reader.VISITOR)
    yield Page("kiosk-top-up", "/kiosk/top-up/", Reader.VISITOR)
    yield Page("kiosk-pay", "/kiosk/order/", Reader.VISITOR)
    yield Page("kiosk-choose", "/kiosk/order/?again", Reader.VISITOR)
    yield Page("kiosk-loss", "/kiosk/loss/", Reader.VISITOR)
