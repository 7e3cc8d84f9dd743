"""A customer calls with a blocked account: it is cleared, a link goes out, and they pay it at a provider of its own process."""

import re

import make
import pytest
from django.test import Client

import cast
import shop
from chuzhi.ledger.chart import Method
from chuzhi.payments import tasks
from chuzhi.payments.models import Payment, Refund
from chuzhi.topups import agents
from chuzhi.topups.assisted import fulfilling, remedies, requests
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.models import AgentCredit, Order
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Wallet
from topups import asking
from topups.street import Street, stage_of, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
Status = AssistedTopUp.Status


@pytest.fixture
def wallet() -> Wallet:
    return asking.known_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


def linked(row: AssistedTopUp) -> Order:
    """The order of a request's pay link, which is out now."""
    order = fulfilling.send_link(request=row, key=make.key(), by=cast.actor("cashier")).order
    assert order
    return order


def test_a_blocked_account_is_cleared_and_paid_by_its_link(wechat: Street, wallet: Wallet) -> None:
    agent, manager = cast.actor("cashier"), cast.actor("manager")
    accounts.freeze(wallet=wallet, reason="phone stolen", key="f", by=manager)
    row = asking.asked(wallet, agent)
    [blocks] = [each for each in remedies.of(row) if each.blocks]
    remedies.clear(request=row, obstacle=blocks.id, reason="called back, phone is found", key="c", by=manager)
    order = fulfilling.send_link(request=row, key="l", by=agent).order
    assert order

    page = f"/pay/order/{order.number}/"
    payer = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    assert re.search(r'name="method"', payer.get(page).content.decode())
    payer.post(page, {"method": int(Method.WECHAT)})
    wechat.pay(Payment.objects.get())
    wait(lambda: stage_of(order) == "credited", "the order is credited")

    assert queries.balance(wallet).available == 580_00
    paid = asking.again(row)
    assert paid.status == Status.CREDITED
    assert paid.place
    credit = agents.of(*paid.place)
    assert credit
    assert (credit.request, credit.agent) == (row.number, agent.label)
    assert [step.kind for step in row.steps.order_by("pk")] == ["taken_down", "cleared", "link_sent"]


def test_the_message_twice_credits_and_names_the_agent_once(wechat: Street, wallet: Wallet) -> None:
    order = linked(asking.asked(wallet, cast.actor("cashier")))
    wechat.provider.control("next", faults=["double_notice"])

    wechat.pay(wechat.begin(order))

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    assert (AgentCredit.objects.count(), queries.balance(wallet).principal) == (1, 500_00)


def test_frozen_while_it_is_paid_the_money_goes_back_and_another_link_may_be_sent(wechat: Street, wallet: Wallet) -> None:
    row, manager = asking.asked(wallet, cast.actor("cashier")), cast.actor("manager")
    order = linked(row)
    payment = wechat.begin(order)
    accounts.freeze(wallet=wallet, reason="stolen again", key="f", by=manager)
    wechat.pay(payment)
    wait(lambda: stage_of(order) == "owed", "the order owes it")
    assert (asking.again(row).status, AgentCredit.objects.count()) == (Status.REFUSED, 0)

    accounts.unfreeze(wallet=wallet, reason="all is well", key="u", by=manager)
    second = linked(row)
    wechat.pay(wechat.begin(second))

    wait(lambda: stage_of(second) == "credited", "the second order is credited")
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at="2020-01-01T00:00Z")
    tasks.send_refunds()
    assert (asking.again(row).status, queries.balance(wallet).principal) == (Status.CREDITED, 500_00)
    assert requests.named(requests.visible_to(manager), order.number).get() == row


def test_closed_while_it_is_paid_the_money_goes_back(wechat: Street, wallet: Wallet) -> None:
    agent = cast.actor("cashier")
    row = asking.asked(wallet, agent)
    order = linked(row)
    payment = wechat.begin(order)
    requests.close(request=row, reason="changed their mind", by=agent)

    wechat.pay(payment)

    wait(Refund.objects.exists, "the money goes back")
    assert (asking.again(row).status, queries.balance(wallet).principal) == (Status.CLOSED, 0)
    assert stage_of(order) == "cancelled"
