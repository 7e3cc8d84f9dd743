"""Years of automatic top-ups in milliseconds: what may be charged when, and what may never be."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.topups import mandate_rules as rules
from chuzhi.topups.mandate_rules import Act, Standing

START = date(2026, 1, 10)
NOTICE = 5


def monthly(**more: object) -> Standing:
    values: dict[str, object] = {
        "today": START, "now": datetime(2026, 1, 10, 2, tzinfo=UTC), "is_monthly": True, "amount": 300_00, "refills": False,
        "day": 20, "floor": None, "most_a_month": 300_00, "available": 0, "charged": 0, "is_in_flight": False, "not_before": None,
        "notice_days": NOTICE, "announced_for": None, "announced_on": None, "charged_on": None,
    }  # fmt: skip
    return Standing(**(values | more))  # type: ignore[arg-type]  # any facts a test asks for


def low(**more: object) -> Standing:
    return monthly(is_monthly=False, day=None, floor=50_00, **more)


@dataclass
class Year:
    """A mandate lived through day by day; every act is written down."""

    standing: Standing
    acts: list[tuple[date, Act]]

    def live(self, days: int, *, pays: bool) -> None:
        failures = 0
        for _day in range(days):
            now = self.standing.now
            self.standing = replace(self.standing, today=now.date())
            decision = rules.decide(self.standing)
            self.acts.append((now.date(), decision.act))
            if decision.act is Act.ANNOUNCE:
                self.standing = replace(self.standing, announced_for=decision.on, announced_on=now.date())
            elif decision.act is Act.CHARGE and pays:
                failures = 0
                self.standing = replace(self.standing, charged_on=decision.on, charged=self.standing.charged + decision.amount)
            elif decision.act is Act.CHARGE:
                failures += 1
                rest = rules.rest_after("later", failures)
                self.standing = replace(self.standing, not_before=now + timedelta(days=rest if rest is not None else 10_000))
            elif decision.act is Act.SKIP:
                self.standing = replace(self.standing, charged_on=decision.on)
            tomorrow = now + timedelta(days=1)
            charged = self.standing.charged if tomorrow.month == now.month else 0
            self.standing = replace(self.standing, now=tomorrow, charged=charged)

    def days(self, act: Act) -> list[date]:
        return [day for day, each in self.acts if each is act]


def test_a_year_has_twelve_charges_each_announced_five_days_before() -> None:
    year = Year(monthly(), [])

    year.live(365, pays=True)

    charges, notices = year.days(Act.CHARGE), year.days(Act.ANNOUNCE)
    assert [day.day for day in charges] == [20] * 12
    assert all(any(timedelta(NOTICE) <= charge - notice for notice in notices if notice < charge) for charge in charges)
    assert len(notices) == 12


def test_a_storm_of_declines_makes_four_attempts_and_rests() -> None:
    year = Year(monthly(), [])

    year.live(365, pays=False)

    attempts = year.days(Act.CHARGE)
    assert [(day - attempts[0]).days for day in attempts] == [0, 1, 4, 11]


@pytest.mark.parametrize("month", range(1, 13))
def test_the_thirty_first_is_the_last_day_of_each_month(month: int) -> None:
    first = date(2027, month, 1)

    due = rules.next_due(31, first)

    assert due.month == month
    assert (due + timedelta(days=1)).day == 1


def test_a_charge_agreed_to_late_in_the_month_is_announced_in_full_before() -> None:
    year = Year(monthly(day=11), [])  # agreed on the 10th: the 11th is too soon to be announced in time

    year.live(10, pays=True)

    assert year.days(Act.ANNOUNCE) == [date(2026, 1, 10)]
    assert year.days(Act.CHARGE) == [date(2026, 1, 15)]


def test_a_low_balance_is_filled_once_and_not_while_a_charge_is_under_way() -> None:
    assert rules.decide(low(available=49_99)).act is Act.CHARGE
    assert rules.decide(low(available=50_00)).act is Act.WAIT
    assert rules.decide(low(available=0, is_in_flight=True)).act is Act.WAIT


def test_filling_up_charges_what_is_missing() -> None:
    assert rules.decide(low(available=20_00, refills=True, amount=100_00)).amount == 80_00


@pytest.mark.parametrize(("decline", "rest"), [("never", None), ("ask", None), ("later", 1), ("", 1)])
def test_what_cannot_pass_rests_until_somebody_looks(decline: str, rest: int | None) -> None:
    assert rules.rest_after(decline, 1) == rest


@given(
    charged=st.integers(0, 1_000_00), most=st.integers(1, 1_000_00), amount=st.integers(1, 1_000_00),
    available=st.integers(0, 49_99), refills=st.booleans(),
)  # fmt: skip
def test_the_monthly_ceiling_is_never_passed(charged: int, most: int, amount: int, available: int, *, refills: bool) -> None:
    decision = rules.decide(low(charged=charged, most_a_month=most, amount=amount, available=available, refills=refills))

    if decision.act is Act.CHARGE:
        assert 0 < decision.amount <= amount
        assert charged + decision.amount <= most


@given(day=st.integers(1, 31), start=st.dates(date(2026, 1, 1), date(2028, 12, 31)), pays=st.booleans())
def test_nothing_is_ever_charged_unannounced_and_never_twice_a_month(day: int, start: date, *, pays: bool) -> None:
    year = Year(monthly(day=day, now=datetime(start.year, start.month, start.day, tzinfo=UTC), today=start), [])

    year.live(120, pays=pays)

    notices = year.days(Act.ANNOUNCE)
    for charge in year.days(Act.CHARGE):
        assert any(notice + timedelta(days=NOTICE) <= charge for notice in notices)
    if pays:
        months = [(day.year, day.month) for day in year.days(Act.CHARGE)]
        assert len(months) == len(set(months))
