import pytest
from django.db import connection
from django.test import Client

import cast
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import merging
from chuzhi.customers.models import Customer
from chuzhi.messaging import tasks
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Till
from chuzhi.wallets.models import Wallet
from chuzhi.workforce import notes
from chuzhi.workforce.errors import NoteUnusable, TooManyPinned
from chuzhi.workforce.models import Note
from shop import new_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db: None) -> Customer:
    return new_customer()


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("cashier", name="韩梅梅"))


def at(customer: Customer) -> str:
    return f"/console/customers/{customer.pk}/notes/"


class TestWritten:
    def test_whoever_is_mentioned_is_told_once(self, customer: Customer, cashier: cast.Actor) -> None:
        meant, other = cast.person("manager", name="李明"), cast.person("manager", name="赵四")

        note = notes.write(customer=customer, text="@李明 生日要送花 @李明", by=cashier)

        [told] = Message.objects.filter(kind=notes.MENTIONED.name)
        assert (told.staff, told.facts["customer"]) == (meant, str(customer.pk))
        assert list(note.mentioned.all()) == [meant]
        assert other not in note.mentioned.all()

    def test_nobody_tells_themselves_or_who_has_left(self, customer: Customer) -> None:
        person, gone = cast.person("cashier", name="李明"), cast.person("cashier", name="赵四")
        staff.deactivate(staff=gone, by=cast.OWNER)

        notes.write(customer=customer, text="@李明 @赵四", by=staff.actor_of(person))

        assert not Message.objects.filter(kind=notes.MENTIONED.name).exists()

    def test_nobody_is_told_of_what_they_may_not_see_nor_instead_of_somebody_else(self, customer: Customer) -> None:
        writer = cast.person("cashier", name="李雷雷")
        cast.person("partner", name="赵四雷")
        for name in ("李雷", "赵四"):
            cast.person("manager", name=name)

        note = notes.write(customer=customer, text="@赵四雷 @李雷雷", by=staff.actor_of(writer))

        assert not note.mentioned.exists()
        assert not Message.objects.filter(kind=notes.MENTIONED.name).exists()

    def test_a_dump_shows_none_of_it(self, customer: Customer, cashier: cast.Actor) -> None:
        notes.write(customer=customer, text="对花生过敏", by=cashier)

        with connection.cursor() as cursor:
            cursor.execute("SELECT encode(text::bytea, 'escape') FROM customer_note")
            assert "对花生" not in str(cursor.fetchall())
        assert "花生" not in str(AuditEntry.objects.filter(action="customer.noted").values_list("facts"))

    @pytest.mark.parametrize("text", ["", "  \n ", "x" * 1001])
    def test_what_is_no_note(self, customer: Customer, cashier: cast.Actor, text: str) -> None:
        with pytest.raises(NoteUnusable):
            notes.write(customer=customer, text=text, by=cashier)

        assert not Note.objects.exists()

    def test_who_may_not_write(self, customer: Customer, finance: cast.Actor, cashier: cast.Actor) -> None:
        note = notes.write(customer=customer, text="茶", by=cashier)

        with pytest.raises(NotAllowed):
            notes.write(customer=customer, text="茶", by=finance)
        with pytest.raises(NotAllowed):
            notes.pin(note=note, is_pinned=True, by=finance)
        assert list(notes.of(customer, cast.actor("auditor"))) == [note]

    def test_after_a_merge_they_stand_with_the_record_that_is_kept(self, customer: Customer, cashier: cast.Actor) -> None:
        gone = new_customer()
        note = notes.write(customer=gone, text="对花生过敏", is_pinned=True, by=cashier)

        merging.merge(kept=customer, gone=gone, taken=[], reason="same person", by=cast.OWNER)

        assert notes.pinned(customer, cashier) == [note]


class TestPinned:
    def test_three_at_most_and_one_taken_down_makes_room(self, customer: Customer, cashier: cast.Actor) -> None:
        first, *_rest = [notes.write(customer=customer, text=f"{each}", is_pinned=True, by=cashier) for each in range(3)]
        with pytest.raises(TooManyPinned):
            notes.write(customer=customer, text="4", is_pinned=True, by=cashier)

        notes.pin(note=first, is_pinned=False, by=cashier)
        notes.write(customer=customer, text="4", is_pinned=True, by=cashier)

        assert [note.text for note in notes.shown_first(customer, cashier, 9)] == ["4", "2", "1", "0"]

    def test_it_is_shown_at_the_till(self, wallet: Wallet, till: Till, cashier: cast.Actor) -> None:
        assert wallet.customer
        notes.write(customer=wallet.customer, text="对花生过敏", is_pinned=True, by=cashier)
        notes.write(customer=wallet.customer, text="常客", by=cashier)

        shown = cast.signed_in(cast.person("cashier"), till).get(f"/console/till/wallets/{wallet.pk}/").content.decode()

        assert "对花生过敏" in shown
        assert "常客" not in shown


class TestPages:
    def test_written_pinned_and_on_the_customer_s_page(self, page: Client, customer: Customer) -> None:
        meant = cast.person("manager", name="李明")

        page.post(at(customer), {"text": "@李明 <b>{{7*7}}</b>"})
        note = Note.objects.get()
        page.post(f"{at(customer)}{note.pk}/pin/", {"pinned": "yes"})
        for delivery in Delivery.objects.filter(message__staff=meant):
            tasks.deliver(number=delivery.pk)

        for shown_on in ("", "timeline/"):
            assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in page.get(f"/console/customers/{customer.pk}/{shown_on}").content.decode()
        assert "Shown at the till" in page.get(at(customer)).content.decode()
        assert "韩梅梅 mentions you" in cast.signed_in(meant).get("/console/messages/inbox/").content.decode()

    def test_a_bad_one_is_said_so(self, page: Client, customer: Customer) -> None:
        assert page.post(at(customer), {"text": " "}).status_code == 422
        assert not Note.objects.exists()

    def test_who_may_only_read(self, customer: Customer, cashier: cast.Actor) -> None:
        note = notes.write(customer=customer, text="茶", by=cashier)
        auditor = cast.signed_in(cast.person("auditor"))

        assert "Write a note" not in auditor.get(at(customer)).content.decode()
        assert auditor.post(at(customer), {"text": "x"}).status_code == 403
        assert auditor.post(f"{at(customer)}{note.pk}/pin/", {"pinned": "yes"}).status_code == 403
        assert Note.objects.filter(is_pinned=False).count() == 1

    def test_a_note_of_another_customer_is_not_found(self, page: Client, customer: Customer, cashier: cast.Actor) -> None:
        note = notes.write(customer=new_customer(), text="茶", by=cashier)

        assert page.post(f"{at(customer)}{note.pk}/pin/", {"pinned": "yes"}).status_code == 404


class TestPrograms:
    def test_written_listed_and_pinned(self, customer: Customer) -> None:
        program, here = Program("customers:read", "customers:write"), f"/customers/{customer.pk}/notes"

        made = program.post(here, {"text": "对花生过敏", "pinned": True}).json()
        program.post(here, {"text": "常客"})
        taken = program.post(f"{here}/{made['id']}/pin", {"pinned": False}).json()
        first = program.get(here, limit=1).json()
        rest = program.get(here, limit=1, cursor=first["next_cursor"]).json()

        assert (made["pinned"], taken["pinned"], made["by"]) == (True, False, f"key:{program.key.pk}")
        assert [one["text"] for one in first["items"] + rest["items"]] == ["对花生过敏", "常客"]
        assert rest["next_cursor"] is None

    def test_what_is_not_there(self, customer: Customer) -> None:
        program = Program("customers:read", "customers:write")

        assert program.get("/customers/999/notes").status_code == 404
        assert program.post(f"/customers/{customer.pk}/notes/9/pin", {"pinned": True}).status_code == 404
        assert program.post(f"/customers/{customer.pk}/notes", {"text": " "}).json()["code"] == "note.unusable"
