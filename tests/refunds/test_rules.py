from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chuzhi.core.packs import reading
from chuzhi.refunds import rules
from chuzhi.refunds.rules import Cause, Line, Owed, Purchase, Step

TODAY = date(2026, 6, 1)
LONG_AGO = date(2026, 1, 1)
GOLDEN = Purchase(paid=3000_00, bought=3000_00, given=1000_00, spent=3594_00, left=406_00, paid_on=LONG_AGO)


def owed(purchase: Purchase, *, pack: str = "cn-national", cause: Cause = Cause.MERCHANT, **more: object) -> Owed:
    values: dict[str, object] = {"asked_on": TODAY} | more
    return rules.owed(purchase, pack=reading.pack(pack), cause=cause, **values)  # type: ignore[arg-type]  # any


def steps(found: Owed) -> list[tuple[Step, int, str]]:
    return [(line.step, line.amount, line.rule.id if line.rule else "") for line in found.lines]


class TestWorkedExamples:
    def test_pay_3000_with_1000_given_and_consume_3594(self) -> None:
        found = owed(GOLDEN)

        assert found.amount == 304_50
        assert steps(found) == [
            (Step.PAID, 3000_00, ""),
            (Step.SPENT_IN_PROPORTION, -2695_50, "cn.refund.merchant"),
        ]

    def test_the_same_by_list_price_owes_nothing_and_nobody_pays_in(self) -> None:
        found = owed(GOLDEN, cause=Cause.CUSTOMER)

        assert found.amount == 0
        assert steps(found)[1] == (Step.SPENT_AT_LIST_PRICE, -3000_00, "cn.refund.customer"), "never above what was paid"

    def test_without_a_law_the_proportion_holds_for_both_causes(self) -> None:
        assert {owed(GOLDEN, pack="none", cause=cause).amount for cause in Cause} == {304_50}

    def test_members_prices_are_undone_at_list_price(self) -> None:
        bought = replace(GOLDEN, given=0, spent=1000_00, left=2000_00)

        assert owed(bought, cause=Cause.CUSTOMER).amount == 2000_00
        assert owed(replace(bought, list_extra=250_00), cause=Cause.CUSTOMER).amount == 1750_00

    def test_before_the_interpretation_the_house_s_own_rule_holds(self) -> None:
        assert owed(GOLDEN, cause=Cause.CUSTOMER, asked_on=date(2025, 4, 30)).amount == 304_50


class TestSevenDays:
    UNUSED = Purchase(paid=3000_00, bought=3000_00, given=1000_00, spent=0, left=4000_00, paid_on=date(2026, 5, 25))

    def test_all_that_was_paid_on_the_seventh_day(self) -> None:
        found = owed(self.UNUSED, cause=Cause.CUSTOMER)

        assert found.amount == 3000_00
        assert steps(found) == [(Step.PAID, 3000_00, ""), (Step.COOLING_OFF, 0, "cn.refund.cooling-off")]

    def test_what_was_used_is_priced_in_proportion_not_at_list_price(self) -> None:
        used = replace(self.UNUSED, spent=400_00, left=3600_00)

        assert owed(used, cause=Cause.CUSTOMER).amount == 2700_00
        assert owed(used, cause=Cause.CUSTOMER, asked_on=date(2026, 6, 2)).amount == 2600_00, "the eighth day"

    def test_who_had_the_service_before_has_no_such_right(self) -> None:
        used = replace(self.UNUSED, spent=400_00, left=3600_00)

        assert owed(used, cause=Cause.CUSTOMER, had_it_before=True).amount == 2600_00


class TestGifts:
    BOUGHT = Purchase(paid=1000_00, bought=1000_00, given=0, spent=0, left=1000_00, paid_on=LONG_AGO, gifts=88_00)

    def test_the_customer_s_cause_deducts_gifts_taken(self) -> None:
        found = owed(self.BOUGHT, cause=Cause.CUSTOMER)

        assert (found.amount, steps(found)[-1]) == (912_00, (Step.GIFTS, -88_00, "none.gifts.customer"))

    def test_the_merchant_s_cause_does_not(self) -> None:
        found = owed(self.BOUGHT)

        assert (found.amount, steps(found)[-1]) == (1000_00, (Step.GIFTS_KEPT, 0, "none.gifts.merchant"))

    def test_gifts_worth_more_than_the_refund_leave_nothing_to_pay(self) -> None:
        found = owed(replace(self.BOUGHT, gifts=2000_00), cause=Cause.CUSTOMER)

        assert (found.amount, steps(found)[-1]) == (0, (Step.NEVER_OWED, 1000_00, ""))


class TestCountsAndDays:
    TEN_CUTS = Purchase(paid=500_00, bought=10, given=2, spent=3, left=9, paid_on=LONG_AGO, list_price=60_00)

    def test_a_count_card_in_proportion_to_its_uses(self) -> None:
        found = owed(self.TEN_CUTS)

        assert found.amount == 375_00
        assert found.lines[1] == Line(Step.SPENT_IN_PROPORTION, -125_00, found.lines[1].rule, (3, 500_00, 12))

    def test_a_count_card_at_list_price(self) -> None:
        assert owed(self.TEN_CUTS, cause=Cause.CUSTOMER).amount == 320_00

    def test_a_packet_priced_by_the_unit(self) -> None:
        packet = rules.priced(replace(self.TEN_CUTS, paid=0), unit_price=50_00, list_price=60_00)

        assert owed(packet) == owed(self.TEN_CUTS)

    def test_nothing_left_to_use_is_nothing_to_pay(self) -> None:
        assert owed(replace(self.TEN_CUTS, spent=3, moved=9, left=0)).amount == 0

    def test_a_time_card_for_the_days_that_remain_used_or_not(self) -> None:
        year = Purchase(paid=3650_00, bought=1, given=0, spent=0, left=1, paid_on=LONG_AGO, days=365, days_passed=151)

        found = owed(year, cause=Cause.CUSTOMER)

        assert (found.amount, steps(found)[1]) == (2140_00, (Step.DAYS_IN_PROPORTION, -1510_00, "cn.refund.time"))

    def test_a_time_card_that_is_over(self) -> None:
        year = Purchase(paid=100, bought=1, given=0, spent=0, left=1, paid_on=LONG_AGO, days=10, days_passed=99)

        assert owed(year).amount == 0


class TestElsewhere:
    def test_what_moved_away_repaid_a_debt_or_went_back_before(self) -> None:
        bought = Purchase(
            paid=1000_00, bought=900_00, given=0, spent=100_00, left=500_00, paid_on=LONG_AGO, moved=100_00,
            debt_repaid=100_00, given_back=200_00,
        )  # fmt: skip

        found = owed(bought)

        assert [line.step for line in found.lines] == [
            Step.PAID, Step.SPENT_IN_PROPORTION, Step.MOVED_AWAY, Step.DEBT_REPAID, Step.GIVEN_BACK,
        ]  # fmt: skip
        assert found.amount == 1000_00 - 111_11 - 111_11 - 100_00 - 200_00

    def test_bonus_that_expired_costs_the_customer_nothing(self) -> None:
        assert owed(replace(GOLDEN, spent=0, left=3000_00)).amount == 3000_00

    def test_no_more_than_is_left(self) -> None:
        found = owed(replace(GOLDEN, spent=0, left=100_00))

        assert (found.amount, found.lines[-1]) == (100_00, Line(Step.NO_MORE_THAN_LEFT, -2900_00, None, (100_00,)))


money = st.integers(0, 10**9)


@st.composite
def purchases(draw: st.DrawFn) -> Purchase:
    bought, given = draw(st.integers(1, 10**7)), draw(st.integers(0, 10**7))
    spent = draw(st.integers(0, bought + given))
    return Purchase(
        paid=bought, bought=bought, given=given, spent=spent, left=bought + given - spent,
        paid_on=draw(st.dates(date(2024, 1, 1), TODAY)), gifts=draw(st.just(0) | money), list_extra=draw(st.just(0) | money),
        given_back=draw(st.just(0) | money), debt_repaid=draw(st.just(0) | money),
    )  # fmt: skip


packs = st.sampled_from(list(reading.packs()))
causes = st.sampled_from(list(Cause))


@given(purchase=purchases(), pack=packs, cause=causes, before=st.booleans())
def test_never_more_than_was_paid_or_is_left_and_never_below_nothing(
    purchase: Purchase, pack: str, cause: Cause, *, before: bool
) -> None:
    found = owed(purchase, pack=pack, cause=cause, had_it_before=before)

    assert 0 <= found.amount <= min(purchase.paid, purchase.left)
    assert sum(line.amount for line in found.lines) == found.amount, "the lines are the sum"


@given(purchase=purchases(), pack=packs, cause=causes, more=st.integers(1, 10**6))
def test_who_spent_more_never_gets_more(purchase: Purchase, pack: str, cause: Cause, more: int) -> None:
    assume(purchase.left >= more)
    spent_more = replace(purchase, spent=purchase.spent + more, left=purchase.left - more)

    assert owed(spent_more, pack=pack, cause=cause).amount <= owed(purchase, pack=pack, cause=cause).amount


@given(purchase=purchases(), pack=packs, cause=causes, gifts=money)
def test_gifts_never_raise_a_refund(purchase: Purchase, pack: str, cause: Cause, gifts: int) -> None:
    richer = replace(purchase, gifts=purchase.gifts + gifts)

    assert owed(richer, pack=pack, cause=cause).amount <= owed(purchase, pack=pack, cause=cause).amount


@given(purchase=purchases(), pack=packs)
def test_the_merchant_s_cause_is_never_worse_for_the_customer(purchase: Purchase, pack: str) -> None:
    assert owed(purchase, pack=pack, cause=Cause.MERCHANT).amount >= owed(purchase, pack=pack, cause=Cause.CUSTOMER).amount


@given(purchase=purchases(), pack=packs, cause=causes)
def test_the_right_to_think_again_is_never_worse(purchase: Purchase, pack: str, cause: Cause) -> None:
    fresh = replace(purchase, paid_on=TODAY)

    assert owed(fresh, pack=pack, cause=cause).amount >= owed(fresh, pack=pack, cause=cause, had_it_before=True).amount


@pytest.mark.parametrize("spent", range(0, 4000_00, 37_11))
def test_two_staff_get_the_same_figure_rounded_to_the_customer(spent: int) -> None:
    found = owed(replace(GOLDEN, spent=spent, left=4000_00 - spent))

    assert found.amount == 3000_00 - spent * 3 // 4
