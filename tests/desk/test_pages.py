"""A service agent on the phone: from the complaint to the compensated customer, and what is said when it may not be."""

import base64
import re

import make
import pytest
from django.test import Client

import cast
import shop
from api.program import Program
from chuzhi.customers.models import Customer
from chuzhi.desk import acting, tickets
from chuzhi.desk.models import Step, Ticket
from chuzhi.messaging import tasks
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization.models import Staff
from chuzhi.wallets import cards
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.models import Card, Wallet
from desk.letters import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db: None) -> Client:
    return cast.signed_in(cast.person("service", name="韩梅梅"))


@pytest.fixture
def ticket(wallet: Wallet) -> Ticket:
    assert wallet.customer
    return tickets.open_ticket(
        customer=wallet.customer, kind="complaint", channel="phone", subject="charged twice", text="扣了两次 <b>", key=make.key(),
        by=cast.OWNER,
    )  # fmt: skip


def at(ticket: Ticket) -> str:
    return f"/console/tickets/{ticket.pk}/"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def test_from_the_complaint_to_the_compensated_customer(browser: Client, wallet: Wallet) -> None:
    customer = f"/console/customers/{wallet.customer_id}/"
    assert f"/console/tickets/new/{wallet.customer_id}/" in browser.get(customer).content.decode()
    new = f"/console/tickets/new/{wallet.customer_id}/"
    asked = {"kind": "complaint", "channel": "phone", "subject": "charged twice", "text": ""}
    key = hidden(browser.get(new).content.decode(), "key")
    for _each in range(2):
        browser.post(new, asked | {"key": key})
    ticket = Ticket.objects.get()

    page = browser.get(at(ticket)).content.decode()
    given = {
        "wallet": wallet.pk,
        "amount": "20",
        "cause": "complaint",
        "key": hidden(page, "key"),
        "seen": hidden(page, "seen"),
    }
    for _each in range(2):
        assert browser.post(f"{at(ticket)}credit/", given | {"act": "give"}).status_code == 302
    browser.post(f"{at(ticket)}note/", {"text": "apologised", "state": "resolved"})

    step = Step.objects.get(kind="credited")
    receipt = browser.get(f"/console/till/receipts/{step.entry}/").content.decode()
    shown = browser.get(at(ticket)).content.decode()
    assert wallets.balance(wallet).bonus == 20_00
    assert at(ticket) in receipt
    assert at(ticket) in browser.get(customer).content.decode()
    assert f"/console/till/receipts/{step.entry}/" in shown
    assert "+CN¥20.00" in shown


def test_above_the_limit_it_says_so_and_offers_approval(browser: Client, ticket: Ticket, wallet: Wallet) -> None:
    page = browser.get(at(ticket)).content.decode()
    asked = {
        "wallet": wallet.pk,
        "amount": "80",
        "cause": "complaint",
        "key": hidden(page, "key"),
        "seen": hidden(page, "seen"),
    }

    refused = browser.post(f"{at(ticket)}credit/", asked | {"act": "give"})
    assert (refused.status_code, "¥50.00" in refused.content.decode()) == (422, True)
    assert 'value="give"' not in refused.content.decode()
    again = asked | {"key": hidden(refused.content.decode(), "key"), "act": "ask"}
    browser.post(f"{at(ticket)}credit/", again)

    step = Step.objects.get()
    assert (step.kind, wallets.balance(wallet).bonus) == ("credit_asked", 0)
    assert f"/console/approvals/{step.approval_id}/" in browser.get(at(ticket)).content.decode()


def test_what_was_typed_wrong_is_said_at_its_field(browser: Client, ticket: Ticket, wallet: Wallet) -> None:
    page = browser.get(at(ticket)).content.decode()
    asked = {"wallet": wallet.pk, "cause": "complaint", "key": hidden(page, "key"), "act": "give"}

    for sent in (asked | {"amount": "-1"}, asked | {"amount": "x"}, asked | {"amount": "1", "wallet": "999"}):
        assert browser.post(f"{at(ticket)}credit/", sent).status_code == 422
    assert browser.post(f"{at(ticket)}note/", {"text": " "}).status_code == 422
    assert browser.post(f"{at(ticket)}hand/", {"text": "x", "to": ""}).status_code == 422
    assert browser.post(f"/console/tickets/new/{wallet.customer_id}/", {"subject": ""}).status_code == 422
    assert not Step.objects.exists()


def test_a_card_is_blocked_and_a_wallet_frozen_from_the_ticket(browser: Client, ticket: Ticket, wallet: Wallet) -> None:
    card = cards.issue(wallet=wallet, key="c", by=cast.OWNER)
    page = browser.get(at(ticket)).content.decode()

    browser.post(f"{at(ticket)}lost/", {"card": card.pk, "channel": "phone", "verified": "no", "caller": "", "reason": "lost"})
    browser.post(f"{at(ticket)}standing/", {"wallet": wallet.pk, "act": "freeze", "key": hidden(page, "key")})

    card.refresh_from_db()
    assert (card.status, wallets.standing(wallet).standing) == (Card.Status.LOST, 1)
    assert list(ticket.steps.values_list("kind", flat=True).order_by("number")) == ["card_lost", "frozen"]

    page = browser.get(at(ticket)).content.decode()
    asked = {"card": card.pk, "channel": "phone", "caller": "", "reason": "lost", "key": hidden(page, "key")}
    assert browser.post(f"{at(ticket)}replace/", asked | {"verified": "no"}).status_code == 422
    browser.post(f"{at(ticket)}replace/", asked | {"verified": "called_back"})
    step = ticket.steps.get(kind="card_replaced")
    assert step.card
    assert step.card.number in browser.get(at(ticket)).content.decode()
    for each in (card, step.card):
        assert at(ticket) in browser.get(f"/console/wallets/cards/{each.pk}/").content.decode()


def test_a_receipt_is_sent_again_from_the_ticket(browser: Client, ticket: Ticket, wallet: Wallet) -> None:
    assert wallet.customer
    sent = told(wallet.customer)
    page = browser.get(at(ticket)).content.decode()
    asked = {"delivery": sent.pk, "seen": "0"}

    assert browser.post(f"{at(ticket)}again/", asked, follow=True).status_code == 200
    assert f"/console/messages/{sent.pk}/" in browser.get(at(ticket)).content.decode()
    assert browser.post(f"{at(ticket)}again/", asked).status_code == 422
    assert at(ticket) in browser.get(f"/console/messages/{sent.pk}/").content.decode()

    assert f'value="{sent.pk}"' in page
    assert ticket.steps.get().delivery == sent.pk


def test_the_queue_is_narrowed(browser: Client, ticket: Ticket) -> None:
    tickets.note(ticket=ticket, text="x", state="resolved", by=cast.OWNER)

    def found(query: str) -> bool:
        return at(ticket) in browser.get(f"/console/tickets/{query}").content.decode()

    assert not found("")
    assert not found("?state=every&whose=mine")
    assert not found("?find=T999")
    assert found("?state=resolved&whose=nobody&kind=complaint&channel=phone")
    assert found(f"?find={ticket.number}")


def test_a_colleague_is_mentioned_and_finds_it_in_the_inbox(browser: Client, ticket: Ticket) -> None:
    meant, heir = cast.person("auditor", name="李明"), cast.person("service", name="小红")

    noted = browser.post(f"{at(ticket)}note/", {"text": "@李明 <b>请看</b>", "state": "open"}, follow=True).content.decode()
    handed = browser.post(f"{at(ticket)}hand/", {"to": heir.pk, "text": "@李明 知悉"}, follow=True).content.decode()
    for delivery in Delivery.objects.filter(message__staff=meant):
        tasks.deliver(number=delivery.pk)
    inbox = cast.signed_in(meant).get("/console/messages/inbox/").content.decode()

    assert "Saved, and told 李明." in noted
    assert "Saved, and told 李明." in handed
    assert "&lt;b&gt;请看" in noted
    assert inbox.count(f"韩梅梅 mentions you in ticket {ticket.number}: charged twice") == 2
    assert f'href="{at(ticket)}"' in inbox


def test_words_of_customers_stay_words(browser: Client, ticket: Ticket) -> None:
    assert "扣了两次 &lt;b&gt;" in browser.get(at(ticket)).content.decode()


def test_a_balance_refund_is_asked_for_with_its_ticket(browser: Client, ticket: Ticket, funded: Wallet) -> None:
    where = f"/console/refunds/wallets/{funded.pk}/"
    assert f"{where}?ticket={ticket.pk}" in browser.get(at(ticket)).content.decode()
    page = browser.get(f"{where}?ticket={ticket.pk}").content.decode()
    assert at(ticket) in page

    acting.refund_asked(ticket=ticket, wallet=funded, refund=7, by=cast.OWNER)
    acting.refund_asked(ticket=ticket, wallet=funded, refund=7, by=cast.OWNER)

    assert ticket.steps.get().refund == 7


class TestPrograms:
    def test_opened_worked_on_and_resolved(self, wallet: Wallet) -> None:
        program = Program("tickets:read", "tickets:write")
        asked = {"customer": str(wallet.customer_id), "kind": "question", "channel": "online", "subject": "opening hours"}

        first, again = (program.post("/tickets", asked, key="k").json() for _each in range(2))
        here = f"/tickets/{first['id']}"
        program.post(f"{here}/notes", {"text": "asked the store", "state": "waiting"})
        handed = program.post(f"{here}/assign", {"staff": str(cast.person("service").pk), "text": "yours"}).json()
        program.post(f"{here}/resolve", {"text": "answered"})

        told = program.get(here).json()
        assert (first["id"], first["assigned_to"]) == (again["id"], None)
        assert [step["kind"] for step in told["steps"]] == ["waiting", "handed", "resolved"]
        assert (told["state"], told["assigned_to"]) == ("resolved", handed["to"])
        assert [each["id"] for each in program.get("/tickets", customer=wallet.customer_id).json()["items"]] == [first["id"]]
        assert program.get("/tickets", state="open").json()["items"] == []

    def test_what_a_program_opens_goes_to_whoever_looks_after_the_customer(self, wallet: Wallet) -> None:
        keeper, program = cast.person("service"), Program("tickets:read", "tickets:write")
        Customer.objects.filter(pk=wallet.customer_id).update(owner=keeper)
        asked = {"customer": str(wallet.customer_id), "kind": "question", "channel": "online", "subject": "opening hours"}

        first, again = (program.post("/tickets", asked, key="k").json() for _each in range(2))

        assert first["assigned_to"] == again["assigned_to"] == str(keeper.pk)
        told = Message.objects.get(staff=keeper, kind="ticket.handed")
        assert told.facts["ticket"] == f"T{first['id']}"

    @pytest.mark.parametrize("role", ["finance", None])
    def test_an_owner_who_works_on_no_tickets_or_has_left_gets_none(self, wallet: Wallet, role: str | None) -> None:
        keeper = cast.person(role or "service")
        if role is None:
            Staff.objects.filter(pk=keeper.pk).update(is_active=False)
        Customer.objects.filter(pk=wallet.customer_id).update(owner=keeper)
        asked = {"customer": str(wallet.customer_id), "kind": "question", "channel": "online", "subject": "opening hours"}

        assert Program("tickets:read", "tickets:write").post("/tickets", asked, key="k").json()["assigned_to"] is None

    def test_a_bonus_within_its_limits_only(self, ticket: Ticket, wallet: Wallet) -> None:
        program, here = Program("tickets:read", "tickets:credit"), f"/tickets/{ticket.pk}/credits"
        asked = {"wallet": str(wallet.pk), "amount": 20_00, "cause": "complaint"}

        refused = program.post(here, asked)
        sent = program.post(here, asked | {"ask": True}, key="k").json()
        again = program.post(here, asked | {"ask": True}, key="k").json()

        assert (refused.status_code, refused.json()["code"]) == (422, "approval.needed")
        assert (sent["kind"], sent["entry"], sent) == ("credit_asked", None, again)
        assert program.post(here, asked, key=None).json()["code"] == "idempotency.missing"
        other = asked | {"wallet": str(shop.new_wallet(wallet.programme).pk)}
        assert program.post(here, other).json()["code"] == "ticket.not_theirs"

    def test_acts_need_their_own_scopes_too(self, ticket: Ticket, funded: Wallet) -> None:
        here, card = f"/tickets/{ticket.pk}", cards.issue(wallet=funded, key="c", by=cast.OWNER)
        assert funded.customer
        sent = told(funded.customer)
        lost = {"card": card.number, "channel": "phone", "verified": "no", "reason": "lost"}
        acts: list[tuple[str, dict[str, object], str]] = [
            ("freeze", {"wallet": str(funded.pk)}, "frozen"),
            ("unfreeze", {"wallet": str(funded.pk)}, "unfrozen"),
            ("losses", lost, "card_lost"),
            ("replacements", lost | {"verified": "document"}, "card_replaced"),
            ("messages", {"message": str(sent.pk)}, "message_sent"),
        ]
        plain = Program("tickets:read", "tickets:write", "messages:read")
        program = Program("tickets:read", "tickets:write", "wallets:freeze", "wallets:write", "messages:write")

        assert {plain.post(f"{here}/{act}", asked).status_code for act, asked, _kind in acts} == {403}
        assert program.post(f"{here}/replacements", lost).json()["code"] == "card.not_verified"
        assert [program.post(f"{here}/{act}", asked).json().get("kind") for act, asked, _kind in acts] == [
            kind for _act, _asked, kind in acts
        ]
        steps = program.get(here).json()["steps"]
        assert (steps[2]["card"], steps[4]["message"]) == (card.number, str(sent.pk))

    def test_a_balance_refund_names_its_ticket(self, ticket: Ticket, funded: Wallet) -> None:
        program = Program("tickets:read", "tickets:write", "refund-requests:write")
        paper = {"name": "id.pdf", "content": base64.b64encode(b"%PDF-1.4 x").decode()}
        asked = {
            "wallet": str(funded.pk),
            "reason": "moves away",
            "method": "cash",
            "documents": [paper],
            "ticket": str(ticket.pk),
        }

        made = program.post("/refund-requests", asked, key="k")
        again = program.post("/refund-requests", asked, key="k")

        assert made.status_code == 201, made.json()
        assert (again.json()["id"], ticket.steps.get().refund) == (made.json()["id"], int(made.json()["id"]))
        assert program.post("/refund-requests", asked | {"ticket": "999"}).status_code == 404
        office = cast.signed_in(cast.person("manager"))
        assert at(ticket) in office.get(f"/console/refunds/{made.json()['id']}/").content.decode()

    def test_a_colleague_is_mentioned(self, ticket: Ticket) -> None:
        meant, program = cast.person("service", name="李明"), Program("tickets:read", "tickets:write")
        here, told = f"/tickets/{ticket.pk}", [str(meant.pk)]

        noted = program.post(f"{here}/notes", {"text": "@李明 please look"}).json()
        handed = program.post(f"{here}/assign", {"staff": str(cast.person("service").pk), "text": "as @李明 said"}).json()
        program.post(f"{here}/resolve", {"text": "answered"})

        assert (noted["mentioned"], handed["mentioned"]) == (told, told)
        assert [step["mentioned"] for step in program.get(here).json()["steps"]] == [told, told, []]
        assert set(Message.objects.filter(kind="ticket.mentioned").values_list("staff", "made_by")) == {
            (meant.pk, f"key:{program.key.pk}")
        }

    def test_what_is_not_there(self, ticket: Ticket) -> None:
        program = Program("tickets:read", "tickets:write")
        asked = {"customer": "999999", "kind": "question", "channel": "online", "subject": "x"}

        assert program.get("/tickets/999").status_code == 404
        assert program.post("/tickets", asked).status_code == 404
        assert program.post(f"/tickets/{ticket.pk}/assign", {"staff": "999", "text": "x"}).status_code == 404
        assert program.post(f"/tickets/{ticket.pk}/notes", {"text": " "}).json()["code"] == "ticket.words_unusable"
