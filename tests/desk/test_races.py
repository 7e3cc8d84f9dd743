"""Two agents at one thing at the same moment: real transactions."""

import json
import threading
from collections.abc import Callable

import make
import pytest
from django.db import connection

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles
from chuzhi.desk import acting, contacts, tickets
from chuzhi.desk.contact_models import VerifiedContact
from chuzhi.desk.errors import SomebodyActed
from chuzhi.desk.models import Step, Ticket
from chuzhi.messaging.models import Message
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What came of each: its answer, or its refusal."""
    start, came = threading.Barrier(len(acts)), list[object](acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            came[place] = act()
        except Refused as no:
            came[place] = no
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def opened() -> tuple[Ticket, Wallet]:
    wallet = shop.new_wallet(shop.new_programme())
    assert wallet.customer
    ticket = tickets.open_ticket(
        customer=wallet.customer, kind="complaint", channel="phone", subject="twice", text="", key=make.key(), by=cast.OWNER
    )
    return ticket, wallet


def credit(ticket: Ticket, wallet: Wallet, by: Actor, key: str, seen: int | None = None) -> Callable[[], Step]:
    return lambda: acting.credit(ticket=ticket, wallet=wallet, amount=20_00, cause="complaint", key=key, by=by, seen=seen)


def test_two_agents_who_have_read_the_same_and_one_gives() -> None:
    (ticket, wallet), agents = opened(), [cast.actor("service"), cast.actor("service")]

    came = at_once(*(credit(ticket, wallet, by, "k", seen=0) for by in agents))

    assert sorted(isinstance(one, SomebodyActed) for one in came) == [False, True]
    assert (queries.balance(wallet).bonus, ticket.steps.count()) == (20_00, 1)


def test_one_form_sent_twice_gives_once() -> None:
    (ticket, wallet), agent = opened(), cast.actor("service")

    came = at_once(*(credit(ticket, wallet, agent, "k", seen=0) for _each in range(4)))

    assert len({step.pk for step in came if isinstance(step, Step)}) == 1
    assert (queries.balance(wallet).bonus, ticket.steps.count()) == (20_00, 1)


def test_steps_of_many_at_once_are_numbered_without_a_gap() -> None:
    (ticket, wallet), agents = opened(), [cast.actor("service") for _each in range(3)]
    says = [lambda by=by: tickets.note(ticket=ticket, text="x", by=by) for by in agents]  # type: ignore[misc]  # lambdas

    at_once(*says, *(credit(ticket, wallet, by, make.key()) for by in agents))

    assert sorted(ticket.steps.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert queries.balance(wallet).bonus == 60_00


def test_a_code_shows_an_address_once() -> None:
    person = profiles.register(name="王小明", email="ming@example.com", by=cast.OWNER)
    contacts.send_code(customer=person, by=cast.OWNER)
    sent = str(json.loads(Message.objects.latest("pk").secrets or "{}")["code"])

    came = at_once(*[lambda: contacts.verify_by_code(customer=person, code=sent, by=cast.OWNER)] * 4)

    assert sorted(type(one).__name__ for one in came) == [*["CodeNotSent"] * 3, "VerifiedContact"]
    assert VerifiedContact.objects.count() == 1
