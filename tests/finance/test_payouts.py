"""What providers took comes to our bank, less their fees; what does not is a case."""

from datetime import date

import pytest
from payments.bank import statements

import cast
from chuzhi.finance import comparing, payouts, queries
from chuzhi.finance.errors import LineNotWaiting, PayoutArrived
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Kind
from chuzhi.ledger.chart import Method
from chuzhi.organization.errors import NotAllowed
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.models import Account
from finance.bringing import billed, day, provider, row

pytestmark = pytest.mark.django_db
TENPAY = "财付通支付科技有限公司"


@pytest.fixture
def bank(db: None) -> Account:
    return statements.account()


@pytest.fixture
def wechat(db: None) -> Account:
    return provider()


def at_provider(of: Account, on: date) -> queries.Account:
    return queries.account(of.method, of.currency, on, is_at_provider=True)


def test_a_day_less_its_fees_arrives_and_the_account_returns_to_zero(bank: Account, wechat: Account) -> None:
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 60), (LineKind.REFUND, -10_00, -6))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(1), "89.46", TENPAY))

    assert (payouts.match(wechat), payouts.match(wechat)) == (1, 0)

    movement = Movement.objects.get()
    assert (movement.ours, movement.billed, movement.is_settled) == (89_46, 89_46, True)
    assert BankLine.objects.get(amount=89_46).ending == BankLine.Ending.PAYOUT
    assert at_provider(wechat, day(0)).clearing.closing == 89_46
    assert (at_provider(wechat, day(1)).clearing.closing, at_provider(wechat, day(1)).left) == (0, [])


def test_a_line_that_brings_a_weekend_settles_three_days(bank: Account, wechat: Account) -> None:
    for n in range(3):
        billed(wechat, day(n), (LineKind.PAYMENT, 100_00 + n, 0))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(3), "300.03", TENPAY))

    assert payouts.match(wechat) == 3

    assert set(Movement.objects.values_list("is_settled", flat=True)) == {True}
    assert at_provider(wechat, day(3)).clearing.closing == 0


def test_what_has_not_arrived_is_a_case_only_when_statements_would_show_it(bank: Account, wechat: Account) -> None:
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 0))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(3), "-1.00", "rent"))
    payouts.match(wechat)
    early = Case.objects.count()
    statements.take_in(bank, row(day(5), "-1.00", "rent"))

    payouts.match(wechat)

    assert early == 0
    case = Case.objects.get()
    assert (case.kind, case.amount, case.movement.number) == (Kind.NOT_ARRIVED, 100_00, str(day(0)))
    kept = at_provider(wechat, day(8))
    assert [(movement.number, amount) for movement, amount in kept.left] == [(str(day(0)), 100_00)]
    assert [(each.over_days, each.count, each.amount) for each in kept.ages] == [(7, 1, 100_00)]


def test_a_payout_that_stripe_names_and_the_bank_brings_short_differs(bank: Account) -> None:
    stripe = provider("stripe", Method.STRIPE)
    billed(stripe, day(0), (LineKind.PAYMENT, 100_00, 3_20), (LineKind.PAYOUT, -500_00, 0))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(2), "499.00", "STRIPE PAYMENTS", f"po_{day(0):%Y%m%d}0001"))

    assert payouts.match(stripe) == 1

    case = Case.objects.get()
    assert (case.kind, case.amount) == (Kind.AMOUNT_DIFFERS, 1_00)
    assert at_provider(stripe, day(3)).clearing.closing == 1_00


def test_a_person_finds_the_line_of_a_payout_once(bank: Account, wechat: Account) -> None:
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 0))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(6), "100.00", "somebody"))
    payouts.match(wechat)
    payout, [line] = Movement.objects.get(), payouts.candidates(wechat)
    with pytest.raises(NotAllowed):
        payouts.assign(payout=payout, line=line, by=cast.actor("auditor"))

    payouts.assign(payout=payout, line=line, by=cast.actor("finance"))

    assert Case.objects.exclude(closed_at=None).get().kind == Kind.NOT_ARRIVED
    assert Movement.objects.get().is_settled
    with pytest.raises(PayoutArrived):
        payouts.assign(payout=payout, line=line, by=cast.OWNER)
    billed(wechat, day(1), (LineKind.PAYMENT, 100_00, 0))
    payouts.match(wechat)
    with pytest.raises(LineNotWaiting):
        payouts.assign(payout=Movement.objects.get(line=None), line=line, by=cast.OWNER)


def test_a_line_that_is_found_to_be_a_payout_is_no_case_of_the_bank_any_more(bank: Account, wechat: Account) -> None:
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(1), "100.00", TENPAY))
    comparing.match(bank)
    before = Case.objects.filter(closed_at=None).count()
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 0))

    payouts.match(wechat)
    comparing.match(bank)

    assert (before, Case.objects.filter(closed_at=None).count()) == (1, 0)


def test_without_statements_nothing_is_expected(wechat: Account) -> None:
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 0))

    assert payouts.match(wechat) == 0
    assert not Movement.objects.exists()


def test_payouts_that_nobody_looks_for_are_not_said_to_be_missing(bank: Account, wechat: Account) -> None:
    billed(wechat, day(0), (LineKind.PAYMENT, 100_00, 0))
    statements.take_in(bank, row(day(0), "-1.00", "rent"), row(day(6), "-1.00", "rent"))
    payouts.match(wechat)
    before = Case.objects.get(closed_at=None).kind

    Account.objects.filter(pk=wechat.pk).update(has_watched_payouts=False)
    payouts.match(wechat)
    payouts.match(wechat)

    assert before == Kind.NOT_ARRIVED
    assert not Case.objects.filter(closed_at=None).exists()
    assert not queries.payouts(cast.OWNER).exists()
    assert (at_provider(wechat, day(6)).clearing.closing, at_provider(wechat, day(6)).left) == (0, [])
    assert [account.pk for account in queries.unwatched(cast.OWNER)] == [wechat.pk]

    Account.objects.filter(pk=wechat.pk).update(has_watched_payouts=True)
    payouts.match(wechat)

    assert Case.objects.get(closed_at=None).amount == 100_00
