"""One day with seventeen errors in all books at once: provider's bill, ledger, bank, payout, drawers and card terminals.

All are found, and settled.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import transaction
from django.utils import timezone
from payments.bank import statements
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.finance import bills, cases, comparing, days, drawers, following, payouts, queries, settlements
from chuzhi.finance.models import Case, Day
from chuzhi.finance.rules import Kind, Way
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Till
from chuzhi.payments.bank import cases as bank_cases
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter.slips import Slip
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.topups import orders, selling
from chuzhi.topups.models import Order
from chuzhi.wallets import funding
from chuzhi.wallets.models import Wallet
from finance import bringing
from topups.street import Street, stage_of, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

A_DAY_SECONDS = 24 * 3600


@pytest.fixture
def wechat(tmp_path: Path, settings: object) -> Iterator[Street]:
    with street("wechat", Method.WECHAT, tmp_path, settings) as made:
        Account.objects.update(fee_rate=60)
        yield made


@pytest.fixture
def acquirer(tmp_path: Path) -> Iterator[StandIn]:
    with standing_in("acquirer", tmp_path / "acquirer") as running:
        yield running


def spoil_the_terminal(acquirer: StandIn, wallet: Wallet) -> None:
    """Five errors among seven cards, and one that mends itself the day after; paid out to a bank whose statements nobody brings."""
    till = Till.objects.earliest("pk")
    for place in range(7):
        told = acquirer.control("take", amount=100_00 + place)
        slip = Slip(terminal=told["terminal"], number=told["trace"])
        shop.top_up(wallet, told["amount"], till.store, method=Method.TERMINAL, slip=slip)
    acquirer.control("bill", missing=1, extra=1, late=1, amount=1, fee=1, double=1)
    made = bringing.acquirer()
    Account.objects.filter(pk=made.pk).update(fee_rate=60, has_watched_payouts=False)


def bring_the_files(acquirer: StandIn) -> None:
    """Of the day, and of the next."""
    account = Account.objects.get(gateway="terminal")
    for after in range(2):
        on = str(timezone.localdate() + timedelta(days=after))
        content = httpx.get(f"{acquirer.address}/settlements/gb", params={"first": on, "last": on}).content
        settlements.take_in(account=account, content=content, file_name=f"{on}.csv", by=cast.OWNER)


def spoil_the_bill(wechat: Street, wallet: Wallet) -> None:
    """Five errors among seven payments."""
    placed = [wechat.order(wallet, 100_00 + n * 10_00) for n in range(7)]
    for order in placed:
        wechat.pay(wechat.begin(order))
    wait(lambda: all(stage_of(order) == "credited" for order in placed), "all are credited")
    wechat.provider.control("bill", missing=1, extra=1, amount=1, fee=1, double=1)


def spoil_the_bank(bank: Account, wallet: Wallet) -> None:
    """A stranger's money, one payment paid twice, one that no wallet got; and the provider's payout never comes."""
    order = orders.place(wallet=wallet, amount=50_00, channel=Order.Channel.LINK, key="twice", by=cast.OWNER)
    twice = orders.pay(order=order, scene=Scene.PAGE, circumstances=orders.Circumstances(), by=cast.OWNER, account=bank)
    uncredited = statements.payment(bank, 70_00)
    statements.take_in(
        bank,
        statements.row("50.00", statements.reference(twice), "王小明", "S1"),
        statements.row("50.00", statements.reference(twice), "王小明", "S2"),
        statements.row("70.00", statements.reference(uncredited), "李雷", "S3"),
        statements.row("12.00", "greetings", "somebody", "S4"),
        f"{timezone.localdate() + timedelta(days=8)},-1.00,rent,,S5",
    )


def spoil_two_drawers(wallet: Wallet) -> None:
    for till, pieces in [(cast.till(), {100_00: 4}), (cast.till(), {100_00: 6})]:
        shift = drawer.open_shift(till=till, opened_with=200_00, by=cast.OWNER)
        shop.top_up(wallet, 300_00, till.store, till=till.pk)
        drawer.begin_count(shift=shift, by=cast.OWNER)
        drawer.close(shift=shift, pieces=pieces, reason="counted twice", by=cast.OWNER)


def credit_for_nothing(wallet: Wallet) -> None:
    """An entry of the ledger that no payment stands behind."""
    unpaid = funding.Payment(
        wallet=wallet,
        amount=30_00,
        method=Method.WECHAT,
        store=None,
        key="unpaid",
        reference="nobody",
        promised_at=timezone.now(),
    )
    with transaction.atomic():
        selling.credit(arrived=[funding.Arrived(unpaid, Order.Channel.WEB)], promised={}, by=cast.OWNER)


def compare(wechat: Street, bank: Account) -> None:
    account = Account.objects.get(pk=wechat.account.pk)
    following.catch_up()
    drawers.match()
    for after in range(2):
        wechat.provider.control("clock", ahead_seconds=(after + 1) * A_DAY_SECONDS)
        bills.fetch(account, bills.today_of(account) + timedelta(days=after))
    for each in (account, bank):
        comparing.match(each)
        payouts.match(each)


def test_errors_in_all_books_are_found_explained_and_settled(wechat: Street, acquirer: StandIn) -> None:
    wallet = shop.new_wallet(shop.new_programme())
    spoil_two_drawers(wallet)
    spoil_the_bill(wechat, wallet)
    bank = statements.account()
    spoil_the_bank(bank, wallet)
    credit_for_nothing(wallet)
    spoil_the_terminal(acquirer, wallet)

    bring_the_files(acquirer)
    compare(wechat, bank)
    compare(wechat, bank)

    at_terminals = {"movement__method": Method.TERMINAL}
    assert sorted(Case.objects.filter(closed_at=None, **at_terminals).values_list("kind", flat=True)) == sorted([
        Kind.OURS_NOT_IN_BILL, Kind.IN_BILL_NOT_OURS, Kind.AMOUNT_DIFFERS, Kind.FEE_DIFFERS, Kind.TWICE_IN_BILL,
    ])  # fmt: skip
    found = Case.objects.filter(closed_at=None).exclude(**at_terminals).values_list("movement__way", "kind")
    assert sorted(found) == sorted([
        (Way.PAYMENT, Kind.OURS_NOT_IN_BILL), (Way.PAYMENT, Kind.IN_BILL_NOT_OURS), (Way.PAYMENT, Kind.AMOUNT_DIFFERS),
        (Way.PAYMENT, Kind.FEE_DIFFERS), (Way.PAYMENT, Kind.TWICE_IN_BILL), (Way.PAYMENT, Kind.CREDITED_NOT_PAID),
        (Way.PAYMENT, Kind.PAID_NOT_CREDITED), (Way.LINE, Kind.TWICE_IN_BILL), (Way.LINE, Kind.IN_BILL_NOT_OURS),
        (Way.PAYOUT, Kind.NOT_ARRIVED), (Way.SHIFT, Kind.DRAWER_DIFFERS), (Way.SHIFT, Kind.DRAWER_DIFFERS),
    ])  # fmt: skip
    assert all(case.fix_text for case in Case.objects.all())

    for case in Case.objects.filter(closed_at=None).exclude(movement__way=Way.LINE).select_related("movement__account"):
        cases.fix(case=case, act=cases.offered(case)[-1], remark="looked into", by=cast.OWNER)
    for line in BankLine.objects.filter(state=BankLine.State.CASE):
        bank_cases.close(line=line, ending=BankLine.Ending.GIVEN_BACK, remark="given back", by=cast.OWNER)
    compare(wechat, bank)

    assert not Case.objects.filter(closed_at=None).exists()
    accounts = queries.accounts(cast.OWNER, timezone.localdate() + timedelta(days=9))
    assert {(each.method, each.is_at_provider, each.clearing.closing) for each in accounts} == {
        (Method.WECHAT, False, 0), (Method.WECHAT, True, 0), (Method.BANK, False, 0), (Method.CASH, False, 0),
        (Method.TERMINAL, False, 0),
    }  # fmt: skip
    for day in Day.objects.all():
        assert days.sign_off(day=day, by=cast.OWNER).signed_by == cast.OWNER.label
