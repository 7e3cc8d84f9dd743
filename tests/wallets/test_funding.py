from datetime import timedelta

import make
import pytest
from django.utils import timezone

import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger import errors
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket, Method
from chuzhi.organization.models import Store
from chuzhi.wallets import disputes, funding, programmes, queries, rules
from chuzhi.wallets.errors import MethodUnusable, OfferGone, ProgrammeClosed
from chuzhi.wallets.models import OfferBand, Programme, Wallet
from chuzhi.wallets.moves import Balance, Moved


def refund_top_up(wallet: Wallet, top_up: Moved, by: Actor, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key(), "method": Method.CASH, "reason": "changed their mind"} | more
    return funding.refund_top_up(wallet=wallet, top_up=top_up.seq, by=by, **values)  # type: ignore[arg-type]  # any


def test_500_gets_80(wallet: Wallet, store: Store, cashier: Actor) -> None:
    moved = shop.top_up(wallet, 500_00, store, cashier)

    assert (moved.amount, moved.principal, moved.bonus, moved.taken) == (500_00, 500_00, 80_00, (0, 0))
    assert moved.balance == Balance(500_00, 80_00)


def test_the_same_key_with_another_method_is_another_request(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store, key="k", method=Method.CASH)

    with pytest.raises(errors.KeyReused):
        shop.top_up(wallet, 500_00, store, key="k", method=Method.BANK)


def test_lots_remember_terms_payment_and_expiry(wallet: Wallet, programme: Programme, store: Store) -> None:
    moved = shop.top_up(wallet, 500_00, store, reference="drawer 1")

    paid, given = queries.lots(wallet)
    assert (paid.bucket, paid.expires_at, paid.funding) == (Bucket.PRINCIPAL, None, "cash:drawer 1")
    assert given.expires_at == rules.valid_until(moved.at, 365, shop_zone())
    assert paid.terms == given.terms == programme.terms.get().pk


def test_the_same_key_sells_once(wallet: Wallet, store: Store) -> None:
    first = shop.top_up(wallet, 500_00, store, key="sale")

    again = shop.top_up(wallet, 500_00, store, key="sale")

    assert (again.id, again.replayed, again.balance) == (first.id, True, first.balance)
    assert queries.balance(wallet) == Balance(500_00, 80_00)


def test_limits_of_top_ups(store: Store) -> None:
    terms = {"most_per_top_up": 500_00, "most_topped_up_a_day": 900_00, "most_held": 800_00}
    wallet = shop.new_wallet(shop.new_programme(**terms))

    with pytest.raises(errors.OverTransactionLimit):
        shop.top_up(wallet, 500_01, store)
    shop.top_up(wallet, 500_00, store)
    with pytest.raises(errors.OverDayLimit):
        shop.top_up(wallet, 400_01, store)
    with pytest.raises(errors.OverBalanceLimit):
        shop.top_up(wallet, 300_01, store)

    assert queries.balance(wallet) == Balance(500_00)


def test_the_bonus_the_customer_was_shown_is_the_bonus_or_nothing_happens(
    wallet: Wallet, programme: Programme, store: Store, administrator: Actor
) -> None:
    band = OfferBand.objects.get(terms__programme=programme, pay=500_00)
    shop.top_up(wallet, 500_00, store, offer=str(band.pk))
    programmes.revise(programme=programme, bands=[(500_00, 50_00)], by=administrator)

    with pytest.raises(OfferGone) as no:
        shop.top_up(wallet, 500_00, store, offer=str(band.pk))

    assert no.value.facts == {"bonus": 50_00}
    assert queries.balance(wallet) == Balance(500_00, 80_00)


def test_a_closed_programme_sells_no_more(wallet: Wallet, programme: Programme, store: Store, administrator: Actor) -> None:
    shop.top_up(wallet, 500_00, store)
    programmes.close(programme=programme, by=administrator)

    with pytest.raises(ProgrammeClosed):
        shop.top_up(wallet, 500_00, store)

    assert shop.charge(wallet, 1_00, store).amount == 1_00


def test_only_what_a_cashier_sees_paid_is_sold_at_the_counter(wallet: Wallet, store: Store) -> None:
    with pytest.raises(MethodUnusable):
        shop.top_up(wallet, 500_00, store, method=Method.STRIPE)

    assert not queries.entries(wallet)


def test_a_top_up_goes_back_with_its_bonus(wallet: Wallet, store: Store, cashier: Actor) -> None:
    sold = shop.top_up(wallet, 500_00, store)

    moved = refund_top_up(wallet, sold, cashier)

    assert (moved.amount, moved.taken, moved.balance) == (500_00, (500_00, 80_00), Balance())


def test_spent_bonus_is_kept_back(store: Store, cashier: Actor) -> None:
    wallet = shop.new_wallet(shop.new_programme(order="bonus_first", bands=[(500_00, 80_00)]))
    sold = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 80_00, store)

    moved = refund_top_up(wallet, sold, cashier)

    assert (moved.amount, moved.balance.available) == (420_00, 0)
    with pytest.raises(errors.NothingToRefund):
        refund_top_up(wallet, sold, cashier)


def test_a_top_up_goes_back_once_for_one_key(wallet: Wallet, store: Store, cashier: Actor) -> None:
    sold = shop.top_up(wallet, 500_00, store)

    for _twice in range(2):
        refund_top_up(wallet, sold, cashier, amount=100_00, key="back")

    assert queries.balance(wallet).principal == 400_00


def test_a_disputed_top_up_freezes_and_what_is_spent_is_owed(wallet: Wallet, store: Store, finance: Actor) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 300_00, store)

    disputed = disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=finance)

    assert disputed.balance == Balance(principal=200_00, bonus=80_00, held=280_00, debt=300_00)
    assert queries.balance(wallet).available == 0


def test_a_later_top_up_repays_the_debt_of_a_lost_dispute(wallet: Wallet, store: Store, finance: Actor) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 300_00, store)
    opened = disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=finance)
    disputes.end(wallet=wallet, dispute=opened.seq, won=False, key=make.key(), by=finance)

    shop.top_up(wallet, 400_00, store)

    assert queries.balance(wallet) == Balance(principal=100_00)


def test_a_won_dispute_gives_everything_back(wallet: Wallet, store: Store, finance: Actor) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 300_00, store)
    opened = disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=finance)

    ended = disputes.end(wallet=wallet, dispute=opened.seq, won=True, key=make.key(), by=finance)

    assert ended.balance == Balance(200_00, 80_00)


def test_what_a_wallet_held_on_a_day_and_what_we_knew_of_it(wallet: Wallet, store: Store) -> None:
    now = timezone.now()
    shop.top_up(wallet, 1000_00, store, effective_at=now - timedelta(days=20))
    late = shop.charge(wallet, 300_00, store, effective_at=now - timedelta(days=10))

    assert queries.at(wallet, now - timedelta(days=30)) == Balance()
    assert queries.at(wallet, now - timedelta(days=15)) == Balance(1000_00, 200_00)
    assert queries.at(wallet, now - timedelta(days=5)) == Balance(700_00, 200_00)
    assert queries.at(wallet, now - timedelta(days=5), known_at=late.at - timedelta(microseconds=1)) == Balance(1000_00, 200_00)
    assert queries.at(wallet, timezone.now()) == queries.balance(wallet)


def test_time_travel_sees_expiry_where_nobody_has_touched_the_wallet(store: Store) -> None:
    wallet = shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)], bonus_valid_days=10))
    now = timezone.now()
    shop.top_up(wallet, 500_00, store, effective_at=now - timedelta(days=20))

    assert queries.at(wallet, now - timedelta(days=12)) == Balance(500_00, 80_00)
    assert queries.at(wallet, now - timedelta(days=5)) == Balance(500_00)
    assert queries.balance(wallet) == Balance(500_00)
    assert journal.standing(wallet.book, wallet.pk).name == "OPEN"
