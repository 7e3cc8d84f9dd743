"""A phone and an address are shown to be the customer's, and only as long as they stay what they were."""

import json

import psycopg.errors
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

import cast
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.desk import contacts
from chuzhi.desk.contact_models import ContactCode
from chuzhi.desk.errors import CodeNotSent, CodesSpent, ContactMissing, ContactProofUnusable, WrongCode
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db: None) -> Customer:
    return profiles.register(name="王小明", phone="13800138000", email="ming@example.com", by=cast.OWNER)


@pytest.fixture
def clerk(db: None) -> Actor:
    return cast.actor("cashier")


def code() -> str:
    """What stands in the last letter."""
    return str(json.loads(Message.objects.latest("pk").secrets or "{}")["code"])


def other(than: str) -> str:
    return f"{(int(than) + 1) % 10**6:06d}"


def shown(person: Customer) -> dict[str, str]:
    return {contact: proof.how for contact, proof in contacts.now(Customer.objects.get(pk=person.pk)).items()}


class TestByCode:
    def test_the_code_that_was_sent_shows_the_address_until_it_changes(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)
        contacts.verify_by_code(customer=person, code=f" {code()} ", by=clerk)
        assert shown(person) == {"email": "code"}

        profiles.change(customer=person, by=cast.OWNER, notes="Likes the window.")
        assert shown(person) == {"email": "code"}
        profiles.change(customer=person, by=cast.OWNER, email="other@example.com")
        assert shown(person) == {}

    def test_it_is_good_once(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)
        contacts.verify_by_code(customer=person, code=code(), by=clerk)

        with pytest.raises(CodeNotSent):
            contacts.verify_by_code(customer=person, code=code(), by=clerk)

    def test_five_wrong_ones_end_it(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)
        for _each in range(contacts.MOST_WRONG):
            with pytest.raises(WrongCode):
                contacts.verify_by_code(customer=person, code=other(code()), by=clerk)

        with pytest.raises(CodeNotSent):
            contacts.verify_by_code(customer=person, code=code(), by=clerk)
        assert shown(person) == {}

    def test_the_one_before_is_over_and_so_is_an_old_one(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)
        first = code()
        contacts.send_code(customer=person, by=clerk)
        if first != code():
            with pytest.raises(WrongCode):
                contacts.verify_by_code(customer=person, code=first, by=clerk)

        ContactCode.objects.update(ends_at=timezone.now())
        with pytest.raises(CodeNotSent):
            contacts.verify_by_code(customer=person, code=code(), by=clerk)

    def test_a_code_for_the_address_before_shows_nothing_of_the_new_one(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)
        profiles.change(customer=person, by=clerk, email="other@example.com")

        with pytest.raises(CodeNotSent):
            contacts.verify_by_code(customer=person, code=code(), by=clerk)

    def test_three_an_hour(self, person: Customer, clerk: Actor) -> None:
        for _each in range(contacts.MOST_SENT):
            contacts.send_code(customer=person, by=clerk)
        with pytest.raises(CodesSpent):
            contacts.send_code(customer=person, by=clerk)

        ContactCode.objects.update(sent_at=timezone.now() - contacts.WITHIN)
        contacts.send_code(customer=person, by=clerk)

    def test_it_stands_in_no_log(self, person: Customer, clerk: Actor) -> None:
        contacts.send_code(customer=person, by=clerk)

        assert code() not in json.dumps(list(AuditEntry.objects.values_list("facts", flat=True)))
        assert code() not in json.dumps(Message.objects.latest("pk").facts)


class TestOtherwise:
    @pytest.mark.parametrize(("contact", "how"), [("phone", "call"), ("phone", "document"), ("email", "document")])
    def test_a_call_or_a_document(self, person: Customer, clerk: Actor, contact: str, how: str) -> None:
        contacts.verify(customer=person, contact=contact, how=how, by=clerk)

        assert shown(person) == {contact: how}
        assert AuditEntry.objects.filter(action="customer.contact_verified", subject=f"customer:{person.pk}").count() == 1

    @pytest.mark.parametrize(
        ("contact", "how"), [("email", "call"), ("phone", "code"), ("name", "document"), ("phone", "faith")]
    )
    def test_what_shows_nothing_is_refused(self, person: Customer, clerk: Actor, contact: str, how: str) -> None:
        with pytest.raises(ContactProofUnusable):
            contacts.verify(customer=person, contact=contact, how=how, by=clerk)

    def test_nobody_has_what_is_not_there(self, clerk: Actor) -> None:
        nobody = profiles.register(name="李雷", by=cast.OWNER)

        for act in (
            lambda: contacts.send_code(customer=nobody, by=clerk),
            lambda: contacts.verify(customer=nobody, contact="phone", how="call", by=clerk),
        ):
            with pytest.raises(ContactMissing):
                act()

    def test_an_auditor_shows_nothing(self, person: Customer) -> None:
        with pytest.raises(NotAllowed):
            contacts.verify(customer=person, contact="phone", how="call", by=cast.actor("auditor"))

    def test_what_was_shown_cannot_be_rewritten(self, person: Customer, clerk: Actor) -> None:
        contacts.verify(customer=person, contact="phone", how="call", by=clerk)

        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction.atomic():
            connection.connection.execute("UPDATE verified_contact SET how = 'document'")


class TestPage:
    @pytest.fixture
    def counter(self, db: None) -> Client:
        return cast.signed_in(cast.person("cashier"))

    def here(self, person: Customer, act: str = "") -> str:
        return f"/console/customers/{person.pk}/contacts/{act}"

    def test_from_the_code_to_the_customers_page(self, counter: Client, person: Customer) -> None:
        sent = counter.post(self.here(person, "code/send/"), follow=True).content.decode()
        wrong = counter.post(self.here(person, "code/"), {"code": other(code())})
        right = counter.post(self.here(person, "code/"), {"code": code()}, follow=True).content.decode()

        assert "on its way to" in sent
        assert wrong.status_code == 422
        assert "not the code" in wrong.content.decode()
        assert "A code was sent to it" in right
        assert [one.contact for one in counter.get(f"/console/customers/{person.pk}/").context["shown"]] == ["email"]

    def test_a_call_a_document_and_nothing_chosen(self, counter: Client, person: Customer) -> None:
        assert counter.post(self.here(person, "proof/"), {"contact": "phone"}).status_code == 422
        assert counter.post(self.here(person, "proof/"), {"contact": "email", "how": "call"}).status_code == 422
        counter.post(self.here(person, "proof/"), {"contact": "phone", "how": "call"})
        counter.post(self.here(person, "proof/"), {"contact": "email", "how": "document"})

        assert shown(person) == {"phone": "call", "email": "document"}


class TestByApi:
    def test_codes_and_proofs(self, person: Customer) -> None:
        program, here = Program("customers:read", "customers:write"), f"/customers/{person.pk}"

        sent = program.post(f"{here}/contact-codes", {})
        wrong = program.post(f"{here}/contact-proofs", {"contact": "email", "how": "code", "code": other(code())})
        right = program.post(f"{here}/contact-proofs", {"contact": "email", "how": "code", "code": code()})
        called = program.post(f"{here}/contact-proofs", {"contact": "phone", "how": "call"})

        assert (sent.status_code, wrong.json()["code"], right.status_code, called.status_code) == (
            201,
            "contact.code_wrong",
            201,
            201,
        )
        assert {one["contact"]: one["how"] for one in program.get(f"{here}/contact-proofs").json()["items"]} == shown(person)

    @pytest.mark.parametrize(
        ("asked", "refusal"),
        [
            ({"contact": "email", "how": "code", "code": "123456"}, "contact.code_not_sent"),
            ({"contact": "phone", "how": "code"}, "contact.proof_unusable"),
        ],
    )
    def test_what_is_refused(self, person: Customer, asked: dict[str, str], refusal: str) -> None:
        answer = Program("customers:read", "customers:write").post(f"/customers/{person.pk}/contact-proofs", asked)

        assert answer.json()["code"] == refusal
