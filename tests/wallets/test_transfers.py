from datetime import timedelta

import make
import pytest

import shop
from chuzhi.core.actors import Actor
from chuzhi.ledger import errors
from chuzhi.ledger.chart import TRANSIT
from chuzhi.ledger.models import SystemTotal
from chuzhi.ledger.operations import TransferOut
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, moves, queries, transfers
from chuzhi.wallets.errors import TransferOfAnotherKind, TransferToItself
from chuzhi.wallets.models import Transfer, Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.records import TransferRow
from chuzhi.wallets.transfers import Sent


def send(wallet: Wallet, to: Wallet, amount: int, by: Actor, key: str = "") -> Sent:
    return transfers.send(wallet=wallet, to=to, amount=amount, reason="gift", key=key or make.key(), by=by)


def in_transit() -> int:
    return sum(SystemTotal.objects.filter(account=TRANSIT).values_list("total", flat=True))


def test_value_arrives_in_another_book_with_its_expiry_and_funding(funded: Wallet, manager: Actor) -> None:
    other = shop.wallet_in_another_book(funded)

    sent = send(funded, other, 550_00, manager)

    assert (queries.balance(funded), queries.balance(other)) == (Balance(0, 30_00), Balance(500_00, 50_00))
    assert (sent.refusal, sent.arrived.book) == (None, other.book)
    kept = [(lot.bucket, lot.expires_at, lot.granted_at, lot.terms, lot.funding) for lot in queries.lots(other)]
    assert kept == [
        (lot.bucket, lot.expires_at, lot.granted_at, lot.terms, lot.funding) for lot in queries.lots(funded, only_open=False)
    ]
    assert in_transit() == 0
    assert Transfer.objects.get().arrived_seq == sent.arrived.seq


def test_the_same_key_sends_once(funded: Wallet, manager: Actor) -> None:
    other = shop.wallet_in_another_book(funded)

    first, again = (send(funded, other, 100_00, manager, key="gift") for _twice in range(2))

    assert again.left.replayed
    assert again.arrived.replayed
    assert (again.left.id, again.arrived.id) == (first.left.id, first.arrived.id)
    assert queries.balance(other) == Balance(100_00)


def test_what_the_other_wallet_will_not_take_comes_back(funded: Wallet, manager: Actor) -> None:
    other = shop.wallet_in_another_book(funded)
    accounts.freeze(wallet=other, reason="lost", key=make.key(), by=manager)

    sent = send(funded, other, 100_00, manager, key="gift")

    assert isinstance(sent.refusal, errors.Frozen)
    assert (queries.balance(funded), queries.balance(other)) == (Balance(500_00, 80_00), Balance())
    assert in_transit() == 0
    assert Transfer.objects.get().is_returned
    accounts.unfreeze(wallet=other, reason="found", key=make.key(), by=manager)
    assert isinstance(send(funded, other, 100_00, manager, key="gift").refusal, errors.Frozen)


def test_a_refused_transfer_leaves_nothing_behind(funded: Wallet, manager: Actor) -> None:
    other = shop.wallet_in_another_book(funded)

    with pytest.raises(errors.NotEnough):
        send(funded, other, 580_01, manager)

    assert not Transfer.objects.exists()
    assert queries.balance(funded) == Balance(500_00, 80_00)


def test_only_to_another_wallet_of_the_same_kind(funded: Wallet, manager: Actor) -> None:
    points = shop.new_wallet(shop.new_programme(asset="POINTS"))

    with pytest.raises(TransferToItself):
        send(funded, funded, 1_00, manager)
    with pytest.raises(TransferOfAnotherKind):
        send(funded, points, 1_00, manager)


def test_what_a_crash_left_in_transit_is_brought_in_once(funded: Wallet, manager: Actor, store: Store) -> None:
    other = shop.wallet_in_another_book(funded)
    programme = moves.programme_of(funded)
    half = TransferOut(
        **moves.common(funded, programme, key="gift", by=manager), amount=100_00, to_book=other.book, to_wallet=other.pk,
        reason="gift", documents=(TransferRow(funded.pk, other.book, other.pk),),
    )  # fmt: skip
    make.post_one(half)
    assert transfers.finish_unfinished() == 0
    Transfer.objects.update(started_at=Transfer.objects.get().started_at - timedelta(minutes=1))

    assert (transfers.finish_unfinished(), transfers.finish_unfinished()) == (1, 0)

    assert queries.balance(other) == Balance(100_00)
    assert in_transit() == 0
    assert send(funded, other, 100_00, manager, key="gift").arrived.replayed
