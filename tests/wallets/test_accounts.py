import make
import pytest

import cast
import shop
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.core.actors import Actor
from chuzhi.ledger import errors
from chuzhi.ledger.books import book_for
from chuzhi.ledger.chart import Standing
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, adjustments, queries
from chuzhi.wallets.errors import ReasonMissing
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance


def test_a_wallet_lives_in_its_customers_book(programme: Programme) -> None:
    customer = shop.new_customer()

    wallet = shop.new_wallet(programme, customer)

    assert wallet.book == customer.book


def test_a_bearers_wallet_has_a_book_of_its_own(programme: Programme, cashier: Actor) -> None:
    wallet = accounts.open_wallet(programme=programme, key=make.key(), by=cashier)

    assert wallet.customer is None
    assert wallet.book == book_for(wallet.pk)


def test_the_same_key_opens_one_wallet(programme: Programme, cashier: Actor) -> None:
    customer = shop.new_customer()

    wallets = {accounts.open_wallet(programme=programme, customer=customer, key="form", by=cashier).pk for _twice in range(2)}

    assert len(wallets) == 1


def test_a_frozen_wallet_neither_takes_nor_gives(funded: Wallet, store: Store, manager: Actor) -> None:
    accounts.freeze(wallet=funded, reason="phone lost", key=make.key(), by=manager)

    for move in (shop.charge, shop.top_up):
        with pytest.raises(errors.Frozen):
            move(funded, 1_00, store)
    assert queries.standing(funded).standing is Standing.FROZEN

    accounts.unfreeze(wallet=funded, reason="phone found", key=make.key(), by=manager)
    assert shop.charge(funded, 1_00, store).balance == Balance(499_00, 80_00)


def test_a_cashier_may_not_freeze_and_a_reason_is_needed(funded: Wallet, cashier: Actor, manager: Actor) -> None:
    with pytest.raises(NotAllowed):
        accounts.freeze(wallet=funded, reason="x", key=make.key(), by=cashier)
    with pytest.raises(ReasonMissing):
        accounts.freeze(wallet=funded, reason=" \x00", key=make.key(), by=manager)


def test_only_an_empty_wallet_closes(funded: Wallet, store: Store, manager: Actor) -> None:
    with pytest.raises(errors.NotEmpty):
        accounts.close(wallet=funded, reason="left", key=make.key(), by=manager)
    shop.charge(funded, 580_00, store)

    accounts.close(wallet=funded, reason="left", key=make.key(), by=manager)

    with pytest.raises(errors.Closed):
        shop.top_up(funded, 1_00, store)


def test_a_closed_wallet_stays_closed(wallet: Wallet, manager: Actor) -> None:
    accounts.close(wallet=wallet, reason="left", key=make.key(), by=manager)

    for move in (accounts.freeze, accounts.unfreeze):
        with pytest.raises(errors.Closed):
            move(wallet=wallet, reason="came back", key=make.key(), by=manager)
    accounts.close(wallet=wallet, reason="left again", key=make.key(), by=manager)

    assert queries.standing(wallet).standing is Standing.CLOSED


def test_who_may_see_a_wallet(wallet: Wallet, cashier: Actor, member: Actor, stranger: Actor) -> None:
    other = shop.new_wallet(wallet.programme)

    assert queries.visible_to(cashier).filter(pk=other.pk).exists()
    assert list(queries.visible_to(member)) == [wallet]
    assert not queries.visible_to(stranger).exists()


def test_a_correction_is_a_bonus_never_principal(funded: Wallet, finance: Actor) -> None:
    give = adjustments.give(wallet=funded, amount=20_00, reason="goodwill", evidence="ticket 7", key=make.key(), by=finance)
    take = adjustments.take(wallet=funded, amount=5_00, reason="too much", evidence="ticket 7", key=make.key(), by=finance)

    assert (give.balance, take.balance) == (Balance(500_00, 100_00), Balance(500_00, 95_00))


def test_a_large_correction_needs_another_person(funded: Wallet, finance: Actor, cashier: Actor) -> None:
    asked = {"wallet": funded, "amount": 1000_01, "reason": "import", "evidence": "file", "by": finance}

    for second in (None, finance, cashier):
        with pytest.raises(SecondPersonNeeded):
            adjustments.give(**asked, approved_by=second, key=make.key())  # type: ignore[arg-type]
    adjustments.give(**asked, approved_by=cast.actor("finance"), key="once")  # type: ignore[arg-type]
    adjustments.give(**asked, approved_by=None, key="once")  # type: ignore[arg-type]

    assert queries.balance(funded).bonus == 1080_01
