"""What a top-up is given, and that nobody is given it twice, too late, or out of an empty budget."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import make
import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import errors, verifications
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.topups import offers, selling
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import GiftPart, Offer, OfferUse
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import accounts, counters, funding, queries
from chuzhi.wallets.errors import OfferGone, ProgrammeClosed
from chuzhi.wallets.funding import Arrived
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance, Moved
from topups import offering
from topups.offering import bonus, sell

CROWD, THREADS = 200, 24


@pytest.fixture
def spring(programme: Programme) -> Offer:
    """500 gets 100, 1000 gets 300: more than the programme's own terms, which give 80 and 200."""
    return offering.offer(programme, (500_00, bonus(100_00)), (1000_00, bonus(300_00)))


def test_the_best_offer_is_given_and_remembered_with_the_top_up(
    wallet: Wallet, store: Store, spring: Offer, cashier: Actor
) -> None:
    moved = sell(wallet, 500_00, store, cashier)

    assert (moved.principal, moved.bonus, moved.balance) == (500_00, 100_00, Balance(500_00, 100_00))
    use = OfferUse.objects.get()
    assert ((use.book, use.seq), use.offer, use.customer_id) == ((moved.book, moved.seq), spring, wallet.customer_id)
    assert (use.paid, use.bonus, use.worth, use.channel) == (500_00, 100_00, 100_00, "counter")
    spring.refresh_from_db()
    assert (spring.given, spring.uses, spring.left) == (100_00, 1, None)


def test_the_terms_are_the_simplest_offer_and_win_where_they_give_more(wallet: Wallet, store: Store) -> None:
    offering.offer(wallet.programme, (500_00, bonus(79_99)))

    assert sell(wallet, 500_00, store).bonus == 80_00
    assert not OfferUse.objects.exists()


def test_without_an_offer_nothing_has_changed(wallet: Wallet, store: Store) -> None:
    assert [sell(wallet, amount, store).bonus for amount in (499_99, 500_00, 1000_00)] == [0, 80_00, 200_00]


def test_the_same_key_sells_and_counts_once(wallet: Wallet, store: Store, spring: Offer) -> None:
    first = sell(wallet, 500_00, store, key="sale")

    again = sell(wallet, 500_00, store, key="sale")

    assert (again.id, again.replayed) == (first.id, True)
    spring.refresh_from_db()
    assert (queries.balance(wallet), spring.uses, OfferUse.objects.count()) == (Balance(500_00, 100_00), 1, 1)


def test_a_refusal_gives_nothing_and_is_the_answer_ever_after(wallet: Wallet, store: Store, spring: Offer) -> None:
    accounts.freeze(wallet=wallet, reason="lost", key=make.key(), by=cast.OWNER)
    with pytest.raises(errors.Frozen):
        sell(wallet, 500_00, store, key="sale")
    accounts.unfreeze(wallet=wallet, reason="found", key=make.key(), by=cast.OWNER)

    with pytest.raises(errors.Frozen):
        sell(wallet, 500_00, store, key="sale")

    spring.refresh_from_db()
    assert (queries.balance(wallet), spring.given, OfferUse.objects.count()) == (Balance(), 0, 0)


def test_what_the_customer_was_shown_is_what_is_given_or_nothing_happens(wallet: Wallet, store: Store, spring: Offer) -> None:
    shown = offers.preview(wallet=wallet, amount=500_00, store=store.pk, channel=Channel.COUNTER).mark
    sell(wallet, 500_00, store, offer=shown)
    offers.stop(offer=spring, by=cast.OWNER)

    with pytest.raises(OfferGone) as no:
        sell(wallet, 500_00, store, offer=shown)

    assert no.value.facts == {"bonus": 80_00}
    assert queries.balance(wallet).principal == 500_00


def test_a_gift_has_no_lots_without_its_row(wallet: Wallet, store: Store, spring: Offer) -> None:
    """The proof goes with the gift: beyond the budget, the table refuses the row, and so the lots."""
    Offer.objects.filter(pk=spring.pk).update(budget=100_00)
    with transaction.atomic():
        decided = selling.decided(offering.payment(wallet, 500_00, store), Channel.COUNTER, [spring.pk])
        assert decided.gift
        Offer.objects.filter(pk=spring.pk).update(given=50_00)

        with pytest.raises(IntegrityError), transaction.atomic():
            funding.top_up_for(payment=replace(decided, key=make.key()), by=cast.OWNER)

    assert queries.balance(wallet) == Balance()


def test_a_provider_s_payment_is_given_what_was_on_offer_when_it_was_promised(
    programme: Programme, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[object]]]
) -> None:
    points = offering.points()
    over = timezone.now() - timedelta(hours=1)
    offering.offer(programme, (500_00, (bonus(100_00), offering.lot(points, 30))), ends_at=over, channels=["link"])
    wallet = shop.new_wallet(programme)
    paid = funding.Payment(
        wallet=wallet, amount=500_00, method=Method.WECHAT, store=None, key="order:1", promised_at=over - timedelta(minutes=5)
    )

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        [moved] = selling.credit(arrived=[Arrived(paid, Channel.LINK)], promised={}, by=cast.OWNER)

    assert isinstance(moved, Moved)
    assert moved.balance == Balance(500_00, 100_00)
    assert queries.balance(Wallet.objects.get(programme=points)) == Balance(bonus=30)


class TestConditions:
    def test_the_first_recharge_is_the_first_one(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (100_00, bonus(50_00)), is_first_only=True)
        newcomer, regular = shop.new_wallet(programme), shop.new_wallet(programme)
        shop.top_up(regular, 1_00, store)

        assert [sell(newcomer, 100_00, store).bonus for _twice in range(2)] == [50_00, 0]
        assert sell(regular, 100_00, store).bonus == 0

    def test_another_wallet_does_not_make_a_customer_new(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (100_00, bonus(50_00)), is_first_only=True)
        first = shop.new_wallet(programme)
        second = shop.new_wallet(programme, first.customer)
        sell(first, 100_00, store)

        assert sell(second, 100_00, store).bonus == 0

    def test_uses_are_counted_by_customer(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (100_00, bonus(5_00)), most_uses=2)
        wallet, other = shop.new_wallet(programme), shop.new_wallet(programme)

        assert [sell(wallet, 100_00, store).bonus for _each in range(3)] == [5_00, 5_00, 0]
        assert sell(other, 100_00, store).bonus == 5_00

    def test_store_and_channel(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (100_00, bonus(5_00)), stores=[store.pk], channels=["counter", "web"])
        wallet = shop.new_wallet(programme)

        assert sell(wallet, 100_00, store).bonus == 5_00
        assert sell(wallet, 100_00, cast.store("浦东店")).bonus == 0
        assert sell(wallet, 100_00, store, channel=Channel.PHONE).bonus == 0

    def test_a_level_that_was_given_opens_offers_for_its_tier(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (1000_00, offering.level("gold")), priority=1)
        offering.offer(programme, (100_00, bonus(30_00)), tiers=["gold"])
        wallet = shop.new_wallet(programme)

        before = sell(wallet, 100_00, store).bonus
        sell(wallet, 1000_00, store)

        assert offers.preview(wallet=wallet, amount=100_00, store=store.pk, channel=Channel.COUNTER).bonus == 30_00
        assert (before, sell(wallet, 100_00, store).bonus) == (0, 30_00)

    def test_a_bearers_card_is_given_bonus_only(self, programme: Programme, store: Store) -> None:
        offering.offer(programme, (100_00, bonus(5_00)), (200_00, (bonus(10_00), offering.coupon("TEA"))), most_uses=1)
        bearer = accounts.open_wallet(programme=programme, key=make.key(), by=cast.OWNER)

        assert [sell(bearer, amount, store).bonus for amount in (200_00, 100_00, 100_00)] == [0, 5_00, 0]

    def test_an_offer_of_a_closed_programme_sells_nothing(self, wallet: Wallet, store: Store, spring: Offer) -> None:
        Programme.objects.filter(pk=wallet.programme_id).update(is_open=False)

        with pytest.raises(ProgrammeClosed):
            sell(wallet, 500_00, store)
        assert not OfferUse.objects.exists()

    def test_the_validity_of_the_gift_is_the_offers(self, programme: Programme, wallet: Wallet, store: Store) -> None:
        offering.offer(programme, (500_00, bonus(90_00, valid_days=7)))

        sell(wallet, 500_00, store)

        until = queries.lots(wallet)[1].expires_at
        assert until
        assert timedelta(days=7) < until - timezone.now() <= timedelta(days=8)


class TestBudget:
    def test_it_stops_the_offer_when_no_gift_fits_any_more(self, wallet: Wallet, store: Store) -> None:
        offer = offering.offer(wallet.programme, (500_00, bonus(100_00)), (1000_00, bonus(300_00)), budget=450_00)

        given = [sell(wallet, amount, store).bonus for amount in (1000_00, 1000_00, 500_00, 500_00)]

        offer.refresh_from_db()
        assert given == [300_00, 200_00, 100_00, 80_00]  # then what the terms give
        assert (offer.given, offer.left, offer.stopped_because) == (400_00, 50_00, "budget")
        told = offers.preview(wallet=wallet, amount=500_00, store=store.pk, channel=Channel.COUNTER).others
        assert [(other.id, str(why)) for other, why in told] == [(offer.pk, "budget")]

    def test_parts_to_come_are_reserved_at_once(self, wallet: Wallet, store: Store) -> None:
        monthly = bonus(120_00, parts=12, every=Every.MONTH)
        offer = offering.offer(wallet.programme, (500_00, monthly), budget=120_00)

        moved = sell(wallet, 500_00, store)

        offer.refresh_from_db()
        assert (moved.bonus, offer.given, offer.stopped_because) == (10_00, 120_00, "budget")
        assert sum(GiftPart.objects.values_list("amount", flat=True)) == 120_00


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Refused as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, acts))


@pytest.mark.real
@pytest.mark.usefixtures("committed")
class TestCrowds:
    @pytest.fixture(autouse=True)
    def fresh(self) -> None:
        """Which stores are open is remembered for seconds, and each test has its own."""
        counters.open_stores.forget()

    def test_a_budget_is_given_away_to_the_last_gift_and_no_further(self) -> None:
        store, programme = cast.store(), shop.new_programme()
        offer = offering.offer(programme, (10_00, bonus(3_00)), budget=100_00)
        wallets = [shop.new_wallet(programme) for _each in range(20)]

        moved = at_once([lambda wallet=wallet: sell(wallet, 10_00, store).bonus for wallet in wallets * (CROWD // 20)])  # type: ignore[misc]  # a lambda for each

        offer.refresh_from_db()
        assert (moved.count(3_00), moved.count(0), len(moved)) == (33, CROWD - 33, CROWD)
        assert (offer.given, offer.uses, offer.stopped_because) == (99_00, 33, "budget")
        assert OfferUse.objects.count() == 33
        assert verifications.make().wrong == 0

    def test_a_first_recharge_is_given_once_under_two_offers(self) -> None:
        store, programme = cast.store(), shop.new_programme()
        for pay in (10_00, 20_00):
            offering.offer(programme, (pay, bonus(pay // 2)), is_first_only=True)
        wallet = shop.new_wallet(programme)

        moved = at_once([lambda pay=pay: sell(wallet, pay, store).bonus for pay in (10_00, 20_00) * (CROWD // 2)])  # type: ignore[misc]  # as above

        assert (len(moved), moved.count(0), moved.count(5_00) + moved.count(10_00)) == (CROWD, CROWD - 1, 1)
        assert OfferUse.objects.count() == 1

    def test_uses_of_one_customer_are_never_more_than_allowed(self) -> None:
        store, programme = cast.store(), shop.new_programme()
        offering.offer(programme, (10_00, bonus(1_00)), most_uses=3)
        wallet = shop.new_wallet(programme)
        wallets = [wallet, shop.new_wallet(programme, wallet.customer)]

        moved = at_once([lambda at=at: sell(wallets[at % 2], 10_00, store).bonus for at in range(CROWD)])  # type: ignore[misc]  # as above

        assert (len(moved), moved.count(1_00)) == (CROWD, 3)

    def test_one_key_sent_at_once_many_times_sells_and_counts_once(self) -> None:
        store, programme = cast.store(), shop.new_programme()
        offer = offering.offer(programme, (10_00, bonus(1_00)), budget=100_00)
        wallet = shop.new_wallet(programme)

        moved = at_once([lambda: sell(wallet, 10_00, store, key="one").id] * CROWD)

        offer.refresh_from_db()
        assert (len(set(moved)), offer.uses, queries.balance(wallet)) == (1, 1, Balance(10_00, 1_00))
