"""A day's statement with twelve things wrong with it, and drawers that do not count out."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from django.utils import timezone
from payments.bank import statements
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.finance import comparing, drawers, following, queries
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Kind, Way
from chuzhi.ledger.chart import Method
from chuzhi.payments.bank import cases as bank_cases
from chuzhi.payments.bank import intake
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.counter import drawer
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("bank", tmp_path_factory.mktemp("bank")) as running:
        yield running


@pytest.fixture
def account(bank: StandIn) -> Account:
    return statements.account(configuration={name: text for name, text in bank.account.items() if name != "address"})


def ordered(programme: Programme, place: int) -> tuple[Order, Payment]:
    order = orders.place(
        wallet=shop.new_wallet(programme),
        amount=100_00 + place * 1_00,
        channel=Order.Channel.LINK,
        key=f"o{place}",
        by=cast.OWNER,
    )
    payment = orders.pay(
        order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER, payer=f"payer {place}"
    )
    return order, payment


def transfer(bank: StandIn, payment: Payment, *faults: str, more: int = 0) -> None:
    bank.control("next", faults=list(faults))
    name = f"somebody {payment.pk}"
    bank.control("transfer", amount=payment.amount + more, text=statements.reference(payment), name=name)


def bring(bank: StandIn, account: Account, *, days: int = 0) -> None:
    first = date.fromisoformat(bank.books()["movements"][0]["on"])
    asked = {"first": str(first), "last": str(first + timedelta(days=days))}
    content = httpx.get(f"{bank.address}/statements/camt.053", params=asked).content
    intake.take_in(account=account, content=content, file_name=f"{days}.xml", by=cast.OWNER)


def compared(account: Account) -> Counter[tuple[str, str]]:
    following.catch_up()
    comparing.match(account)
    return Counter(Case.objects.filter(closed_at=None).values_list("movement__way", "kind"))


def test_twelve_things_wrong_are_twelve_explained_cases(bank: StandIn, account: Account, programme: Programme) -> None:
    made = [ordered(programme, place) for place in range(12)]
    for place, fault in enumerate(["missing_reference", "missing_reference", "typo", "wrong_amount", "wrong_amount"]):
        transfer(bank, made[place][1], fault)
    for _order, payment in made[5:7]:
        transfer(bank, payment, more=20_00)
    for _order, payment in made[7:9]:
        transfer(bank, payment)
        transfer(bank, payment)
    bank.control("transfer", amount=77_00, text="greetings", name="a stranger")
    for _order, payment in made[9:]:
        transfer(bank, payment)
    bring(bank, account)
    for order, _payment in made[9:11]:
        order.refresh_from_db()
        orders.give_back(order=order, reason="moves away", key=f"back{order.pk}", by=cast.OWNER)
    Refund.objects.update(stage=Refund.Stage.SENT)
    bank.control("clock", ahead_seconds=5 * 24 * 3600)
    bank.control("transfer", amount=1_00, text="interest", name="the bank")
    bring(bank, account, days=5)

    found = compared(account)
    again = compared(account)

    interest = {(Way.LINE, Kind.IN_BILL_NOT_OURS): 1}
    assert found == again == Counter({
        (Way.LINE, Kind.IN_BILL_NOT_OURS): 6, (Way.LINE, Kind.AMOUNT_DIFFERS): 2, (Way.LINE, Kind.TWICE_IN_BILL): 2,
        (Way.REFUND, Kind.OURS_NOT_IN_BILL): 2,
    }) + Counter(interest)  # fmt: skip
    assert Case.objects.count() == 12 + 1
    assert all(case.fix_text for case in Case.objects.all())
    assert Movement.objects.filter(way=Way.PAYMENT, is_settled=True).count() == 7


def test_a_line_that_somebody_decides_about_closes_its_case(bank: StandIn, account: Account, programme: Programme) -> None:
    order, payment = ordered(programme, 0)
    transfer(bank, payment, "missing_reference")
    bring(bank, account)
    before = compared(account)

    bank_cases.assign(line=BankLine.objects.get(), payment=payment.number, by=cast.OWNER)

    assert before == {(Way.LINE, Kind.IN_BILL_NOT_OURS): 1}
    assert compared(account) == {}
    order.refresh_from_db()
    assert order.stage == Order.Stage.CREDITED
    kept = queries.account(account.method, "CNY", BankLine.objects.get().on)
    assert (kept.clearing.came, kept.clearing.settled, kept.left) == (100_00, 100_00, [])


def test_a_clean_statement_has_no_difference(bank: StandIn, account: Account, programme: Programme) -> None:
    for place in range(3):
        transfer(bank, ordered(programme, place)[1])
    bring(bank, account)

    assert compared(account) == {}
    assert not queries.account(account.method, "CNY", BankLine.objects.latest("on").on).left


def test_each_drawer_that_does_not_count_out_is_one_case(wallet: Wallet) -> None:
    short, over, right = ({100_00: 4}, {100_00: 6}, {100_00: 5})
    for pieces in (short, short, over, right):
        till = cast.till()
        shift = drawer.open_shift(till=till, opened_with=200_00, by=cast.OWNER)
        shop.top_up(wallet, 300_00, till.store, till=till.pk)
        drawer.begin_count(shift=shift, by=cast.OWNER)
        drawer.close(shift=shift, pieces=pieces, reason="counted twice", by=cast.OWNER)

    assert (drawers.match(), drawers.match()) == (4, 0)

    assert sorted(Case.objects.values_list("kind", "amount")) == [
        (Kind.DRAWER_DIFFERS, -100_00), (Kind.DRAWER_DIFFERS, 100_00), (Kind.DRAWER_DIFFERS, 100_00),
    ]  # fmt: skip
    assert queries.account(Method.CASH, "CNY", timezone.localdate()).clearing.closing == 100_00
