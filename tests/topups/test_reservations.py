"""What an order shows is kept for it: budgets are never passed, and whoever pays in time is given what was promised."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import make
import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger import verifications
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, intents
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import offers, orders
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, Order, Reservation
from chuzhi.topups.offer_errors import OfferUsedMeanwhile
from chuzhi.topups.offer_rules import MOST_WAITING
from chuzhi.wallets import accounts as wallet_accounts
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from topups import offering
from topups.buying import HERE
from topups.offering import bonus, sell
from topups.test_selling import at_once


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


def open_way(provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return open_way(provider)


@pytest.fixture
def last(programme: Programme) -> Offer:
    """500 gets 100, and the budget allows it once."""
    return offering.offer(programme, (500_00, bonus(100_00)), budget=100_00)


def placed(wallet: Wallet, amount: int = 500_00) -> Order:
    return orders.place(wallet=wallet, amount=amount, channel=Channel.LINK, key=make.key(), by=cast.OWNER)


def begun(order: Order) -> Payment:
    return orders.pay(order=order, scene=intents.Scene.SHOWN, circumstances=HERE, by=cast.OWNER)


def arrived(order: Order, payment: Payment, provider: StandIn) -> Order:
    provider.control("pay", number=payment.number)
    intents.ask(Payment.objects.get(pk=payment.pk))
    return Order.objects.get(pk=order.pk)


def time_passes(order: Order) -> None:
    then = timezone.now() - timedelta(days=1)
    Order.objects.filter(pk=order.pk).update(created_at=then, expires_at=then + timedelta(hours=2))
    orders.expire()


def standing(offer: Offer) -> tuple[int, int, int | None]:
    """Given, reserved, free."""
    offer.refresh_from_db()
    return offer.given, offer.reserved, offer.left


def test_an_order_holds_its_part_of_the_budget(wallet: Wallet, store: Store, last: Offer) -> None:
    first = placed(wallet)

    second = placed(shop.new_wallet(wallet.programme))

    assert (first.bonus, second.bonus) == (100_00, 80_00)  # then what the terms give
    assert standing(last) == (0, 100_00, 0)
    assert sell(shop.new_wallet(wallet.programme), 500_00, store).bonus == 80_00


def test_one_key_holds_it_once(wallet: Wallet, last: Offer) -> None:
    for _twice in range(2):
        orders.place(wallet=wallet, amount=500_00, channel=Channel.LINK, key="one", by=cast.OWNER)

    assert standing(last) == (0, 100_00, 0)


def test_whoever_pays_in_time_is_given_what_was_promised(wallet: Wallet, way: Account, provider: StandIn, last: Offer) -> None:
    order = placed(wallet)
    offers.stop(offer=last, by=cast.OWNER)

    order = arrived(order, begun(order), provider)

    assert (order.given, queries.balance(wallet).bonus) == (100_00, 100_00)
    assert standing(last) == (100_00, 0, 0)
    assert not Reservation.objects.filter(ended_at=None).exists()


def test_new_terms_do_not_change_what_was_promised(wallet: Wallet, way: Account, provider: StandIn, last: Offer) -> None:
    order = placed(wallet)
    offers.change(
        offer=last, name_zh="春季", budget=100_00, conditions=offering.since(), bands=[(500_00, [bonus(1_00)])], by=cast.OWNER
    )

    order = arrived(order, begun(order), provider)

    assert order.given == 100_00


def test_a_budget_cannot_be_cut_below_what_is_promised(wallet: Wallet, last: Offer) -> None:
    placed(wallet)

    with pytest.raises(Refused) as no:
        offers.change(
            offer=last, name_zh="春季", budget=99_99, conditions=offering.since(), bands=[(500_00, [bonus(1_00)])],
            by=cast.OWNER,
        )  # fmt: skip

    assert no.value.facts == {"field": "budget"}


@pytest.mark.parametrize("end", ["cancelled", "over"])
def test_an_order_that_ends_lets_go_of_it(wallet: Wallet, last: Offer, end: str) -> None:
    order = placed(wallet)

    for _twice in range(2):
        orders.cancel(order=order, by=cast.OWNER) if end == "cancelled" else time_passes(order)

    assert standing(last) == (0, 0, 100_00)
    assert placed(wallet).bonus == 100_00


def test_an_order_in_the_middle_of_being_paid_keeps_it_past_its_time(
    wallet: Wallet, way: Account, provider: StandIn, last: Offer
) -> None:
    order = placed(wallet)
    payment = begun(order)
    time_passes(order)
    kept = standing(last)

    order = arrived(order, payment, provider)

    assert (kept, order.given, standing(last)) == ((0, 100_00, 0), 100_00, (100_00, 0, 0))


def test_money_that_cannot_be_credited_lets_go_of_it(wallet: Wallet, way: Account, provider: StandIn, last: Offer) -> None:
    order = placed(wallet)
    payment = begun(order)
    wallet_accounts.freeze(wallet=wallet, reason="lost", key=make.key(), by=cast.OWNER)

    order = arrived(order, payment, provider)

    assert (order.stage, standing(last)) == ("owed", (0, 0, 100_00))


class TestForEachCustomer:
    def test_who_thinks_again_is_shown_the_offer_again(self, wallet: Wallet) -> None:
        offering.offer(wallet.programme, (100_00, bonus(50_00)), is_first_only=True)

        assert [placed(wallet, amount).bonus for amount in (100_00, 200_00)] == [50_00, 50_00]

    def test_the_order_that_is_paid_first_has_it(self, wallet: Wallet, way: Account, provider: StandIn) -> None:
        offering.offer(wallet.programme, (100_00, bonus(50_00)), is_first_only=True)
        first, second = placed(wallet, 100_00), placed(wallet, 100_00)
        payment = begun(first)

        with pytest.raises(OfferUsedMeanwhile):
            begun(second)

        assert placed(wallet, 100_00).bonus == 0
        assert arrived(first, payment, provider).given == 50_00
        assert not Payment.objects.filter(subject_id=second.pk).exists()

    def test_a_top_up_at_the_counter_comes_first_too(self, wallet: Wallet, store: Store, way: Account) -> None:
        offering.offer(wallet.programme, (100_00, bonus(50_00)), most_uses=1)
        order = placed(wallet, 100_00)

        assert sell(wallet, 100_00, store).bonus == 50_00
        with pytest.raises(OfferUsedMeanwhile):
            begun(order)

    def test_nobody_keeps_a_budget_from_others_by_ordering(self, programme: Programme) -> None:
        offering.offer(programme, (100_00, bonus(5_00)), budget=500_00)
        wallet, other = shop.new_wallet(programme), shop.new_wallet(programme)

        promised = [placed(wallet, 100_00).bonus for _each in range(MOST_WAITING + 1)]

        assert promised == [5_00] * MOST_WAITING + [0]
        told = offers.preview(wallet=wallet, amount=100_00, store=None, channel=Channel.LINK).others
        assert "waiting" in {str(why) for _offer, why in told}
        assert placed(other, 100_00).bonus == 5_00


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["place", "begin", "pay", "sell", "cancel", "over", "stop", "resume", "change"]), st.integers(0, 7)
    ),
    min_size=3,
    max_size=14,
)


class Town:
    """Three customers, one offer, and all that people may do in any order; promises are checked as they are kept."""

    def __init__(self, provider: StandIn, store: Store, budget: int) -> None:
        self.provider, self.store = provider, store
        programme = shop.new_programme()
        self.offer = offering.offer(programme, (500_00, bonus(100_00)), (1000_00, bonus(300_00)), budget=budget)
        self.wallets = [shop.new_wallet(programme) for _each in range(3)]
        self.orders: list[Order] = []
        self.under_way: dict[int, Payment] = {}

    def do(self, act: str, number: int) -> None:
        order = self.orders[number % len(self.orders)] if self.orders else None
        if act == "place":
            self.orders.append(placed(self.wallets[number % 3], (500_00, 1000_00)[number % 2]))
        elif act == "sell":
            sell(self.wallets[number % 3], (500_00, 1000_00)[number % 2], self.store)
        elif act == "stop":
            offers.stop(offer=self.offer, by=cast.OWNER)
        elif act == "resume":
            offers.resume(offer=self.offer, by=cast.OWNER)
        elif act == "change":
            bands = [(500_00, [bonus((90 + number) * 100)]), (1000_00, [bonus(300_00)])]
            conditions = offering.since()
            offers.change(
                offer=self.offer, name_zh="春", budget=self.offer.budget, conditions=conditions, bands=bands, by=cast.OWNER
            )
        elif order is not None:
            self.with_order(act, order)

    def with_order(self, act: str, order: Order) -> None:
        if act == "begin":
            self.under_way[order.pk] = begun(order)
        elif act == "cancel":
            orders.cancel(order=order, by=cast.OWNER)
        elif act == "over":
            time_passes(order)
        elif payment := self.under_way.pop(order.pk, None):
            order = arrived(order, payment, self.provider)
            assert order.stage in {"credited", "cancelled"}
            assert order.stage == "cancelled" or order.given == order.bonus

    def check(self) -> None:
        self.offer.refresh_from_db()
        held = Reservation.objects.filter(offer=self.offer, ended_at=None).aggregate(worth=Sum("worth"))["worth"] or 0
        assert self.offer.reserved == held
        assert self.offer.budget is not None
        assert self.offer.given + held <= self.offer.budget


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, budget=st.sampled_from([100_00, 250_00, 400_00, 900_00]))
def test_whatever_people_do_promises_fit_the_budget_and_are_kept(
    way: Account, provider: StandIn, store: Store, acts: list[tuple[str, int]], budget: int
) -> None:
    town = Town(provider, store, budget)

    for act, number in acts:
        with contextlib.suppress(Refused):
            town.do(act, number)
        town.check()


@pytest.mark.real
@pytest.mark.usefixtures("committed")
class TestTwoAtOnce:
    def test_the_last_part_of_a_budget_is_promised_once(self) -> None:
        programme = shop.new_programme()
        offer = offering.offer(programme, (500_00, bonus(100_00)), budget=350_00)
        wallets = [shop.new_wallet(programme) for _each in range(40)]

        shown = at_once([lambda wallet=wallet: placed(wallet).bonus for wallet in wallets])  # type: ignore[misc]  # a lambda for each

        assert (shown.count(100_00), shown.count(0)) == (3, 37)
        assert standing(offer) == (0, 300_00, 50_00)

    def test_orders_and_the_counter_share_one_budget(self) -> None:
        store, programme = cast.store(), shop.new_programme()
        offer = offering.offer(programme, (500_00, bonus(100_00)), budget=500_00)
        wallets = [shop.new_wallet(programme) for _each in range(40)]

        acts = [
            (lambda wallet=wallet: placed(wallet).bonus)
            if number % 2
            else (lambda wallet=wallet: sell(wallet, 500_00, store).bonus)
            for number, wallet in enumerate(wallets)
        ]
        shown = at_once(acts)  # type: ignore[arg-type]  # as above

        given, reserved, free = standing(offer)
        assert (shown.count(100_00), given + reserved, free) == (5, 500_00, 0)
        assert verifications.make().wrong == 0

    def test_two_orders_for_one_first_top_up_begin_at_once(self, provider: StandIn) -> None:
        open_way(provider)
        programme = shop.new_programme()
        offering.offer(programme, (100_00, bonus(50_00)), is_first_only=True)
        wallet = shop.new_wallet(programme)
        mine = [placed(wallet, 100_00) for _each in range(6)]

        begun_now = at_once([lambda order=order: begun(order).stage for order in mine])  # type: ignore[misc]  # as above

        assert begun_now.count("offer.used_meanwhile") == 5
