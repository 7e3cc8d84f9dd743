"""Each kind of personal data has a time; past it, it goes, and nothing else does."""

from datetime import timedelta

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.config import schedule
from chuzhi.core.audit import AuditEntry
from chuzhi.core.packs.errors import PackRefused
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer, FieldChange
from chuzhi.desk import tickets
from chuzhi.desk.models import Ticket, Words
from chuzhi.ledger.chart import Standing
from chuzhi.messaging import outbox
from chuzhi.messaging.errors import WordsForgotten
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.privacy import retention
from chuzhi.privacy.errors import KindUnknown, MonthsUnusable
from chuzhi.privacy.models import Forgetting, RetentionRule
from chuzhi.wallets import accounts, cards, holds, losses, queries
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.models import ApplicationDocument, CardApplication
from chuzhi.wallets.models import CardReport, Programme, Wallet
from chuzhi.wallets.sharing import members
from chuzhi.wallets.sharing.rules import Allowance
from chuzhi.workforce import notes, tasks
from chuzhi.workforce.models import Note, Task

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def ann() -> Customer:
    return profiles.register(name="Ann", phone="13812345678", notes="allergic to nuts", by=cast.OWNER)


@pytest.fixture
def five_years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a week: whatever a test did is past five years, and nothing is past six."""
    monkeypatch.setattr(timezone, "localdate", lambda *_a, **_k: TODAY + timedelta(days=5 * 366 + 7))


def kept_for(months: int | None, *kinds: str) -> None:
    for kind in kinds:
        retention.change(kind=kind, months=months, by=cast.OWNER)


def night() -> None:
    schedule.forget_what_is_past_its_time(timestamp=0)


def everything_stored_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # a table's own name
        return cursor.fetchone()[0] or ""


class TestRule:
    def test_nothing_goes_until_somebody_says_so(self, ann: Customer, five_years_later: None) -> None:
        assert {each.months for each in retention.in_force().values()} == {None}

        night()

        ann.refresh_from_db()
        assert (ann.name, Forgetting.objects.count()) == ("Ann", 0)

    def test_versions_follow_each_other_and_are_recorded(self) -> None:
        kept_for(24, "messages")
        kept_for(None, "messages")

        assert list(RetentionRule.objects.order_by("version").values_list("version", "months")) == [(1, 24), (2, None)]
        entry = AuditEntry.objects.filter(action="retention.changed").latest("at")
        assert (entry.subject, entry.facts["before"], entry.facts["months"]) == ("retention:messages", 24, None)

    @pytest.mark.parametrize("months", [-1, 0, 1, 2, 601, 10**6])
    def test_times_that_make_no_sense(self, months: int) -> None:
        with pytest.raises(MonthsUnusable):
            kept_for(months, "messages")

    def test_a_kind_that_is_none(self) -> None:
        with pytest.raises(KindUnknown):
            kept_for(12, "weather")

    @pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor", "service"])
    def test_is_the_administrators(self, role: str) -> None:
        with pytest.raises(NotAllowed):
            retention.change(kind="messages", months=12, by=cast.actor(role))

    def test_the_register_of_cards_is_kept_as_long_as_law_wants(self) -> None:
        store = cast.store()
        Store.objects.filter(pk=store.pk).update(pack="cn-shanghai")

        with pytest.raises(PackRefused) as no:
            kept_for(59, "customers")
        kept_for(59, "messages")
        kept_for(60, "customers")

        assert (no.value.rule.id, retention.of("customers").least) == ("cn.register", 60)

    def test_a_store_that_opens_under_a_law_stops_what_was_set_before(
        self, ann: Customer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept_for(12, "customers")
        Store.objects.filter(pk=cast.store().pk).update(pack="cn-national")
        monkeypatch.setattr(timezone, "localdate", lambda *_a, **_k: TODAY + timedelta(days=800))

        night()

        ann.refresh_from_db()
        assert ann.name == "Ann"


@pytest.mark.usefixtures("five_years_later")
class TestCustomers:
    def test_of_whom_nothing_is_left_are_forgotten_whole(self, programme: Programme, store: Store) -> None:
        ann = profiles.register(name="Annabel Lee", phone="13812345678", email="ann@example.com", by=cast.OWNER)
        profiles.change(customer=ann, notes="allergic to nuts", by=cast.OWNER)
        wallet = shop.new_wallet(programme, ann)
        shop.top_up(wallet, 100_00, store)
        shop.charge(wallet, 100_00, store)
        card = cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER)
        called = losses.Said(
            channel=CardReport.Channel.PHONE, verified=CardReport.Verified.NO, reason="left on a train", caller="Edgar"
        )
        losses.report(card=card, said=called, by=cast.OWNER)
        notes.write(customer=ann, text="Sings", is_pinned=True, by=cast.OWNER)
        ticket = tickets.open_ticket(
            customer=ann,
            kind="question",
            channel="phone",
            subject="Her poem",
            text="Where is it?",
            key=make.key(),
            by=cast.OWNER,
        )
        tickets.note(ticket=ticket, state="resolved", text="Found it", by=cast.OWNER)
        kept_for(60, "customers")

        night()

        ann.refresh_from_db()
        assert (ann.name, ann.phone, ann.email, ann.notes, ann.blind_tokens) == ("", None, None, None, [])
        assert queries.standing(wallet).standing == Standing.CLOSED
        assert (Note.objects.count(), FieldChange.objects.count(), Words.objects.count()) == (0, 0, 0)
        assert CardReport.objects.get().caller == ""
        assert (Ticket.objects.get().subject, Ticket.objects.get().text) == ("—", "")
        assert len(queries.entries(wallet)) == 3
        assert AuditEntry.objects.filter(action="retention.forgotten").get().facts["count"] == 1

    def test_with_a_cent_left_stay(self, ann: Customer, programme: Programme, store: Store) -> None:
        wallet = shop.new_wallet(programme, ann)
        shop.top_up(wallet, 100_00, store)
        shop.charge(wallet, 99_99, store)
        kept_for(60, "customers")

        night()

        ann.refresh_from_db()
        assert (ann.name, queries.balance(wallet).principal, queries.standing(wallet).standing) == ("Ann", 1, Standing.OPEN)

    @pytest.mark.parametrize("what", ["hold", "frozen", "ticket", "task", "member"])
    def test_with_something_open_stay(self, what: str, ann: Customer, programme: Programme, store: Store) -> None:
        wallet = shop.new_wallet(programme, ann)
        if what == "hold":
            shop.top_up(wallet, 10_00, store)
            holds.place(wallet=wallet, amount=10_00, store=store.pk, key=make.key(), by=cast.OWNER)
        elif what == "frozen":
            accounts.freeze(wallet=wallet, reason="case", key=make.key(), by=cast.OWNER)
        elif what == "ticket":
            tickets.open_ticket(
                customer=ann, kind="question", channel="phone", subject="?", text="", key=make.key(), by=cast.OWNER
            )
        elif what == "task":
            tasks.add(customer=ann, what="Call", due_on=timezone.localdate(), assignee=cast.person("cashier"), by=cast.OWNER)
        else:
            members.add(wallet=shop.new_wallet(programme), customer=ann, allowance=Allowance(), by=cast.OWNER)
        kept_for(60, "customers")

        night()

        ann.refresh_from_db()
        assert ann.name == "Ann"

    def test_changed_within_the_time_stay(self, ann: Customer) -> None:
        kept_for(72, "customers")

        night()

        ann.refresh_from_db()
        assert ann.name == "Ann"

    def test_with_a_booking_within_the_time_stay(self, ann: Customer, programme: Programme, store: Store) -> None:
        wallet = shop.new_wallet(programme, ann)
        shop.top_up(wallet, 10_00, store)
        shop.charge(wallet, 10_00, store)
        Customer.objects.filter(pk=ann.pk).update(
            created_at=timezone.now() - timedelta(days=3000), changed_at=timezone.now() - timedelta(days=3000)
        )
        kept_for(72, "customers")
        assert retention.due("customers", 72) == 1

        night()

        ann.refresh_from_db()
        assert ann.name == "Ann"

    def test_who_stays_does_not_keep_the_night_from_the_others(
        self, programme: Programme, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Walked in batches of one, out of time after the first: the next nights go on from there, and begin anew at the end."""
        monkeypatch.setattr(retention, "BATCH", 1)
        rich = profiles.register(name="Rich", by=cast.OWNER)
        shop.top_up(shop.new_wallet(programme, rich), 1_00, store)
        poor = [profiles.register(name=f"Poor {number}", by=cast.OWNER) for number in range(2)]
        kept_for(60, "customers")

        gone = [retention.forget_what_is_past(seconds=0)["customers"] for _night in range(4)]

        assert gone == [0, 1, 1, 0]
        assert list(Customer.objects.filter(withdrawn_at=None)) == [rich]
        assert {one.pk for one in poor} == set(Customer.objects.exclude(withdrawn_at=None).values_list("pk", flat=True))


@pytest.mark.usefixtures("five_years_later")
class TestOtherKinds:
    def test_earlier_values_go_and_present_ones_stay(self, ann: Customer) -> None:
        profiles.change(customer=ann, notes="and to dust", by=cast.OWNER)
        kept_for(3, "histories")

        night()

        ann.refresh_from_db()
        assert (FieldChange.objects.count(), ann.notes) == (0, "and to dust")

    def test_messages_lose_their_words_and_are_not_sent_again(self, funded: Wallet) -> None:
        profiles.change(customer=funded.customer, email="wang@example.com", by=cast.OWNER)  # type: ignore[arg-type]  # named
        outbox.tell(
            kind=notes.MENTIONED,
            facts={"who": "Mei", "customer": "7"},
            subject="note:1",
            customer=funded.customer,
            by=cast.OWNER,
        )
        Delivery.objects.update(state="sent", title="Hello", body="About you", ended_at=timezone.now())
        kept_for(3, "messages")

        night()

        delivery = Delivery.objects.get()
        assert (delivery.title, delivery.body, delivery.state, delivery.forgotten_at is None) == (None, None, "sent", False)
        assert Message.objects.get().facts == {}
        with pytest.raises(WordsForgotten):
            outbox.resend(delivery=delivery, by=cast.OWNER)

    def test_tickets_lose_their_words_once_resolved_and_again_if_written_into(self, ann: Customer) -> None:
        ticket = tickets.open_ticket(
            customer=ann, kind="question", channel="phone", subject="Hours", text="When?", key=make.key(), by=cast.OWNER
        )
        kept_for(3, "tickets")
        night()
        assert Ticket.objects.get().text == "When?"

        tickets.note(ticket=ticket, state="resolved", text="At nine", by=cast.OWNER)
        night()
        assert (Ticket.objects.get().text, Words.objects.count()) == ("", 0)

        tickets.note(ticket=Ticket.objects.get(), text="Also at ten", by=cast.OWNER)
        tickets.note(ticket=Ticket.objects.get(), state="resolved", text="Done", by=cast.OWNER)
        night()
        assert Words.objects.count() == 0

    def test_notes_go_with_their_follow_ups_but_for_pinned_ones(self, ann: Customer) -> None:
        notes.write(customer=ann, text="Old", by=cast.OWNER)
        pinned = notes.write(customer=ann, text="Still true", is_pinned=True, by=cast.OWNER)
        task = tasks.add(customer=ann, what="Call", due_on=timezone.localdate(), assignee=cast.person("cashier"), by=cast.OWNER)
        tasks.finish(task=task, outcome="Fine", by=cast.OWNER)
        waiting = tasks.add(
            customer=ann, what="Again", due_on=timezone.localdate(), assignee=cast.person("cashier"), by=cast.OWNER
        )
        kept_for(3, "notes")

        night()

        assert (list(Note.objects.all()), list(Task.objects.all())) == ([pinned], [waiting])

    def test_applications_lose_who_applied_and_their_papers(self, programme: Programme) -> None:
        visitor = Client(headers={"accept-language": "en"})
        papers = [SimpleUploadedFile("passport.pdf", b"%PDF-1.7 passport")]
        where = visitor.post(
            "/pay/apply/",
            {
                "programme": programme.pk, "name": "王小明", "phone": "13812345678", "email": "wang@example.com",
                "identity_number": "11010519491231002X", "documents": papers, "agrees": "on", "key": make.key(),
            },
        )["Location"]  # fmt: skip
        kept_for(60, "applications")
        night()
        assert CardApplication.objects.get().name == "王小明"

        reviewing.reject(application=CardApplication.objects.get(), reason="unreadable", by=cast.actor("manager"))
        night()

        made = CardApplication.objects.get()
        assert (made.name, made.phone, made.email, made.identity_number, made.state) == ("", "", None, None, "rejected")
        assert (ApplicationDocument.objects.count(), visitor.get(where).status_code) == (0, 404)
        page = cast.signed_in(cast.person("manager")).get(f"/console/applications/{made.pk}/").content.decode()
        assert "its time was over" in page


def test_what_is_forgotten_is_not_in_the_tables_any_more(ann: Customer, five_years_later: None) -> None:
    """Read as the database has it: neither name nor any sealed value."""
    before = everything_stored_of("customer")
    kept_for(60, "customers")

    night()

    after = everything_stored_of("customer")
    assert ("Ann" in before, "Ann" in after, "\\x" in after) == (True, False, False)


class TestApi:
    def test_read_tried_and_set(self, ann: Customer) -> None:
        program = Program("audit:read", "privacy:write")

        items = {each["kind"]: each for each in program.get("/retention").json()["items"]}
        assert (items["customers"]["months"], items["customers"]["law"], items["messages"]["least"]) == (None, None, 3)
        answer = program.post("/retention/messages", {"months": 24}, key=None)
        assert (answer.status_code, answer.json()["months"], answer.json()["version"]) == (200, 24, 1)
        assert program.get("/retention/customers/due", months=3).json()["count"] == 0
        assert program.post("/retention/messages", {"months": None}, key=None).json()["months"] is None

    @pytest.mark.parametrize("months", ["24", 2, 601, 1.5, True])
    def test_what_is_no_time_is_refused(self, months: object) -> None:
        answer = Program("privacy:write").post("/retention/messages", {"months": months}, key=None)

        assert (answer.status_code, RetentionRule.objects.count()) == (400, 0)

    def test_refusals_have_their_codes(self) -> None:
        Store.objects.filter(pk=cast.store().pk).update(pack="cn-national")
        program = Program("privacy:write")

        unknown, law = (program.post(f"/retention/{kind}", {"months": 24}, key=None) for kind in ("weather", "customers"))

        assert (unknown.status_code, unknown.json()["code"]) == (404, "retention.unknown")
        assert (law.json()["code"], law.json()["facts"]["rule"]) == ("pack.refused", "cn.register")
