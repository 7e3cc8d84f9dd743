"""A long statement asks the database about many lines at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from payments.bank import statements

import cast
import shop
from chuzhi.payments import reactions
from chuzhi.payments.bank import matching
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.models import Account, Payment
from chuzhi.payments.reactions import Reactions
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return statements.account()


def brought(account: Account, monkeypatch: pytest.MonkeyPatch, *rows: str) -> None:
    with monkeypatch.context() as later:
        later.setattr(matching, "match_waiting", lambda **_asked: 0)
        statements.take_in(account, *rows)


def asked_for(account: Account) -> int:
    with CaptureQueriesContext(connection) as asked:
        matching.match_waiting(account=account, by=cast.OWNER)
    return len(asked)


def ordered(programme: Programme, place: int) -> Payment:
    order = orders.place(
        wallet=shop.new_wallet(programme), amount=100_00 + place, channel=Order.Channel.LINK, key=f"o{place}", by=cast.OWNER
    )
    return orders.pay(order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER)


def test_lines_that_complete_no_payment_cost_next_to_nothing_each(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = [statements.payment(account, 500_00 + place) for place in range(100)]
    parts = [statements.row("1.00", statements.reference(payment), "somebody", f"P{payment.pk}") for payment in waiting]
    others = [statements.row(f"-{place}.50", "rent", "landlord", f"R{place}") for place in range(1, 101)]
    unknown = [statements.row(f"{place}.25", "greetings", "somebody", f"U{place}") for place in range(1, 101)]
    brought(account, monkeypatch, *parts, *others, *unknown)

    first, again = asked_for(account), asked_for(account)

    assert (first / 300, again / 100) < (1.0, 0.5)
    assert set(BankLine.objects.values_list("verdict", "state")) == {
        ("partial", "case"),
        ("left", "done"),
        ("unmatched", "case"),
    }


def test_lines_that_pay_are_credited_together(account: Account, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = [ordered(programme, place) for place in range(13)]
    rows = [statements.row(f"{payment.amount / 100:.2f}", statements.reference(payment)) for payment in payments]
    brought(account, monkeypatch, *rows[:1])
    asked_for(account)
    brought(account, monkeypatch, *rows[1:3])
    two = asked_for(account)
    brought(account, monkeypatch, *rows[3:])

    ten = asked_for(account)

    assert Payment.objects.filter(stage=Payment.Stage.PAID).count() == 13
    assert (ten - two) / 8 <= 10


def test_one_that_fails_costs_only_itself(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    payments = [statements.payment(account, 100_00 + place) for place in range(3)]
    rows = [statements.row(f"{payment.amount / 100:.2f}", statements.reference(payment)) for payment in payments]

    def heard(payment: Payment) -> None:
        if payment.number == payments[1].number:
            raise ZeroDivisionError

    reactions.connect(statements.PURPOSE, Reactions(paid=heard))
    statements.take_in(account, *rows)

    assert [line.state for line in statements.lines(account)] == ["done", "new", "done"]


def test_lines_that_depend_on_one_another_are_decided_in_their_order(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = statements.payment(account, 100_00)
    amounts = ("30.00", "70.00", "100.00", "5.00")
    brought(account, monkeypatch, *(statements.row(each, statements.reference(payment), "x", each) for each in amounts))

    matching.match_waiting(account=account, by=cast.OWNER)

    found = BankLine.objects.order_by("pk").values_list("verdict", "state", "pays", "over")
    assert list(found) == [
        ("partial", "done", 30_00, 0), ("pays", "done", 70_00, 0), ("duplicate", "case", 0, 100_00), ("duplicate", "case", 0, 5_00),
    ]  # fmt: skip
