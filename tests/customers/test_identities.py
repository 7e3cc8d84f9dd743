"""Accounts of other channels are recognised as surely as can be known, and taken off again."""

from datetime import date

import pytest

import cast
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import merging, profiles
from chuzhi.customers.errors import NameInvalid, PhoneInvalid
from chuzhi.customers.identities import recognising
from chuzhi.customers.identities.errors import AccountNumberUnusable, ChannelUnusable, IdentityIsTheirOwn
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.identities.recognising import Confidence, Recognised
from chuzhi.customers.models import Customer
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db

PHONE, BORN = "13812345678", date(1990, 5, 31)


@pytest.fixture
def ann() -> Customer:
    return profiles.register(name="安娜", phone=PHONE, email="ann@example.com", born_on=BORN, by=cast.OWNER)


def told(number: str = "u-1", **more: object) -> Recognised:
    return recognising.recognise(**({"channel": "web-shop", "number": number, "by": cast.OWNER} | more))  # type: ignore[arg-type]  # any facts


class TestRecognised:
    def test_by_a_phone_that_the_channel_has_verified(self, ann: Customer) -> None:
        found = told(phone="+86 138 1234 5678", is_phone_verified=True, name="Annie")

        assert (found.confidence, found.identity.customer, found.identity.how) == (Confidence.CERTAIN, ann, "phone")
        assert (found.identity.perhaps, found.identity.name) == (None, "Annie")
        assert AuditEntry.objects.filter(action="customer.identity_added", subject=f"customer:{ann.pk}").exists()

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"name": "Annie", "phone": PHONE}, "phone"),
            ({"name": "Annie", "email": "Ann@Example.com"}, "email"),
            ({"name": "安娜", "born_on": BORN}, "name_and_birthday"),
        ],
    )
    def test_as_likely_the_same_and_kept_apart(self, facts: dict[str, object], why: str, ann: Customer) -> None:
        found = told(**facts)

        record = found.identity.customer
        assert (found.confidence, found.identity.perhaps, found.identity.perhaps_why) == (Confidence.LIKELY, ann, why)
        assert (record == ann, record.phone) == (False, None)

    def test_as_somebody_new_with_all_that_was_told(self, ann: Customer) -> None:
        found = told(name="Bob", phone="13912345678", email="bob@example.com", born_on=BORN)

        record = Customer.objects.get(pk=found.identity.customer_id)
        assert (found.confidence, found.identity.how, found.identity.perhaps) == (Confidence.NEW, "own", None)
        assert (record.name, record.phone, record.email, record.born_on) == ("Bob", "+8613912345678", "bob@example.com", BORN)

    def test_once_whatever_is_said_later(self, ann: Customer) -> None:
        first = told(name="Bob")

        again = told(name="Somebody", phone=PHONE, is_phone_verified=True)

        assert (again.confidence, again.identity) == (Confidence.KNOWN, first.identity)
        assert (Identity.objects.count(), Customer.objects.count()) == (1, 2)

    def test_the_same_number_of_another_channel_is_another_account(self) -> None:
        assert told(name="Bob").identity.customer != told(name="Bob", channel="wechat").identity.customer

    def test_without_a_name_it_is_called_after_its_account(self) -> None:
        assert told("u-7712").identity.customer.name == "web-shop …7712"

    @pytest.mark.parametrize("channel", ["", "WeChat", "微信", "a b", "-a", "a" * 21, "web_shop", "a\n"])
    def test_not_in_what_is_no_channel(self, channel: str) -> None:
        with pytest.raises(ChannelUnusable):
            told(channel=channel)

    @pytest.mark.parametrize("number", ["", " ", "a b", "x" * 201, "号", "a\x00", "a\n"])
    def test_not_by_what_is_no_number(self, number: str) -> None:
        with pytest.raises(AccountNumberUnusable):
            told(number)

    def test_nothing_stays_of_what_is_refused(self) -> None:
        with pytest.raises(PhoneInvalid):
            told(name="Bob", phone="123")
        with pytest.raises(NameInvalid):
            told(name="\x00")

        assert (Identity.objects.count(), Customer.objects.count()) == (0, 0)

    def test_by_whoever_may_change_customers(self) -> None:
        with pytest.raises(NotAllowed):
            told(by=cast.actor("auditor"))


class TestTakenOff:
    def test_gets_a_record_of_its_own(self, ann: Customer) -> None:
        identity = told(phone=PHONE, is_phone_verified=True, name="Annie").identity

        recognising.take_off(identity=identity, by=cast.OWNER)

        identity.refresh_from_db()
        assert (identity.customer == ann, identity.customer.name, identity.how) == (False, "Annie", "staff")

    def test_is_not_what_a_record_was_made_for(self) -> None:
        with pytest.raises(IdentityIsTheirOwn):
            recognising.take_off(identity=told(name="Bob").identity, by=cast.OWNER)


class TestMadeOne:
    def test_it_follows_its_record_and_goes_back(self, ann: Customer) -> None:
        identity = told(name="Annie", phone=PHONE).identity
        other = identity.customer

        merge = merging.merge(kept=ann, gone=other, taken=[], reason="the same", by=cast.OWNER)
        identity.refresh_from_db()
        assert (identity.customer, identity.perhaps) == (ann, None)
        merging.undo(merge=merge, by=cast.OWNER)

        identity.refresh_from_db()
        assert (identity.customer_id, identity.perhaps, identity.perhaps_why) == (other.pk, ann, "phone")

    def test_who_may_be_a_record_that_goes_may_be_the_one_that_is_kept(self, ann: Customer) -> None:
        third = told(name="Annie", phone=PHONE).identity
        kept = profiles.register(name="Anna", by=cast.OWNER)

        merge = merging.merge(kept=kept, gone=ann, taken=["phone"], reason="the same", by=cast.OWNER)
        third.refresh_from_db()
        assert third.perhaps == kept
        merging.undo(merge=merge, by=cast.OWNER)

        third.refresh_from_db()
        assert third.perhaps == ann

    def test_after_it_the_account_can_be_taken_off(self, ann: Customer) -> None:
        identity = told(name="Annie", phone=PHONE).identity
        merging.merge(kept=ann, gone=identity.customer, taken=[], reason="the same", by=cast.OWNER)
        identity.refresh_from_db()

        recognising.take_off(identity=identity, by=cast.OWNER)

        assert identity.pk in Identity.objects.exclude(customer=ann).values_list("pk", flat=True)

    def test_or_it_is_said_that_they_are_two(self, ann: Customer) -> None:
        identity = told(name="Annie", phone=PHONE).identity

        recognising.are_two(identity=identity, by=cast.OWNER)

        identity.refresh_from_db()
        assert (identity.perhaps, identity.perhaps_why) == (None, "")


class TestPage:
    def test_shows_who_it_may_be_and_takes_both_answers(self, ann: Customer) -> None:
        manager = cast.signed_in(cast.person("manager"))
        one, two = (told(f"u-{place}", name="Annie", phone=PHONE).identity for place in range(2))
        where = f"/console/customers/{one.customer_id}/identities/"

        page = manager.get(where).content.decode()
        assert ("This may be 安娜" in page, "has not verified" in page, f"?with={one.customer_id}" in page) == (
            True,
            True,
            True,
        )
        assert "Accounts elsewhere (1)" in " ".join(
            manager.get(f"/console/customers/{one.customer_id}/").content.decode().split()
        )
        manager.post(f"{where}{one.pk}/two/")

        assert "This may be" not in manager.get(where).content.decode()
        assert (
            manager.post(f"{where}{two.pk}/two/", follow=True).status_code == 200
        )  # of another customer: said, and nothing done
        two.refresh_from_db()
        assert two.perhaps == ann

    def test_takes_an_account_off(self, ann: Customer) -> None:
        manager = cast.signed_in(cast.person("manager"))
        identity = told(phone=PHONE, is_phone_verified=True).identity
        where = f"/console/customers/{ann.pk}/identities/"

        page = manager.post(f"{where}{identity.pk}/off/", follow=True).content.decode()

        assert ("It has a record of its own now." in page, "No account in another channel" in page) == (True, True)


class TestApi:
    def test_told_found_and_taken_off(self, ann: Customer) -> None:
        program = Program("customers:read", "customers:write")
        asked = {"channel": "web-shop", "number": "u-1", "phone": PHONE, "is_phone_verified": True, "name": "Annie"}

        first, again = program.post("/identities", asked, key=None), program.post("/identities", asked, key=None)
        assert (first.status_code, first.json()["confidence"], first.json()["customer"]) == (201, "certain", str(ann.pk))
        assert (again.status_code, again.json()["confidence"]) == (200, "known")
        found = program.get("/identities", channel="web-shop", number="u-1").json()["items"]
        assert found == program.get(f"/customers/{ann.pk}/identities").json()["items"]
        taken = program.post(f"/identities/{first.json()['id']}/take-off", {}, key=None).json()
        assert (taken["how"], taken["customer"] == str(ann.pk)) == ("staff", False)

    def test_likely_says_who_and_why_until_they_are_two(self, ann: Customer) -> None:
        program = Program("customers:read", "customers:write")

        told = program.post(
            "/identities", {"channel": "wechat", "number": "o1", "name": "Annie", "phone": PHONE}, key=None
        ).json()
        assert (told["confidence"], told["perhaps"], told["perhaps_why"]) == ("likely", str(ann.pk), "phone")
        assert program.post(f"/identities/{told['id']}/are-two", {}, key=None).json()["perhaps"] is None

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"channel": "We Chat"}, 400),
            ({"number": ""}, 400),
            ({"number": "a b"}, 422),
            ({"is_phone_verified": "yes"}, 400),
            ({"phone": "123"}, 422),
            ({"born_on": "yesterday"}, 400),
            ({"unknown": 1}, 400),
        ],
    )
    def test_bad_input_has_a_clear_answer(self, wrong: dict[str, object], status: int) -> None:
        body = {"channel": "web-shop", "number": "u-1", "name": "Bob"} | wrong

        answer = Program("customers:write").post("/identities", body, key=None)

        assert (answer.status_code, Identity.objects.count(), Customer.objects.count()) == (status, 0, 0)
        assert answer.json()["code"]

    def test_nobody_elses_and_none_that_is_not_there(self) -> None:
        program = Program("customers:read", "customers:write")

        assert program.get("/identities", channel="web-shop", number="nobody").json()["items"] == []
        for name in ("0", "x", "99999999999999999999"):
            assert program.post(f"/identities/{name}/take-off", {}, key=None).status_code == 404
