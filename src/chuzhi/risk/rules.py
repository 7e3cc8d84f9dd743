"""What looks wrong about money that moves. A rule is given acts and thresholds, and answers with those that make the case.

Amounts are minor units. `acts` are in the order of time, all of one subject (a wallet, a payer, a till …), the newest last,
and none is older than the thresholds' stretch of time.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TWO_DAYS, DAY, HOUR = 2 * 1440, 1440, 60
CLOSE_PERCENT, UNUSUAL_TIMES = 80, 4
LONGEST_MINUTES = 90 * DAY
KEPT = timedelta(minutes=LONGEST_MINUTES) + timedelta(days=35)
"""How long acts are kept: a preview looks back a month, each of its days with the longest stretch before it."""


class What(StrEnum):
    """What was done to a wallet."""

    TOP_UP = "top_up"
    VOUCHER = "voucher"  # the value of a recharge card arrived
    CHARGE = "charge"
    REFUND = "refund"  # a charge went back into the wallet
    PAID_BACK = "paid_back"  # a top-up went back to its payer
    TRANSFER = "transfer"
    GIFT = "gift"  # value was given or corrected upwards
    TAKEN = "taken"  # value was corrected downwards
    LOOK = "look"  # somebody looked at personal data
    EXPORT = "export"  # somebody took personal data along as a file


class Subject(StrEnum):
    """Whose acts are looked at together."""

    WALLET = "wallet"
    CUSTOMER = "customer"
    PAYER = "payer"
    TILL = "till"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was done, at the shop's local time. What is not known is empty; a look has no wallet and no amount."""

    id: int
    what: What
    at: datetime
    amount: int
    currency: str
    wallet: int = 0
    customer: int | None = None
    payer: str = ""
    device: str = ""
    till: int | None = None
    staff: str = ""
    is_own: bool = False
    """By somebody for themselves: the wallet's holder, or who pays, is the one who did it as far as we can know."""
    is_cash: bool = False
    is_signed: bool = False
    """A second person signed it."""
    says_why: bool = True
    """Cause and evidence say something, where the act needs them."""
    alone: int | None = None
    """The largest such act that whoever did it may do without a second person, then; None: any, or nobody asks."""

    def of(self, subject: Subject) -> str:
        """Which one of that kind of subject it is; empty: none."""
        return str(getattr(self, subject) or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on a rule hits. 0 in `count` or `amount`: that is not asked. Amounts are compared in one currency only."""

    minutes: int = HOUR
    count: int = 0
    amount: int = 0
    currency: str = "CNY"
    from_hour: int = 0
    until_hour: int = 0

    def is_night(self, hour: int) -> bool:
        """Whether an hour lies between the two, across midnight too."""
        if self.from_hour <= self.until_hour:
            return self.from_hour <= hour < self.until_hour
        return hour >= self.from_hour or hour < self.until_hour

    def amount_of(self, acts: Iterable[Act]) -> int:
        return sum(act.amount for act in acts if act.currency == self.currency)


def says_something(words: str) -> bool:
    """Whether a cause or a note of evidence can mean anything to somebody else: not `.`, `xx` or `111`."""
    return len({each for each in words.casefold() if each.isalnum()}) >= (2 if any(each > "\u2e7f" for each in words) else 3)


Judge = Callable[[Sequence[Act], Thresholds], Sequence[Act]]


def too_much(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """So many of them, or so much together, in so short a time."""
    is_often = limits.count and len(acts) >= limits.count
    is_large = limits.amount and limits.amount_of(acts) >= limits.amount
    return acts if is_often or is_large else ()


def at_night(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """At an hour at which nobody should be there."""
    found = [act for act in acts if limits.is_night(act.at.hour)]
    return too_much(found, limits) if found and found[-1] is acts[-1] else ()


def online_at_night(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """The same where no till is involved."""
    found = [act for act in acts if act.till is None]
    return at_night(found, limits) if found and found[-1] is acts[-1] else ()


def new_payer(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """A large top-up from an account that has never paid for this customer, whom others have paid for."""
    return _never_seen(acts, limits, [act.payer for act in acts])


def new_device(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """A large top-up ordered on a device that this customer has never used."""
    return _never_seen(acts, limits, [act.device for act in acts])


def many_small(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Small amounts from many sources into one wallet, as when stolen cards are tried out. `amount` is the largest small one."""
    small = [act for act in acts if act.amount <= limits.amount and act.currency == limits.currency and _source(act)]
    is_many = len({_source(act) for act in small}) >= limits.count
    return small if small and small[-1] is acts[-1] and is_many else ()


def many_wallets(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """One payer for many wallets."""
    return acts if len({act.wallet for act in acts}) >= limits.count else ()


def soon_back(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Paid and soon paid back, spent and soon given back: the wallet is only a way for money to change its form."""
    if acts[-1].what not in _BACK:
        return ()
    pairs = [pair for place, act in enumerate(acts) if act.what in _BACK and (pair := _pair(acts[:place], act))]
    if not pairs or pairs[-1][1] is not acts[-1]:
        return ()
    return tuple(act for pair in pairs for act in pair) if too_much([back for _first, back in pairs], limits) else ()


def for_oneself(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Staff who serve themselves."""
    own = [act for act in acts if act.is_own]
    return too_much(own, limits) if own and own[-1] is acts[-1] else ()


def without_reason(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Corrections whose cause or evidence says nothing to whoever reads it later."""
    found = [act for act in acts if not act.says_why]
    return too_much(found, limits) if found and found[-1] is acts[-1] else ()


def unsigned(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Many corrections that nobody else has signed."""
    found = [act for act in acts if not act.is_signed]
    return too_much(found, limits) if found and found[-1] is acts[-1] else ()


def one_wallet(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """The same wallet again and again, by one colleague."""
    return too_much([act for act in acts if act.wallet == acts[-1].wallet], limits)


def cash_and_back(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Taken in cash and paid back in cash by the same hands: perhaps the customer had gone, and the money went elsewhere."""
    return soon_back([act for act in acts if act.is_cash], limits) if acts[-1].is_cash else ()


def just_below(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """Kept so small that nobody else has to sign: several close below the limit, or several of one wallet above it together."""
    found = [act for act in acts if act.alone and not act.is_signed and act.amount <= act.alone]
    newest = acts[-1]
    if not found or found[-1] is not newest or not newest.alone:
        return ()
    close = [act for act in found if act.alone and act.amount * 100 >= act.alone * CLOSE_PERCENT]
    if len(close) >= limits.count and close[-1] is newest:
        return close
    parts = [act for act in found if act.wallet == newest.wallet and act.currency == newest.currency]
    return parts if len(parts) > 1 and sum(act.amount for act in parts) > newest.alone else ()


def odd_hour(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """At an hour at which this colleague never works. `count` is how many acts of other days have to be known to say so."""
    newest = acts[-1]
    known = [act.at.hour for act in acts if act.at.date() != newest.at.date()]
    is_usual = any((hour - newest.at.hour) % 24 in {23, 0, 1} for hour in known)
    return (newest,) if len(known) >= max(1, limits.count) and not is_usual else ()


def unusual_looks(acts: Sequence[Act], limits: Thresholds) -> Sequence[Act]:
    """In 24 hours so many looks (`count`), and four times as many as on the days before on which there were any."""
    since = acts[-1].at - timedelta(days=1)
    today, before = [act for act in acts if act.at > since], [act.at.date() for act in acts if act.at <= since]
    usual = len(before) / len(set(before)) if before else 0
    return today if len(today) >= max(limits.count, UNUSUAL_TIMES * usual) else ()


_BACK = {What.PAID_BACK: What.TOP_UP, What.REFUND: What.CHARGE}


def _pair(before: Sequence[Act], back: Act) -> tuple[Act, Act] | None:
    """What went back, with the latest that can have been meant."""
    meant = _BACK[back.what]
    first = next((act for act in reversed(before) if act.what is meant and act.wallet == back.wallet), None)
    return (first, back) if first else None


def _never_seen(acts: Sequence[Act], limits: Thresholds, marks: Sequence[str]) -> Sequence[Act]:
    known, newest = {mark for mark in marks[:-1] if mark}, acts[-1]
    is_new = bool(marks[-1]) and bool(known) and marks[-1] not in known
    return acts[-1:] if is_new and limits.amount_of([newest]) >= max(1, limits.amount) else ()


def _source(act: Act) -> str:
    """Where the money came from: each recharge card is one of its own."""
    return f"voucher {act.id}" if act.what is What.VOUCHER else act.payer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`asks` names the thresholds that mean something here. A rule that `remembers` sees what cases were closed about too."""

    judge: Judge
    subject: Subject
    looks_at: frozenset[What]
    usual: Thresholds
    asks: tuple[str, ...]
    remembers: bool = False

    @property
    def is_of_a_holder(self) -> bool:
        """Whether a wallet is what it warns of, so that freezing it or holding its money answers it."""
        return self.subject not in {Subject.TILL, Subject.STAFF} or self.judge is for_oneself


MONEY_IN = frozenset({What.TOP_UP, What.VOUCHER})
MONEY_BACK = frozenset({What.REFUND, What.PAID_BACK})
CORRECTED = frozenset({What.GIFT, What.TAKEN})
BY_HAND = frozenset({What.TOP_UP, What.REFUND, What.PAID_BACK}) | CORRECTED
LOOKED = frozenset({What.LOOK, What.EXPORT})
OFTEN = ("minutes", "count", "amount")
NIGHT = ("from_hour", "until_hour", *OFTEN)


def _often(subject: Subject, looks_at: Iterable[What], minutes: int, count: int, amount: int) -> Rule:
    usual = Thresholds(minutes=minutes, count=count, amount=amount)
    return Rule(judge=too_much, subject=subject, looks_at=frozenset(looks_at), usual=usual, asks=OFTEN)


def _first(judge: Judge) -> Rule:
    usual = Thresholds(minutes=LONGEST_MINUTES, amount=1000_00)
    return Rule(
        judge=judge, subject=Subject.CUSTOMER, looks_at=frozenset({What.TOP_UP}), usual=usual, asks=("minutes", "amount"),
        remembers=True,
    )  # fmt: skip


def _of_staff(
    judge: Judge, looks_at: Iterable[What], usual: Thresholds, *, asks: tuple[str, ...] = OFTEN, remembers: bool = False
) -> Rule:
    return Rule(judge=judge, subject=Subject.STAFF, looks_at=frozenset(looks_at), usual=usual, asks=asks, remembers=remembers)


RULES: Mapping[str, Rule] = {
    "top_ups_of_wallet": _often(Subject.WALLET, MONEY_IN, HOUR, 5, 10_000_00),
    "top_ups_of_customer": _often(Subject.CUSTOMER, MONEY_IN, DAY, 10, 20_000_00),
    "top_ups_by_payer": _often(Subject.PAYER, MONEY_IN, HOUR, 5, 10_000_00),
    "top_ups_at_till": _often(Subject.TILL, MONEY_IN, 10, 20, 30_000_00),
    "top_ups_by_staff": _often(Subject.STAFF, MONEY_IN, HOUR, 60, 50_000_00),
    "spending_of_wallet": _often(Subject.WALLET, {What.CHARGE}, 30, 6, 5_000_00),
    "spending_of_customer": _often(Subject.CUSTOMER, {What.CHARGE}, DAY, 20, 10_000_00),
    "transfers_of_wallet": _often(Subject.WALLET, {What.TRANSFER}, HOUR, 5, 5_000_00),
    "refunds_at_till": _often(Subject.TILL, MONEY_BACK, HOUR, 8, 5_000_00),
    "refunds_by_staff": _often(Subject.STAFF, MONEY_BACK, DAY, 15, 10_000_00),
    "many_small": Rule(
        judge=many_small, subject=Subject.WALLET, looks_at=MONEY_IN, asks=OFTEN,
        usual=Thresholds(minutes=HOUR, count=4, amount=100_00),
    ),
    "many_wallets": Rule(
        judge=many_wallets, subject=Subject.PAYER, looks_at=MONEY_IN, asks=("minutes", "count"),
        usual=Thresholds(minutes=DAY, count=3),
    ),
    "new_payer": _first(new_payer),
    "new_device": _first(new_device),
    "night_at_till": Rule(
        judge=at_night, subject=Subject.TILL, looks_at=frozenset(What) - {What.TRANSFER} - LOOKED, asks=NIGHT,
        usual=Thresholds(minutes=HOUR, count=1, from_hour=0, until_hour=5),
    ),
    "night_online": Rule(
        judge=online_at_night, subject=Subject.CUSTOMER, looks_at=MONEY_IN, asks=NIGHT,
        usual=Thresholds(minutes=HOUR, amount=2000_00, from_hour=1, until_hour=5),
    ),
    "paid_and_back": Rule(
        judge=soon_back, subject=Subject.WALLET, looks_at=frozenset({What.TOP_UP, What.PAID_BACK}), asks=OFTEN,
        usual=Thresholds(minutes=TWO_DAYS, count=2, amount=1000_00),
    ),
    "spent_and_back": Rule(
        judge=soon_back, subject=Subject.WALLET, looks_at=frozenset({What.CHARGE, What.REFUND}), asks=OFTEN,
        usual=Thresholds(minutes=DAY, count=3, amount=2000_00),
    ),
    "for_oneself": _of_staff(for_oneself, BY_HAND, Thresholds(minutes=DAY, count=1)),
    "same_wallet": _of_staff(one_wallet, {What.TOP_UP, What.GIFT}, Thresholds(minutes=7 * DAY, count=10, amount=20_000_00)),
    "without_reason": _of_staff(without_reason, CORRECTED, Thresholds(minutes=DAY, count=1)),
    "corrections_by_staff": _of_staff(unsigned, CORRECTED, Thresholds(minutes=DAY, count=10, amount=3_000_00)),
    "cash_and_back": _of_staff(cash_and_back, {What.TOP_UP, What.PAID_BACK}, Thresholds(minutes=DAY, count=2, amount=2_000_00)),
    "just_below": _of_staff(just_below, CORRECTED, Thresholds(minutes=DAY, count=3), asks=("minutes", "count")),
    "odd_hour": _of_staff(
        odd_hour, BY_HAND, Thresholds(minutes=7 * DAY, count=30), asks=("minutes", "count"), remembers=True
    ),
    "unusual_looks": _of_staff(
        unusual_looks, {What.LOOK}, Thresholds(minutes=14 * DAY, count=40), asks=("minutes", "count"), remembers=True
    ),
    "exports": _of_staff(too_much, {What.EXPORT}, Thresholds(minutes=DAY, count=5), asks=("minutes", "count")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """One subject did what a rule warns of; the evidence is in the order of time."""

    rule: str
    subject: str
    evidence: tuple[Act, ...]


def hits(
    code: str, limits: Thresholds, acts: Iterable[Act], *, since: datetime, looked_at: Mapping[str, datetime] | None = None
) -> list[Hit]:
    """What a rule says at every act from `since` on, subject by subject.

    `looked_at` says until when a person has judged a subject already: that is not held against it a second time.
    """
    rule, judged = RULES[code], looked_at or {}
    by_subject: dict[str, list[Act]] = {}
    for act in acts:
        if act.what in rule.looks_at and (name := act.of(rule.subject)):
            by_subject.setdefault(name, []).append(act)
    return [
        hit for name, own in by_subject.items() for hit in _of_one(code, limits, name, _in_order(own), since, judged.get(name))
    ]


def cases(found: Iterable[Hit], limits: Thresholds) -> int:
    """How many cases hits of one rule would be: while one is fresh, further hits of its subject only add to it."""
    within, last, count = timedelta(minutes=limits.minutes), dict[str, datetime](), 0
    for hit in sorted(found, key=lambda hit: hit.evidence[-1].at):
        at = hit.evidence[-1].at
        count += hit.subject not in last or at - last[hit.subject] > within
        last[hit.subject] = at
    return count


def _of_one(
    code: str, limits: Thresholds, name: str, acts: list[Act], since: datetime, judged_until: datetime | None
) -> Iterable[Hit]:
    rule, stretch = RULES[code], timedelta(minutes=limits.minutes)
    if judged_until is not None and not rule.remembers:
        acts = [act for act in acts if act.at > judged_until]
    times = [act.at for act in acts]
    for place in range(bisect_left(times, since), len(acts)):
        if judged_until is not None and times[place] <= judged_until:
            continue
        window = acts[bisect_left(times, times[place] - stretch) : place + 1]
        if evidence := rule.judge(window, limits):
            yield Hit(code, name, tuple(evidence))


def _in_order(acts: list[Act]) -> list[Act]:
    return sorted(acts, key=lambda act: (act.at, act.id))
