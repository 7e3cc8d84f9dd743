"""What is done from inside a ticket is what the ledger says was done, and its history cannot be rewritten."""

from dataclasses import replace

import make
import psycopg.errors
import pytest
from django.db import ProgrammingError, connection, transaction

import cast
import shop
from chuzhi.approvals import requests
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import merging, profiles
from chuzhi.customers.models import Customer
from chuzhi.desk import acting, queries, tickets
from chuzhi.desk.errors import CannotTakeIt, NotTheirs, SomebodyActed, TicketResolved, TicketUnusable, WordsUnusable
from chuzhi.desk.models import Step, Ticket
from chuzhi.desk.telling import HANDED, MENTIONED
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Standing
from chuzhi.messaging.errors import OnItsWay
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.wallets import cards, moves
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.errors import CallerNotVerified
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport, Wallet
from desk.letters import told

pytestmark = pytest.mark.django_db
PHONE = Said(channel=CardReport.Channel.PHONE, verified=CardReport.Verified.NO, reason="lost on the bus")


@pytest.fixture
def agent(db: None) -> Actor:
    return cast.actor("service")


@pytest.fixture
def holder(wallet: Wallet) -> Customer:
    assert wallet.customer
    return wallet.customer


@pytest.fixture
def ticket(holder: Customer, agent: Actor) -> Ticket:
    return opened(holder, agent)


def opened(customer: Customer, by: Actor, **more: object) -> Ticket:
    values: dict[str, object] = {
        "kind": "complaint", "channel": "phone", "subject": "charged twice", "text": "扣了两次", "key": make.key(),
    } | more  # fmt: skip
    return tickets.open_ticket(customer=customer, by=by, **values)  # type: ignore[arg-type]  # any facts


def credit(ticket: Ticket, wallet: Wallet, by: Actor, amount: int = 20_00, **more: object) -> Step:
    values: dict[str, object] = {"cause": "complaint", "key": make.key()} | more
    return acting.credit(ticket=ticket, wallet=wallet, amount=amount, by=by, **values)  # type: ignore[arg-type]  # any facts


class TestWords:
    def test_asked_twice_it_is_opened_once_and_is_its_openers(self, holder: Customer, agent: Actor) -> None:
        first, again = (opened(holder, agent, key="k") for _each in range(2))

        assert first == again
        assert (first.assigned_to_id, first.state, first.number) == (agent.id, "open", f"T{first.pk}")

    def test_another_note_opens_it_again(self, ticket: Ticket, agent: Actor, manager: Actor) -> None:
        tickets.note(ticket=ticket, text="has to ask at home", state="waiting", by=agent)
        tickets.note(ticket=ticket, text="done", state="resolved", by=agent)
        tickets.note(ticket=ticket, text="called again", by=manager)

        ticket.refresh_from_db()
        told = [(step.number, step.kind, step.words.text, step.by) for step in queries.story(ticket)]
        assert ticket.state == "open"
        assert told == [
            (1, "waiting", "has to ask at home", agent.label),
            (2, "resolved", "done", agent.label),
            (3, "noted", "called again", manager.label),
        ]

    def test_handed_over_it_is_told_once(self, ticket: Ticket, agent: Actor) -> None:
        colleague = cast.person("service", name="韩梅梅")

        step = tickets.hand(ticket=ticket, to=colleague, text="please call", by=agent)

        ticket.refresh_from_db()
        [told] = Message.objects.filter(kind=HANDED.name)
        assert (told.staff, told.facts["ticket"]) == (colleague, ticket.number)
        assert (ticket.assigned_to, step.to) == (colleague, colleague)

    def test_whoever_is_mentioned_is_told_once(self, ticket: Ticket, agent: Actor) -> None:
        meant, other = cast.person("service", name="李明"), cast.person("cashier", name="赵四")

        step = tickets.note(ticket=ticket, text="@李明 @赵四 @李明 请看", by=agent)
        tickets.note(ticket=ticket, text="nobody", state="waiting", by=agent)

        [told] = Message.objects.filter(kind=MENTIONED.name)
        assert (told.staff, told.facts["ticket"], told.facts["subject"]) == (meant, ticket.number, ticket.subject)
        assert list(step.mentioned.all()) == [meant]
        assert other not in step.mentioned.all()
        assert AuditEntry.objects.get(action="ticket.noted").facts["mentioned"] == [meant.pk]
        assert "请看" not in str(Message.objects.values_list("facts"))

    def test_whoever_it_is_handed_to_is_told_of_that_only(self, ticket: Ticket, agent: Actor) -> None:
        heir, meant = cast.person("service", name="韩梅梅"), cast.person("auditor", name="李明")

        step = tickets.hand(ticket=ticket, to=heir, text="@韩梅梅 请回电，@李明 知悉", by=agent)

        assert set(Message.objects.values_list("kind", "staff")) == {(HANDED.name, heir.pk), (MENTIONED.name, meant.pk)}
        assert list(step.mentioned.all()) == [meant]

    def test_what_the_customer_says_tells_nobody(self, holder: Customer, agent: Actor) -> None:
        cast.person("service", name="李明")

        opened(holder, agent, text="@李明 promised it")

        assert not Message.objects.exists()

    def test_who_was_told_is_not_rewritten(self, ticket: Ticket, agent: Actor) -> None:
        cast.person("service", name="李明")
        step = tickets.note(ticket=ticket, text="@李明", by=agent)

        with pytest.raises(ProgrammingError, match="ticket_mention"), transaction.atomic():
            step.mentioned.clear()

    def test_it_is_handed_only_to_who_works_on_tickets(self, ticket: Ticket, agent: Actor) -> None:
        gone = cast.person("service")
        staff.deactivate(staff=gone, by=cast.OWNER)

        for colleague in (cast.person("cashier"), gone):
            with pytest.raises(CannotTakeIt):
                tickets.hand(ticket=ticket, to=colleague, text="please", by=agent)

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 2001])
    def test_what_are_no_words(self, ticket: Ticket, agent: Actor, text: str) -> None:
        with pytest.raises(WordsUnusable):
            tickets.note(ticket=ticket, text=text, by=agent)

        assert not ticket.steps.exists()

    def test_who_may_not(self, ticket: Ticket, holder: Customer, cashier: Actor, auditor: Actor, member: Actor) -> None:
        with pytest.raises(NotAllowed):
            opened(holder, cashier)
        with pytest.raises(NotAllowed):
            tickets.note(ticket=ticket, text="x", by=auditor)

        assert [queries.visible_to(each).count() for each in (cashier, auditor, member)] == [0, 1, 0]

    def test_what_there_is_not(self, holder: Customer, ticket: Ticket, agent: Actor) -> None:
        for more in ({"kind": "rumour"}, {"channel": "pigeon"}):
            with pytest.raises(TicketUnusable):
                opened(holder, agent, **more)
        with pytest.raises(TicketUnusable):
            tickets.note(ticket=ticket, text="x", state="burnt", by=agent)

    def test_a_dump_shows_nothing_that_was_said(self, ticket: Ticket, agent: Actor) -> None:
        tickets.note(ticket=ticket, text="她住三号楼", by=agent)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT encode(text::bytea, 'escape') FROM ticket UNION SELECT encode(text::bytea, 'escape') FROM ticket_words"
            )
            kept = str(cursor.fetchall())
        assert "两次" not in kept
        assert "三号楼" not in kept

    def test_it_follows_a_merge_and_comes_back(self, ticket: Ticket, holder: Customer) -> None:
        kept = shop.new_customer()

        made = merging.merge(kept=kept, gone=holder, taken=[], reason="same person", by=cast.OWNER)
        assert queries.latest_of(kept, cast.OWNER) == [ticket]
        merging.undo(merge=made, by=cast.OWNER)

        assert queries.latest_of(holder, cast.OWNER) == [ticket]


class TestMoney:
    def test_a_bonus_is_an_entry_that_names_the_ticket_and_the_ticket_names_it(
        self, ticket: Ticket, wallet: Wallet, agent: Actor
    ) -> None:
        step = credit(ticket, wallet, agent)

        entry = moves.entry_of(wallet, step.seq or 0)
        assert f'"evidence":"{ticket.number}"' in entry.details
        assert (entry.outcome.amount, wallets.balance(wallet).bonus) == (20_00, 20_00)
        assert queries.behind(wallet, step.seq or 0, agent) == ticket

    def test_with_one_key_it_is_given_and_told_once(self, ticket: Ticket, wallet: Wallet, agent: Actor) -> None:
        first, again = (credit(ticket, wallet, agent, key="k") for _each in range(2))
        tickets.note(ticket=ticket, text="done", state="resolved", by=agent)
        late = credit(ticket, wallet, agent, key="k")

        assert first == again == late
        assert wallets.balance(wallet).bonus == 20_00

    def test_above_the_limit_it_is_refused_asked_for_and_approved(self, ticket: Ticket, wallet: Wallet, agent: Actor) -> None:
        with pytest.raises(SecondPersonNeeded) as no:
            credit(ticket, wallet, agent, 50_01)
        assert (no.value.facts["limit"], ticket.steps.count()) == (50_00, 0)

        asked = acting.ask_credit(ticket=ticket, wallet=wallet, amount=50_01, cause="complaint", key="k", by=agent)
        again = acting.ask_credit(ticket=ticket, wallet=wallet, amount=50_01, cause="complaint", key="k", by=agent)
        assert (asked, asked.entry, wallets.balance(wallet).bonus) == (again, "", 0)
        assert asked.approval
        requests.approve(request=asked.approval, by=cast.actor("manager"))

        [told] = queries.story(ticket)
        seq = int(told.entry.partition("-")[2])
        assert f'"evidence":"{ticket.number}"' in moves.entry_of(wallet, seq).details
        assert queries.behind(wallet, seq, agent) == ticket
        assert wallets.balance(wallet).bonus == 50_01

    def test_the_limit_of_a_day_holds_across_tickets(self, wallet: Wallet, holder: Customer, agent: Actor) -> None:
        for _each in range(10):
            credit(opened(holder, agent), wallet, agent, 50_00)

        with pytest.raises(SecondPersonNeeded):
            credit(opened(holder, agent), wallet, agent, 1)
        assert wallets.balance(wallet).bonus == 500_00

    def test_the_ticket_tells_of_every_entry_there_is_and_of_no_other(
        self, ticket: Ticket, wallet: Wallet, agent: Actor
    ) -> None:
        credit(ticket, wallet, agent, 5_00)
        acting.freeze(ticket=ticket, wallet=wallet, key=make.key(), by=agent)
        with pytest.raises(SecondPersonNeeded):
            credit(ticket, wallet, agent, 600_00)
        acting.unfreeze(ticket=ticket, wallet=wallet, key=make.key(), by=agent)
        credit(ticket, wallet, agent, 7_00)

        entries = sorted(entry.outcome.seq for entry in wallets.entries(wallet, limit=50))
        assert sorted(step.seq or 0 for step in queries.story(ticket)) == entries
        assert sum(step.amount or 0 for step in queries.story(ticket)) == wallets.balance(wallet).bonus
        assert journal.standing(wallet.book, wallet.pk) is Standing.OPEN

    def test_nothing_is_done_from_a_resolved_ticket(self, ticket: Ticket, wallet: Wallet, agent: Actor) -> None:
        tickets.note(ticket=ticket, text="done", state="resolved", by=agent)

        with pytest.raises(TicketResolved):
            credit(ticket, wallet, agent)
        assert (wallets.balance(wallet).bonus, wallets.entries(wallet, limit=9)) == (0, [])

    def test_what_a_colleague_did_meanwhile_is_read_first(
        self, ticket: Ticket, wallet: Wallet, agent: Actor, manager: Actor
    ) -> None:
        credit(ticket, wallet, manager, seen=0)

        with pytest.raises(SomebodyActed):
            credit(ticket, wallet, agent, seen=0)
        assert wallets.balance(wallet).bonus == 20_00
        credit(ticket, wallet, agent, seen=1)
        assert wallets.balance(wallet).bonus == 40_00

    def test_only_what_is_the_customers(self, ticket: Ticket, programme: object, agent: Actor, wallet: Wallet) -> None:
        other = shop.new_wallet(wallet.programme)

        with pytest.raises(NotTheirs):
            credit(ticket, other, agent)
        with pytest.raises(NotTheirs):
            acting.freeze(ticket=ticket, wallet=other, key="k", by=agent)
        with pytest.raises(NotTheirs):
            acting.report_lost(ticket=ticket, card=cards.issue(wallet=other, key="c", by=cast.OWNER), said=PHONE, by=agent)

    def test_whoever_works_on_tickets_without_the_right_moves_nothing(self, ticket: Ticket, wallet: Wallet) -> None:
        plain = Actor(cast.OWNER.kind.STAFF, cast.person("service").pk, permissions=frozenset({tickets.WORK, tickets.VIEW}))

        for act in (
            lambda: credit(ticket, wallet, plain),
            lambda: acting.freeze(ticket=ticket, wallet=wallet, key="k", by=plain),
            lambda: acting.ask_credit(ticket=ticket, wallet=wallet, amount=1, cause="complaint", key="k", by=plain),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert not ticket.steps.exists()

    def test_a_lost_card_is_blocked_and_told_once(self, ticket: Ticket, wallet: Wallet, agent: Actor) -> None:
        card = cards.issue(wallet=wallet, key="c", by=cast.OWNER)

        first, again = (acting.report_lost(ticket=ticket, card=card, said=PHONE, by=agent) for _each in range(2))

        card.refresh_from_db()
        assert (first, card.status) == (again, Card.Status.LOST)
        assert card.reports.get().verified == "no"

    def test_a_lost_card_is_replaced_once_by_one_key(self, ticket: Ticket, wallet: Wallet, agent: Actor) -> None:
        card = cards.issue(wallet=wallet, key="c", by=cast.OWNER)
        acting.report_lost(ticket=ticket, card=card, said=PHONE, by=agent)
        with pytest.raises(CallerNotVerified):
            acting.replace_card(ticket=ticket, card=card, said=PHONE, key="k", by=agent)
        known = replace(PHONE, verified=CardReport.Verified.CALLED_BACK)

        first, again = (acting.replace_card(ticket=ticket, card=card, said=known, key="k", by=agent) for _each in range(2))

        assert first == again
        assert first.card
        assert (first.card.wallet, first.card.status) == (wallet, Card.Status.ACTIVE)
        card.refresh_from_db()
        assert card.status == Card.Status.DEAD
        assert [step.kind for step in queries.story(ticket)] == ["card_lost", "card_replaced"]

    def test_what_never_came_is_sent_again(self, ticket: Ticket, holder: Customer, agent: Actor) -> None:
        sent = told(holder)

        step = acting.send_again(ticket=ticket, delivery=sent, by=agent, seen=0)

        sent.refresh_from_db()
        assert (step.delivery, sent.state, sent.copy) == (sent.pk, Delivery.State.WAITING, 2)
        with pytest.raises(SomebodyActed):
            acting.send_again(ticket=ticket, delivery=sent, by=agent, seen=0)
        with pytest.raises(OnItsWay):
            acting.send_again(ticket=ticket, delivery=sent, by=agent)
        with pytest.raises(NotTheirs):
            acting.send_again(ticket=ticket, delivery=told(profiles.register(name="Bo", by=cast.OWNER)), by=agent)
        assert [each.kind for each in queries.story(ticket)] == ["message_sent"]


@pytest.mark.parametrize(
    "statement", ["UPDATE ticket_step SET by = ''", "DELETE FROM ticket_step", "TRUNCATE ticket_step CASCADE"]
)
def test_history_cannot_be_rewritten(ticket: Ticket, agent: Actor, statement: str) -> None:
    tickets.note(ticket=ticket, text="x", by=agent)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction.atomic():
        connection.connection.execute(statement)
