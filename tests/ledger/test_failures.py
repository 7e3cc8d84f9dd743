"""The ways in which others lost, doubled or invented money. Those that need two processes are in test_races.py."""

import math
from decimal import Decimal
from typing import Any

import make
import pytest
from ledger.deeds import DAY, NOW, done, has, post, refusal

from chuzhi.core.money import OutOfRange
from chuzhi.ledger import assets, chart, errors
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.models import Lot, Operation
from chuzhi.ledger.operations import (
    Capture,
    Grant,
    Hold,
    Refund,
    Stand,
    TopUpRefund,
    TransferOut,
)

pytestmark = pytest.mark.usefixtures("books_are_in_order_afterwards")


# Amounts that are none


@pytest.mark.django_db
@pytest.mark.parametrize(
    "amount", [0, -1, 2**63, 10**15 + 1, 1.5, 100.0, math.nan, Decimal(100), True, "100", "１００", "1e3"], ids=repr
)
def test_what_is_not_a_positive_whole_amount_is_refused_before_anything_happens(amount: Any) -> None:
    with pytest.raises(OutOfRange):
        post(make.charge_asked(1, 1), make.charge_asked(1, amount))

    assert not Operation.objects.exists()


@pytest.mark.django_db
def test_a_grant_of_nothing_is_refused() -> None:
    with pytest.raises(OutOfRange):
        post(make.top_up_asked(1, 100, bonus=-5))


@pytest.mark.django_db
def test_a_wallet_cannot_pay_itself() -> None:
    done(make.top_up_asked(1, 100))

    assert refusal(make.asked(TransferOut, 1, 10, to_book=0, to_wallet=1)) == "transfer.same_wallet"


# Charges and holds


@pytest.mark.django_db
def test_two_charges_for_the_last_cent_in_one_batch_are_one() -> None:
    done(make.top_up_asked(1, 1))

    first, second = post(make.charge_asked(1, 1), make.charge_asked(1, 1))

    assert first.refusal is None
    assert isinstance(second.refusal, errors.NotEnough)


@pytest.mark.django_db
def test_promised_value_cannot_be_charged() -> None:
    done(make.top_up_asked(1, 100))
    done(make.asked(Hold, 1, 60, expires_at=NOW + DAY))

    assert refusal(make.charge_asked(1, 41)) == "wallet.not_enough"


@pytest.mark.django_db
def test_a_refused_charge_over_several_lots_takes_from_none() -> None:
    done(make.top_up_asked(1, 100, 20))

    assert refusal(make.charge_asked(1, 121)) == "wallet.not_enough"
    assert (has(1), has(1, Bucket.BONUS)) == (100, 20)


@pytest.mark.django_db
def test_captures_take_at_most_the_hold_and_the_remainder_is_free_again() -> None:
    done(make.top_up_asked(1, 100))
    hold = done(make.asked(Hold, 1, 90, expires_at=NOW + DAY)).seq
    done(make.asked(Capture, 1, 30, hold=hold, into=make.SALES))

    assert refusal(make.asked(Capture, 1, 61, hold=hold, into=make.SALES)) == "hold.too_small"
    last = done(make.asked(Capture, 1, 20, hold=hold, into=make.SALES, final=True))
    assert (last.balance(make.cny(), Bucket.PRINCIPAL), last.held(make.cny())) == (50, 0)
    assert refusal(make.asked(Capture, 1, 1, hold=hold, into=make.SALES)) == "hold.ended"


@pytest.mark.django_db
def test_a_hold_keeps_its_lots_although_they_expire_before_the_capture() -> None:
    done(make.top_up_asked(1, 1, 50, until=NOW + DAY))
    hold = done(make.asked(Hold, 1, 50, order="bonus_first", expires_at=NOW + 3 * DAY)).seq

    captured = done(make.asked(Capture, 1, 50, hold=hold, into=make.SALES), now=NOW + 2 * DAY)

    assert captured.moved(Bucket.BONUS) == -50


@pytest.mark.django_db
def test_a_capture_is_booked_in_the_asset_of_its_hold() -> None:
    done(make.top_up_asked(1, 100))
    hold = done(make.asked(Hold, 1, 40, expires_at=NOW + DAY)).seq
    taken = done(Capture(book=0, wallet=1, key="c", by="system:0", amount=40, hold=hold, into=make.SALES))

    assert taken.asset == make.cny()
    assert done(make.asked(Refund, 1, 40, charge=taken.seq)).amount == 40


# Refunds


@pytest.mark.django_db
@pytest.mark.parametrize("is_proportional", [False, True])
def test_refunds_over_several_lots_cent_by_cent_sum_to_the_charge_and_no_more(is_proportional: bool) -> None:
    done(make.top_up_asked(1, 7, 5))
    charge = done(make.charge_asked(1, 11, order="proportional")).seq

    for _cent in range(11):
        done(make.asked(Refund, 1, 1, charge=charge, proportional=is_proportional))

    assert (has(1), has(1, Bucket.BONUS)) == (7, 5)
    assert refusal(make.asked(Refund, 1, 1, charge=charge, proportional=is_proportional)) == "refund.too_large"


@pytest.mark.django_db
def test_a_refund_in_two_unequal_parts_closes_to_zero() -> None:
    done(make.top_up_asked(1, 500, 80))
    charge = done(make.charge_asked(1, 333, order="proportional")).seq

    done(make.asked(Refund, 1, 100, charge=charge, proportional=True))
    done(make.asked(Refund, 1, 233, charge=charge))

    assert (has(1), has(1, Bucket.BONUS)) == (500, 80)


@pytest.mark.django_db
def test_a_refund_to_an_expired_lot_comes_back_with_days_of_grace() -> None:
    done(make.top_up_asked(1, 1, 50, until=NOW + DAY))
    charge = done(make.charge_asked(1, 50, order="bonus_first")).seq

    done(make.asked(Refund, 1, 50, charge=charge, grace_days=30), now=NOW + 2 * DAY)

    lot = Lot.objects.get(wallet=1, bucket=Bucket.BONUS, open=True)
    assert (lot.remaining, lot.expires_at) == (50, NOW + 32 * DAY)


@pytest.mark.django_db
def test_a_closed_wallet_takes_no_refund() -> None:
    done(make.top_up_asked(1, 50))
    charge = done(make.charge_asked(1, 50)).seq
    done(make.asked(Stand, 1, standing=Standing.CLOSED, reason="moved away"))

    assert refusal(make.asked(Refund, 1, 50, charge=charge)) == "wallet.closed"


@pytest.mark.django_db
def test_a_wallet_that_holds_value_does_not_close() -> None:
    done(make.top_up_asked(1, 50))

    assert refusal(make.asked(Stand, 1, standing=Standing.CLOSED, reason="moved away")) == "wallet.not_empty"


@pytest.mark.django_db
def test_a_refund_after_the_bonus_was_clawed_back_goes_to_the_lots_that_paid() -> None:
    top_up = done(make.top_up_asked(1, 100, 20)).seq
    charge = done(make.charge_asked(1, 30)).seq
    done(make.asked(TopUpRefund, 1, top_up=top_up, into=make.CASH))

    done(make.asked(Refund, 1, 30, charge=charge))

    assert (has(1), has(1, Bucket.BONUS)) == (30, 0)


@pytest.mark.django_db
def test_another_wallets_charge_cannot_be_refunded_here() -> None:
    done(make.top_up_asked(1, 100))
    charge = done(make.charge_asked(1, 30)).seq

    assert refusal(make.asked(Refund, 2, 30, charge=charge)) == "operation.unknown"
    assert refusal(make.asked(Refund, 1, 30, charge=charge + 100)) == "operation.unknown"


# Money back for a top-up


@pytest.mark.django_db
def test_spent_bonus_is_kept_back_when_a_top_up_is_refunded() -> None:
    top_up = done(make.top_up_asked(1, 500, 80)).seq
    done(make.charge_asked(1, 50, order="bonus_first"))

    back = done(make.asked(TopUpRefund, 1, top_up=top_up, into=make.CASH))

    assert back.amount == 450
    assert (has(1), has(1, Bucket.BONUS)) == (0, 0)


@pytest.mark.django_db
def test_what_was_spent_earlier_in_the_same_batch_is_kept_back_too() -> None:
    top_up = done(make.top_up_asked(1, 500, 80)).seq

    _charge, back = post(
        make.charge_asked(1, 50, order="bonus_first"), make.asked(TopUpRefund, 1, top_up=top_up, into=make.CASH)
    )

    assert back.amount == 450


@pytest.mark.django_db
def test_spent_points_are_not_money_when_a_top_up_is_refunded() -> None:
    points = Grant(asset=assets.number("POINTS"), bucket=Bucket.BONUS, amount=500, source=chart.BONUS_COST)
    asked = make.top_up_asked(1, 500)
    asked.grants += (points,)
    top_up = done(asked).seq
    spent = make.charge_asked(1, 400)
    spent.asset = points.asset
    done(spent)

    assert done(make.asked(TopUpRefund, 1, top_up=top_up, into=make.CASH)).amount == 500


@pytest.mark.django_db
def test_points_that_come_with_money_do_not_count_against_its_ceiling() -> None:
    asked = make.top_up_asked(1, 500, most_held=600)
    asked.grants += (Grant(asset=assets.number("POINTS"), bucket=Bucket.BONUS, amount=5_000, source=chart.BONUS_COST),)

    assert done(asked).amount == 500


@pytest.mark.django_db
def test_a_top_up_is_refunded_once() -> None:
    top_up = done(make.top_up_asked(1, 500)).seq
    done(make.asked(TopUpRefund, 1, 500, top_up=top_up, into=make.CASH))

    assert refusal(make.asked(TopUpRefund, 1, 1, top_up=top_up, into=make.CASH)) == "refund.nothing_left"
