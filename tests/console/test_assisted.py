"""A service agent at work: on the phone with a customer, from the call to the credit."""

import re

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
import shop
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.messaging.models import Message
from chuzhi.organization.models import Till
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db
HOME = "/console/assisted/"
PDF = b"%PDF-1.7 it is me"


@pytest.fixture
def wallet(programme: Programme) -> Wallet:
    who = profiles.register(by=cast.OWNER, name="王小明", phone="13800138000", email="wang@example.com")
    return shop.new_wallet(programme, who)


@pytest.fixture
def agent(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier", name="韩梅梅"), till)


@pytest.fixture
def manager(till: Till) -> Client:
    return cast.signed_in(cast.person("manager"), till)


def key(page: str, act: str) -> str:
    """The key of the form that posts to this act."""
    form = re.search(rf'action="[^"]*/{act}/".*?name="key" value="([^"]+)"', page, re.DOTALL)
    assert form, act
    return form[1]


def taken_down(wallet: Wallet, client: Client, **more: object) -> AssistedTopUp:
    address = f"{HOME}new/{wallet.pk}/"
    form = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())
    assert form
    given = {"key": form[1], "amount": "500", "channel": "phone", "speaker": "holder", "verified": "called_back"}
    answer = client.post(address, given | more)
    assert answer.status_code == 302, answer.content.decode()
    return AssistedTopUp.objects.latest("pk")


def page(client: Client, row: AssistedTopUp) -> str:
    return str(client.get(f"{HOME}{row.number}/").content.decode())


def send(client: Client, row: AssistedTopUp, act: str, **given: object):  # type: ignore[no-untyped-def]  # Django's test answer
    return client.post(f"{HOME}{row.number}/{act}/", {"key": key(page(client, row), act), **given})


def test_from_the_call_to_the_pay_link(agent: Client, wallet: Wallet) -> None:
    assert f"{HOME}new/{wallet.pk}/" in agent.get(f"{HOME}new/?find=8000").content.decode()
    row = taken_down(
        wallet, agent, speaker="other", caller="王太太", note="生日", documents=[SimpleUploadedFile("id.pdf", PDF)]
    )

    answer = send(agent, row, "link", amount="500", is_mailed="on")

    assert answer.status_code == 302
    shown = page(agent, row)
    order = Order.objects.get()
    assert f"/pay/order/{order.number}/" in shown
    assert "<svg" in shown
    assert "王太太" in shown
    assert row.number in agent.get(f"/console/orders/{order.number}/").content.decode()
    assert "Pay link is out" in agent.get(f"/console/wallets/{wallet.pk}/").content.decode()


def test_taken_at_the_counter_it_is_found_from_both_sides(agent: Client, wallet: Wallet) -> None:
    row = taken_down(wallet, agent)

    answer = send(agent, row, "tender", amount="500", method="CASH")

    operation = answer["Location"].split("/")[-2]
    receipt = agent.get(answer["Location"]).content.decode()
    assert f"{HOME}{row.number}/" in receipt
    assert "Asked for through 韩梅梅" in receipt
    assert operation in page(agent, row)
    assert f"{HOME}{row.number}/" in agent.get(f"{HOME}?find={operation}").content.decode()
    assert AgentCredit.objects.get().request == row.number


def test_each_form_sent_twice_does_it_once(agent: Client, wallet: Wallet) -> None:
    address = f"{HOME}new/{wallet.pk}/"
    form = re.search(r'name="key" value="([^"]+)"', agent.get(address).content.decode())
    assert form
    given = {"key": form[1], "amount": "500", "channel": "chat", "speaker": "holder", "verified": "no"}
    assert agent.post(address, given)["Location"] == agent.post(address, given)["Location"]
    row = AssistedTopUp.objects.get()

    paying = {"key": key(page(agent, row), "tender"), "amount": "500", "method": "CASH"}
    answers = [agent.post(f"{HOME}{row.number}/tender/", paying) for _twice in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert queries.balance(wallet).principal == 500_00


def test_the_link_s_form_sent_twice_makes_one_order(agent: Client, wallet: Wallet) -> None:
    row = taken_down(wallet, agent)
    given = {"key": key(page(agent, row), "link"), "amount": "500", "is_mailed": "on"}

    assert [agent.post(f"{HOME}{row.number}/link/", given).status_code for _twice in range(2)] == [302, 302]

    assert Order.objects.count() == 1


class TestBlocked:
    def test_an_agent_sees_why_and_is_told_who_may_clear_it(self, agent: Client, wallet: Wallet) -> None:
        accounts.freeze(wallet=wallet, reason="手机被偷", key="k", by=cast.OWNER)
        row = taken_down(wallet, agent)

        shown = page(agent, row)

        assert "手机被偷" in shown
        assert "To be resolved by: Service agent, Manager, Administrator" in shown
        assert "Unfreeze" not in shown
        form = {"key": "x", "obstacle": f"wallet.frozen:wallet:{wallet.pk}", "reason": "asks"}
        assert agent.post(f"{HOME}{row.number}/clear/", form).status_code == 422
        assert "frozen" in send(agent, row, "link", amount="500").content.decode()
        assert not Order.objects.exists()

    def test_a_manager_clears_it_with_a_reason_and_it_goes_on(self, agent: Client, manager: Client, wallet: Wallet) -> None:
        accounts.freeze(wallet=wallet, reason="手机被偷", key="k", by=cast.OWNER)
        row, obstacle = taken_down(wallet, agent), f"wallet.frozen:wallet:{wallet.pk}"
        assert send(manager, row, "clear", obstacle=obstacle, reason=" ").status_code == 422

        answer = send(manager, row, "clear", obstacle=obstacle, reason="called back, phone is found")

        assert answer.status_code == 302
        assert "called back, phone is found" in page(agent, row)
        assert send(agent, row, "link", amount="500").status_code == 302

    def test_a_limit_leads_to_asking_for_a_higher_one(self, agent: Client) -> None:
        who = profiles.register(by=cast.OWNER, name="刘芳")
        wallet = shop.new_wallet(shop.new_programme(most_per_top_up=100_00), who)

        shown = page(agent, taken_down(wallet, agent, verified="answers"))

        assert "CN¥100.00" in shown
        assert f"/console/limits/wallets/{wallet.pk}/raise/" in shown

    def test_nothing_is_cleared_for_a_stranger(self, manager: Client, wallet: Wallet) -> None:
        accounts.freeze(wallet=wallet, reason="手机被偷", key="k", by=cast.OWNER)

        shown = page(manager, taken_down(wallet, manager, verified="no"))

        assert "nothing is cleared for them" in shown
        assert "/clear/" not in shown


class TestBadInput:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": ""}, {"amount": "0"}, {"amount": "-5"}, {"amount": "1e3"}, {"amount": "五百"}, {"channel": "pigeon"},
            {"speaker": "other"}, {"verified": "document"}, {"verified": ""}, {"note": "x" * 201}, {"key": "forged"}, {"key": ""},
            {"documents": [SimpleUploadedFile("a.exe", b"MZ")]},
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said_in_the_form(self, agent: Client, wallet: Wallet, wrong: dict[str, object]) -> None:
        address = f"{HOME}new/{wallet.pk}/"
        form = re.search(r'name="key" value="([^"]+)"', agent.get(address).content.decode())
        assert form
        given = {"key": form[1], "amount": "500", "channel": "phone", "speaker": "holder", "verified": "called_back"}

        answer = agent.post(address, given | wrong)

        assert answer.status_code == 422
        assert not AssistedTopUp.objects.exists()

    @pytest.mark.parametrize("act", ["link", "tender", "clear"])
    def test_a_form_that_is_too_old_does_nothing(self, agent: Client, wallet: Wallet, act: str) -> None:
        row = taken_down(wallet, agent)

        answer = agent.post(f"{HOME}{row.number}/{act}/", {"key": "old", "amount": "500", "method": "CASH", "reason": "r"})

        assert answer.status_code == 422
        assert "too old" in answer.content.decode()
        assert (Order.objects.count(), queries.balance(wallet).principal) == (0, 0)

    def test_mail_needs_an_address(self, agent: Client, programme: Programme) -> None:
        row = taken_down(shop.new_wallet(programme), agent, verified="answers")

        assert "no e-mail address on file" in send(agent, row, "link", amount="500", is_mailed="on").content.decode()
        assert send(agent, row, "link", amount="500", is_mailed="on", email="not one").status_code == 422
        assert send(agent, row, "link", amount="500", email="office@example.com").status_code == 302
        assert Message.objects.get().stranger == "office@example.com"

    def test_a_card_payment_needs_its_slip(self, agent: Client, wallet: Wallet) -> None:
        row = taken_down(wallet, agent)

        assert send(agent, row, "tender", amount="500", method="TERMINAL").status_code == 422
        assert send(agent, row, "tender", amount="500", method="TERMINAL", terminal="T-1", slip="7").status_code == 302

    @pytest.mark.parametrize("address", ["HNOSUCH/", "new/0/", "HNOSUCH/documents/1/"])
    def test_what_is_not_there_is_not_found(self, agent: Client, address: str) -> None:
        assert agent.get(f"{HOME}{address}").status_code == 404

    def test_points_cannot_be_asked_for(self, agent: Client) -> None:
        points = shop.new_wallet(shop.new_programme(asset="POINTS"))

        assert agent.get(f"{HOME}new/{points.pk}/").status_code == 404
        assert agent.post(f"{HOME}new/{points.pk}/", {"amount": "5"}).status_code == 404


def test_it_is_closed_with_a_reason(agent: Client, wallet: Wallet) -> None:
    row = taken_down(wallet, agent)
    assert agent.post(f"{HOME}{row.number}/close/", {"reason": ""}).status_code == 422

    assert agent.post(f"{HOME}{row.number}/close/", {"reason": "changed their mind"}).status_code == 302

    assert "changed their mind" in page(agent, row)
    assert row.number not in agent.get(f"{HOME}?status=open").content.decode()
    assert row.number in agent.get(f"{HOME}?status=closed").content.decode()


def test_a_link_that_is_out_is_cancelled(agent: Client, wallet: Wallet) -> None:
    row = taken_down(wallet, agent)
    send(agent, row, "link", amount="500")

    assert agent.post(f"{HOME}{row.number}/link/cancel/").status_code == 302

    assert Order.objects.get().stage == "cancelled"
    assert "Send a pay link" in page(agent, row)


def test_evidence_is_read_by_agents_and_each_look_is_kept(agent: Client, wallet: Wallet) -> None:
    row = taken_down(wallet, agent, verified="document", documents=[SimpleUploadedFile("id.pdf", PDF)])
    address = f"{HOME}{row.number}/documents/{row.documents.get().pk}/"

    assert agent.get(address).content == PDF
    assert cast.signed_in(cast.person("auditor")).get(address).status_code == 403
    assert AuditEntry.objects.filter(action="assisted.document_opened").count() == 1


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_others_look_and_do_nothing(agent: Client, wallet: Wallet, role: str) -> None:
    row, reader = taken_down(wallet, agent), cast.signed_in(cast.person(role))

    assert row.number in reader.get(HOME).content.decode()
    shown = page(reader, row)
    assert "<form" not in shown.partition("<main")[2].partition("</main>")[0]
    for act in ("link", "link/cancel", "tender", "clear", "close"):
        assert reader.post(f"{HOME}{row.number}/{act}/").status_code == 403


def test_whoever_takes_money_has_chosen_a_till(wallet: Wallet, agent: Client) -> None:
    row, elsewhere = taken_down(wallet, agent), cast.signed_in(cast.person("cashier"))

    assert "Whoever takes money has chosen a till" in page(elsewhere, row)
    assert elsewhere.post(f"{HOME}{row.number}/tender/", {"key": make.key()})["Location"].startswith("/console/workplace/")
