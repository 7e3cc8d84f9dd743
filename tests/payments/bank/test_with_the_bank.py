"""Orders paid on the bank's page and credited from its statements, in every form, whatever the payers do wrong."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from payments.bank import statements
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.payments.bank import intake
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.models import Account
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db
FAULTS = ("", "missing_reference", "typo", "wrong_amount", "split", "doubled_line", "late")


@pytest.fixture
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("bank", tmp_path_factory.mktemp("bank")) as running:
        yield running


@pytest.fixture
def account(bank: StandIn) -> Account:
    facts = {name: text for name, text in bank.account.items() if name != "address"}
    return statements.account(configuration=facts)


def bring(bank: StandIn, account: Account, form: str, days: int = 2) -> None:
    first = date.fromisoformat(bank.books()["movements"][0]["on"])
    asked = {"first": str(first), "last": str(first + timedelta(days=days))}
    content = httpx.get(f"{bank.address}/statements/{form}", params=asked).content
    intake.take_in(account=account, content=content, file_name=f"x.{form}", by=cast.OWNER)


@pytest.mark.parametrize("form", ["columns", "words", "european", "camt.053", "mt940"])
def test_seven_payers_six_mistakes_and_no_money_lost(bank: StandIn, account: Account, programme: Programme, form: str) -> None:
    placed = {}
    for place, fault in enumerate(FAULTS):
        order = orders.place(
            wallet=shop.new_wallet(programme), amount=100_00 + place, channel=Order.Channel.LINK, key=f"o{place}", by=cast.OWNER
        )
        payment = orders.pay(
            order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER, payer=f"payer {place}"
        )
        bank.control("next", faults=[fault] if fault else [])
        bank.control("transfer", amount=order.amount, text=statements.reference(payment), name=f"{place} somebody else")
        placed[fault] = order

    bring(bank, account, form)
    bring(bank, account, "camt.053" if form != "camt.053" else "columns", days=3)

    for order in placed.values():
        order.refresh_from_db()
    assert {fault for fault, order in placed.items() if order.stage == Order.Stage.CREDITED} == {
        "", "split", "doubled_line", "late",
    }  # fmt: skip
    open_cases = {(line.verdict, line.fix) for line in BankLine.objects.filter(state="case")}
    assert open_cases == {("unmatched", "assign"), ("partial", "wait")}
    came = sum(each["amount"] for each in bank.books()["movements"])
    assert sum(line.amount for line in BankLine.objects.all()) == came
    credited = sum(queries.balance(order.wallet).principal for order in placed.values())
    assert credited == sum(order.amount for order in placed.values() if order.stage == Order.Stage.CREDITED)
