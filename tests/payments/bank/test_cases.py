"""What a person decides about a line, and what cannot be decided."""

import pytest
from payments.bank import statements

import cast
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.payments.bank import cases
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.models import Account

pytestmark = pytest.mark.django_db
GIVEN_BACK = BankLine.Ending.GIVEN_BACK


@pytest.fixture
def account(db: None) -> Account:
    return statements.account()


@pytest.fixture
def unknown(account: Account) -> BankLine:
    """100 that came without a word."""
    statements.take_in(account, statements.row("100.00", "hello"))
    return statements.lines(account)[0]


def test_money_given_to_its_payment_pays_it(account: Account, unknown: BankLine) -> None:
    payment = statements.payment(account, 100_00)

    line = cases.assign(line=unknown, payment=payment.number, by=cast.OWNER)

    payment.refresh_from_db()
    assert (line.state, payment.stage) == ("done", "paid")


def test_less_than_its_payment_waits_for_the_rest(account: Account, unknown: BankLine) -> None:
    payment = statements.payment(account, 150_00)

    line = cases.assign(line=unknown, payment=payment.number, by=cast.OWNER)

    payment.refresh_from_db()
    assert (line.state, line.verdict, line.pays, payment.stage) == ("case", "partial", 100_00, "sent")


def test_a_part_that_is_given_back_counts_no_more(account: Account, unknown: BankLine) -> None:
    payment = statements.payment(account, 150_00)
    line = cases.assign(line=unknown, payment=payment.number, by=cast.OWNER)

    cases.close(line=line, ending=GIVEN_BACK, remark="transferred back, receipt 7", by=cast.OWNER)
    statements.take_in(account, statements.row("50.00", statements.reference(payment)))

    payment.refresh_from_db()
    assert payment.stage == "sent"
    assert [(each.state, each.pays) for each in statements.lines(account)] == [("done", 0), ("case", 50_00)]


def test_what_was_too_much_is_given_back_and_the_payment_stays(account: Account) -> None:
    payment = statements.payment(account, 100_00)
    statements.take_in(account, statements.row("130.00", statements.reference(payment)))

    line = cases.close(line=statements.lines(account)[0], ending=GIVEN_BACK, remark="30 back", by=cast.OWNER)

    assert (line.state, line.pays, line.over, line.payment) == ("done", 100_00, 30_00, payment)


def test_money_is_not_given_to_a_payment_that_is_paid_or_of_another_account(account: Account, unknown: BankLine) -> None:
    paid, other = statements.payment(account, 20_00), statements.payment(statements.account(currency="USD"), 100_00)
    statements.take_in(account, statements.row("20.00", statements.reference(paid), bank="S9"))

    for number, code in ((paid.number, "bank_line.payment_paid"), (other.number, "payment.unknown")):
        with pytest.raises(Refused) as refused:
            cases.assign(line=unknown, payment=number, by=cast.OWNER)
        assert refused.value.code == code

    unknown.refresh_from_db()
    assert (unknown.state, unknown.payment) == ("case", None)


def test_nothing_is_closed_without_a_word(unknown: BankLine) -> None:
    with pytest.raises(Refused) as refused:
        cases.close(line=unknown, ending=BankLine.Ending.OTHER, remark="  ", by=cast.OWNER)

    assert refused.value.code == "bank_line.remark_missing"


def test_a_case_is_closed_once(unknown: BankLine) -> None:
    cases.close(line=unknown, ending=BankLine.Ending.OTHER, remark="rent of the yard", by=cast.OWNER)

    with pytest.raises(Refused) as refused:
        cases.close(line=unknown, ending=GIVEN_BACK, remark="again", by=cast.OWNER)

    assert refused.value.code == "bank_line.settled"


def test_only_those_who_may_decide(unknown: BankLine, cashier: Actor) -> None:
    with pytest.raises(Refused) as refused:
        cases.close(line=unknown, ending=GIVEN_BACK, remark="mine", by=cashier)

    assert refused.value.code == "permission.missing"
