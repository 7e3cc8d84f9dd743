"""Each rule by tables: what makes a case of it, and what falls just short."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from chuzhi.risk import rules
from chuzhi.risk.rules import RULES, Act, Hit, Thresholds, What

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def act(minute: float = 0, what: What = What.TOP_UP, amount: int = 100_00, **more: object) -> Act:
    values: dict[str, object] = {"currency": "CNY", "wallet": 1, "customer": 7} | more
    at = NOON + timedelta(minutes=minute)
    return Act(id=next(_numbers), what=what, at=at, amount=amount, **values)  # type: ignore[arg-type]  # any facts of an act


def found(code: str, limits: Thresholds, *acts: Act) -> list[Hit]:
    return rules.hits(code, limits, acts, since=NOON - timedelta(days=1))


def is_hit(code: str, limits: Thresholds, *acts: Act) -> bool:
    return bool(found(code, limits, *acts))


OFTEN = Thresholds(minutes=60, count=3, amount=1000_00)


class TestVelocity:
    @pytest.mark.parametrize(
        ("acts", "hits"),
        [
            ([act(0), act(1)], False),
            ([act(0), act(1), act(2)], True),
            ([act(0), act(30), act(61)], False),
            ([act(0), act(30), act(60)], True),
            ([act(0, amount=999_99)], False),
            ([act(0, amount=1000_00)], True),
            ([act(0, amount=600_00), act(59, amount=400_00)], True),
            ([act(0, amount=600_00), act(61, amount=400_00)], False),
            ([act(0), act(1), act(2, wallet=2)], False),
            ([act(0), act(1), act(2, What.CHARGE)], False),
            ([act(0), act(1), act(2, What.VOUCHER)], True),
            ([act(0, amount=600_00), act(1, amount=600_00, currency="USD")], False),
        ],
    )
    def test_so_many_or_so_much_in_so_short_a_time(self, acts: list[Act], hits: bool) -> None:
        assert is_hit("top_ups_of_wallet", OFTEN, *acts) is hits

    @pytest.mark.parametrize(
        ("code", "same", "what"),
        [
            ("top_ups_of_customer", {"customer": 7}, What.TOP_UP),
            ("top_ups_by_payer", {"payer": "ab"}, What.TOP_UP),
            ("top_ups_at_till", {"till": 3}, What.TOP_UP),
            ("top_ups_by_staff", {"staff": "staff:3"}, What.TOP_UP),
            ("spending_of_customer", {"customer": 7}, What.CHARGE),
            ("transfers_of_wallet", {"wallet": 1}, What.TRANSFER),
            ("refunds_at_till", {"till": 3}, What.REFUND),
            ("refunds_by_staff", {"staff": "staff:3"}, What.PAID_BACK),
        ],
    )
    def test_each_subject_is_counted_by_itself(self, code: str, same: dict[str, object], what: What) -> None:
        wallets = [{"wallet": number, "customer": number} | same for number in (11, 12, 13)]
        [hit] = found(code, OFTEN, *(act(minute, what, **facts) for minute, facts in enumerate(wallets)))
        nobody = {name: None if name in {"till", "customer"} else "" for name in same if name != "wallet"}

        assert (hit.subject, len(hit.evidence)) == (str(next(iter(same.values()))), 3)
        if nobody:
            assert not is_hit(code, OFTEN, *(act(minute, what, **facts | nobody) for minute, facts in enumerate(wallets)))

    def test_an_hour_of_a_busy_till_is_read_once_and_in_order(self) -> None:
        acts = [act(minute, till=3) for minute in reversed(range(10))]

        [first, *_more] = found("top_ups_at_till", OFTEN, *acts)

        assert [each.at.minute for each in first.evidence] == [0, 1, 2]


class TestNight:
    LIMITS = Thresholds(minutes=60, count=1, from_hour=23, until_hour=5)

    @pytest.mark.parametrize(("hour", "is_night"), [(22, False), (23, True), (0, True), (4, True), (5, False), (12, False)])
    def test_across_midnight(self, hour: int, is_night: bool) -> None:
        assert is_hit("night_at_till", self.LIMITS, act((hour - 12) * 60, till=1)) is is_night

    def test_within_a_day(self) -> None:
        limits = Thresholds(minutes=60, count=1, from_hour=0, until_hour=5)

        assert is_hit("night_at_till", limits, act(-12 * 60, till=1))
        assert not is_hit("night_at_till", limits, act(11 * 60, till=1))

    def test_on_line_it_takes_an_amount_and_no_till(self) -> None:
        limits = Thresholds(minutes=60, amount=2000_00, from_hour=1, until_hour=5)
        at_two = -10 * 60

        assert is_hit("night_online", limits, act(at_two, amount=2000_00))
        assert not is_hit("night_online", limits, act(at_two, amount=1999_99))
        assert not is_hit("night_online", limits, act(at_two, amount=2000_00, till=1))


class TestNeverSeen:
    LIMITS = Thresholds(minutes=rules.LONGEST_MINUTES, amount=1000_00)

    @pytest.mark.parametrize(("code", "mark"), [("new_payer", "payer"), ("new_device", "device")])
    def test_a_large_one_by_somebody_else_than_ever(self, code: str, mark: str) -> None:
        used = act(-60, **{mark: "usual"})

        assert is_hit(code, self.LIMITS, used, act(0, amount=1000_00, **{mark: "other"}))
        assert not is_hit(code, self.LIMITS, used, act(0, amount=999_99, **{mark: "other"}))
        assert not is_hit(code, self.LIMITS, used, act(0, amount=1000_00, **{mark: "usual"}))
        assert not is_hit(code, self.LIMITS, used, act(0, amount=1000_00))

    def test_the_first_of_all_is_no_stranger(self) -> None:
        assert not is_hit("new_payer", self.LIMITS, act(-60), act(0, amount=5000_00, payer="first"))

    def test_what_a_case_was_closed_about_is_remembered(self) -> None:
        usual, other = act(-120, payer="usual"), act(-60, amount=1000_00, payer="other")
        again = act(0, amount=1000_00, payer="other")

        told = rules.hits(
            "new_payer", self.LIMITS, [usual, other, again], since=NOON - timedelta(days=1), looked_at={"7": other.at}
        )

        assert told == []


class TestManySmall:
    LIMITS = Thresholds(minutes=60, count=3, amount=50_00)

    @pytest.mark.parametrize(
        ("acts", "hits"),
        [
            ([act(n, amount=50_00, payer=f"p{n}") for n in range(3)], True),
            ([act(n, amount=50_01, payer=f"p{n}") for n in range(3)], False),
            ([act(n, amount=50_00, payer="one") for n in range(3)], False),
            ([act(n, amount=50_00) for n in range(3)], False),
            ([act(n, What.VOUCHER, amount=50_00) for n in range(3)], True),
            ([act(n, What.VOUCHER, amount=50_00) for n in range(2)], False),
            ([*(act(n, What.VOUCHER, amount=50_00) for n in range(3)), act(4, amount=900_00, payer="p")], True),
        ],
    )
    def test_from_different_sources_into_one_wallet(self, acts: list[Act], hits: bool) -> None:
        assert is_hit("many_small", self.LIMITS, *acts) is hits

    def test_one_payer_for_many_wallets(self) -> None:
        limits = Thresholds(minutes=60, count=3)

        assert is_hit("many_wallets", limits, *(act(n, wallet=n, payer="p") for n in range(3)))
        assert not is_hit("many_wallets", limits, *(act(n, wallet=n % 2, payer="p") for n in range(4)))


class TestSoonBack:
    LIMITS = Thresholds(minutes=60, count=2, amount=1000_00)

    @pytest.mark.parametrize(
        ("acts", "evidence"),
        [
            ([act(0), act(1, What.PAID_BACK)], 0),
            ([act(0), act(1, What.PAID_BACK), act(2), act(3, What.PAID_BACK)], 4),
            ([act(0, amount=1000_00), act(1, What.PAID_BACK, amount=1000_00)], 2),
            ([act(0, amount=1000_00), act(61, What.PAID_BACK, amount=1000_00)], 0),
            ([act(1, What.PAID_BACK, amount=1000_00)], 0),
        ],
    )
    def test_a_top_up_that_is_soon_paid_back(self, acts: list[Act], evidence: int) -> None:
        told = found("paid_and_back", self.LIMITS, *acts)

        assert [len(hit.evidence) for hit in told] == ([evidence] if evidence else [])

    def test_a_charge_that_is_soon_given_back(self) -> None:
        limits = Thresholds(minutes=60, count=1)

        assert is_hit("spent_and_back", limits, act(0, What.CHARGE), act(5, What.REFUND))
        assert not is_hit("spent_and_back", limits, act(0, What.REFUND), act(5, What.CHARGE))


def test_staff_who_serve_themselves() -> None:
    limits, by = Thresholds(minutes=60, count=1), {"staff": "staff:3"}

    assert is_hit("for_oneself", limits, act(0, What.GIFT, is_own=True, **by))
    assert not is_hit("for_oneself", limits, act(0, What.GIFT, **by))


class TestHits:
    def test_what_was_judged_is_not_held_against_anybody_again(self) -> None:
        acts = [act(minute) for minute in range(5)]

        told = rules.hits("top_ups_of_wallet", OFTEN, acts, since=NOON, looked_at={"1": acts[2].at})
        later = rules.hits("top_ups_of_wallet", OFTEN, [*acts, act(5)], since=NOON, looked_at={"1": acts[2].at})

        assert told == []
        assert len(later[-1].evidence) == 3

    def test_only_what_ends_since_then_is_told_and_with_what_came_before(self) -> None:
        acts = [act(-2), act(-1), act(0)]

        [hit] = rules.hits("top_ups_of_wallet", OFTEN, acts, since=NOON)

        assert len(hit.evidence) == 3

    def test_hits_close_together_are_one_case(self) -> None:
        limits = Thresholds(minutes=60, count=1)
        told = found("top_ups_of_wallet", limits, act(0), act(30), act(80), act(200), act(201, wallet=2))

        assert len(told) == 5
        assert rules.cases(told, limits) == 3


@pytest.mark.parametrize("code", RULES)
def test_usual_thresholds_are_usable_and_within_what_is_kept(code: str) -> None:
    rule = RULES[code]

    assert 0 < rule.usual.minutes <= rules.LONGEST_MINUTES
    assert rule.usual.count or rule.usual.amount
    assert rule.looks_at
    assert "minutes" in rule.asks


STAFF = {"staff": "staff:3"}


def by_staff(minute: float = 0, what: What = What.GIFT, amount: int = 100_00, **more: object) -> Act:
    return act(minute, what, amount, **(STAFF | more))


class TestInsiders:
    ONCE = Thresholds(minutes=1440, count=1)
    TWICE = Thresholds(minutes=1440, count=2)
    THREE = Thresholds(minutes=1440, count=3)

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ("", False),
            (".", False),
            ("xx", False),
            ("111", False),
            ("aaa-a", False),
            ("错", False),
            ("算错", True),
            ("T-7b", True),
        ],
    )
    def test_words_that_say_something(self, words: str, says: bool) -> None:
        assert rules.says_something(words) is says

    def test_a_correction_that_says_nothing(self) -> None:
        assert is_hit("without_reason", self.ONCE, by_staff(says_why=False))
        assert not is_hit("without_reason", self.ONCE, by_staff(), by_staff(1, what=What.TAKEN))
        assert not is_hit("without_reason", self.ONCE, by_staff(what=What.REFUND, says_why=False))

    def test_many_corrections_that_nobody_signed(self) -> None:
        three = [by_staff(minute, what) for minute, what in enumerate((What.GIFT, What.TAKEN, What.GIFT))]

        assert is_hit("corrections_by_staff", self.THREE, *three)
        assert not is_hit("corrections_by_staff", self.THREE, *three[:2], by_staff(2, is_signed=True))

    def test_the_same_wallet_again_and_again(self) -> None:
        assert is_hit("same_wallet", self.TWICE, by_staff(what=What.TOP_UP), by_staff(1, what=What.TOP_UP))
        assert not is_hit("same_wallet", self.TWICE, by_staff(what=What.TOP_UP), by_staff(1, what=What.TOP_UP, wallet=2))

    def test_cash_taken_and_paid_back_by_the_same_hands(self) -> None:
        def pair(start: float, **more: object) -> list[Act]:
            return [by_staff(start, What.TOP_UP, **more), by_staff(start + 5, What.PAID_BACK, **more)]

        assert is_hit("cash_and_back", self.TWICE, *pair(0, is_cash=True), *pair(60, is_cash=True))
        assert not is_hit("cash_and_back", self.TWICE, *pair(0, is_cash=True), *pair(60))
        assert not is_hit("cash_and_back", self.TWICE, *pair(0, is_cash=True), *pair(1500, is_cash=True))
        assert not is_hit("cash_and_back", self.ONCE, by_staff(0, What.TOP_UP, is_cash=True), by_staff(1, What.PAID_BACK))

    @pytest.mark.parametrize(
        ("amounts", "hits"),
        [
            ([190_00, 199_00, 200_00], True),
            ([160_00, 170_00, 180_00], True),
            ([159_00, 170_00, 180_00], False),
            ([190_00, 199_00], False),
            ([201_00, 201_00, 201_00], False),
        ],
    )
    def test_several_close_below_what_one_may_do_alone(self, amounts: list[int], hits: bool) -> None:
        acts = [by_staff(place, amount=amount, alone=200_00, wallet=place) for place, amount in enumerate(amounts, start=1)]

        assert is_hit("just_below", self.THREE, *acts) is hits

    def test_one_that_was_cut_in_two(self) -> None:
        parts = [by_staff(amount=120_00, alone=200_00), by_staff(1, amount=81_00, alone=200_00)]

        assert is_hit("just_below", self.THREE, *parts)
        assert not is_hit("just_below", self.THREE, parts[0], by_staff(1, amount=80_00, alone=200_00))
        assert not is_hit("just_below", self.THREE, parts[0], by_staff(1, amount=81_00, alone=200_00, is_signed=True))
        assert not is_hit("just_below", self.THREE, parts[0], by_staff(1, amount=81_00, alone=200_00, wallet=2))
        assert not is_hit("just_below", self.THREE, *(by_staff(minute, alone=None) for minute in range(5)))

    @pytest.mark.parametrize(("hours_later", "hits"), [(0, False), (1, False), (23, False), (3, True), (12, True)])
    def test_an_hour_at_which_this_colleague_never_works(self, hours_later: int, hits: bool) -> None:
        week = [by_staff(-1440 * day + minute, What.TOP_UP) for day in range(1, 6) for minute in (0, 20)]
        newest = by_staff(hours_later * 60, What.TOP_UP)

        assert is_hit("odd_hour", Thresholds(minutes=10_080, count=10), *week, newest) is hits
        assert not is_hit("odd_hour", Thresholds(minutes=10_080, count=11), *week, newest)

    def test_far_more_looks_than_on_other_days(self) -> None:
        def looks(day: int, count: int) -> list[Act]:
            return [by_staff(-1440 * day + each, What.LOOK, 0) for each in range(count)]

        limits = Thresholds(minutes=14 * 1440, count=8)
        assert is_hit("unusual_looks", limits, *looks(0, 8))
        assert is_hit("unusual_looks", limits, *looks(3, 2), *looks(2, 2), *looks(0, 8))
        assert not is_hit("unusual_looks", limits, *looks(0, 7))
        assert not is_hit("unusual_looks", limits, *looks(3, 3), *looks(2, 3), *looks(0, 8))

    def test_files_taken_along(self) -> None:
        assert is_hit("exports", self.TWICE, by_staff(0, What.EXPORT, 0), by_staff(9, What.EXPORT, 0))
        assert not is_hit("exports", self.TWICE, by_staff(0, What.EXPORT, 0), by_staff(9, What.LOOK, 0))
