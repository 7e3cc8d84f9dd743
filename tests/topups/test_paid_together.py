"""Providers tell of many payments at one moment: they share a transaction, and each gets what it would have got alone."""

import itertools
import threading
from collections.abc import Sequence
from datetime import timedelta

import make
import pytest
from django.db import connections
from django.utils import timezone
from payments.bank import statements

import cast
import shop
from chuzhi.core.gathering import Pending
from chuzhi.ledger import verifications
from chuzhi.limits import shop as limits
from chuzhi.limits.rules import Scope
from chuzhi.payments import believing, intents
from chuzhi.payments.gateways.contract import Notice as Said
from chuzhi.payments.gateways.contract import Scene, State, Told
from chuzhi.payments.models import Account, Incident, Notice, Payment, Refund
from chuzhi.payments.notices import Heard, Lane
from chuzhi.topups import orders
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, OfferUse, Order
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Programme, Wallet
from topups import offering
from topups.offering import bonus

_numbers = itertools.count(1)


@pytest.fixture
def way(db: None) -> Account:
    return statements.account()


@pytest.fixture
def programme(db: None) -> Programme:
    return shop.new_programme(bands=[(500_00, 80_00)])


def placed(wallet: Wallet, amount: int = 500_00) -> Order:
    return orders.place(wallet=wallet, amount=amount, channel=Channel.WEB, key=make.key(), by=cast.OWNER)


def payment(order: Order, way: Account, purpose: str = orders.PURPOSE) -> Payment:
    return intents.intend(
        account=way, purpose=purpose, subject_id=order.pk, scene=Scene.PAGE, amount=order.amount, shown="充值",
        expires_at=timezone.now() + timedelta(hours=1), by=cast.OWNER,
    )  # fmt: skip


def paid(payment: Payment) -> Told:
    return Told(
        number=payment.number, state=State.PAID, amount=payment.amount, currency="CNY", provider_id=f"B{payment.pk}",
        paid_at=timezone.now(),
    )  # fmt: skip


def believe(payments: Sequence[Payment]) -> list[str]:
    return [str(verdict) for verdict in believing.payments([(each.account, paid(each)) for each in payments])]


def stages(orders_: Sequence[Order]) -> list[str]:
    known = dict(Order.objects.values_list("pk", "stage"))
    return [known[order.pk] for order in orders_]


@pytest.mark.django_db
class TestInOneTransaction:
    def test_each_order_is_credited_with_its_own(self, programme: Programme, way: Account) -> None:
        wallets = [shop.new_wallet(programme) for _each in range(5)]
        placed_ = [placed(wallet, 500_00 + number) for number, wallet in enumerate(wallets)]

        assert believe([payment(order, way) for order in placed_]) == ["believed"] * 5

        assert stages(placed_) == ["credited"] * 5
        assert [queries.balance(wallet).principal for wallet in wallets] == [500_00 + number for number in range(5)]
        assert [order.given for order in Order.objects.order_by("pk")] == [80_00] * 5

    def test_what_is_told_twice_counts_once(self, programme: Programme, way: Account) -> None:
        wallet = shop.new_wallet(programme)
        one = payment(placed(wallet), way)

        assert believe([one, one]) == ["believed", "nothing_new"]

        assert queries.balance(wallet).principal == 500_00

    def test_the_second_money_for_one_order_goes_back(self, programme: Programme, way: Account) -> None:
        wallet = shop.new_wallet(programme)
        order = placed(wallet)
        first, second = payment(order, way), payment(order, way)

        believe([second, first])

        assert queries.balance(wallet).principal == 500_00
        assert [(refund.payment, refund.why) for refund in Refund.objects.all()] == [(first, "order.paid_twice")]

    def test_money_that_was_given_up_is_late_and_counts(self, programme: Programme, way: Account) -> None:
        wallet, other = shop.new_wallet(programme), shop.new_wallet(programme)
        late, good = payment(placed(wallet), way), payment(placed(other), way)

        told = [Told(number=late.number, state=State.CLOSED), paid(good), paid(late)]
        believing.payments([(way, each) for each in told])

        assert [queries.balance(each).principal for each in (wallet, other)] == [500_00, 500_00]
        assert Payment.objects.get(pk=late.pk).is_late

    def test_what_cannot_be_credited_is_owed_and_stops_nobody(self, programme: Programme, way: Account) -> None:
        frozen, open_ = shop.new_wallet(programme), shop.new_wallet(programme)
        both = [placed(frozen), placed(open_)]
        payments = [payment(order, way) for order in both]
        accounts.freeze(wallet=frozen, reason="lost", key=make.key(), by=cast.OWNER)

        believe(payments)

        assert stages(both) == ["owed", "credited"]
        assert [(refund.payment, refund.why) for refund in Refund.objects.all()] == [(payments[0], "wallet.frozen")]

    def test_another_amount_is_an_incident_and_stops_nobody(self, programme: Programme, way: Account) -> None:
        wallet, other = shop.new_wallet(programme), shop.new_wallet(programme)
        wrong, good = payment(placed(wallet), way), payment(placed(other), way)
        less = Told(number=wrong.number, state=State.PAID, amount=1, currency="CNY")
        stranger = Told(number="P-unknown", state=State.PAID, amount=1, currency="CNY")

        verdicts = believing.payments([(way, less), (way, stranger), (way, paid(good))])

        assert [str(verdict) for verdict in verdicts] == ["mismatch", "stranger", "believed"]
        assert [queries.balance(each).principal for each in (wallet, other)] == [0, 500_00]
        assert sorted(Incident.objects.values_list("kind", flat=True)) == ["mismatch", "stranger"]

    def test_a_first_recharge_is_first_once(self, programme: Programme, way: Account) -> None:
        offering.offer(programme, (500_00, bonus(200_00)), is_first_only=True)
        customer = shop.new_customer()
        wallets = [shop.new_wallet(programme, customer) for _each in range(3)]
        late = [placed(wallet) for wallet in wallets]
        Order.objects.update(expires_at=timezone.now())
        orders.expire()

        believe([payment(order, way) for order in late])

        assert sorted(queries.balance(wallet).bonus for wallet in wallets) == [80_00, 80_00, 200_00]

    def test_a_budget_holds_to_the_last_gift(self, programme: Programme, way: Account) -> None:
        offer = offering.offer(programme, (500_00, bonus(200_00)), budget=500_00)
        wallets = [shop.new_wallet(programme) for _each in range(4)]
        payments = [payment(placed(wallet), way) for wallet in wallets]

        believe(payments)

        assert sorted(queries.balance(wallet).bonus for wallet in wallets) == [80_00, 80_00, 200_00, 200_00]
        assert (Offer.objects.get(pk=offer.pk).given, OfferUse.objects.count()) == (400_00, 2)

    def test_a_day_s_total_holds_over_all_wallets_of_a_customer(self, programme: Programme, way: Account) -> None:
        customer = shop.new_customer()
        wallets = [shop.new_wallet(programme, customer) for _each in range(3)]
        three = [placed(wallet, 400_00) for wallet in wallets]
        payments = [payment(order, way) for order in three]
        limits.set_limit(kind="a_day", asset="CNY", amount=1000_00, scope=Scope(), by=cast.OWNER)

        believe([*payments, payment(placed(shop.new_wallet(programme)), way)])

        assert sorted(stages(three)) == ["credited", "credited", "owed"]
        assert sum(queries.balance(wallet).principal for wallet in wallets) == 800_00

    def test_different_purposes_do_not_share_one(self, programme: Programme, way: Account) -> None:
        one, other = payment(placed(shop.new_wallet(programme)), way), statements.payment(way, 5_00)

        with pytest.raises(believing.ApartError):
            believing.payments([(way, paid(one)), (way, paid(other))])


def heard(payment: Payment, event: str = "") -> Heard:
    return Heard(payment.account, Said(event=event or f"E{next(_numbers)}", kind="paid", content=paid(payment)), b"{}")


@pytest.mark.real
@pytest.mark.usefixtures("committed")
class TestInOneLane:
    def test_what_breaks_is_heard_of_by_its_own_caller_only(self) -> None:
        way, programme = statements.account(), shop.new_programme()
        wallets = [shop.new_wallet(programme) for _each in range(2)]
        good = [Pending[Heard, bool](heard(payment(placed(wallet), way))) for wallet in wallets]
        nobodys = Pending[Heard, bool](heard(payment(placed(wallets[0]), way, purpose="nobody")))

        Lane("notices").answer([good[0], nobodys, good[1]])

        assert [each.result(0) for each in good] == [True, True]
        with pytest.raises(LookupError):
            nobodys.result(0)
        assert [queries.balance(wallet).principal for wallet in wallets] == [500_00, 500_00]
        assert Notice.objects.count() == 2

    def test_different_purposes_are_each_believed(self) -> None:
        way, programme = statements.account(), shop.new_programme()
        wallet, other = shop.new_wallet(programme), statements.payment(way, 5_00)
        waiting = [Pending[Heard, bool](heard(each)) for each in (payment(placed(wallet), way), other)]

        Lane("notices").answer(waiting)

        assert queries.balance(wallet).principal == 500_00
        assert Payment.objects.get(pk=other.pk).stage == "paid"

    def test_one_event_in_many_hands_at_once_is_kept_and_credited_once(self) -> None:
        way, programme = statements.account(), shop.new_programme()
        wallets = [shop.new_wallet(programme) for _each in range(4)]
        events = [heard(payment(placed(wallet), way)) for wallet in wallets]
        together = threading.Barrier(3)

        def hear() -> None:
            together.wait()
            waiting = [Pending[Heard, bool](each) for each in events]
            Lane("notices").answer(waiting)
            assert all(each.result(0) for each in waiting)
            connections.close_all()

        lanes = [threading.Thread(target=hear) for _lane in range(3)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

        assert [queries.balance(wallet).principal for wallet in wallets] == [500_00] * 4
        assert Notice.objects.count() == 4
        assert verifications.make().wrong == 0
