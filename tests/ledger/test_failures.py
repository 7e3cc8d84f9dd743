"""The ways in which others lost, doubled or invented money. Those that need two processes are in test_races.py."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import make
import psycopg
import pytest
from django.db import connection

from chuzhi.core.money import OutOfRange
from chuzhi.ledger import assets, chart, errors, poster, posting
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.models import Lot, Operation
from chuzhi.ledger.operations import (
    Capture,
    Dispute,
    DisputeEnd,
    Grant,
    Hold,
    Refund,
    Stand,
    TakeBack,
    TopUpRefund,
    TransferOut,
)
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.poster import Lane
from chuzhi.ledger.proof import verification

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def books_are_in_order_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("django_db") and "books_may_be_wrong_afterwards" not in request.fixturenames:
        assert verification.verify(connection.connection, deep=True).findings == []


@pytest.fixture
def books_may_be_wrong_afterwards() -> None:
    """For what only the verifier can see."""


def post(*operations: Any, now: datetime = NOW) -> list[Outcome]:
    connection.ensure_connection()
    return posting.post(operations, now=now)


def done(operation: Any, now: datetime = NOW) -> Outcome:
    outcome = post(operation, now=now)[0]
    outcome.raise_if_refused()
    return outcome


def refusal(operation: Any, now: datetime = NOW) -> str:
    no = post(operation, now=now)[0].refusal
    assert no is not None
    return no.code


def has(wallet: int, bucket: Bucket = Bucket.PRINCIPAL, asset: str = "CNY") -> int:
    lots = Lot.objects.filter(wallet=wallet, bucket=bucket, asset=assets.number(asset))
    return sum(lots.values_list("remaining", flat=True))


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


# Debts


@pytest.mark.django_db
def test_a_chargeback_after_all_was_spent_is_repaid_by_the_next_top_up() -> None:
    top_up = done(make.top_up_asked(1, 100)).seq
    done(make.charge_asked(1, 100))

    owed = done(make.asked(Dispute, 1, top_up=top_up, clearing=make.CASH))
    repaid = done(make.top_up_asked(1, 130))

    assert owed.balance(make.cny(), Bucket.DEBT) == 100
    assert (repaid.balance(make.cny(), Bucket.DEBT), repaid.balance(make.cny(), Bucket.PRINCIPAL)) == (0, 30)


@pytest.mark.django_db
def test_a_disputed_top_up_that_had_repaid_a_debt_is_owed_in_full() -> None:
    first = done(make.top_up_asked(1, 100)).seq
    done(make.charge_asked(1, 100))
    done(make.asked(Dispute, 1, top_up=first, clearing=make.CASH))
    second = done(make.top_up_asked(1, 130)).seq

    disputed = done(make.asked(Dispute, 1, top_up=second, clearing=make.CASH))

    assert disputed.balance(make.cny(), Bucket.DEBT) == 100
    assert disputed.held(make.cny()) == 30


@pytest.mark.django_db
def test_a_dispute_sees_the_refund_earlier_in_its_batch() -> None:
    top_up = done(make.top_up_asked(1, 100)).seq

    _refund, disputed = post(
        make.asked(TopUpRefund, 1, 40, top_up=top_up, into=make.CASH), make.asked(Dispute, 1, top_up=top_up, clearing=make.CASH)
    )

    assert disputed.balance(make.cny(), Bucket.DEBT) == 0
    assert disputed.held(make.cny()) == 60


@pytest.mark.django_db
def test_a_dispute_that_is_won_gives_back_what_was_repaid_of_it() -> None:
    top_up = done(make.top_up_asked(1, 100)).seq
    done(make.charge_asked(1, 80))
    disputed = done(make.asked(Dispute, 1, top_up=top_up, clearing=make.CASH)).seq
    done(make.top_up_asked(1, 50))

    won = done(make.asked(DisputeEnd, 1, dispute=disputed, clearing=make.CASH, won=True))

    assert (won.balance(make.cny(), Bucket.PRINCIPAL), won.balance(make.cny(), Bucket.DEBT)) == (70, 0)
    assert refusal(make.asked(DisputeEnd, 1, dispute=disputed, clearing=make.CASH)) == "hold.ended"


@pytest.mark.django_db
def test_points_that_were_spent_already_are_owed_and_never_negative() -> None:
    points = assets.number("POINTS")
    taken = done(TakeBack(book=0, wallet=1, key="t", by="system:0", asset=points, amount=30))
    earned = Grant(asset=points, bucket=Bucket.BONUS, amount=50, source=chart.BONUS_COST, repays_debt=True)
    done(make.top_up_asked(1, 100))

    charged = done(make.charge_asked(1, 10, earns=(earned,)))

    assert taken.balance(points, Bucket.DEBT) == 30
    assert (charged.balance(points, Bucket.DEBT), charged.balance(points, Bucket.BONUS)) == (0, 20)


# Expiry


@pytest.mark.django_db
def test_expiry_is_a_posting_with_two_sides() -> None:
    done(make.top_up_asked(1, 100, 20, until=NOW + DAY))

    assert refusal(make.charge_asked(1, 101), now=NOW + 2 * DAY) == "wallet.not_enough"

    expiry = Operation.objects.get(kind=chart.Kind.EXPIRY)
    assert (expiry.amounts, expiry.accounts, expiry.key_hash) == ([-20], [chart.BONUS_COST], None)


# Keys


@pytest.mark.django_db
def test_the_same_key_twice_in_one_batch_is_one_charge() -> None:
    done(make.top_up_asked(1, 100))
    asked = make.charge_asked(1, 30)

    first, second = post(asked, asked)

    assert (first.seq, first.replayed, second.seq, second.replayed) == (2, False, 2, True)
    assert has(1) == 70


@pytest.mark.django_db
def test_the_same_key_with_another_body_in_one_batch_is_refused() -> None:
    done(make.top_up_asked(1, 100))

    _first, second = post(make.charge_asked(1, 30, key="sale"), make.charge_asked(1, 31, key="sale"))

    assert isinstance(second.refusal, errors.KeyReused)
    assert has(1) == 70


@pytest.mark.django_db
def test_a_key_answers_the_same_after_a_year() -> None:
    done(make.top_up_asked(1, 100))
    asked = make.charge_asked(1, 30)
    first = done(asked)

    later = done(asked, now=NOW + 366 * DAY)

    assert (later.seq, later.time, later.balances, later.replayed) == (first.seq, first.time, first.balances, True)


@pytest.mark.django_db
def test_a_key_belongs_to_its_caller_and_wallet() -> None:
    done(make.top_up_asked(1, 100))
    done(make.top_up_asked(2, 100))

    answers = post(
        make.charge_asked(1, 10, key="1"), make.charge_asked(2, 10, key="1"), make.charge_asked(1, 10, key="1", by="staff:2")
    )

    assert [answer.replayed for answer in answers] == [False, False, False]


@pytest.mark.django_db
@pytest.mark.usefixtures("books_may_be_wrong_afterwards")
def test_one_payment_that_was_topped_up_twice_is_found_by_the_verifier() -> None:
    for key in ("webhook", "poll"):
        asked = make.top_up_asked(1, 100, key=key)
        asked.grants = (Grant(asset=make.cny(), bucket=Bucket.PRINCIPAL, amount=100, source=make.CASH, funding="wechat:42"),)
        done(asked)

    found = verification.verify(connection.connection).findings

    assert [(finding.invariant, finding.place) for finding in found] == [("I7", "funding wechat:42")]


# Faults are not refusals


class Faulty:
    """A document that breaks the statement it is written by."""

    @classmethod
    def write(cls, connection: Any, rows: Sequence[Any]) -> None:
        connection.execute("SELECT 1 / 0")


@pytest.mark.real
def test_one_operation_that_breaks_does_not_take_its_batch_with_it(committed: None) -> None:
    make.post_one(make.top_up_asked(1, 100))
    lane, answers = Lane(0), []
    waiting = [
        (asked, poster.Future()) for asked in (make.charge_asked(1, 10), make.charge_asked(1, 20, documents=(Faulty(),)))
    ]

    lane.answer(waiting)
    answers = [future.exception() or future.result().balance(make.cny(), Bucket.PRINCIPAL) for _asked, future in waiting]
    lane._hang_up()

    assert answers[0] == 90
    assert isinstance(answers[1], psycopg.errors.DivisionByZero)
    assert Operation.objects.count() == 2


@pytest.mark.real
def test_after_a_fault_the_same_key_still_charges(committed: None) -> None:
    make.post_one(make.top_up_asked(1, 100))
    broken = make.charge_asked(1, 20, key="sale", documents=(Faulty(),))
    with pytest.raises(psycopg.errors.DivisionByZero):
        posting.post([broken])

    outcome = make.post_one(make.charge_asked(1, 20, key="sale"))

    assert (outcome.replayed, outcome.balance(make.cny(), Bucket.PRINCIPAL)) == (False, 80)


@pytest.mark.parametrize(
    "fault", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.errors.AdminShutdown]
)
def test_a_database_fault_is_unavailability_and_never_a_business_no(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise fault("not today")

    monkeypatch.setattr(Lane, "_attempt", broken)
    waiting: tuple[Any, Any] = (make.TopUp(book=0, wallet=1, key="k", by="system:0", grants=()), poster.Future())

    Lane(0).answer([waiting])

    assert isinstance(waiting[1].exception(), errors.LedgerUnavailable)
