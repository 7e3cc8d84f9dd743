"""Clocks that go back, days that have 23 hours, and the exact instant of an end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import make
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from chuzhi.ledger import batch, errors
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.operations import Capture, Hold
from chuzhi.ledger.proof import verification

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def books_are_in_order_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    if "new_york" in request.fixturenames:
        request.getfixturevalue("new_york")
    yield
    assert verification.verify(connection.connection, deep=True).findings == []


@pytest.fixture
def new_york(settings: Settings) -> Iterator[ZoneInfo]:
    settings.TIME_ZONE = "America/New_York"
    batch.shop_zone.cache_clear()
    yield ZoneInfo("America/New_York")
    batch.shop_zone.cache_clear()


def limited(amount: int, now: datetime) -> str | None:
    """The refusal of a charge under a daily limit of 100, if it was refused."""
    no = make.post(make.charge_asked(1, amount, most_a_day=100), now=now)[0].refusal
    return no.code if no is not None else None


def test_a_clock_that_goes_back_does_not_take_the_book_with_it() -> None:
    make.post(make.top_up_asked(1, 100), now=NOON)

    outcome = make.post(make.charge_asked(1, 10), now=NOON - 5 * HOUR)[0]

    assert outcome.time == NOON


def test_a_clock_that_goes_back_does_not_bring_back_what_expired() -> None:
    make.post(make.top_up_asked(1, 100, 50, until=NOON), make.top_up_asked(2, 1), now=NOON - HOUR)
    make.post(make.charge_asked(2, 1), now=NOON + HOUR)

    outcome = make.post(make.charge_asked(1, 150), now=NOON - HOUR)[0]

    assert isinstance(outcome.refusal, errors.NotEnough)
    assert outcome.refusal.facts["available"] == 100


def test_a_lot_pays_until_its_last_microsecond_and_not_at_its_end() -> None:
    make.post(make.top_up_asked(1, 1, 50, until=NOON), make.top_up_asked(2, 1, 50, until=NOON), now=NOON - HOUR)

    before = make.post(make.charge_asked(1, 51), now=NOON - MICROSECOND)[0]
    at_its_end = make.post(make.charge_asked(2, 51), now=NOON)[0]

    assert before.refusal is None
    assert isinstance(at_its_end.refusal, errors.NotEnough)


def test_a_hold_is_kept_until_its_last_microsecond_and_not_at_its_end() -> None:
    make.post(make.top_up_asked(1, 100), now=NOON - HOUR)
    hold = make.post(make.asked(Hold, 1, 50, expires_at=NOON), now=NOON - HOUR)[0].seq

    before = make.post(make.asked(Capture, 1, 10, hold=hold, into=make.SALES), now=NOON - MICROSECOND)[0]
    at_its_end = make.post(make.asked(Capture, 1, 10, hold=hold, into=make.SALES), now=NOON)[0]

    assert before.refusal is None
    assert isinstance(at_its_end.refusal, errors.HoldEnded)
    assert at_its_end.held(make.cny()) == 0


def test_a_hold_that_would_end_now_is_refused() -> None:
    make.post(make.top_up_asked(1, 100), now=NOON)

    no = make.post(make.asked(Hold, 1, 50, expires_at=NOON), now=NOON)[0].refusal

    assert isinstance(no, errors.HoldExpiryPassed)


def test_what_a_lapsed_hold_lets_go_of_an_expired_lot_expires_with_it() -> None:
    make.post(make.top_up_asked(1, 1, 50, until=NOON + HOUR), now=NOON)
    make.post(make.asked(Hold, 1, 50, order="bonus_first", expires_at=NOON + 2 * HOUR), now=NOON)

    outcome = make.post(make.charge_asked(1, 1), now=NOON + 3 * HOUR)[0]

    assert outcome.balance(make.cny(), Bucket.BONUS) == 0


def test_a_day_ends_at_midnight_in_beijing() -> None:
    midnight = datetime(2026, 3, 1, 16, tzinfo=UTC)
    make.post(make.top_up_asked(1, 1_000), now=midnight - HOUR)

    assert limited(100, midnight - MICROSECOND) is None
    assert limited(1, midnight - MICROSECOND) == "limit.per_day"
    assert limited(100, midnight) is None


def test_the_day_that_has_23_hours_ends_at_its_own_midnight(new_york: ZoneInfo) -> None:
    start = datetime(2026, 3, 8, tzinfo=new_york)
    end = datetime(2026, 3, 9, tzinfo=new_york).astimezone(UTC)
    make.post(make.top_up_asked(1, 1_000), now=start.astimezone(UTC))

    assert end - start.astimezone(UTC) == 23 * HOUR
    assert limited(100, end - MICROSECOND) is None
    assert limited(1, end - MICROSECOND) == "limit.per_day"
    assert limited(100, end) is None


def test_the_hour_that_comes_twice_is_one_day(new_york: ZoneInfo) -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=new_york).astimezone(UTC)
    make.post(make.top_up_asked(1, 1_000), now=first)

    assert limited(100, first) is None
    assert limited(1, first + HOUR) == "limit.per_day"
    assert limited(1, first + 23 * HOUR) == "limit.per_day"
    assert limited(1, first + 24 * HOUR) is None


def test_the_leap_day_is_a_day_like_any_other() -> None:
    leap_day = datetime(2028, 2, 29, 4, tzinfo=UTC)
    make.post(make.top_up_asked(1, 1_000, 50, until=leap_day), now=leap_day - 24 * HOUR)

    assert limited(100, leap_day - 24 * HOUR) is None
    assert limited(100, leap_day) is None
    assert limited(1, leap_day) == "limit.per_day"
    assert limited(100, leap_day + 24 * HOUR) is None
