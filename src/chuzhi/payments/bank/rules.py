"""Which payment a line of a statement pays. Values in, a decision out; a command reads before and writes after."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chuzhi.payments.gateways.bank import references
from chuzhi.payments.statements.lines import StatementLine, folded

SHORTEST_NAME = 2
MOST_CANDIDATES = 5


class Verdict(StrEnum):
    PAYS = "pays"  # all of a payment, or the part that was missing
    PARTIAL = "partial"
    OVER = "over"  # all of a payment, and something is left
    DUPLICATE = "duplicate"  # a payment that is paid already
    CURRENCY = "currency"
    SEVERAL = "several"  # names more than one payment
    UNMATCHED = "unmatched"
    REFUNDS = "refunds"  # money that went out for a refund of ours
    LEFT = "left"  # other money that went out: nothing to match


class Fix(StrEnum):
    """What a person is advised to do."""

    NOTHING = ""
    WAIT = "wait"  # for the rest
    GIVE_BACK = "give_back"
    ASSIGN = "assign"  # to the first candidate
    ASK = "ask"  # the payer, or the bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A payment that somebody said they would make. `received` came by earlier lines; minor units."""

    number: str
    reference: str  # plain
    amount: int
    currency: str
    asked_on: date
    received: int = 0
    payer: str = ""
    is_paid: bool = False
    is_open: bool = True  # nobody has given it up: one that was can still be paid by its reference

    @property
    def missing(self) -> int:
        return self.amount - self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`number` is the payment the line belongs to, `pays` what of the line it takes; `over` is left for a person."""

    verdict: Verdict
    number: str = ""
    pays: int = 0
    over: int = 0
    fix: Fix = Fix.NOTHING
    candidates: tuple[str, ...] = ()

    @property
    def is_case(self) -> bool:
        return self.fix is not Fix.NOTHING

    @property
    def completes(self) -> bool:
        return self.verdict in {Verdict.PAYS, Verdict.OVER}


class Index:
    """Payments that are expected, found by what a line may say of them, so that a line is compared with few."""

    def __init__(self, expected: Iterable[Expected]) -> None:
        self._by_reference: dict[str, str] = {}
        self._by_shape: dict[str, list[str]] = {}
        self._by_payer: dict[str, list[str]] = {}
        self._by_size: dict[tuple[int, str], list[str]] = {}
        for each in expected:
            self._by_reference[each.reference] = each.number
            for shape in references.shapes(each.reference):
                self._by_shape.setdefault(shape, []).append(each.number)
            self._by_payer.setdefault(folded(each.payer), []).append(each.number)
            self._by_size.setdefault((each.missing, each.currency), []).append(each.number)

    def concerned(self, line: StatementLine) -> list[str]:
        """Numbers of all that the line can pay by reference or name, and some that are only of its size."""
        shapes = {shape for window in references.windows(line.text) for shape in references.shapes(window)}
        found = [self._by_reference[said] for said in references.within(line.text) if said in self._by_reference]
        found += [number for shape in shapes for number in self._by_shape.get(shape, ())]
        if len(folded(line.payer)) >= SHORTEST_NAME:
            found += self._by_payer.get(folded(line.payer), ())
        found += self._by_size.get((line.amount, line.currency), ())[:MOST_CANDIDATES]
        return list(dict.fromkeys(found))


def decide(line: StatementLine, expected: Sequence[Expected]) -> Decision:
    """By the reference in its text; without one, by amount and name if they fit exactly one payment."""
    if line.amount <= 0:
        return Decision(verdict=Verdict.LEFT)
    said = set(references.within(line.text))
    named = [each for each in expected if each.reference in said]
    if len(named) > 1:
        return Decision(verdict=Verdict.SEVERAL, fix=Fix.ASK, candidates=tuple(each.number for each in named))
    return _named(line, named[0]) if named else _unnamed(line, expected)


def assigned(line: StatementLine, to: Expected) -> Decision:
    """A person has said which payment it is: the amounts decide the rest."""
    return _named(line, to)


def _named(line: StatementLine, one: Expected) -> Decision:
    if line.currency != one.currency:
        return Decision(verdict=Verdict.CURRENCY, fix=Fix.GIVE_BACK, candidates=(one.number,))
    if one.is_paid or one.missing <= 0:
        return Decision(verdict=Verdict.DUPLICATE, over=line.amount, fix=Fix.GIVE_BACK, candidates=(one.number,))
    if line.amount < one.missing:
        return Decision(verdict=Verdict.PARTIAL, number=one.number, pays=line.amount, fix=Fix.WAIT)
    if line.amount > one.missing:
        over = line.amount - one.missing
        return Decision(verdict=Verdict.OVER, number=one.number, pays=one.missing, over=over, fix=Fix.GIVE_BACK)
    return Decision(verdict=Verdict.PAYS, number=one.number, pays=line.amount)


def _unnamed(line: StatementLine, expected: Sequence[Expected]) -> Decision:
    """No payment is named. One of exactly this amount and payer is it; everything less certain is for a person."""
    open_ones = [each for each in expected if each.is_open and not each.is_paid and each.currency == line.currency]
    same_size = [each for each in open_ones if each.missing == line.amount and each.asked_on <= line.on]
    sure = [each for each in same_size if is_payer(line.payer, each.payer)]
    if len(sure) == 1:
        return Decision(verdict=Verdict.PAYS, number=sure[0].number, pays=line.amount)
    near = references.nearly(line.text, [each.reference for each in open_ones])
    ranks: Sequence[Callable[[Expected], bool]] = (
        lambda each: each.reference in near,
        lambda each: each in sure,
        lambda each: is_payer(line.payer, each.payer),
        lambda each: each in same_size,
    )
    ranked = [each for rank in ranks for each in open_ones if rank(each)]
    candidates = tuple(dict.fromkeys(each.number for each in ranked))[:MOST_CANDIDATES]
    return Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASSIGN if len(candidates) == 1 else Fix.ASK, candidates=candidates)


def is_payer(one: str, other: str) -> bool:
    """Whether two names are one, as far as spelling goes."""
    return len(folded(one)) >= SHORTEST_NAME and folded(one) == folded(other)
