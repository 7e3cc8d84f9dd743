"""What a partner's contract decides, with nothing else in the room. Amounts in minor units."""

from dataclasses import dataclass
from datetime import date, timedelta

TEN_THOUSAND = 10_000
BUSY_WITHIN = timedelta(minutes=10)
SAME_WALLET_WITHIN, SAME_WALLET_FROM = timedelta(hours=1), 3
REFUSED_WITHIN, REFUSED_FROM = timedelta(hours=1), 10
MOST_LOOKUPS = 60
"""Phone and card numbers that nobody has, in an hour: a partner must not try out who is a customer."""
JUDGED_DAYS = 90
FEWEST_JUDGED = 100
"""One fault of a partner who has just begun must not look like a fault in every top-up."""
WEIGHTS = {"reversal": 1, "error": 2, "complaint": 3}


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms in force, ready to decide by."""

    credit_limit: int
    commission: int
    most_a_day: int | None
    most_per_top_up: int | None
    busy_from: int
    ends_on: date | None

    def is_over(self, on: date) -> bool:
        return self.ends_on is not None and on > self.ends_on

    def left_to_credit(self, left: int) -> int:
        """What may be credited with this much left in the float: what was paid in, and the credit."""
        return max(0, left + self.credit_limit)

    def left_today(self, credited_today: int) -> int | None:
        """What the daily cap leaves; None: there is no cap."""
        return None if self.most_a_day is None else max(0, self.most_a_day - credited_today)


def commission(amount: int, for_ten_thousand: int) -> int:
    """The partner's share of an amount, half a unit rounded up."""
    return (amount * for_ten_thousand * 2 + TEN_THOUSAND) // (2 * TEN_THOUSAND)


def taken_back(earned: int, topped_up: int, reversed_now: int) -> int:
    """The commission that goes when part of a top-up is reversed: in proportion, all of it with all of the top-up."""
    return earned if reversed_now >= topped_up else earned * reversed_now // topped_up


def quality(top_ups: int, *, reversals: int, errors: int, complaints: int) -> int:
    """100 is faultless. Faults are weighed and set against the top-ups of the period, at least a hundred of them."""
    faults = reversals * WEIGHTS["reversal"] + errors * WEIGHTS["error"] + complaints * WEIGHTS["complaint"]
    return max(0, 100 - faults * 100 // max(top_ups, FEWEST_JUDGED))


def alarms(*, busy_from: int, in_ten_minutes: int, same_wallet_in_an_hour: int, refused_in_an_hour: int) -> dict[str, int]:
    """Which kinds of alarm these counts raise, each with its count."""
    reached = {
        "busy": (in_ten_minutes, busy_from),
        "same_wallet": (same_wallet_in_an_hour, SAME_WALLET_FROM),
        "refused": (refused_in_an_hour, REFUSED_FROM),
    }
    return {kind: count for kind, (count, limit) in reached.items() if count >= limit}
