"""Random orders through five providers at once, with everything that can go wrong, and `kill -9` in the midst of it.

The product runs as a shop runs it: its own processes, database and data folder. In the end the books of both sides are
compared: what a provider took is in a wallet once, or went back, or lies in front of somebody with its reason.
"""

import contextlib
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

import shop
from chuzhi.ledger.proof import verification
from chuzhi.payments.models import Incident, Notice, Payment, Refund
from chuzhi.topups.models import Order
from proof import aftermath, books
from proof.customers import Customer
from proof.town import Program, Town, town
from proof.weather import Weather

AT_ONCE = 16
LONG = pytest.param(1000, ["web", "worker", "database", "web"], id="1000", marks=pytest.mark.soak)


@pytest.fixture
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.mark.parametrize(("orders", "kills"), [pytest.param(60, ["worker"], id="60"), LONG])
def test_after_a_storm_the_ledger_is_what_the_providers_say(
    orders: int, kills: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch, unblocked: None
) -> None:
    seed = int(os.environ.get("STORM_SEED", "2026"))
    print(f"the storm's seed is {seed}")  # pytest shows it when this fails
    with town(settings, monkeypatch, seed) as there, contextlib.closing(Program(there)) as program:
        weather = Weather(there, f"{seed}/weather", orders, kills)
        try:
            customers = rage(there, program, weather, orders, seed)
            connections.close_all()
            aftermath.settle(there, program)
            aftermath.bring_bills(there)
            aftermath.settle(there, program)

            compare(there, customers, weather)
            print(figures(weather))
        finally:
            print("".join(there.said))


def rage(there: Town, program: Program, weather: Weather, orders: int, seed: int) -> list[Customer]:
    programme, chance = shop.new_programme(bands=[(500_00, 80_00)]), random.Random(seed)
    wallets = [shop.new_wallet(programme).pk for _each in range(max(10, orders // 20))]
    customers = [Customer(there, program, chance.choice(wallets), f"{seed}/{place}") for place in range(orders)]

    def go(place: int) -> None:
        weather.strike(place)
        customers[place].shop()

    blowing = threading.Thread(target=weather.blow, daemon=True)
    blowing.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            list(crowd.map(go, range(orders)))
    finally:
        weather.calm()
        blowing.join()
    return customers


def compare(there: Town, customers: list[Customer], weather: Weather) -> None:
    journal = books.ours()
    told = {each.number: f"{each.seed}: {', '.join(each.story)}" for each in customers}
    for name in books.READERS:
        assert explained(books.unexplained_payments(there, name, journal), told) == {}, name
        assert explained(books.unexplained_refunds(there, name), told) == {}, name
    moved, kept = books.bank_lines(there)

    assert moved == kept
    assert books.twice_credited(journal) == {}
    assert journal.kept == journal.held
    assert weather.probes > weather.answered_well == 0
    assert len(weather.killed) == len(weather.kills)
    assert aftermath.reconcile(there) == {}
    connection.ensure_connection()
    assert verification.verify(connection.connection, workers=1).is_clean


def figures(weather: Weather) -> dict[str, object]:
    counted = {
        "orders": Order.objects, "payments": Payment.objects, "refunds": Refund.objects,
    }  # fmt: skip
    stages = {name: dict(Counter(rows.values_list("stage", flat=True))) for name, rows in counted.items()}
    heard = {
        "messages": dict(Counter(Notice.objects.values_list("verdict", flat=True))),
        "incidents": dict(Counter(Incident.objects.values_list("kind", flat=True))),
    }
    return stages | heard | {"forged probes": weather.probes, "killed": weather.killed}


def explained(found: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """With the story of the order that each payment or refund was for."""
    stories = {}
    for number, wrong in found.items():
        payment = Payment.objects.filter(number=number).first() or Payment.objects.filter(refunds__number=number).first()
        order = Order.objects.filter(pk=payment.subject_id).first() if payment else None
        stories[number] = f"{wrong} | {told.get(order.number) if order else ''}"
    return stories
