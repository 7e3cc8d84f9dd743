"""One slip of a terminal pays once a day, and no card number is kept."""

import threading
from datetime import timedelta

import make
import pytest
from django.db import connections
from django.utils import timezone

import shop
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.payments.counter import models
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

SLIP = Slip(terminal="T-01", number="000123", scheme="UnionPay", last_four="4242")


def sell(wallet: Wallet, store: Store, slip: Slip | None = SLIP, **more: object) -> Moved:
    return shop.top_up(wallet, 100_00, store, method=Method.TERMINAL, slip=slip, **more)


def refusal(code: str, wallet: Wallet, store: Store, slip: Slip | None) -> None:
    with pytest.raises(Refused) as refused:
        sell(wallet, store, slip)
    assert refused.value.code == code


def test_a_slip_pays_once(wallet: Wallet, store: Store) -> None:
    sold = sell(wallet, store, key="k")

    refusal("slip.used", wallet, store, SLIP)
    assert sell(wallet, store, key="k").replayed
    assert sell(wallet, store, Slip(terminal="T-02", number="000123")).amount == 100_00
    kept = models.Slip.objects.get(terminal="T-01")
    assert (kept.amount, kept.last_four, kept.book) == (100_00, "4242", sold.book)


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        (None, "slip.missing"),
        (Slip(terminal=" ", number="1"), "slip.missing"),
        (Slip(terminal="T-01", number="4242 4242 4242 4242"), "slip.card_number"),
        (Slip(terminal="T-01", number="4242424242424242"), "slip.card_number"),
        (Slip(terminal="T-01", number="1", last_four="42424"), "slip.unusable"),
        (Slip(terminal="T 01", number="1"), "slip.unusable"),
    ],
)
def test_what_is_no_slip_is_refused_and_nothing_is_sold(wallet: Wallet, store: Store, slip: Slip | None, code: str) -> None:
    refusal(code, wallet, store, slip)

    assert queries.balance(wallet).available == 0
    assert not models.Slip.objects.exists()


def test_a_refused_sale_lets_its_slip_go(wallet: Wallet, store: Store) -> None:
    accounts.freeze(wallet=wallet, reason="lost", key=make.key(), by=shop.cast.OWNER)
    refusal("wallet.frozen", wallet, store, SLIP)
    accounts.unfreeze(wallet=wallet, reason="found", key=make.key(), by=shop.cast.OWNER)

    assert sell(wallet, store).amount == 100_00


def test_a_key_used_for_another_slip_keeps_the_first(wallet: Wallet, store: Store) -> None:
    sell(wallet, store, key="k")

    with pytest.raises(Refused):
        sell(wallet, store, Slip(terminal="T-01", number="2"), key="k")

    assert [slip.number for slip in models.Slip.objects.all()] == ["000123"]


def test_a_claim_that_never_came_to_the_books_is_taken_over(wallet: Wallet, store: Store) -> None:
    long_ago = timezone.now() - timedelta(minutes=11)
    models.Slip.objects.create(
        terminal="T-01", number="000123", on=timezone.localdate(), amount=1, book=0, key_hash="0" * 32, claimed_by="staff:1",
        claimed_at=long_ago,
    )  # fmt: skip

    assert sell(wallet, store).amount == 100_00


def test_one_slip_in_two_hands_pays_once(committed: None) -> None:
    store = shop.cast.store()
    programme = shop.new_programme()
    wallets = [shop.new_wallet(programme) for _hand in range(2)]
    together, said = threading.Barrier(2), []

    def pay(wallet: Wallet) -> None:
        together.wait()
        try:
            said.append(sell(wallet, store).amount)
        except Refused as no:
            said.append(no.code)
        connections.close_all()

    hands = [threading.Thread(target=pay, args=[wallet]) for wallet in wallets]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert sorted(map(str, said)) == ["10000", "slip.used"]
