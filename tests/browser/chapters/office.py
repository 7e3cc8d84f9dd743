"""What somebody has to decide, what was told to whom, and the doors."""

from collections.abc import Iterator
from datetime import timedelta

import make
from django.utils import timezone

import cast
import shop
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.approvals import requests as approvals
from chuzhi.customers import uploads
from chuzhi.limits import raises
from chuzhi.limits import shop as limits
from chuzhi.limits.rules import Scope
from chuzhi.messaging import tasks
from chuzhi.messaging.models import Delivery
from chuzhi.organization import invitations
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import Grant
from chuzhi.refunds import calculating, requests
from chuzhi.refunds.rules import Cause
from chuzhi.risk import watching
from chuzhi.risk.models import Case
from chuzhi.till import announcing, notices
from chuzhi.wallets import adjustments, gifts
from chuzhi.webhooks import endpoints
from risk.watched import CODE, only, three_top_ups

PROOF = ("门店租赁合同.pdf", b"%PDF-1.7 contract")


def back(here: Shop) -> Iterator[Page]:
    """A customer wants the balance back, by the law of the shop's pack."""
    leaving, asking = (shop.new_wallet(shop.new_programme(name="充三千送一千", bands=[(3000_00, 1000_00)])) for _each in "ab")
    for wallet in (leaving, asking):
        shop.top_up(wallet, 3000_00, here.store, effective_at=timezone.now() - timedelta(days=30))
        shop.charge(wallet, 3594_00, here.store)
    said = calculating.Circumstances(cause=Cause.MERCHANT)
    asked = requests.ask(
        wallet=asking, said=said, reason="门店搬迁，离家太远", method="cash", files=[PROOF], key=make.key(), by=here.cashier
    )
    yield Page("refund-requests", "/console/refunds/")
    yield Page("refund-calculate", f"/console/refunds/wallets/{leaving.pk}/?cause=merchant")
    yield Page("refund-request", f"/console/refunds/{asked.pk}/")


def checked(here: Shop) -> Iterator[Page]:
    """What needs a second person, and how much may come in."""
    wallet = here.wallets[0]
    assert wallet.customer
    limits.set_limit(kind="a_day", asset="CNY", amount=2000_00, scope=Scope(method="cash"), by=cast.OWNER)
    limits.set_limit(kind="held", asset="CNY", amount=8000_00, scope=Scope(tier="gold"), by=cast.OWNER)
    limits.put_in_tier(customer=wallet.customer, code="gold", by=cast.OWNER)
    ends_on = timezone.localdate() + timedelta(days=30)
    raised = raises.apply(
        customer=wallet.customer, kind="a_day", asset="CNY", amount=9000_00, reason="为婚宴预存", ends_on=ends_on, files=[PROOF],
        by=here.cashier,
    )  # fmt: skip
    gifts.ask(wallet=wallet, amount=50_00, cause="complaint", ticket="T-7", key=make.key(), by=here.cashier)
    asked = adjustments.ask(
        wallet=wallet, way="give", amount=1500_00, reason="结账重复扣款", evidence="工单 7", key=make.key(), by=here.cashier
    )
    refused = gifts.ask(wallet=wallet, amount=5_00, cause="goodwill", ticket="T-8", key=make.key(), by=here.cashier)
    approvals.refuse(request=refused, reason="没有工单", by=cast.OWNER)
    yield Page("approvals", "/console/approvals/")
    yield Page("approvals-mine", "/console/approvals/mine/")
    yield Page("approvals-history", "/console/approvals/history/")
    yield Page("approval", f"/console/approvals/{asked.pk}/")
    yield Page("approval-refused", f"/console/approvals/{refused.pk}/")
    yield Page("approval-limits", "/console/approvals/limits/")
    yield Page("limits", "/console/limits/")
    yield Page("wallet-limits", f"/console/limits/wallets/{wallet.pk}/?store={here.store.pk}")
    yield Page("raise-apply", f"/console/limits/wallets/{wallet.pk}/raise/")
    yield Page("raises", "/console/limits/raises/")
    yield Page("raise", f"/console/limits/raises/{raised.pk}/")
    yield Page("packs", "/console/packs/")
    yield Page("pack", "/console/packs/cn-shanghai/")


def watched(here: Shop) -> Iterator[Page]:
    """Three top-ups in a row are a case."""
    only()
    three_top_ups(here.wallets[3], here.store)
    watching.follow()
    for name in ("", "float", "entries", "proof"):
        yield Page(f"board-{name}".strip("-"), f"/console/board/{name}/".replace("//", "/"))
    yield Page("audit", "/console/audit/")
    yield Page("risk", "/console/risk/")
    yield Page("risk-case", f"/console/risk/cases/{Case.objects.earliest('pk').pk}/")
    yield Page("risk-rules", "/console/risk/rules/")
    yield Page("risk-rule", f"/console/risk/rules/{CODE}/")


def papers(here: Shop) -> Iterator[Page]:
    """What was told to whom, and the house itself."""
    notices.add(roles=["administrator"], at_least=500_00, by=cast.OWNER)
    shop.top_up(here.wallets[1], 600_00, here.store)
    announcing.follow()
    for number in Delivery.objects.values_list("pk", flat=True):
        tasks.deliver(number=number)
    told = Delivery.objects.filter(message__customer__isnull=False).latest("pk")
    colleague = Staff.objects.earliest("pk")
    program, _secret = endpoints.add(name="记账软件", url="https://books.example.com/chuzhi", by=cast.OWNER)
    yield Page("messages", "/console/messages/")
    yield Page("message", f"/console/messages/{told.pk}/")
    yield Page("message-texts", "/console/messages/texts/")
    yield Page("message-text", "/console/messages/texts/top_up.receipt/zh-hans/")
    yield Page("notices", "/console/messages/notices/")
    yield Page("inbox", "/console/messages/inbox/")
    yield Page("team", "/console/team/")
    yield Page("team-factors", "/console/team/second-factors/")
    yield Page("team-confirmations", "/console/team/confirmations/")
    yield Page("team-invite", "/console/team/invite/")
    table = f"姓名,用户名,岗位,门店,邮箱\n韩梅梅,hanmeimei,收银员,{here.store.code},mei@shop.example\n李雷,lilei,店长、财务,全部门店,\n"
    table += f"王芳,wangfang,保洁,全部门店,\n{colleague.name},{colleague.username},店长,全部门店,\n"
    yield Page("team-bring", "/console/team/import/")
    yield Page("team-check", f"/console/team/import/{uploads.keep(table.encode())}/")
    yield Page("person", f"/console/team/{colleague.pk}/")
    yield Page("stores", "/console/stores/")
    yield Page("store-add", "/console/stores/add/")
    yield Page("store", f"/console/stores/{here.store.pk}/")
    yield Page("till-change", f"/console/stores/tills/{here.till.pk}/")
    yield Page("webhooks", "/console/webhooks/")
    yield Page("webhook-add", "/console/webhooks/add/")
    yield Page("webhook", f"/console/webhooks/{program.pk}/")
    yield Page("keys", "/console/keys/")
    yield Page("key-create", "/console/keys/create/")
    yield Page("showcase", "/console/ui/")


def doors(here: Shop) -> Iterator[Page]:
    """Coming in, and what is shut."""
    link = invitations.create_link(grants=[Grant("cashier", here.store.pk)], base_url="", by=cast.OWNER)
    yield Page("sign-in", "/console/sign-in/", Reader.PAYER)
    yield Page("welcome", link, Reader.PAYER)
    yield Page("home-cashier", "/console/home/", Reader.CASHIER)
    yield Page("workplace", "/console/workplace/")
    yield Page("password", "/console/password/")
    yield Page("security", "/console/security/", Reader.CASHIER)
    yield Page("security-app", "/console/security/app/")
    yield Page("security-passkey", "/console/security/passkeys/add/")
    for language in ("zh", "en"):
        cast.with_app(here.readers[language, Reader.CASHIER])
    yield Page("security-codes", "/console/security/codes/", Reader.CASHIER)
    yield Page("forbidden", "/console/keys/", Reader.CASHIER, status=403)
    yield Page("not-found", "/console/orders/NOSUCHORDER/", status=404)
    yield Page("pay-unknown", "/pay/order/NOSUCHORDER/", Reader.PAYER, status=404)
