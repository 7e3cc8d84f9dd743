"""How money comes from afar: orders, payments, banks, what differs."""

from collections.abc import Iterator

import make
from django.utils import timezone
from payments.bank import statements

import cast
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.finance import comparing, custody, drawers, following, settlements
from chuzhi.finance.models import Case, Day
from chuzhi.ledger.chart import Method
from chuzhi.payments import agreements, believing
from chuzhi.payments.gateways.contract import Scene, State, Told
from chuzhi.payments.models import Account, Incident
from chuzhi.portal import access
from chuzhi.topups import mandates, orders
from chuzhi.topups.mandate_texts import CURRENT
from chuzhi.topups.models import Mandate, Order
from chuzhi.topups.offer_rules import Every
from finance import bringing
from topups import offering


def portal(here: Shop) -> Iterator[Page]:
    """A customer pays at home: one order is only placed, one waits for each way, one failed, one is done."""
    offering.offer(
        here.programme, (500_00, (offering.bonus(100_00), offering.bonus(60_00, parts=3, every=Every.MONTH))), channels=["link"]
    )
    placed, scanned, transferred, failed, done = (here.order(3, amount) for amount in (480_00, 500_00, 300_00, 200_00, 100_00))
    here.begin(scanned)
    here.begin(transferred, Method.BANK)
    believing.payment(here.wechat, Told(number=here.begin(failed).number, state=State.FAILED, reason="NOTENOUGH", decline=None))
    here.pay(here.begin(done))
    facts: dict[str, object] = {"amount": 500_00, "most_a_month": 1000_00, "text_version": CURRENT, "by": cast.OWNER}
    waiting, running = (
        mandates.agree(
            wallet=here.wallets[place], account=here.wechat, trigger=Mandate.Trigger.LOW, floor=50_00, key=make.key(), **facts,  # type: ignore[arg-type]  # its facts
        )
        for place in (4, 5)
    )  # fmt: skip
    mandates.confirm(waiting, scene=Scene.PAGE)
    agreement = mandates.confirm(running, scene=Scene.PAGE).agreement
    assert agreement
    here.provider.control("agree", address=agreement.started["url"])
    agreements.ask(agreement)

    mine = f"/pay/top-up/{access.token_of(here.wallets[3])}/"
    yield Page("pay-amount", mine, Reader.PAYER)
    for name, order in (("choose", placed), ("scan", scanned), ("transfer", transferred), ("failed", failed), ("done", done)):
        yield Page(f"pay-{name}", f"/pay/order/{order.number}/", Reader.PAYER)
    yield Page("pay-receipt", f"/pay/order/{done.number}/receipt/", Reader.PAYER)
    yield Page("pay-agree", f"{mine}automatic/", Reader.PAYER)
    yield Page("pay-mandate-waiting", f"/pay/automatic/{waiting.number}/", Reader.PAYER)
    yield Page("pay-mandate", f"/pay/automatic/{running.number}/", Reader.PAYER)
    yield Page("mandates", "/console/mandates/")
    yield Page("mandate", f"/console/mandates/{running.number}/")
    yield Page("reminders", "/console/orders/reminders/")
    yield Page("time-to-credit", "/console/orders/speed/")
    yield Page("order", f"/console/orders/{done.number}/")
    yield Page("order-give-back", f"/console/orders/{done.number}/give-back/")
    yield Page("order-failed", f"/console/orders/{failed.number}/")
    yield Page("payment", f"/console/payments/{orders.payments_of(done)[0].number}/")


def money(here: Shop) -> Iterator[Page]:
    """What providers and the bank say: orders, payments, statements, differences."""
    orders_of_staff = here.order(6, 1000_00, Order.Channel.AGENT)
    paid, back = here.order(6, 600_00), here.order(6, 200_00)
    here.pay(here.begin(paid))
    here.pay(here.begin(back))
    orders.give_back(order=Order.objects.get(pk=back.pk), reason="顾客搬家", key=make.key(), by=cast.OWNER)
    believing.payment(here.wechat, Told(number="PSTRANGER7", state=State.PAID, amount=5_00, currency="CNY"))
    bank = Account.objects.get(code="bank")
    known = here.begin(here.order(5, 800_00), Method.BANK)
    unknown = statements.payment(bank, 66_00)
    statements.take_in(
        bank,
        statements.row("800.00", statements.reference(known), "周杰", "S1"),
        statements.row("500.00", "充值款", "刘芳", "S2"),
        statements.row("66.00", statements.reference(unknown), "王小明", "S3"),
        statements.row("-12.50", "账户管理费", "", "S4"),
    )
    following.catch_up()
    comparing.match(bank)
    drawers.match()
    file = bringing.settlement_file(timezone.localdate(), ("000123", "500.00"), ("000124", "88.00"))
    settlements.take_in(account=bringing.acquirer(), content=file.read(), file_name="清算明细.csv", by=cast.OWNER)
    line = statements.lines(bank)[1]
    kept = statements.account(code="custody", name="存管专户", custody_pack="cn-shanghai", custody_kind="general")
    bringing.balanced(kept, timezone.localdate(), ("20000.00", "20000.00", "南京茶坊有限公司"))
    custody.match(until=timezone.localdate())

    yield Page("orders", "/console/orders/")
    yield Page("order-new", f"/console/orders/new/{here.wallets[6].pk}/")
    yield Page("order-open", f"/console/orders/{orders_of_staff.number}/")
    yield Page("order-returned", f"/console/orders/{back.number}/")
    yield Page("payments", "/console/payments/")
    yield Page("payment-given-back", f"/console/payments/{orders.payments_of(back)[0].number}/")
    yield Page("payment-transfer", f"/console/payments/{known.number}/")
    yield Page("payment-incidents", "/console/payments/incidents/")
    yield Page("payment-incident", f"/console/payments/incidents/{Incident.objects.get(kind=Incident.Kind.STRANGER).pk}/")
    yield Page("payment-accounts", "/console/payments/accounts/")
    yield Page("payment-account", f"/console/payments/accounts/{here.wechat.pk}/")
    for gateway in ("wechat", "alipay", "stripe", "bank", "terminal"):
        yield Page(f"payment-account-add-{gateway}", f"/console/payments/accounts/add/{gateway}/")
    yield Page("statements", "/console/statements/")
    yield Page("statement-add", "/console/statements/add/")
    yield Page("statement", f"/console/statements/{line.statement_id}/")
    yield Page("bank-line", f"/console/statements/lines/{line.pk}/")
    yield Page("reconciliation", "/console/reconciliation/")
    yield Page("reconciliation-day", f"/console/reconciliation/days/{Day.objects.latest('pk').pk}/")
    yield Page("reconciliation-cases", "/console/reconciliation/cases/")
    yield Page("reconciliation-case", f"/console/reconciliation/cases/{Case.objects.latest('pk').pk}/")
    yield Page("reconciliation-clearing", "/console/reconciliation/clearing/")
    yield Page("reconciliation-settlements", "/console/reconciliation/terminals/")
    yield Page("reconciliation-settlement-add", "/console/reconciliation/terminals/add/")
    yield Page("reconciliation-custody", "/console/reconciliation/custody/")
    yield Page("pack-report", f"/console/packs/cn-shanghai/report/?on={timezone.localdate()}")
    yield Page("reconciliation-payouts", "/console/reconciliation/payouts/")
