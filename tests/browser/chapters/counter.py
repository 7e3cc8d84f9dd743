"""Who comes to the shop, and what they hold."""

from collections.abc import Iterator
from datetime import time, timedelta
from urllib.parse import urlsplit

import make

import cast
import shop
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.console import formkeys
from chuzhi.customers import fields, merging, modules, profiles, records
from chuzhi.customers.consent import agreeing, texts
from chuzhi.customers.consent.models import Purpose
from chuzhi.customers.identities import recognising
from chuzhi.customers.models import Customer
from chuzhi.customers.relations import relating
from chuzhi.customers.relations.rules import Role
from chuzhi.customers.rules import Kind
from chuzhi.desk import contacts
from chuzhi.insights import journal
from chuzhi.ledger.chart import Method
from chuzhi.organization.lists.models import SavedView
from chuzhi.organization.models import Staff
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter.models import DrawerMove
from chuzhi.portal import access
from chuzhi.privacy import retention
from chuzhi.wallets import accounts as wallets
from chuzhi.wallets import cards, disputes, holds, lists, losses
from chuzhi.wallets.giving import handouts
from chuzhi.wallets.giving import links as gift_links
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import CardReport, Wallet
from chuzhi.wallets.sharing import members
from chuzhi.wallets.sharing.rules import Allowance
from chuzhi.workforce import cadence, tasks

SCAN = ("同意书.pdf", b"%PDF-1.7 signed")


def counter(here: Shop) -> Iterator[Page]:
    """Customers come to the till: they top up, spend, hold; a shift is counted."""
    till, wallet, store = here.till, here.wallets[0], here.store.pk
    drawer.keep(
        store=here.store, currency="CNY", needs_shift=False, tolerance=5_00, usual_float=200_00, by=cast.OWNER,
    )  # fmt: skip
    shift = drawer.open_shift(till=till, opened_with=200_00, by=here.cashier)
    shop.top_up(wallet, 500_00, here.store, till=till.pk)
    shop.top_up(here.wallets[1], 1000_00, here.store, till=till.pk)
    drawer.move(
        shift=shift, way=DrawerMove.Way.OUT, amount=1000_00, reason="存入保险柜", key=make.key(), by=here.cashier
    )  # fmt: skip
    counted = drawer.begin_count(shift=shift, by=here.cashier)
    closed = drawer.close(shift=counted, pieces={100_00: 6, 50_00: 1, 20_00: 2}, reason="找零时多付 10 元", by=here.cashier)
    fresh = drawer.open_shift(till=till, opened_with=200_00, by=here.cashier)
    sold = shop.charge(wallet, 123_45, here.store, till=till.pk)
    held = holds.place(wallet=wallet, amount=50_00, store=store, till=till.pk, key=make.key(), by=cast.OWNER)
    drawer.move(shift=fresh, way=DrawerMove.Way.IN, amount=100_00, reason="补充零钱", key=make.key(), by=here.cashier)
    drawer.begin_count(shift=drawer.open_shift(till=here.counted_till, opened_with=200_00, by=here.cashier), by=here.cashier)

    at, customer = f"/console/till/wallets/{wallet.pk}", wallet.customer_id
    charge_key, pay_key = (formkeys.new(f"{act}.{wallet.pk}.0") for act in ("charge", "top-up"))
    yield Page("home", "/console/home/")
    yield Page("till", "/console/till/")
    yield Page("till-found", "/console/till/?find=1380013")
    yield Page("till-join", "/console/till/new/?said=13900001111")
    yield Page("till-customer", f"/console/till/customers/{customer}/")
    yield Page("till-wallet", f"{at}/")
    yield Page("till-charge-confirm", f"{at}/charge/?amount=66&key={charge_key}")
    yield Page("till-top-up", f"{at}/top-up/")
    yield Page("till-top-up-confirm", f"{at}/top-up/?amount=500&method=CASH&key={pay_key}")
    yield Page("till-hold", f"{at}/hold/")
    yield Page("till-capture", f"{at}/holds/{held.seq}/capture/")
    yield Page("till-release", f"{at}/holds/{held.seq}/release/")
    yield Page("till-refund", f"{at}/charges/{sold.seq}/refund/")
    yield Page("till-pay-back", f"/console/till/wallets/{here.wallets[1].pk}/top-ups/1/refund/")
    yield Page("till-receipt", f"/console/till/receipts/{sold.id}/")
    yield Page("drawer", "/console/drawer/")
    yield Page("drawer-count", "/console/drawer/count/", Reader.CASHIER)
    yield Page("shifts", "/console/shifts/")
    yield Page("shift", f"/console/shifts/{closed.pk}/")
    yield Page("shift-open", f"/console/shifts/{fresh.pk}/")
    yield Page("shift-paper", f"/console/shifts/{closed.pk}/print/")
    yield Page("cash-keeping", f"/console/shifts/stores/{store}/")


def holders(here: Shop) -> Iterator[Page]:
    """Who the customers are and what they hold: one lost a card, one disputes a payment."""
    wallet = here.wallets[0]
    customer = wallet.customer_id
    fine, lost = (cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER) for _each in range(2))
    heard = Said(
        channel=CardReport.Channel.PHONE, verified=CardReport.Verified.CALLED_BACK, reason="忘在公交车上", caller="李雷"
    )
    losses.report(card=lost, said=heard, by=cast.OWNER)
    wallets.freeze(wallet=here.wallets[7], reason="卡丢失", key=make.key(), by=cast.OWNER)
    disputed = shop.top_up(here.wallets[2], 300_00, here.store, method=Method.TERMINAL, slip=shop.slip())
    booked = disputes.begin(wallet=here.wallets[2], top_up=disputed.seq, key=make.key(), by=cast.OWNER)

    yield Page("customers", "/console/customers/")
    manager, looks = here.readers["en", Reader.STAFF], {"filters": {"tag": "VIP"}, "columns": ["name", "tags"], "sort": "-name"}
    view = SavedView.objects.create(listing="customers", name="VIP", owner=manager, is_shared=True, **looks)
    yield Page("customers-view", f"/console/customers/?view={view.pk}")
    yield Page("journal", "/console/journal/")
    yield Page("sample", "/console/journal/sample/?word=2026-A")
    yield Page("journal-wrong", "/console/journal/?at_least=5", status=422)
    yield Page("lists-taken", "/console/lists/files/")
    yield Page("customers-wrong", "/console/customers/?created_since=soon", status=422)
    yield Page("customers-none", "/console/customers/?find=zzzz")
    yield Page("customer-notes", f"/console/customers/{customer}/notes/")
    yield Page("customer-add", "/console/customers/add/")
    yield from known(here.wallets[0].customer, here.wallets[1].customer)
    yield from followed_up(Customer.objects.get(pk=customer), manager)
    yield Page("customer", f"/console/customers/{customer}/")
    yield from described(here.wallets[0].customer, here)
    yield Page("customer-trail", f"/console/customers/{customer}/trail/")
    yield Page("customer-edit", f"/console/customers/{customer}/edit/")
    yield from two_records_of_one(here, disputed.wallet)
    yield Page("wallets", "/console/wallets/")
    yield Page("wallet", f"/console/wallets/{wallet.pk}/")
    yield Page("wallet-frozen", f"/console/wallets/{here.wallets[7].pk}/")
    yield Page("wallet-lots", f"/console/wallets/{wallet.pk}/lots/")
    yield Page("wallet-statement", f"/console/wallets/{wallet.pk}/statement/")
    yield Page("wallet-cards", f"/console/wallets/{wallet.pk}/cards/")
    yield Page("wallet-card", f"/console/wallets/cards/{fine.pk}/")
    weekdays = frozenset(range(5))
    child = members.add(
        wallet=wallet, customer=profiles.register(name="王小朋", phone="13700001111", by=cast.OWNER),
        allowance=Allowance(a_week=200_00, at_once=50_00, weekdays=weekdays, from_time=time(8), to_time=time(18)), by=cast.OWNER,
    )  # fmt: skip
    yield Page("wallet-members", f"/console/wallets/{child.wallet_id}/members/")
    yield Page("wallet-member-add", f"/console/wallets/{child.wallet_id}/members/add/")
    yield Page("wallet-member", f"/console/wallets/members/{child.pk}/")
    yield Page("till-shared", f"/console/till/wallets/{child.wallet_id}/charge/?member={child.pk}", Reader.CASHIER)
    yield Page("wallet-card-lost", f"/console/wallets/cards/{lost.pk}/")
    yield Page("pay-lost-card", f"/pay/top-up/{access.token_of(wallet)}/lost-card/", Reader.PAYER)
    yield Page("wallet-correct", f"/console/wallets/{wallet.pk}/correct/")
    yield Page("wallet-correct-ask", f"/console/wallets/{wallet.pk}/correct/ask/")
    shop.new_wallet(wallet.programme, wallet.customer)
    yield Page("wallet-move", f"/console/wallets/{wallet.pk}/move/")
    yield Page("wallet-gift", f"/console/wallets/{wallet.pk}/gift/")
    yield from given_away(here, wallet)
    yield Page("wallet-dispute", f"/console/wallets/disputes/{booked.id}/")


def given_away(here: Shop, wallet: Wallet) -> Iterator[Page]:
    """Gifts by link: one waits, one was taken by a friend who is new here. Two lists for the staff, and one handed out."""
    waiting, taken = (
        gift_links.make(wallet=wallet, amount=amount, sender="小明", words="生日快乐！", key=make.key(), by=cast.OWNER)
        for amount in (88_00, 20_00)
    )
    gift_links.take(gift=taken, phone="13500002222", name="赵小红", key="take", by=cast.OWNER)
    for place in (3, 4):
        relating.relate(customer=wallet.customer, other=here.wallets[place].customer, role=Role.EMPLOYEE, by=cast.OWNER)
    said = "13800138003 88\n13800138004 66\n13999999999 88\n"
    lists_of = [lists.pasted(said, wallet.programme) for _list in range(2)]
    planned, done = (
        handouts.plan(wallet=wallet, read=read, purpose="端午福利", key=make.key(), by=cast.OWNER) for read in lists_of
    )
    handouts.go_on(handouts.start(handout=done, by=cast.OWNER).pk)
    yield Page("wallet-handouts", f"/console/wallets/{wallet.pk}/handouts/")
    yield Page("wallet-handout", f"/console/wallets/handouts/{planned.pk}/")
    yield Page("wallet-handout-done", f"/console/wallets/handouts/{done.pk}/")
    yield Page("wallet-gift-links", f"/console/wallets/{wallet.pk}/gift-links/")
    yield Page("wallet-gift-link-new", f"/console/wallets/{wallet.pk}/gift-links/new/")
    yield Page("wallet-gift-link", f"/console/wallets/gift-links/{waiting.pk}/")
    yield Page("wallet-gift-link-taken", f"/console/wallets/gift-links/{taken.pk}/")
    for name, gift in (("pay-gift", waiting), ("pay-gift-taken", taken)):
        yield Page(name, urlsplit(gift_links.address_of(gift)).path, Reader.PAYER)


def known(person: Customer | None, other: Customer | None) -> Iterator[Page]:
    """Somebody's family, and what they agreed to."""
    assert person
    assert other
    relating.relate(customer=person, other=other, role=Role.SPOUSE, by=cast.OWNER)
    texts.publish(
        purpose=Purpose.SMS, zh="同意接收本店的营销短信，随时可以退订。", en="I agree to marketing messages.", by=cast.OWNER
    )
    agreeing.say(customer=person, purpose=Purpose.SMS, is_given=True, how=agreeing.How.PAPER, scan=SCAN, by=cast.OWNER)
    agreeing.say(customer=person, purpose=Purpose.PROFILING, is_given=False, how=agreeing.How.COUNTER, by=cast.OWNER)
    told = {"channel": "web-shop", "number": "u-7712", "name": "小小明", "phone": person.phone, "by": cast.OWNER}
    account = recognising.recognise(**told).identity  # type: ignore[arg-type]  # as the program tells it
    yield Page("customer-identities", f"/console/customers/{account.customer_id}/identities/")
    yield Page("customer-relations", f"/console/customers/{person.pk}/relations/")
    shown = profiles.register(name="赵敏", phone="13911112222", email="zhaomin@example.com", by=cast.OWNER)
    contacts.verify(customer=shown, contact="phone", how="call", by=cast.OWNER)
    yield Page("customer-consents", f"/console/customers/{person.pk}/consents/")
    yield Page("customer-contacts", f"/console/customers/{shown.pk}/contacts/")
    yield Page("consent-texts", "/console/customers/consent-texts/")


def described(customer: Customer, here: Shop) -> Iterator[Page]:
    """What the shop wants to know of its customers besides, and what became of each field."""
    profiles.change(
        customer=customer,
        notes="对花生过敏",
        favourite="手冲咖啡",
        preferred_method="wechat",
        till_note="靠窗座位",
        phone="13900139000",
        by=here.cashier,
    )
    size = fields.define(
        key="size", kind=Kind.CHOICE, label_zh="尺码", label_en="Size", options=[("m", "中号", "Medium"), ("l", "大号", "Large")],
        help_zh="上装尺码", help_en="Of tops", by=cast.OWNER,
    )  # fmt: skip
    fields.define(key="plate", kind=Kind.TEXT, label_zh="车牌", label_en="Number plate", is_personal=True, by=cast.OWNER)
    fields.define(key="card_day", kind=Kind.DAY, label_zh="办卡日", label_en="Day of the card", is_required=True, by=cast.OWNER)
    profiles.change(customer=customer, custom={"size": "l", "plate": "京A12345", "card_day": "2026-03-01"}, by=cast.OWNER)
    chosen = "columns=name&columns=phone&columns=custom.size&columns=custom.plate&columns=custom.card_day&balance_least=100"
    yield Page("customers-own-columns", f"/console/customers/?{chosen}")
    yield from besides(customer)
    yield Page("fields", "/console/fields/")
    yield Page("field-add", "/console/fields/add/")
    yield Page("field", f"/console/fields/{size.pk}/")
    retention.change(kind="messages", months=24, by=cast.OWNER)
    yield Page("retention", "/console/retention/")
    yield Page("retention-kind", "/console/retention/messages/")
    yield Page("customer-timeline", f"/console/customers/{here.wallets[0].customer_id}/timeline/")
    yield Page("customer-changes", f"/console/customers/{customer.pk}/changes/")


def besides(customer: Customer) -> Iterator[Page]:
    """What customers have besides, as the shop describes it."""
    pets, cars = (modules.define(name=name, by=cast.OWNER) for name in ("宠物 Pets", "车辆 Cars"))
    kinds = [("cat", "猫", "Cat"), ("dog", "狗", "Dog")]
    fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", is_required=True, module=pets, by=cast.OWNER)
    fields.define(key="kind", kind=Kind.CHOICE, label_zh="种类", label_en="Kind", options=kinds, module=pets, by=cast.OWNER)
    fields.define(key="chip", kind=Kind.TEXT, label_zh="芯片号", label_en="Chip", is_personal=True, module=pets, by=cast.OWNER)
    for name, kind in (("咪咪", "cat"), ("Rex", "dog")):
        values = {"name": name, "kind": kind, "chip": "985112003456789"}
        made = records.add(customer=customer, module=pets, values=values, by=cast.OWNER)
    mine = f"/console/customers/{customer.pk}/records/"
    yield Page("modules", "/console/modules/")
    yield Page("module", f"/console/modules/{pets.pk}/")
    yield Page("module-empty", f"/console/modules/{cars.pk}/")
    yield Page("records", f"/console/modules/{pets.pk}/records/")
    yield Page("customer-records", mine)
    yield Page("record-add", f"{mine}add/{pets.pk}/")
    yield Page("record", f"{mine}{made.pk}/")


def two_records_of_one(here: Shop, wallet: Wallet) -> Iterator[Page]:
    """Somebody registered twice, with value on both; and two records that were made one yesterday."""
    known = {"name": "赵敏", "born_on": "1988-08-08"}
    kept, gone = (
        profiles.register(**known, **more, by=cast.OWNER)  # type: ignore[arg-type]  # facts of a person
        for more in ({"phone": "13655550101", "tags": ["VIP"]}, {"phone": "13655550102", "email": "zhao@example.com"})
    )
    shop.top_up(shop.new_wallet(wallet.programme, gone), 300_00, here.store)
    first, second = (profiles.register(name=name, by=cast.OWNER) for name in ("周芷若", "周芷若（旧）"))
    shop.top_up(shop.new_wallet(wallet.programme, second), 200_00, here.store)
    made = merging.merge(kept=first, gone=second, taken=[], reason="出示了同一张身份证", by=cast.OWNER)

    yield Page("customer-like-another", f"/console/customers/{kept.pk}/")
    yield Page("customer-merge-choose", f"/console/customers/{kept.pk}/merge/")
    yield Page("customer-merge", f"/console/customers/{kept.pk}/merge/?with={gone.pk}")
    yield Page("customer-merged", f"/console/customers/merges/{made.pk}/")


def followed_up(customer: Customer, colleague: Staff) -> Iterator[Page]:
    """One thing was done, others are to be done today and next week."""
    today = journal.today()
    given = [
        tasks.add(customer=customer, what=what, due_on=today + timedelta(days=days), assignee=colleague, by=cast.OWNER)
        for what, days in (("问问新的拼配豆喝得怎么样", 0), ("Call about the birthday", 7), ("送会员手册", 0))
    ]
    tasks.finish(task=given[2], outcome="周六来取。", by=cast.OWNER)
    for every_days, at_least, what in ((30, 500_00, "打电话问候，问问最近的口味"), (90, 0, "Write and ask how it is")):
        cadence.set_rule(currency="CNY", at_least=at_least, every_days=every_days, what=what, by=cast.OWNER)
    yield Page("cadence", "/console/tasks/cadence/")
    yield Page("tasks", f"/console/tasks/?whose={colleague.pk}")
    yield Page("tasks-none", "/console/tasks/")
    yield Page("task", f"/console/tasks/{given[0].pk}/")
    yield Page("task-done", f"/console/tasks/{given[2].pk}/")
    yield Page("customer-tasks", f"/console/customers/{customer.pk}/tasks/")
