from datetime import timedelta

import make
import pytest
from django.utils import timezone

import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger import errors, posting
from chuzhi.ledger import queries as journal
from chuzhi.organization.models import Store
from chuzhi.wallets import holds, queries, spending
from chuzhi.wallets.errors import HoldTooLong
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance, Moved


def hold(wallet: Wallet, amount: int, store: Store, by: Actor, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key()} | more
    return holds.place(wallet=wallet, amount=amount, store=store.pk, by=by, **values)  # type: ignore[arg-type]  # any


def test_what_is_held_cannot_be_spent(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = hold(funded, 300_00, store, cashier)

    assert moved.balance == Balance(500_00, 80_00, held=300_00)
    with pytest.raises(errors.NotEnough):
        shop.charge(funded, 280_01, store)


def test_captures_take_parts_and_the_last_lets_go(funded: Wallet, store: Store, cashier: Actor) -> None:
    held = hold(funded, 300_00, store, cashier)

    holds.capture(wallet=funded, hold=held.seq, amount=100_00, key=make.key(), by=cashier)
    last = holds.capture(wallet=funded, hold=held.seq, amount=50_00, final=True, key=make.key(), by=cashier)

    assert last.balance == Balance(350_00, 80_00)
    with pytest.raises(errors.HoldEnded):
        holds.capture(wallet=funded, hold=held.seq, amount=1, key=make.key(), by=cashier)


def test_a_capture_is_a_sale_of_the_store_that_held_and_can_be_refunded(funded: Wallet, store: Store, cashier: Actor) -> None:
    held = hold(funded, 300_00, store, cashier)
    taken = holds.capture(wallet=funded, hold=held.seq, amount=100_00, key=make.key(), by=cashier)

    back = spending.refund(wallet=funded, charge=taken.seq, amount=100_00, reason="x", key=make.key(), by=cashier)

    entry = journal.operation(taken.book, taken.seq)
    assert entry is not None
    assert entry.store == store.pk
    assert back.balance == Balance(500_00, 80_00, held=200_00)


def test_the_same_key_holds_captures_and_releases_once(funded: Wallet, store: Store, cashier: Actor) -> None:
    for _twice in range(2):
        held = hold(funded, 300_00, store, cashier, key="hold")
        holds.capture(wallet=funded, hold=held.seq, amount=100_00, key="take", by=cashier)
        ended = holds.release(wallet=funded, hold=held.seq, key="end", by=cashier)

    assert ended.replayed
    assert queries.balance(funded) == Balance(400_00, 80_00)


def test_more_than_is_held_cannot_be_captured(funded: Wallet, store: Store, cashier: Actor) -> None:
    held = hold(funded, 300_00, store, cashier)

    with pytest.raises(errors.CaptureTooLarge):
        holds.capture(wallet=funded, hold=held.seq, amount=300_01, key=make.key(), by=cashier)

    assert queries.balance(funded).held == 300_00


@pytest.mark.parametrize("seconds", [0, -1, 31 * 86_400, 1.5, True])
def test_a_hold_lasts_a_while_and_not_for_ever(seconds: int, funded: Wallet, store: Store, cashier: Actor) -> None:
    with pytest.raises(HoldTooLong):
        hold(funded, 1_00, store, cashier, expires_in_seconds=seconds)


def test_a_hold_whose_time_has_come_is_over_before_anybody_sweeps(funded: Wallet, store: Store, cashier: Actor) -> None:
    held = hold(funded, 300_00, store, cashier, expires_in_seconds=1)
    later = timezone.now() + timedelta(seconds=2)

    charged = posting.post([make.charge_asked(funded.pk, 580_00, book=funded.book)], now=later)[0]

    assert charged.refusal is None
    assert journal.lapsed(funded.book, funded.pk, later) == {}
    with pytest.raises(errors.HoldEnded):
        holds.release(wallet=funded, hold=held.seq, key=make.key(), by=cashier)
