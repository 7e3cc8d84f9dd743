"""Partners on the merchant's pages, and a partner's own counter."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

import agents
import cast
import rechargecards
import shop
from agents import Agent
from chuzhi.customers import profiles
from chuzhi.organization.partners import contracts, floats, statements
from chuzhi.organization.partners.models import Partner
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.vouchers import rules

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


@pytest.fixture
def owner_page() -> Client:
    return cast.signed_in(cast.person("administrator"))


@pytest.fixture
def agent(db: None) -> Agent:
    return agents.agent(1000_00, commission=200, busy_from=1)


@pytest.fixture
def counter(agent: Agent) -> Client:
    return cast.signed_in(agent.person)


@pytest.fixture
def wang(programme: Programme) -> Wallet:
    return shop.new_wallet(programme, profiles.register(by=cast.OWNER, name="王小明", phone="13812345678"))


def key_in(page: bytes, name: str = "key") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def found_by(counter: Client, typed: str) -> str:
    """The address of the first whom a number finds."""
    page = counter.post("/console/partner/", {"find": typed}).content.decode()
    address = re.search(r'href="(/console/partner/top-up/[^"]+)"', page)
    assert address
    return address[1]


class TestMerchant:
    def test_a_partner_is_taken_on_and_given_new_terms(self, owner_page: Client) -> None:
        given = {"code": "kiosk", "name": "街角便利店", "commission": "1.25", "busy_from": "30", "credit_limit": "500"}

        made = owner_page.post("/console/partners/add/", given)

        partner = Partner.objects.get(code="kiosk")
        assert made["Location"] == f"/console/partners/{partner.pk}/"
        assert (contracts.in_force(partner).commission, contracts.in_force(partner).credit_limit) == (125, 500_00)
        page = owner_page.get(f"/console/partners/{partner.pk}/terms/").content.decode()
        assert 'value="1.25"' in page
        revised = {"commission": "2", "busy_from": "10", "most_a_day": "1000", "ends_on": "2030-12-31"}
        assert owner_page.post(f"/console/partners/{partner.pk}/terms/", revised).status_code == 302
        assert contracts.in_force(partner).ends_on == date(2030, 12, 31)
        assert owner_page.post("/console/partners/add/", given).status_code == 422
        assert "街角便利店" in owner_page.get("/console/partners/").content.decode()

    def test_a_payment_is_booked_once_and_too_large_a_one_is_refused_in_words(self, finance_page: Client, agent: Agent) -> None:
        where = f"/console/partners/{agent.partner.pk}/"
        key = key_in(finance_page.get(where).content)
        asked = {"way": "in", "amount": "250", "reference": "bank 7", "key": key}

        for _twice in range(2):
            assert finance_page.post(f"{where}pay/", asked).status_code == 302

        assert floats.left_of(agent.partner) == 1250_00
        refused = finance_page.post(f"{where}pay/", asked | {"way": "out", "amount": "1250.01", "key": "made-up"})
        assert refused.status_code == 422
        assert "¥1,250.00" in refused.content.decode()

    def test_suspending_needs_a_reason_and_resuming_the_administrator(
        self, finance_page: Client, owner_page: Client, agent: Agent
    ) -> None:
        where = f"/console/partners/{agent.partner.pk}/"

        assert finance_page.post(f"{where}suspend/", {}).status_code == 422
        assert finance_page.post(f"{where}suspend/", {"reason": "complaints"}).status_code == 302
        assert "complaints" in finance_page.get(where).content.decode()
        assert finance_page.post(f"{where}resume/").status_code == 403
        assert owner_page.post(f"{where}resume/").status_code == 302
        agent.partner.refresh_from_db()
        assert agent.partner.status == "active"

    def test_a_top_up_is_taken_back_and_its_alarm_looked_at(
        self, finance_page: Client, counter: Client, agent: Agent, wang: Wallet
    ) -> None:
        address = found_by(counter, "13812345678")
        counter.post(address, {"amount": "100", "confirmed": "yes"})
        where = f"/console/partners/{agent.partner.pk}/"
        entry, alarm = agent.partner.entries.get(kind="top_up"), agent.partner.alarms.get()
        assert "Many top-ups in a short time" in finance_page.get(where).content.decode()

        finance_page.post(f"/console/partners/alarms/{alarm.pk}/seen/")
        for _twice in range(2):
            finance_page.post(f"/console/partners/entries/{entry.pk}/reverse/", {"reason": "wrong customer"})

        assert "Many top-ups in a short time" not in finance_page.get(where).content.decode()
        assert (floats.left_of(agent.partner), queries.balance(wang).principal) == (1000_00, 0)

    def test_people_places_programs_and_incidents(self, owner_page: Client, agent: Agent) -> None:
        where = f"/console/partners/{agent.partner.pk}/"

        link = owner_page.post(f"{where}invite/").content.decode()
        secret = owner_page.post(f"{where}keys/", {"name": "POS"}).content.decode()
        owner_page.post(f"{where}locations/", {"name": "火车站店"})
        owner_page.post(f"{where}incidents/", {"kind": "complaint", "note": "rude"})

        assert "/console/welcome/" in link
        assert "cz_live_" in secret
        people, contract = (
            owner_page.get(f"{where}people/").content.decode(),
            owner_page.get(f"{where}contract/").content.decode(),
        )
        assert "POS" in people
        assert "cz_live_" not in people
        assert "火车站店" in contract
        assert "rude" in contract
        key = agent.partner.keys.get().key_id
        assert owner_page.post(f"{where}keys/{key}/revoke/").status_code == 302
        assert owner_page.post(f"{where}locations/", {"name": "火车站店"}).status_code == 422


class TestCounter:
    def test_signing_in_leads_to_the_counter_and_nothing_else_is_offered(self, counter: Client) -> None:
        assert counter.get("/console/", follow=True).redirect_chain[-1][0] == "/console/partner/"
        page = counter.get("/console/partner/").content.decode()
        assert "/console/customers/" not in page
        for closed in ("/console/till/", "/console/customers/", "/console/wallets/", "/console/partners/", "/console/keys/"):
            assert counter.get(closed).status_code == 403, closed

    def test_find_enter_confirm_receipt(self, counter: Client, agent: Agent, wang: Wallet) -> None:
        address = found_by(counter, "138 1234 5678")
        asked = {"amount": "500", "reference": ""}

        confirming = counter.post(address, asked).content.decode()
        done = [counter.post(address, asked | {"confirmed": "yes"}) for _twice in range(2)]

        assert "¥80.00" in confirming
        assert "王**" in confirming
        assert done[0]["Location"] == done[1]["Location"]
        receipt = counter.get(done[0]["Location"]).content.decode()
        assert "王**" in receipt
        assert "小明" not in receipt
        assert (queries.balance(wang).principal, floats.left_of(agent.partner)) == (500_00, 500_00)

    def test_a_refusal_is_said_in_money_and_changes_nothing(self, counter: Client, agent: Agent, wang: Wallet) -> None:
        address = found_by(counter, "13812345678")

        answer = counter.post(address, {"amount": "1000.01", "confirmed": "yes"})

        assert answer.status_code == 422
        assert "¥1,000.00" in answer.content.decode()
        assert queries.balance(wang).principal == 0

    def test_suspended_with_the_page_open(self, counter: Client, agent: Agent, wang: Wallet) -> None:
        address = found_by(counter, "13812345678")
        contracts.suspend(partner=agent.partner, reason="x", by=cast.OWNER)

        answer = counter.post(address, {"amount": "1", "confirmed": "yes"})

        assert (answer.status_code, queries.balance(wang).principal) == (422, 0)

    @pytest.mark.parametrize("typed", ["5678", "王小明", "13800000000", ""])
    def test_nobody_is_found_by_less_than_a_whole_number(self, counter: Client, wang: Wallet, typed: str) -> None:
        answer = counter.post("/console/partner/", {"find": typed})

        assert answer.status_code == 422
        assert "王**" not in answer.content.decode()

    def test_a_key_that_is_not_ours_opens_nothing(self, counter: Client, wang: Wallet) -> None:
        assert counter.get(f"/console/partner/top-up/agency.{wang.pk}.0.x:y/").status_code == 404

    def test_a_receipt_of_another_partner_is_not_shown(self, counter: Client, wang: Wallet) -> None:
        where = counter.post(found_by(counter, "13812345678"), {"amount": "1", "confirmed": "yes"})["Location"]

        assert cast.signed_in(agents.agent().person).get(where).status_code == 404

    def test_a_card_of_its_stock_is_sold(self, counter: Client, agent: Agent, programme: Programme) -> None:
        lot = rechargecards.sent(programme, agent.partner)
        led = counter.post("/console/partner/", {"find": rules.grouped(lot.cards[0].number)})
        page = counter.get(led["Location"])

        sold = counter.post(led["Location"], {"key": key_in(page.content)})

        assert counter.get(sold["Location"]).status_code == 200
        assert (lot.voucher().status, floats.left_of(agent.partner)) == ("active", 900_00)
        assert counter.get(f"/console/partner/cards/{rechargecards.printed(programme).cards[0].number}/").status_code == 404

    def test_a_statement_is_objected_to_and_then_signed(
        self, counter: Client, agent: Agent, finance_page: Client, wang: Wallet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counter.post(found_by(counter, "13812345678"), {"amount": "100", "confirmed": "yes"})
        where = f"/console/partners/{agent.partner.pk}/statements/"
        assert finance_page.post(f"{where}issue/", {"until_on": TODAY.isoformat()}).status_code == 422
        monkeypatch.setattr(timezone, "localdate", lambda: TODAY + timedelta(days=1))
        assert finance_page.post(f"{where}issue/", {"until_on": TODAY.isoformat()}).status_code == 302

        assert "¥2.00" in counter.get("/console/partner/statements/1/").content.decode()
        assert counter.post("/console/partner/statements/1/answer/", {"remark": ""}).status_code == 422
        assert counter.post("/console/partner/statements/1/answer/", {"remark": "one is missing"}).status_code == 302
        assert "one is missing" in finance_page.get(f"{where}1/").content.decode()
        assert counter.post("/console/partner/statements/1/answer/", {"sign": "yes"}).status_code == 302
        assert statements.of(agent.partner).get().state == "signed"
        assert floats.left_of(agent.partner) == 902_00
        assert counter.get("/console/partner/account/").status_code == 200

    def test_somebody_of_no_partner_is_told_so(self) -> None:
        page = cast.signed_in(cast.person("partner"))

        assert "You work for no partner" in page.get("/console/partner/").content.decode()
        assert "You work for no partner" in page.get("/console/partner/account/").content.decode()
