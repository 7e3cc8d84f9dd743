from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from chuzhi.customers import profiles
from chuzhi.demo import journey, telling
from chuzhi.demo.invented import Invented
from chuzhi.demo.models import DemoRun
from chuzhi.ledger.chart import Kind
from chuzhi.ledger.models import Operation
from chuzhi.till.models import Sale

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def invented(households: int = 6) -> Invented:
    return Invented(now=NOW, zone=ZONE, households=households, stores=3)


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_a_year_told_in_parts_ties_to_its_source_and_verifies() -> None:
    year = invented()
    telling.begin(year)
    list(telling.tell(year, until=2))
    DemoRun.objects.update(households_told=1)  # killed before the last part was counted
    *_rest, run = telling.tell(year)

    telling.finish(run)

    totals = year.totals()
    charges = Operation.objects.filter(kind=Kind.CHARGE, refusal=None)
    assert charges.count() == Sale.objects.count() == totals.baskets
    assert charges.aggregate(all=Sum("amount"))["all"] == totals.amount
    assert run.findings == 0


@pytest.mark.django_db
def test_the_demo_never_mixes_with_customers_of_a_shop() -> None:
    profiles.register(name="真客户", by=telling.BY)

    with pytest.raises(telling.NotEmpty):
        telling.begin.__wrapped__(invented())  # type: ignore[attr-defined]  # without its durable transaction


def test_the_invented_year_is_the_same_for_the_same_seed() -> None:
    assert list(invented().households()) == list(invented().households())


@pytest.mark.skipif(journey.folder() is None, reason="the real year is an extra")
def test_the_real_year_is_the_published_one() -> None:
    folder = journey.folder()
    assert folder is not None
    year = journey.Journey(folder, now=NOW, zone=ZONE)

    totals = year.totals()

    assert (totals.households, totals.stores, totals.baskets, totals.free_baskets) == (2469, 457, 155_848, 478)
    assert totals.amount == 4_596_039_58
    last = max(basket.at for household in year.households() for basket in household.baskets)
    assert 0 <= (NOW - last).days < 7
