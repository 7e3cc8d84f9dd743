import make
import pytest

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.money import OutOfRange
from chuzhi.ledger import errors
from chuzhi.ledger.models import AuditLine
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import programmes, queries, spending
from chuzhi.wallets.errors import KeyMissing, NotHere, NotYourStore, StoreUnknown
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.spending import Purchase
from shop import charge


def test_a_charge_takes_principal_first_and_answers_what_is_left(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = charge(funded, 123_45, store, cashier)

    assert (moved.amount, moved.taken) == (123_45, (123_45, 0))
    assert moved.balance == Balance(376_55, 80_00)
    assert (moved.book, moved.seq) == (funded.book, moved.outcome.seq)
    assert queries.balance(funded) == moved.balance


def test_the_same_key_charges_once(funded: Wallet, store: Store, cashier: Actor) -> None:
    first = charge(funded, 100_00, store, cashier, key="sale")

    again = charge(funded, 100_00, store, cashier, key="sale")

    assert again.replayed
    assert again.id == first.id
    assert queries.balance(funded).available == 480_00


def test_a_refused_charge_changes_nothing(funded: Wallet, store: Store, cashier: Actor) -> None:
    before = queries.standing(funded)

    with pytest.raises(errors.NotEnough):
        charge(funded, 580_01, store, cashier)

    assert queries.standing(funded) == before


def test_at_most_what_is_there(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = charge(funded, 1000_00, store, cashier, allow_partial=True)

    assert (moved.amount, moved.balance.available) == (580_00, 0)


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 2**63, 1.0, True, "1", "１００", None, float("nan")])
def test_what_is_no_amount_is_refused(amount: object, funded: Wallet, store: Store, cashier: Actor) -> None:
    before = len(queries.entries(funded))

    with pytest.raises(OutOfRange):
        charge(funded, amount, store, cashier)  # type: ignore[arg-type]

    assert len(queries.entries(funded)) == before


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b"])
def test_a_charge_needs_a_key(key: str, funded: Wallet, store: Store, cashier: Actor) -> None:
    with pytest.raises(KeyMissing):
        charge(funded, 1_00, store, cashier, key=key)


def test_who_may_not_charge_is_refused(funded: Wallet, store: Store, auditor: Actor) -> None:
    with pytest.raises(NotAllowed):
        charge(funded, 1_00, store, auditor)


def test_a_charge_is_written_to_the_audit_log(funded: Wallet, store: Store, cashier: Actor) -> None:
    moved = charge(funded, 1_00, store, cashier)

    line = AuditLine.objects.get(action="wallet.charged")
    assert (line.subject, line.actor) == (f"wallet:{funded.pk}", cashier.label)
    assert line.facts.items() >= {"book": moved.book, "seq": moved.seq, "amount": 1_00, "store": store.pk}.items()


def test_a_programme_may_be_for_some_stores_only(
    funded: Wallet, programme: Programme, store: Store, cashier: Actor, administrator: Actor
) -> None:
    elsewhere = cast.store()
    programmes.revise(programme=programme, stores=[elsewhere.pk], by=administrator)

    with pytest.raises(NotHere):
        charge(funded, 1_00, store, cashier)

    assert charge(funded, 1_00, elsewhere, cashier).amount == 1_00


def test_what_was_done_is_answered_even_if_it_would_be_refused_today(
    funded: Wallet, programme: Programme, store: Store, cashier: Actor, administrator: Actor
) -> None:
    first = charge(funded, 1_00, store, cashier, key="sale")
    programmes.revise(programme=programme, stores=[cast.store().pk], by=administrator)

    again = charge(funded, 1_00, store, cashier, key="sale")

    assert (again.id, again.replayed) == (first.id, True)


def test_a_closed_store_and_somebody_elses_are_refused(funded: Wallet, store: Store, cashier: Actor) -> None:
    closed = cast.store()
    Store.objects.filter(pk=closed.pk).update(is_open=False)
    elsewhere = cast.actor("cashier", cast.store())

    with pytest.raises(StoreUnknown):
        charge(funded, 1_00, closed, cashier)
    with pytest.raises(NotYourStore):
        charge(funded, 1_00, store, elsewhere)


def test_limits_of_one_charge_and_of_a_day(store: Store, cashier: Actor) -> None:
    wallet = shop.new_wallet(shop.new_programme(most_per_charge=100_00, most_charged_a_day=150_00))
    shop.top_up(wallet, 500_00, store)

    with pytest.raises(errors.OverTransactionLimit):
        charge(wallet, 100_01, store, cashier)
    charge(wallet, 100_00, store, cashier)
    with pytest.raises(errors.OverDayLimit):
        charge(wallet, 50_01, store, cashier)
    charge(wallet, 50_00, store, cashier)

    assert queries.balance(wallet).available == 350_00


def test_many_charges_stand_or_fall_alone(funded: Wallet, store: Store, cashier: Actor) -> None:
    purchases = [
        Purchase(wallet=funded, amount=amount, store=place, key=make.key())
        for amount, place in [(100_00, store.pk), (900_00, store.pk), (0, store.pk), (1_00, 0), (50_00, store.pk)]
    ]

    answers = spending.charge_many(purchases=purchases, by=cashier)

    assert [each.code if isinstance(each, Refused) else each.amount for each in answers] == [
        100_00, "wallet.not_enough", "amount.out_of_range", "store.unusable", 50_00,
    ]  # fmt: skip
    assert queries.balance(funded).available == 430_00


def test_a_refund_goes_back_to_the_lots_that_paid(funded: Wallet, store: Store, cashier: Actor) -> None:
    charged = charge(funded, 550_00, store, cashier)

    moved = spending.refund(wallet=funded, charge=charged.seq, amount=60_00, reason="broken", key=make.key(), by=cashier)

    assert (moved.principal, moved.bonus) == (10_00, 50_00)
    assert spending.refundable(funded, charged.seq) == 490_00
    with pytest.raises(errors.RefundTooLarge):
        spending.refund(wallet=funded, charge=charged.seq, amount=490_01, reason="more", key=make.key(), by=cashier)


def test_a_refund_with_the_same_key_gives_back_once(funded: Wallet, store: Store, cashier: Actor) -> None:
    charged = charge(funded, 100_00, store, cashier)

    for _twice in range(2):
        spending.refund(wallet=funded, charge=charged.seq, amount=50_00, reason="broken", key="back", by=cashier)

    assert queries.balance(funded).available == 530_00


def test_did_it_happen(funded: Wallet, store: Store, cashier: Actor, manager: Actor) -> None:
    moved = charge(funded, 100_00, store, cashier, key="sale")

    found = queries.by_key(by=cashier, wallet=funded, key="sale")

    assert found is not None
    assert found.outcome.seq == moved.seq
    assert queries.by_key(by=cashier, wallet=funded, key="never") is None
    assert queries.by_key(by=manager, wallet=funded, key="sale") is None
