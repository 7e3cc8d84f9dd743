"""Banks and drawers: what was brought and counted, against the ledger and our payments."""

import pytest
from django.utils import timezone
from payments.bank import statements

import cast
import shop
from chuzhi.finance import cases, comparing, drawers, following, queries
from chuzhi.finance.errors import CaseClosed, RemarkMissing
from chuzhi.finance.models import Case, Day, Movement
from chuzhi.finance.rules import Clearing, Kind, Way
from chuzhi.ledger.chart import Method
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Till
from chuzhi.payments.counter import drawer
from chuzhi.payments.models import Account
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import accounts as wallets
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return statements.account()


def transferred(account: Account, wallet: Wallet, amount: str = "500.00", *, bank: str = "S1") -> Order:
    order = orders.place(wallet=wallet, amount=500_00, channel=Order.Channel.LINK, key=f"order-{bank}", by=cast.OWNER)
    orders.pay(order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER)
    [payment] = orders.payments_of(order)
    statements.take_in(account, statements.row(amount, statements.reference(payment), "王小明", bank))
    return order


def compared(account: Account) -> list[Case]:
    following.catch_up()
    comparing.match(account)
    return list(Case.objects.order_by("pk"))


def clearing(account: Account) -> queries.Account:
    return queries.account(account.method, account.currency, timezone.localdate())


def test_a_transfer_that_three_books_know_leaves_the_clearing_account_at_zero(account: Account, wallet: Wallet) -> None:
    transferred(account, wallet)

    assert compared(account) == []

    kept = clearing(account)
    assert (kept.clearing, kept.left) == (Clearing(opening=0, came=500_00, went=0, settled=500_00), [])
    assert Day.objects.get().matched_at is not None


def test_money_that_no_wallet_got_is_a_case_however_often_it_is_compared(account: Account) -> None:
    payment = statements.payment(account, 5_00)
    statements.take_in(account, statements.row("5.00", statements.reference(payment), "王小明", "S1"))

    for _each in range(3):
        [case] = compared(account)

    assert (case.kind, case.amount, case.closed_at) == (Kind.PAID_NOT_CREDITED, -5_00, None)
    assert [amount for _movement, amount in clearing(account).left] == [-5_00]


def test_money_that_cannot_be_credited_passes_by_and_is_on_its_way_back(account: Account, wallet: Wallet) -> None:
    wallets.freeze(wallet=wallet, reason="lost card", key="freeze", by=cast.OWNER)
    order = orders.place(
        wallet=shop.new_wallet(wallet.programme), amount=500_00, channel=Order.Channel.LINK, key="o", by=cast.OWNER
    )
    Order.objects.filter(pk=order.pk).update(wallet=wallet)
    orders.pay(order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER)
    [payment] = orders.payments_of(order)
    statements.take_in(account, statements.row("500.00", statements.reference(payment), "王小明", "S1"))

    assert compared(account) == []

    [(movement, amount)] = clearing(account).left
    assert (movement.way, amount, clearing(account).clearing.closing) == (Way.REFUND, -500_00, -500_00)


def test_a_top_up_in_the_ledger_that_nobody_paid_is_a_case(account: Account, wallet: Wallet) -> None:
    order = transferred(account, wallet)
    Movement.objects.all().delete()
    [payment] = orders.payments_of(order)
    type(payment).objects.filter(pk=payment.pk).update(stage="failed")

    [case] = compared(account)

    assert (case.kind, case.movement.booked, case.movement.ours) == (Kind.CREDITED_NOT_PAID, 500_00, None)


def test_a_drawer_that_was_short_is_one_case(wallet: Wallet, till: Till) -> None:
    shift = drawer.open_shift(till=till, opened_with=200_00, by=cast.OWNER)
    shop.top_up(wallet, 300_00, till.store, till=till.pk)
    drawer.begin_count(shift=shift, by=cast.OWNER)
    drawer.close(shift=shift, pieces={100_00: 4}, reason="a torn note", by=cast.OWNER)

    assert (drawers.match(), drawers.match()) == (1, 0)

    case = Case.objects.get()
    assert (case.kind, case.amount) == (Kind.DRAWER_DIFFERS, 100_00)
    kept = queries.account(Method.CASH, "CNY", timezone.localdate())
    assert (kept.clearing.came, kept.clearing.settled, kept.clearing.closing) == (300_00, 200_00, 100_00)


class TestClosing:
    @pytest.fixture
    def case(self, account: Account) -> Case:
        payment = statements.payment(account, 5_00)
        statements.take_in(account, statements.row("5.00", statements.reference(payment), "王小明", "S1"))
        return compared(account)[0]

    def test_a_closed_case_no_longer_keeps_the_account_from_zero(self, account: Account, case: Case) -> None:
        cases.close(case=case, remark="paid back in cash", by=cast.OWNER)

        assert clearing(account).left == []
        assert clearing(account).clearing.closing == 0
        assert [each.closed_by for each in compared(account)] == [cast.OWNER.label]

    def test_it_is_closed_once_with_a_remark_by_somebody_who_may(self, case: Case) -> None:
        with pytest.raises(NotAllowed):
            cases.close(case=case, remark="no", by=cast.actor("auditor"))
        with pytest.raises(RemarkMissing):
            cases.close(case=case, remark=" \n", by=cast.OWNER)
        cases.close(case=case, remark="found", by=cast.actor("finance"))
        with pytest.raises(CaseClosed):
            cases.close(case=case, remark="again", by=cast.OWNER)

    def test_it_opens_again_when_the_difference_becomes_another(self, account: Account, case: Case) -> None:
        cases.close(case=case, remark="found", by=cast.OWNER)
        Movement.objects.update(booked=4_00, booked_on=timezone.localdate(), is_settled=False)

        [again] = compared(account)

        assert (again.pk, again.kind, again.amount, again.remark) == (case.pk, Kind.AMOUNT_DIFFERS, -1_00, "")
        assert clearing(account).clearing.closing == -1_00
