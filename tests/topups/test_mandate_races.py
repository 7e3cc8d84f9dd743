"""Many mandates whose charges are declined, and several clocks at once: one attempt a window, and then rest."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

import shop
from chuzhi.ledger.chart import Method
from chuzhi.payments import intents
from chuzhi.payments.models import Payment
from chuzhi.topups import automatic
from chuzhi.topups.models import Mandate, MandateEvent
from topups.agreeing import agreed
from topups.street import street

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

CLOCKS, MANDATES, DAYS = 4, 5, 12
Kind = MandateEvent.Kind


def test_a_storm_of_declines_is_one_attempt_a_window_for_each_of_many(tmp_path: Path, settings: object) -> None:
    with street("wechat", Method.WECHAT, tmp_path, settings) as wechat, ThreadPoolExecutor(CLOCKS) as clocks:
        programme = shop.new_programme()
        for _each in range(MANDATES):
            agreed(shop.new_wallet(programme), wechat.account, wechat.provider)
        wechat.provider.control("outcomes", payments=["NOTENOUGH"] * 1000)
        attempts = []
        for day in range(DAYS):
            before = charges()
            wechat.provider.control("clock", ahead_seconds=day * 86_400)
            Mandate.objects.filter(stage=Mandate.Stage.ACTIVE).update(look_at=timezone.now())

            list(clocks.map(look, [timezone.now() + timedelta(days=day)] * CLOCKS))

            attempts += (charges() - before).values()
        there = [order for order in wechat.provider.books()["orders"] if order["kind"] == "PAP"]

    assert max(attempts) == 1
    assert len(there) == len(attempts) == MANDATES * 4
    assert {mandate.stage for mandate in Mandate.objects.all()} == {Mandate.Stage.PAUSED}
    assert MandateEvent.objects.filter(kind=Kind.DECLINED).count() == MANDATES * 4


def look(now: object) -> None:
    """As the clock does, which here strikes in several processes at once."""
    try:
        automatic.run_due(now)  # type: ignore[arg-type]  # a moment
        for payment in Payment.objects.filter(stage=Payment.Stage.SENT).select_related("account", "agreement"):
            intents.ask(payment)
    finally:
        connections.close_all()


def charges() -> Counter[int]:
    return Counter(MandateEvent.objects.filter(kind=Kind.CHARGED).values_list("mandate", flat=True))
