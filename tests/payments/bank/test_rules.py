"""Which payment a line pays, as a table."""

from datetime import date

import pytest

from chuzhi.payments.bank import rules
from chuzhi.payments.bank.rules import Decision, Expected, Fix, Verdict
from chuzhi.payments.gateways.bank import references
from chuzhi.payments.statements import lines
from chuzhi.payments.statements.lines import StatementLine

DAY = date(2026, 3, 1)


def expected(number: str, amount: int = 100_00, **more: object) -> Expected:
    reference = references.plain(references.of(number))
    values: dict[str, object] = {"currency": "CNY", "asked_on": DAY, "reference": reference} | more
    return Expected(number=number, amount=amount, **values)  # type: ignore[arg-type]  # any payment a test asks for


def line(amount: int, text: str = "", **more: object) -> StatementLine:
    values: dict[str, object] = {"account": "1", "on": DAY, "currency": "CNY"} | more
    return lines.line(amount=amount, text=text, **values)  # type: ignore[arg-type]  # any line a test asks for


ONE, TWO, NAMED = expected("payment1"), expected("payment2"), expected("payment3", 70_00, payer="王小明")
PAID, BEGUN = expected("payment4", is_paid=True), expected("payment5", received=60_00)
GONE = expected("payment7", 100_00, is_open=False)
ALL = (GONE, ONE, TWO, NAMED, PAID, BEGUN)


def ref(one: Expected) -> str:
    return f"充值 {one.reference} 谢谢"


def wrong(one: Expected) -> str:
    """The reference with its first two characters changed over."""
    return one.reference[1] + one.reference[0] + one.reference[2:]


@pytest.mark.parametrize(
    ("came", "decision"),
    [
        (line(100_00, ref(ONE)), Decision(verdict=Verdict.PAYS, number=ONE.number, pays=100_00)),
        (line(100_00, ref(GONE)), Decision(verdict=Verdict.PAYS, number=GONE.number, pays=100_00)),
        (line(40_00, ref(BEGUN)), Decision(verdict=Verdict.PAYS, number=BEGUN.number, pays=40_00)),
        (line(70_00, payer="王 小明"), Decision(verdict=Verdict.PAYS, number=NAMED.number, pays=70_00)),
        (line(30_00, ref(ONE)), Decision(verdict=Verdict.PARTIAL, number=ONE.number, pays=30_00, fix=Fix.WAIT)),
        (
            line(130_00, ref(ONE)),
            Decision(verdict=Verdict.OVER, number=ONE.number, pays=100_00, over=30_00, fix=Fix.GIVE_BACK),
        ),
        (
            line(100_00, ref(PAID)),
            Decision(verdict=Verdict.DUPLICATE, over=100_00, fix=Fix.GIVE_BACK, candidates=(PAID.number,)),
        ),
        (
            line(100_00, ref(ONE), currency="USD"),
            Decision(verdict=Verdict.CURRENCY, fix=Fix.GIVE_BACK, candidates=(ONE.number,)),
        ),
        (
            line(200_00, ref(ONE) + ref(TWO)),
            Decision(verdict=Verdict.SEVERAL, fix=Fix.ASK, candidates=(ONE.number, TWO.number)),
        ),
        (line(55_00, wrong(TWO)), Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASSIGN, candidates=(TWO.number,))),
        (line(100_00), Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASK, candidates=(ONE.number, TWO.number))),
        (line(75_00, payer="王小明"), Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASSIGN, candidates=(NAMED.number,))),
        (line(70_00, payer="张三"), Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASSIGN, candidates=(NAMED.number,))),
        (line(1_23, "hello"), Decision(verdict=Verdict.UNMATCHED, fix=Fix.ASK)),
        (line(-100_00, ref(ONE)), Decision(verdict=Verdict.LEFT)),
    ],
)
def test_a_line_pays_what_it_names_or_becomes_a_case(came: StatementLine, decision: Decision) -> None:
    assert rules.decide(came, ALL) == decision


def test_the_index_leaves_nobody_out_who_matters() -> None:
    index = rules.Index(ALL)

    for came in (line(100_00, ref(ONE)), line(55_00, wrong(TWO)), line(1, payer="王小明"), line(70_00)):
        concerned = [each for each in ALL if each.number in index.concerned(came)]
        assert rules.decide(came, concerned) == rules.decide(came, ALL)
        assert 0 < len(concerned) < len(ALL)


def test_a_name_that_fits_two_payments_decides_nothing() -> None:
    twins = (NAMED, expected("payment6", 70_00, payer="王小明"))

    decision = rules.decide(line(70_00, payer="王小明"), twins)

    assert (decision.verdict, decision.candidates) == (Verdict.UNMATCHED, ("payment3", "payment6"))


def test_money_that_came_before_anybody_asked_is_not_taken_by_its_name() -> None:
    decision = rules.decide(line(70_00, payer="王小明", on=date(2026, 2, 1)), ALL)

    assert decision.verdict is Verdict.UNMATCHED


def test_what_a_person_assigns_is_measured_by_the_same_amounts() -> None:
    assert rules.assigned(line(60_00), NAMED).verdict is Verdict.PARTIAL
    assert rules.assigned(line(70_00), NAMED).completes
    assert rules.assigned(line(70_00), PAID).verdict is Verdict.DUPLICATE
