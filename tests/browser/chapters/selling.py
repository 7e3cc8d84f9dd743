"""What is given on top, and those who sell for the shop."""

from collections.abc import Iterator
from datetime import timedelta

import make
import pytest
from django.utils import timezone

import agents
import cast
import rechargecards
from browser.pages import Page, Reader
from browser.premises import Shop
from chuzhi.console import formkeys
from chuzhi.organization.partners import contracts
from chuzhi.organization.partners import statements as partner_statements
from chuzhi.organization.partners.models import PartnerIncident
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import acceptances, agency, bulk_credits, intake, intake_steps, lists
from chuzhi.wallets.applications import reviewing
from topups import offering

THREE_HOLDERS = "13800138000,20\n13800138001,20\n13800138002,50\n13900000000,20\n"
CUSTOMERS = "会员姓名,手机号,储值余额,赠送余额\n钱一,13911110001,500,80\n钱二,13911110002,100.50,\n钱三,12,100,\n"
REFUSED = CUSTOMERS.replace("钱", "郑").replace("1111", "3333") + "钱四,1,1,\n"


def promised(here: Shop) -> Iterator[Page]:
    """What is given on top: offers and the programmes they belong to, a bonus for many, a file of customers."""
    points = offering.points()
    rich = (offering.bonus(120_00, parts=12, every=Every.MONTH), offering.lot(points, 500, 5_00), offering.level("gold"))
    full = offering.offer(here.programme, (500_00, offering.bonus(80_00)), (1000_00, rich), budget=3000_00, is_first_only=True)
    for place in (0, 4):
        offering.sell(here.wallets[place], 1000_00, here.store)
    offering.offer(here.programme, (200_00, offering.bonus(50_00)), budget=50_00, channels=["counter", "web"])
    read = lists.pasted(THREE_HOLDERS, here.programme)
    batch = bulk_credits.plan(read=read, cause="campaign", ticket="春季回馈", key=make.key(), by=cast.OWNER)
    given = bulk_credits.plan(read=read, cause="complaint", ticket="T-7", key=make.key(), by=cast.OWNER)
    bulk_credits.give(batch=bulk_credits.start(batch=given, by=cast.OWNER))

    yield Page("offers", "/console/offers/")
    yield Page("offer", f"/console/offers/{full.pk}/")
    yield Page("offer-add", "/console/offers/add/")
    yield Page("offer-change", f"/console/offers/{full.pk}/change/")
    yield Page("programmes", "/console/programmes/")
    yield Page("programme", f"/console/programmes/{here.programme.pk}/")
    yield Page("programme-add", "/console/programmes/add/")
    yield Page("programme-revise", f"/console/programmes/{here.programme.pk}/terms/")
    yield Page("credits", "/console/credits/")
    yield Page("credit-batch", f"/console/credits/{batch.pk}/")
    yield Page("credit-batch-given", f"/console/credits/{given.pk}/")


def files(here: Shop) -> Iterator[Page]:
    """Customers of the system before: one file is taken in, one was checked, one is being checked."""
    made = [
        intake.bring(content=content.encode(), file_name=f"会员{place}.csv", programme=here.programme, by=here.owner)
        for place, content in enumerate(
            (CUSTOMERS, CUSTOMERS.replace("钱", "吴").replace("1111", "2222"), CUSTOMERS + "钱四,1,1\n")
        )
    ]
    for batch in made[:2]:
        intake_steps.go_on(batch.pk)
    signed = intake.bring(content=REFUSED.encode(), file_name="旧系统.csv", programme=here.programme, by=here.owner)
    intake_steps.go_on(signed.pk)
    for batch in (made[0], signed):
        intake.take_in(batch=batch, by=here.owner)
        intake_steps.go_on(batch.pk)
    acceptances.sign(batch=signed, principal=601_50, bonus=80_00, note="钱四的 1 元没有手机号", signer="李会计", by=here.owner)
    yield Page("imports", "/console/imports/")
    twins = CUSTOMERS.replace("139", "136")
    alike = intake.bring(content=twins.encode(), file_name="可能重复.csv", programme=here.programme, by=here.owner)
    intake_steps.go_on(alike.pk)
    yield Page("import-alike", f"/console/imports/{alike.pk}/")
    yield Page("import-to-sign", f"/console/imports/{made[0].pk}/acceptance/")
    yield Page("import-signed", f"/console/imports/{signed.pk}/acceptance/")
    for name, batch in zip(("taken", "checked", "under-way"), made, strict=True):
        yield Page(f"import-{name}", f"/console/imports/{batch.pk}/")


def cards_of_paper(here: Shop) -> Iterator[Page]:
    """Recharge cards: ordered, sent out, sold; and applications for named cards."""
    ordered = rechargecards.printed(here.programme, 5)
    stocked = rechargecards.sent(here.programme, here.store, 4, value=200_00)
    rechargecards.sell(stocked.voucher(), here.store)
    rechargecards.redeem(here.wallets[5], stocked.cards[0])
    passport = [("护照.pdf", b"%PDF-1.7 passport")]
    filed, rejected = (
        reviewing.file(
            programme=here.programme, name=name, phone=phone, documents=passport, key=make.key(), by=here.cashier
        )
        for name, phone in (("何静", "13812345678"), ("郑凯", "13812345679"))
    )  # fmt: skip
    reviewing.reject(application=rejected, reason="证件照片看不清", by=cast.OWNER)

    yield Page("vouchers", "/console/vouchers/")
    yield Page("voucher-order", "/console/vouchers/order/")
    yield Page("voucher-batch-printed", f"/console/vouchers/batches/{ordered.batch.pk}/")
    yield Page("voucher-batch", f"/console/vouchers/batches/{stocked.batch.pk}/")
    yield Page("voucher", f"/console/vouchers/{stocked.voucher().pk}/")
    yield Page("voucher-sell", "/console/vouchers/sell/")
    yield Page("voucher-sell-found", f"/console/vouchers/sell/?find={stocked.cards[1].number}")
    yield Page("voucher-redeem", f"/console/vouchers/redeem/{here.wallets[5].pk}/")
    yield Page("applications", "/console/applications/")
    yield Page("applications-rejected", "/console/applications/?state=rejected")
    yield Page("application", f"/console/applications/{filed.pk}/")
    yield Page("application-file", "/console/applications/file/")


def partners(here: Shop) -> Iterator[Page]:
    """A shop around the corner tops up for us; its own people see its counter and its account."""
    partner = here.partner
    mine = agents.program_of(partner)
    contracts.add_location(partner=partner, name="火车站店", by=cast.OWNER)
    contracts.note_incident(partner=partner, kind=PartnerIncident.Kind.COMPLAINT, note="顾客说没有打印小票", by=cast.OWNER)
    wallet = here.wallets[0]
    done = [agency.top_up(wallet=wallet, amount=amount, key=make.key(), by=mine) for amount in (100_00, 60_00, 500_00)]
    stock = rechargecards.sent(here.programme, partner)
    today = timezone.localdate()
    with pytest.MonkeyPatch.context() as tomorrow:
        tomorrow.setattr(timezone, "localdate", lambda: today + timedelta(days=1))
        partner_statements.issue(partner=partner, until_on=today, by=cast.OWNER)
    base = f"/console/partners/{partner.pk}"
    yield Page("partners", "/console/partners/")
    yield Page("partner-add", "/console/partners/add/")
    yield Page("partner", f"{base}/")
    for part in ("contract", "statements", "people", "edit", "terms"):
        yield Page(f"partner-{part}", f"{base}/{part}/")
    yield Page("partner-statement", f"{base}/statements/1/")
    key = formkeys.new(f"agency.{wallet.pk}.0")
    yield Page("agency", "/console/partner/", Reader.PARTNER)
    yield Page("agency-top-up", f"/console/partner/top-up/{key}/", Reader.PARTNER)
    yield Page("agency-card", f"/console/partner/cards/{stock.cards[0].number}/", Reader.PARTNER)
    yield Page("agency-receipt", f"/console/partner/receipts/{done[-1].moved.id}/", Reader.PARTNER)
    yield Page("agency-account", "/console/partner/account/", Reader.PARTNER)
    yield Page("agency-statement", "/console/partner/statements/1/", Reader.PARTNER)
