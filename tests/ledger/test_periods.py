from datetime import UTC, datetime, timedelta

import make
import pytest
from django.db import connection

from chuzhi.core import actors
from chuzhi.ledger import errors, periods
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.models import Snapshot
from chuzhi.ledger.proof import verification

pytestmark = pytest.mark.django_db
CLOCK = actors.system("clock")
NEW_YEAR = datetime(2025, 12, 31, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_period_keeps_what_stood_then_and_takes_nothing_more() -> None:
    make.post(make.top_up_asked(1, 500_00, 80_00), make.charge_asked(1, 20_00), now=NEW_YEAR - DAY)
    make.post(make.charge_asked(1, 50_00), now=NEW_YEAR + DAY)

    period = periods.close(until=NEW_YEAR, by=CLOCK)
    late = make.post(make.charge_asked(1, 1_00, effective_at=NEW_YEAR - DAY), now=NEW_YEAR + 2 * DAY)[0]

    kept = dict(Snapshot.objects.filter(period=period.id, account=0).values_list("pot", "total"))
    assert kept == {make.cny() * 10 + 1: 480_00, make.cny() * 10 + 2: 80_00}
    assert Snapshot.objects.get(period=period.id, account=make.SALES).total == 20_00
    assert isinstance(late.refusal, errors.PeriodClosed)
    assert verification.verify(connection.connection, deep=True).findings == []


def test_an_operation_may_still_be_dated_back_until_its_period_is_closed() -> None:
    make.post(make.top_up_asked(1, 500_00), now=NEW_YEAR - DAY)
    make.post_one(make.charge_asked(1, 7_00, effective_at=NEW_YEAR - timedelta(hours=1)), now=NEW_YEAR + DAY)

    period = periods.close(until=NEW_YEAR, by=CLOCK)

    assert Snapshot.objects.get(period=period.id, account=0, pot=make.cny() * 10 + 1).total == 493_00
    assert verification.verify(connection.connection, deep=True).findings == []


def test_a_moment_to_come_and_one_that_is_closed_are_refused() -> None:
    periods.close(until=NEW_YEAR, by=CLOCK)

    with pytest.raises(periods.PeriodNotOver):
        periods.close(until=datetime.now(UTC) + DAY, by=CLOCK)
    with pytest.raises(periods.PeriodClosedAlready):
        periods.close(until=NEW_YEAR, by=CLOCK)


def test_a_clock_that_goes_back_cannot_write_before_the_cut() -> None:
    periods.close(until=NEW_YEAR, by=CLOCK)

    outcome = make.post(make.top_up_asked(1, 500_00), now=NEW_YEAR - DAY)[0]

    assert outcome.time == NEW_YEAR
    assert verification.verify(connection.connection).findings == []


def test_totals_of_the_company_and_of_the_customers_cancel_out() -> None:
    make.story(NEW_YEAR - 60 * DAY)

    period = periods.close(until=NEW_YEAR - 50 * DAY, by=CLOCK)

    rows = Snapshot.objects.filter(period=period.id).values_list("account", "pot", "total")
    pots = {pot for _account, pot, _total in rows}
    for pot in pots:
        held = sum(total for account, each, total in rows if account == 0 and each == pot) * (
            -1 if pot % 10 == Bucket.DEBT else 1
        )
        assert held + sum(total for account, each, total in rows if account and each == pot) == 0
