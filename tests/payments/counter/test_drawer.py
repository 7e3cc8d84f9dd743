"""A drawer through a shift: what is in it is what the ledger says came and went at its till, and what was put in and taken out."""

from datetime import timedelta

import make
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter.models import DrawerMove, Shift
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets import disputes, funding, queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
IN, OUT = DrawerMove.Way.IN, DrawerMove.Way.OUT
SLIP = Slip(terminal="T-01", number="1")


@pytest.fixture
def shift(till: Till, cashier: Actor) -> Shift:
    return drawer.open_shift(till=till, opened_with=200_00, by=cashier)


def sell(wallet: Wallet, amount: int, till: Till, **more: object) -> int:
    return shop.top_up(wallet, amount, till.store, till=till.pk, **more).seq


def refusal(code: str, act: object, **asked: object) -> None:
    with pytest.raises(Refused) as refused:
        act(**asked)  # type: ignore[operator]  # one of the commands
    assert refused.value.code == code


def move(shift: Shift, way: DrawerMove.Way, amount: int, by: Actor, *, key: str = "") -> DrawerMove:
    return drawer.move(shift=shift, way=way, amount=amount, reason="change", key=key or make.key(), by=by)


def test_a_shift_ends_with_what_the_books_say(shift: Shift, wallet: Wallet, till: Till, cashier: Actor) -> None:
    seq = sell(wallet, 300_00, till)
    sell(wallet, 100_00, cast.till(till.store))
    shop.top_up(wallet, 50_00, till.store)
    funding.refund_top_up(
        wallet=wallet, top_up=seq, amount=20_00, method=Method.CASH, reason="x", key=make.key(), by=cast.OWNER,
        store=till.store_id, till=till.pk,
    )  # fmt: skip
    move(shift, IN, 50_00, cashier)
    move(shift, OUT, 130_00, cashier)

    drawer.begin_count(shift=shift, by=cashier)
    sell(wallet, 70_00, till)
    closed = drawer.close(shift=shift, pieces={100_00: 4}, by=cashier)

    assert (closed.cash_in, closed.cash_out, closed.cash_moves) == (300_00, 20_00, 2)
    assert (closed.expected, closed.counted, closed.difference) == (400_00, 400_00, 0)


def test_cash_that_repays_a_debt_is_cash_all_the_same(shift: Shift, wallet: Wallet, till: Till, cashier: Actor) -> None:
    sold = shop.top_up(wallet, 100_00, till.store)
    shop.charge(wallet, 100_00, till.store)
    disputes.begin(wallet=wallet, top_up=sold.seq, key=make.key(), by=cast.OWNER)
    assert queries.balance(wallet).debt == 100_00

    sell(wallet, 130_00, till)

    assert drawer.flow_of(shift).came == 130_00


def test_what_was_sold_before_the_shift_or_by_card_is_not_in_it(till: Till, wallet: Wallet, cashier: Actor) -> None:
    sell(wallet, 10_00, till)
    shift = drawer.open_shift(till=till, opened_with=0, by=cashier)

    sell(wallet, 20_00, till, method=Method.TERMINAL, slip=SLIP)

    assert drawer.flow_of(shift).count == 0


def test_a_difference_needs_a_reason_above_what_the_store_allows(
    shift: Shift, store: Store, cashier: Actor, manager: Actor
) -> None:
    drawer.keep(store=store, currency="CNY", needs_shift=False, tolerance=5_00, usual_float=0, by=manager)
    drawer.begin_count(shift=shift, by=cashier)

    refusal("shift.reason_missing", drawer.close, shift=shift, pieces={100_00: 1, 50_00: 1}, by=cashier)
    closed = drawer.close(shift=shift, pieces={100_00: 1, 50_00: 1}, reason="a note was torn", by=cashier)

    assert (closed.difference, closed.reason) == (-50_00, "a note was torn")


def test_a_small_difference_needs_none(shift: Shift, store: Store, cashier: Actor, manager: Actor) -> None:
    drawer.keep(store=store, currency="CNY", needs_shift=False, tolerance=5_00, usual_float=0, by=manager)
    drawer.begin_count(shift=shift, by=cashier)

    closed = drawer.close(shift=shift, pieces={100_00: 2, 1_00: 5}, by=cashier)

    assert closed.difference == 5_00


def test_a_refused_reason_says_not_how_much(shift: Shift, cashier: Actor) -> None:
    drawer.begin_count(shift=shift, by=cashier)

    with pytest.raises(Refused) as refused:
        drawer.close(shift=shift, pieces={}, by=cashier)

    assert refused.value.facts == {}
    shift.refresh_from_db()
    assert shift.is_open


def test_one_shift_at_a_time_and_numbers_that_go_on(till: Till, shift: Shift, cashier: Actor) -> None:
    refusal("shift.open", drawer.open_shift, till=till, opened_with=0, by=cashier)
    drawer.begin_count(shift=shift, by=cashier)
    drawer.close(shift=shift, pieces={100_00: 2}, by=cashier)

    again = drawer.open_shift(till=till, opened_with=0, by=cashier)

    assert (shift.number, again.number) == (1, 2)


def test_what_cannot_be_is_refused(shift: Shift, till: Till, cashier: Actor, auditor: Actor) -> None:
    elsewhere = cast.actor("cashier", at=cast.store())

    refusal("shift.not_being_counted", drawer.close, shift=shift, pieces={}, by=cashier)
    refusal("shift.till", drawer.open_shift, till=till, opened_with=0, by=elsewhere)
    refusal("shift.till", drawer.begin_count, shift=shift, by=elsewhere)
    refusal("permission.missing", drawer.begin_count, shift=shift, by=auditor)
    refusal("amount.out_of_range", drawer.open_shift, till=cast.till(), opened_with=-1, by=cashier)
    drawer.begin_count(shift=shift, by=cashier)
    refusal("shift.not_open", drawer.move, shift=shift, way=IN, amount=1, reason="x", key="k", by=cashier)
    refusal("shift.count_unusable", drawer.close, shift=shift, pieces={7: 1}, by=cashier)
    drawer.close(shift=shift, pieces={}, reason="robbed", by=cashier)
    refusal("shift.not_open", drawer.close, shift=shift, pieces={}, by=cashier)


def test_the_same_key_moves_once_and_a_reason_is_needed(shift: Shift, cashier: Actor) -> None:
    first, again = (move(shift, OUT, 30_00, cashier, key="k") for _twice in range(2))

    refusal("drawer.reason_missing", drawer.move, shift=shift, way=IN, amount=1, reason=" ", key="other", by=cashier)
    shift.refresh_from_db()
    assert first == again
    assert shift.taken_out == 30_00


def test_a_count_begun_too_early_goes_on(shift: Shift, wallet: Wallet, till: Till, cashier: Actor) -> None:
    drawer.begin_count(shift=shift, by=cashier)
    drawer.go_on(shift=shift, by=cashier)

    sell(wallet, 10_00, till)

    shift.refresh_from_db()
    assert drawer.flow_of(shift).came == 10_00


def test_a_strict_store_takes_and_pays_cash_only_in_a_shift(
    wallet: Wallet, store: Store, till: Till, manager: Actor, cashier: Actor
) -> None:
    sold = shop.top_up(wallet, 10_00, store)
    drawer.keep(store=store, currency="CNY", needs_shift=True, tolerance=0, usual_float=0, by=manager)
    paid_back = {
        "wallet": wallet, "top_up": sold.seq, "amount": 1_00, "method": Method.CASH, "reason": "x", "by": cashier,
        "store": store.pk, "till": till.pk,
    }  # fmt: skip

    refusal("shift.needed", sell, wallet=wallet, amount=10_00, till=till)
    refusal("shift.needed", funding.refund_top_up, key=make.key(), **paid_back)
    refusal("shift.needed", shop.top_up, wallet=wallet, amount=10_00, store=store)
    sell(wallet, 10_00, till, method=Method.TERMINAL, slip=SLIP)
    shift = drawer.open_shift(till=till, opened_with=0, by=cashier)
    sell(wallet, 10_00, till)
    drawer.begin_count(shift=shift, by=cashier)
    refusal("shift.needed", sell, wallet=wallet, amount=10_00, till=till)

    assert queries.balance(wallet).principal == 30_00


def test_the_database_keeps_what_must_not_be_out(till: Till, shift: Shift) -> None:
    def kept(**facts: object) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.create(**{"till": till, "number": 9, "currency": "CNY", "opened_with": 0} | facts)

    kept()
    kept(closed_at=timezone.now() + timedelta(days=1))
    kept(opened_with=-1, till=cast.till())
