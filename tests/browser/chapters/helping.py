"""Customers who call, write or chat: one account is blocked, one pays by a link, one has paid."""

from collections.abc import Iterator

import make

import cast
from browser.pages import Page
from browser.premises import Shop
from chuzhi.desk import acting, tickets
from chuzhi.desk.models import Ticket
from chuzhi.ledger.chart import Method
from chuzhi.topups.assisted import fulfilling, requests
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.wallets import cards
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import CardReport, Wallet

PDF = ("身份证.pdf", b"%PDF-1.7 it is me")


def helped(here: Shop) -> Iterator[Page]:
    """Who asks a service agent, and what comes of it."""
    by = here.cashier

    def asked(wallet: Wallet, **more: object) -> AssistedTopUp:
        values: dict[str, object] = {
            "amount": 800_00, "channel": "phone", "speaker": "holder", "verified": "called_back", "key": make.key(), "by": by,
            "store": here.store,
        }  # fmt: skip
        return requests.take_down(wallet=wallet, **values | more)  # type: ignore[arg-type]  # any facts

    frozen, free = here.wallets[7], here.wallets[6]
    cards.report_lost(card=cards.issue(wallet=frozen, key=make.key(), by=cast.OWNER), by=cast.OWNER)
    blocked = asked(
        frozen, channel="chat", speaker="other", caller="孙先生", verified="document", files=[PDF], amount=6000_00,
        note="卡丢了，手机号没变，今晚聚餐前想充好。",
    )  # fmt: skip
    linked, paid, plain = asked(free), asked(here.wallets[4], amount=500_00, channel="letter"), asked(free, verified="no")
    fulfilling.send_link(request=linked, key=make.key(), by=by, email="office@example.com")
    moved = fulfilling.tender(request=paid, method=Method.CASH, store=here.store.pk, till=here.till.pk, key=make.key(), by=by)
    closed = asked(free, channel="email")
    requests.close(request=closed, reason="客户改变主意", by=by)

    yield Page("assisted", "/console/assisted/")
    yield Page("assisted-find", "/console/assisted/new/?find=1380013")
    yield Page("assisted-new", f"/console/assisted/new/{frozen.pk}/")
    for name, row in (("blocked", blocked), ("open", plain), ("linked", linked), ("credited", paid), ("closed", closed)):
        yield Page(f"assisted-{name}", f"/console/assisted/{row.number}/")
    yield Page("assisted-receipt", f"/console/till/receipts/{moved.id}/")


def complained(here: Shop) -> Iterator[Page]:
    """What customers complained of, and how it was made good."""
    by, wallet = here.owner, here.wallets[0]
    assert wallet.customer

    def opened(subject: str, **more: object) -> Ticket:
        values: dict[str, object] = {"kind": "complaint", "channel": "phone", "text": "", "store": here.store} | more
        return tickets.open_ticket(
            customer=wallet.customer,
            subject=subject,
            key=make.key(),
            by=by,
            **values,  # type: ignore[arg-type]  # any facts
        )

    new, ended = opened("发票抬头写错", kind="question", channel="email"), opened("等了四十分钟", channel="counter")
    busy = opened("洗护扣了两次", text="昨天下午洗护一次，手机上收到两条扣款消息。\n孩子在旁边哭，没来得及当场问。")
    card = cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER)
    tickets.note(ticket=busy, text="查了流水，只扣了一次，第二条是通知重发。", by=by)
    acting.credit(ticket=busy, wallet=wallet, amount=20_00, cause="complaint", key=make.key(), by=by)
    acting.ask_credit(ticket=busy, wallet=wallet, amount=800_00, cause="goodwill", key=make.key(), by=by)
    said = Said(channel=CardReport.Channel.PHONE, verified=CardReport.Verified.CALLED_BACK, reason="顺便挂失旧卡")
    acting.report_lost(ticket=busy, card=card, said=said, by=by)
    given = acting.credit(ticket=ended, wallet=wallet, amount=10_00, cause="complaint", key=make.key(), by=by)
    tickets.note(ticket=ended, text="已致歉，顾客满意。", state="resolved", by=by)

    yield Page("tickets", "/console/tickets/")
    yield Page("ticket-find", "/console/tickets/new/?find=1380013")
    yield Page("ticket-new", f"/console/tickets/new/{wallet.customer_id}/")
    for name, row in (("open", new), ("worked", busy), ("resolved", ended)):
        yield Page(f"ticket-{name}", f"/console/tickets/{row.pk}/")
    yield Page("ticket-receipt", f"/console/till/receipts/{given.entry}/")
    yield Page("ticket-refund", f"/console/refunds/wallets/{wallet.pk}/?ticket={busy.pk}")
