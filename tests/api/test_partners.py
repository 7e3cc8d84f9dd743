from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import agents
import cast
import shop
from agents import Agent
from api.program import Program
from chuzhi.customers import profiles
from chuzhi.organization.models import Store
from chuzhi.organization.partners import floats, logins
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


class PartnerProgram(Program):
    """A program with the key of a partner."""

    def __init__(self, agent: Agent) -> None:
        self.key, self.secret = logins.add_key(partner=agent.partner, name="POS", by=cast.OWNER)
        self.client = Client()


@pytest.fixture
def agent(db: None) -> Agent:
    return agents.agent(1000_00, commission=200)


@pytest.fixture
def program(agent: Agent) -> PartnerProgram:
    return PartnerProgram(agent)


@pytest.fixture
def wang(programme: Programme) -> Wallet:
    return shop.new_wallet(programme, profiles.register(by=cast.OWNER, name="王小明", phone="13812345678"))


def test_a_partners_program_finds_tops_up_once_and_sees_no_balance(program: PartnerProgram, wang: Wallet, agent: Agent) -> None:
    assert program.get("/partner/payees", to="13812345678").json()["items"][0]["name"] == "王**"

    told = [program.post("/partner/topups", {"to": "13812345678", "amount": 500_00}, key="o-1") for _twice in range(2)]

    assert [answer.status_code for answer in told] == [201, 200]
    assert (told[0].json()["amount"], told[0].json()["bonus"], told[0].json()["left"]) == (500_00, 80_00, 500_00)
    assert "balance" not in told[0].json()
    assert queries.balance(wang).principal == 500_00
    assert program.get("/partner").json()["may_credit"] == 500_00


def test_it_can_do_nothing_else(program: PartnerProgram, funded: Wallet, store: Store) -> None:
    asked = {"wallet": str(funded.pk), "amount": 1, "store": str(store.pk)}

    answers = [
        program.post("/charges", asked),
        program.post("/topups", asked | {"method": "cash"}),
        program.get(f"/wallets/{funded.pk}"),
        program.get("/customers", query="王"),
        program.get("/partners"),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_suspended_it_credits_nobody_from_the_next_request(program: PartnerProgram, wang: Wallet, agent: Agent) -> None:
    asked = {"to": "13812345678", "amount": 1_00}
    assert program.post("/partner/topups", asked).status_code == 201
    merchant = Program("partners:write")

    assert merchant.post(f"/partners/{agent.partner.pk}/suspend", {"reason": "alarm"}).json()["status"] == "suspended"

    refused = program.post("/partner/topups", asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "partner.suspended")
    merchant.post(f"/partners/{agent.partner.pk}/resume", {})
    assert program.post("/partner/topups", asked).status_code == 201


def test_what_the_contract_refuses_changes_nothing(program: PartnerProgram, wang: Wallet) -> None:
    answers = [
        program.post("/partner/topups", {"to": "13812345678", "amount": 1000_01}),
        program.post("/partner/topups", {"to": "138123456", "amount": 1}),
        program.post("/partner/topups", {"to": "13812345678", "amount": 1}, key=None),
        program.post("/partner/topups", {"to": "13812345678", "amount": 1, "wallet": "1"}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (422, "partner.float"),
        (404, "wallet.payee_unknown"),
        (400, "idempotency.missing"),
        (404, "wallet.payee_unknown"),
    ]
    assert queries.balance(wang).principal == 0


def test_a_key_with_the_scope_and_no_partner_tops_nobody_up(wang: Wallet) -> None:
    answer = Program("partner:topup").post("/partner/topups", {"to": "13812345678", "amount": 1})

    assert (answer.status_code, answer.json()["code"]) == (422, "partner.not_one")


def test_the_merchant_reads_books_and_states(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    merchant, where = Program("partners:read", "partners:write"), f"/partners/{agent.partner.pk}"

    booked = [merchant.post(f"{where}/payments", {"amount": 500_00, "reference": "bank"}, key="p-1") for _twice in range(2)]
    other = merchant.post(f"{where}/payments", {"amount": 1, "reference": "bank"}, key="p-1")

    assert [answer.json()["left"] for answer in booked] == [1500_00, 1500_00]
    assert other.json()["code"] == "idempotency.key_reused"
    page = merchant.get(f"{where}/entries", limit=1).json()
    assert (page["items"][0]["kind"], bool(page["next_cursor"])) == ("paid_in", True)
    assert len(merchant.get(f"{where}/entries", cursor=page["next_cursor"]).json()["items"]) == 1
    assert merchant.post(f"{where}/statements", {"until_on": TODAY.isoformat()}).json()["code"] == "partner.day_not_over"
    assert merchant.post(f"{where}/statements", {"until_on": "2026-13-40"}).status_code == 400
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY + timedelta(days=1))
    assert merchant.post(f"{where}/statements", {"until_on": TODAY.isoformat()}).json()["closing"] == 1500_00
    own = PartnerProgram(agent)
    assert own.post("/partner/statements/1/object", {"remark": "no"}).json()["state"] == "objected"
    assert own.post("/partner/statements/1/sign", {}).json()["state"] == "signed"
    assert own.get("/partner/statements").json()["items"][0]["state"] == "signed"
    assert own.post("/partner/statements/9/sign", {}).status_code == 404
    assert merchant.get("/partners").json()["items"][0]["left"] == floats.left_of(agent.partner)
