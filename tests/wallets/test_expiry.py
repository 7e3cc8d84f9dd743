from datetime import timedelta

import make
import pytest
from django.utils import timezone

import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger.chart import BONUS_COST, BREAKAGE, Kind
from chuzhi.ledger.models import SystemTotal
from chuzhi.organization.models import Store
from chuzhi.wallets import expiry, holds, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance


@pytest.fixture
def stale(store: Store) -> list[Wallet]:
    """Three wallets whose bonus and principal have expired, untouched since."""
    programme = shop.new_programme(bands=[(500_00, 80_00)], bonus_valid_days=10, principal_valid_days=20)
    wallets = [shop.new_wallet(programme) for _each in range(3)]
    for wallet in wallets:
        shop.top_up(wallet, 500_00, store, effective_at=timezone.now() - timedelta(days=30))
    return wallets


def test_the_sweeper_takes_what_has_expired_once(stale: list[Wallet]) -> None:
    swept, again = expiry.sweep(), expiry.sweep()

    assert (swept.wallets, swept.records) == (3, 3)
    assert (again.wallets, again.records) == (0, 0)
    assert [queries.entries(wallet)[0].outcome.kind for wallet in stale] == [Kind.EXPIRY] * 3
    totals = dict(
        SystemTotal.objects.filter(account__in=[BREAKAGE, BONUS_COST], book=stale[0].book).values_list("account", "total")
    )
    assert totals[BREAKAGE] >= 500_00
    assert totals[BONUS_COST] == 0


def test_expired_value_is_not_there_swept_or_not(stale: list[Wallet]) -> None:
    before = queries.balance(stale[0])
    expiry.sweep()

    assert before == queries.balance(stale[0]) == Balance()


def test_what_is_held_outlives_its_expiry_until_the_hold_ends(store: Store, cashier: Actor) -> None:
    wallet = shop.new_wallet(shop.new_programme(principal_valid_days=1))
    shop.top_up(wallet, 100_00, store)
    held = holds.place(wallet=wallet, amount=60_00, store=store.pk, key=make.key(), by=cashier)
    later = timezone.now() + timedelta(days=3)

    posting.post([make.charge_asked(wallet.pk, 1, book=wallet.book)], now=later)
    taken = holds.capture(wallet=wallet, hold=held.seq, amount=60_00, key=make.key(), by=cashier)

    assert (taken.amount, taken.balance) == (60_00, Balance())


def test_a_lapsed_hold_is_swept(funded: Wallet, store: Store, cashier: Actor) -> None:
    holds.place(wallet=funded, amount=60_00, store=store.pk, key=make.key(), by=cashier)
    assert expiry.sweep().wallets == 0

    assert queries.balance(funded).held == 60_00
