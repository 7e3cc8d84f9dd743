"""Differences that somebody does something about: alone within limits, above them with a second signature."""

import pytest
from django.db import transaction
from django.utils import timezone
from payments.bank import statements

import cast
import shop
from api.program import Program
from chuzhi.approvals import requests
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.approvals.models import Request
from chuzhi.finance import cases, comparing, following
from chuzhi.finance.errors import CaseClosed, FixNotOffered, RemarkMissing
from chuzhi.finance.models import Case, Day, Line, Movement
from chuzhi.finance.rules import Fix, Kind, Way
from chuzhi.ledger import verifications
from chuzhi.ledger.chart import Method
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, intents
from chuzhi.payments.gateways.contract import LineKind, Scene
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.topups import orders, selling
from chuzhi.topups.models import Order
from chuzhi.wallets import funding, programmes, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    facts = {"secret_key": "sk_test_12345678", "webhook_secret": "whsec_12345678", "merchant": "acct_1"}
    return accounts.open_account(
        code="stripe", name="Stripe", gateway="stripe", method=Method.STRIPE, currency="CNY", configuration=facts, by=cast.OWNER
    )


def uncredited(account: Account, wallet: Wallet, amount: int = 100_00) -> Order:
    """Paid while nobody listened."""
    order = orders.place(wallet=wallet, amount=amount, channel=Order.Channel.LINK, key=f"o{amount}", by=cast.OWNER)
    payment = intents.intend(
        account=account, purpose=orders.PURPOSE, subject_id=order.pk, scene=Scene.PAGE, amount=amount, shown="x",
        expires_at=order.expires_at, by=cast.OWNER,
    )  # fmt: skip
    now = timezone.now()
    Payment.objects.filter(pk=payment.pk).update(stage=Payment.Stage.PAID, paid_at=now, ended_at=now, next_ask_at=None)
    return order


def billed(account: Account, *lines: tuple[str, int, int]) -> None:
    """Today's bill: number, amount and fee of each line."""
    day, _new = Day.objects.get_or_create(account=account, on=timezone.localdate(), defaults={"fetched_at": timezone.now()})
    for number, amount, fee in lines:
        Line.objects.create(
            day=day, place=day.lines.count(), kind=LineKind.PAYMENT, way=Way.PAYMENT, number=number, amount=amount, fee=fee,
            currency="CNY",
        )  # fmt: skip
    Day.objects.filter(pk=day.pk).update(matched_at=None)


def only_case(account: Account) -> Case:
    following.catch_up()
    comparing.match(account)
    return Case.objects.select_related("movement__account").get(closed_at=None)


def paid_of(order: Order) -> Payment:
    [payment] = orders.payments_of(order)
    return payment


class TestBooking:
    @pytest.fixture
    def case(self, account: Account, wallet: Wallet) -> Case:
        order = uncredited(account, wallet)
        billed(account, (paid_of(order).number, 100_00, 0))
        return only_case(account)

    def test_what_was_paid_and_not_credited_is_credited_and_the_case_closes_itself(self, case: Case, wallet: Wallet) -> None:
        after = cases.fix(case=case, act=Fix.BOOK, remark="the notice was lost", by=cast.actor("finance"))

        assert queries.balance(wallet).principal == 100_00
        assert (after.closed_by, after.closed_at is not None) == ("", True)
        with pytest.raises(CaseClosed):
            cases.fix(case=case, act=Fix.BOOK, remark="again", by=cast.OWNER)
        assert queries.balance(wallet).principal == 100_00

    def test_or_it_is_paid_back_and_the_case_closes_itself(self, case: Case, wallet: Wallet) -> None:
        after = cases.fix(case=case, act=Fix.PAY_BACK, remark="the customer wants it back", by=cast.actor("finance"))

        refund = Refund.objects.get()
        assert (refund.amount, refund.payment.number) == (100_00, case.movement.number)
        assert (after.closed_by, after.closed_at is not None) == ("", True)
        assert queries.balance(wallet).principal == 0


class TestRefundingTheExtra:
    def test_what_came_twice_goes_back_once(self, account: Account, wallet: Wallet) -> None:
        order = uncredited(account, wallet)
        orders.credited_by([paid_of(order)])
        billed(account, *[(paid_of(order).number, 100_00, 0)] * 2)
        case = only_case(account)
        assert case.kind == Kind.TWICE_IN_BILL

        after = cases.fix(case=case, act=Fix.REFUND_EXTRA, remark="charged twice", by=cast.actor("finance"))

        assert Refund.objects.get().amount == 100_00
        assert (after.closed_by.partition(":")[0], after.remark) == ("staff", "charged twice")
        assert cases.offered(after) == ()


class TestTakingBack:
    @pytest.fixture
    def case(self, account: Account, wallet: Wallet) -> Case:
        """300.00 with a bonus of 20.00 that nobody ever paid."""
        programmes.revise(programme=wallet.programme, by=cast.OWNER, bands=[(300_00, 20_00)])
        return self.credited(account, wallet, 300_00)

    def credited(self, account: Account, wallet: Wallet, amount: int) -> Case:
        unpaid = funding.Payment(
            wallet=wallet, amount=amount, method=Method.STRIPE, store=None, key="unpaid", promised_at=timezone.now()
        )
        with transaction.atomic():
            selling.credit(arrived=[funding.Arrived(unpaid, Order.Channel.WEB)], promised={}, by=cast.OWNER)
        return only_case(account)

    def test_what_nobody_paid_is_gone_and_the_case_closes_itself(self, case: Case, wallet: Wallet) -> None:
        assert (case.kind, cases.offered(case)) == (Kind.CREDITED_NOT_PAID, (Fix.TAKE_BACK, Fix.WRITE_OFF))

        after = cases.fix(case=case, act=Fix.TAKE_BACK, remark="the money never came", by=cast.actor("finance"))

        balance = queries.balance(wallet)
        assert (balance.principal, balance.bonus, balance.debt) == (0, 0, 0)
        assert (after.closed_by, after.closed_at is not None) == ("", True)
        movement = Movement.objects.get()
        assert (movement.booked, movement.expected, movement.is_settled) == (0, 0, True)
        with pytest.raises(CaseClosed):
            cases.fix(case=case, act=Fix.TAKE_BACK, remark="again", by=cast.OWNER)
        assert verifications.make().wrong == 0

    def test_what_is_spent_of_it_is_owed(self, case: Case, wallet: Wallet, store: Store) -> None:
        shop.charge(wallet, 120_00, store)

        after = cases.fix(case=case, act=Fix.TAKE_BACK, remark="the money never came", by=cast.actor("finance"))

        balance = queries.balance(wallet)
        assert (balance.principal, balance.available, balance.debt) == (0, 0, 120_00)
        assert after.closed_at is not None
        assert Movement.objects.get().booked == 0

    def test_a_large_one_is_signed_by_a_second_person(self, account: Account, wallet: Wallet) -> None:
        case, maker = self.credited(account, wallet, 900_00), cast.actor("finance")
        with pytest.raises(SecondPersonNeeded):
            cases.fix(case=case, act=Fix.TAKE_BACK, remark="the money never came", by=maker)
        asked = cases.ask(case=case, act=Fix.TAKE_BACK, remark="the money never came", key="k", by=maker)
        before = queries.balance(wallet).principal

        done = requests.approve(request=asked, by=cast.actor("administrator"))

        assert (before, done.state, queries.balance(wallet).principal) == (900_00, Request.State.DONE, 0)

    def test_what_was_credited_for_a_payment_that_failed_is_taken_back_too(self, account: Account, wallet: Wallet) -> None:
        order = uncredited(account, wallet)
        orders.credited_by([paid_of(order)])
        Payment.objects.update(stage=Payment.Stage.FAILED)
        case = only_case(account)

        after = cases.fix(case=case, act=Fix.TAKE_BACK, remark="it failed", by=cast.actor("finance"))

        assert (queries.balance(wallet).principal, after.closed_at is not None, Movement.objects.count()) == (0, True, 1)

    def test_a_program_and_a_page_do_it_with_one_press(self, case: Case, wallet: Wallet) -> None:
        page, program = f"/console/reconciliation/cases/{case.pk}/", Program("reconciliation:write", "reconciliation:read")
        shown = cast.signed_in(cast.person("finance")).get(page).content.decode()
        told = program.get("/reconciliation/cases").json()["items"][0]
        refused = program.post(f"/reconciliation/cases/{case.pk}/fix", {"act": "take_back", "remark": "never came"})
        may = Program("reconciliation:write", "disputes:write")

        done = may.post(f"/reconciliation/cases/{case.pk}/fix", {"act": "take_back", "remark": "never came"})

        assert "Take the value back" in shown
        assert told["fixes"] == ["take_back", "write_off"]
        assert (refused.status_code, done.status_code) == (403, 200)
        assert (done.json()["closed_at"] is not None, queries.balance(wallet).principal) == (True, 0)

    def test_pressed_on_the_page(self, case: Case, wallet: Wallet) -> None:
        staff = cast.signed_in(cast.person("finance"))

        answer = staff.post(
            f"/console/reconciliation/cases/{case.pk}/", {"act": "take_back", "remark": "never came"}, follow=True
        )

        assert "Done, and closed." in answer.content.decode()
        assert queries.balance(wallet).principal == 0


class TestWritingOff:
    @pytest.fixture
    def case(self, account: Account, wallet: Wallet) -> Case:
        """A bill that lacks 600.00 of a payment."""
        order = uncredited(account, wallet, 1000_00)
        orders.credited_by([paid_of(order)])
        billed(account, (paid_of(order).number, 400_00, 0))
        return only_case(account)

    def test_above_what_somebody_may_alone_a_second_person_signs(self, case: Case) -> None:
        maker, signer = cast.actor("finance"), cast.actor("administrator")
        with pytest.raises(SecondPersonNeeded):
            cases.close(case=case, remark="the bill was wrong", by=maker)
        asked = cases.ask(case=case, act=Fix.WRITE_OFF, remark="the bill was wrong", key="k", by=maker)
        assert Case.objects.get().closed_at is None

        done = requests.approve(request=asked, by=signer)

        assert (done.state, done.result) == (Request.State.DONE, f"reconciliation_case:{case.pk}")
        closed = Case.objects.get()
        assert (closed.closed_by, closed.remark) == (maker.label, "the bill was wrong")
        assert Movement.objects.get(way=Way.PAYMENT).is_settled

    def test_a_signature_is_for_the_difference_that_was_shown(self, case: Case) -> None:
        asked = cases.ask(case=case, act=Fix.WRITE_OFF, remark="wrong", key="k", by=cast.actor("finance"))
        Case.objects.update(amount=case.amount + 1)

        done = requests.approve(request=asked, by=cast.actor("administrator"))

        assert (done.state, done.refusal) == (Request.State.FAILED, FixNotOffered.code)
        with pytest.raises(FixNotOffered):
            cases.close(case=case, remark="wrong", by=cast.OWNER)
        assert Case.objects.get().closed_at is None

    def test_small_ones_of_a_day_together_are_limited_too(self, account: Account, wallet: Wallet) -> None:
        by = cast.actor("finance")
        for place in range(5):
            order = uncredited(account, wallet, 500_00 + place)
            orders.credited_by([paid_of(order)])
            billed(account, (paid_of(order).number, 40_00 + place, 0))
        following.catch_up()
        comparing.match(account)
        first, *others, last = Case.objects.order_by("pk")
        for each in (first, *others):
            cases.close(case=each, remark="small", by=by)

        with pytest.raises(SecondPersonNeeded):
            cases.close(case=last, remark="small", by=by)

    def test_a_fee_is_written_off_alone(self, account: Account, wallet: Wallet) -> None:
        Account.objects.update(fee_rate=60)
        account.refresh_from_db()
        order = uncredited(account, wallet)
        orders.credited_by([paid_of(order)])
        billed(account, (paid_of(order).number, 100_00, 61))
        case = only_case(account)

        after = cases.fix(case=case, act=Fix.WRITE_OFF, remark="a cent", by=cast.actor("finance"))

        assert (after.kind, after.amount, after.closed_at is not None) == (Kind.FEE_DIFFERS, -1, True)

    def test_refusals_change_nothing(self, case: Case) -> None:
        with pytest.raises(NotAllowed):
            cases.close(case=case, remark="mine", by=cast.actor("auditor"))
        with pytest.raises(RemarkMissing):
            cases.close(case=case, remark=" ", by=cast.OWNER)
        with pytest.raises(FixNotOffered):
            cases.fix(case=case, act=Fix.BOOK, remark="x", by=cast.OWNER)
        with pytest.raises(FixNotOffered):
            cases.ask(case=case, act=Fix.PAY_BACK, remark="x", key="k", by=cast.OWNER)

        assert Case.objects.get().closed_at is None


def test_a_line_of_a_statement_is_decided_at_the_statement(db: None) -> None:
    bank = statements.account()
    statements.take_in(bank, statements.row("5.00", "greetings", "somebody", "S1"))
    case = only_case(bank)

    assert (case.movement.way, cases.offered(case)) == (Way.LINE, ())
    with pytest.raises(FixNotOffered):
        cases.close(case=case, remark="x", by=cast.OWNER)
