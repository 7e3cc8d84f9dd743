from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuzhi.topups import offer_rules as rules
from chuzhi.topups.offer_rules import Asking, Band, Every, Gift, Kind, Offer, Why

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def bonus(amount: int, parts: int = 1) -> Gift:
    return Gift(kind=Kind.BONUS, amount=amount, worth=amount, parts=parts, every=Every.MONTH if parts > 1 else None)


def offer(number: int, *bands: tuple[int, int], **more: object) -> Offer:
    made = tuple(Band(f"{number}-{pay}", pay, (bonus(gets),)) for pay, gets in bands)
    return Offer(id=number, bands=made, **more)  # type: ignore[arg-type]  # any condition


def asking(amount: int, **more: object) -> Asking:
    return Asking(amount=amount, at=NOW, **more)  # type: ignore[arg-type]  # any fact


SPRING = offer(1, (500_00, 80_00), (1000_00, 200_00))


@pytest.mark.parametrize(
    ("paid", "gets"), [(499_99, 0), (500_00, 80_00), (999_99, 80_00), (1000_00, 200_00), (9000_00, 200_00)]
)
def test_the_highest_band_that_is_reached_is_given_once(paid: int, gets: int) -> None:
    won = rules.choose([SPRING], asking(paid)).won

    assert (won.band.worth if won else 0) == gets


@pytest.mark.parametrize(
    ("condition", "facts", "why"),
    [
        ({"stopped": Why.STOPPED}, {}, Why.STOPPED),
        ({"stopped": Why.BUDGET, "left": 10_00}, {}, Why.BUDGET),
        ({"left": 79_99}, {}, Why.BUDGET),
        ({"starts_at": NOW + timedelta(seconds=1)}, {}, Why.NOT_YET),
        ({"ends_at": NOW}, {}, Why.OVER),
        ({"stores": frozenset({2})}, {"store": 1}, Why.STORE),
        ({"channels": frozenset({"web"})}, {"channel": "counter"}, Why.CHANNEL),
        ({"tiers": frozenset({"gold"})}, {"tiers": frozenset({"silver"})}, Why.TIER),
        ({"is_first_only": True}, {"has_topped_up": True}, Why.NOT_FIRST),
        ({"most_uses": 2}, {"uses": {1: 2}}, Why.USED_UP),
    ],
)
def test_a_condition_that_does_not_hold_is_said(condition: dict[str, object], facts: dict[str, object], why: Why) -> None:
    choice = rules.choose([replace(SPRING, **condition)], asking(500_00, **facts))  # type: ignore[arg-type]  # as above

    assert (choice.won, [said for _offer, said in choice.others]) == (None, [why])


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ({"left": 80_00}, {}),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(seconds=1)}, {}),
        ({"stores": frozenset({1, 2})}, {"store": 1}),
        ({"channels": frozenset({"web", "counter"})}, {}),
        ({"tiers": frozenset({"gold", "silver"})}, {"tiers": frozenset({"silver"})}),
        ({"is_first_only": True}, {}),
        ({"most_uses": 2}, {"uses": {1: 1, 9: 5}}),
    ],
)
def test_a_condition_that_holds_does_not_stand_in_the_way(condition: dict[str, object], facts: dict[str, object]) -> None:
    assert rules.choose([replace(SPRING, **condition)], asking(500_00, **facts)).won  # type: ignore[arg-type]  # as above


def test_one_offer_is_given_the_one_worth_most_and_the_others_are_outdone() -> None:
    richer, poorer = offer(2, (500_00, 100_00)), offer(3, (100_00, 5_00))

    choice = rules.choose([SPRING, richer, poorer], asking(500_00))

    assert choice.won
    assert (choice.won.offer, {one.id: why for one, why in choice.others}) == (richer, {1: Why.OUTDONE, 3: Why.OUTDONE})


def test_priority_is_stronger_than_worth_and_age_breaks_a_tie() -> None:
    first = offer(3, (500_00, 1_00), priority=5)

    assert rules.choose([SPRING, first], asking(500_00)).won == rules.Won(first, first.bands[0])
    twin = offer(7, (500_00, 80_00))
    assert rules.choose([twin, SPRING], asking(500_00)).won == rules.Won(SPRING, SPRING.bands[0])


def test_the_next_band_says_what_more_brings() -> None:
    ahead = rules.next_band([SPRING], asking(480_00))

    assert ahead
    assert (ahead.add, ahead.more) == (20_00, 80_00)
    assert rules.next_band([SPRING], asking(480_00), most=499_99) is None
    assert rules.next_band([SPRING], asking(1000_00)) is None


def test_a_bearer_is_given_bonus_and_nothing_that_needs_a_name() -> None:
    points = Gift(kind=Kind.LOT, amount=100, worth=1_00, programme=2)
    both = Offer(id=4, bands=(Band("a", 100_00, (bonus(5_00),)), Band("b", 500_00, (bonus(50_00), points))))

    assert rules.choose([both], asking(100_00, is_bearer=True)).won
    assert rules.choose([both], asking(500_00, is_bearer=True)).others == ((both, Why.BEARER),)
    assert rules.choose([both], asking(500_00)).won


@pytest.mark.parametrize(
    ("every", "number", "day"),
    [(None, 3, "2026-01-31"), (Every.DAY, 1, "2026-02-01"), (Every.WEEK, 2, "2026-02-14"), (Every.MONTH, 1, "2026-02-28"),
     (Every.MONTH, 2, "2026-03-31"), (Every.MONTH, 12, "2027-01-31")],
)  # fmt: skip
def test_parts_are_due_on_the_shops_days(every: Every | None, number: int, day: str) -> None:
    start = datetime(2026, 1, 31, 23, 30, tzinfo=SHANGHAI).astimezone(UTC)

    at = rules.due(start, every, number, SHANGHAI).astimezone(SHANGHAI)

    assert (at.date().isoformat(), at.hour, at.minute) == (day, 23, 30)


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


amounts = st.integers(min_value=1, max_value=10**12)
bands = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6, unique_by=lambda band: band[0])


def rising(found: list[tuple[int, int]], number: int = 1, **more: object) -> Offer:
    """The same figures so put together that who pays more gets no less."""
    pays, gets = sorted(pay for pay, _bonus in found), sorted(bonus for _pay, bonus in found)
    return offer(number, *zip(pays, gets, strict=True), **more)


@unhurried
@given(bands, amounts, amounts)
def test_who_pays_more_never_gets_less(found: list[tuple[int, int]], one: int, other: int) -> None:
    made = rising(found)

    worths = [won.band.worth if (won := rules.choose([made], asking(each)).won) else 0 for each in sorted((one, other))]

    assert rules.rises(made.bands)
    assert worths == sorted(worths)


@unhurried
@given(st.lists(bands, min_size=1, max_size=4), st.lists(amounts, max_size=30), amounts)
def test_a_budget_is_never_exceeded_and_a_spent_offer_gives_nothing(
    several: list[list[tuple[int, int]]], payments: list[int], budget: int
) -> None:
    left = {number: budget for number, _bands in enumerate(several)}
    given_away = dict.fromkeys(left, 0)
    for paid in payments:
        offers = [rising(found, number, left=left[number]) for number, found in enumerate(several)]
        if won := rules.choose(offers, asking(paid)).won:
            assert not rules.is_spent(won.offer.left, won.offer.bands)
            left[won.offer.id] -= won.band.worth
            given_away[won.offer.id] += won.band.worth

    assert all(each <= budget for each in given_away.values())
    assert all(each >= 0 for each in left.values())


@unhurried
@given(st.lists(bands, min_size=1, max_size=4), amounts)
def test_the_next_band_keeps_its_word(several: list[list[tuple[int, int]]], paid: int) -> None:
    offers = [rising(found, number) for number, found in enumerate(several)]
    won, ahead = rules.choose(offers, asking(paid)).won, rules.next_band(offers, asking(paid))

    if ahead is not None:
        then = rules.choose(offers, asking(paid + ahead.add)).won
        before = rules.choose(offers, asking(paid + ahead.add - 1)).won
        assert then == ahead.won
        assert then.band.worth == (won.band.worth if won else 0) + ahead.more
        assert (before.band.worth if before else 0) <= (won.band.worth if won else 0)


@unhurried
@given(st.lists(bands, min_size=1, max_size=5), amounts)
def test_nobody_is_left_without_a_reason_and_none_is_better_than_the_one_that_is_given(
    several: list[list[tuple[int, int]]], paid: int
) -> None:
    offers = [rising(found, number) for number, found in enumerate(several)]

    choice = rules.choose(offers, asking(paid))

    told = [one.id for one, _why in choice.others] + ([choice.won.offer.id] if choice.won else [])
    assert sorted(told) == [one.id for one in offers]
    reached = [band.worth for one in offers if (band := one.reached(paid))]
    assert (choice.won.band.worth if choice.won else 0) == max(reached, default=0)


@unhurried
@given(amounts, st.integers(min_value=1, max_value=400))
def test_parts_sum_to_the_whole_and_differ_by_one_unit_at_most(amount: int, parts: int) -> None:
    found = rules.shares(amount, parts)

    assert (sum(found), len(found)) == (amount, parts)
    assert max(found) - min(found) <= 1
    assert found == sorted(found, reverse=True)


@unhurried
@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)), st.sampled_from(list(Every)))  # noqa: DTZ001  # made aware below
def test_parts_are_due_one_after_the_other(start: datetime, every: Every) -> None:
    dates = [rules.due(start.replace(tzinfo=UTC), every, number, SHANGHAI) for number in range(25)]

    assert all(before < after for before, after in pairwise(dates))


@unhurried
@given(amounts, amounts, st.lists(amounts, min_size=1, max_size=5))
def test_what_is_taken_back_grows_to_the_whole_and_no_further(amount: int, paid: int, returns: list[int]) -> None:
    taken = [rules.to_take_back(amount, paid, sum(returns[: number + 1])) for number in range(len(returns))]

    assert taken == sorted(taken)
    assert all(0 <= each <= amount for each in taken)
    assert rules.to_take_back(amount, paid, paid) == amount
