"""The same, for what comes back to a wallet long after: debts, expiry, keys asked again, and faults that are no refusals."""

from collections.abc import Sequence
from typing import Any

import make
import psycopg
import pytest
from django.db import connection
from ledger.deeds import DAY, NOW, done, has, post, refusal

from chuzhi.ledger import assets, chart, errors, posting
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.models import Lot, Operation
from chuzhi.ledger.operations import (
    Dispute,
    DisputeEnd,
    Grant,
    TakeBack,
    TopUpRefund,
)
from chuzhi.ledger.poster import Lane, Pending
from chuzhi.ledger.proof import verification
from chuzhi.ledger.rows import Exchange

pytestmark = pytest.mark.usefixtures("books_are_in_order_afterwards")


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
    assert refusal(make.asked(DisputeEnd, 1, dispute=disputed, clearing=make.CASH)) == "dispute.ended"


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
    def write(cls, exchange: Exchange, rows: Sequence[Any]) -> None:
        exchange.ask("SELECT 1 / 0")


@pytest.mark.real
def test_one_operation_that_breaks_does_not_take_its_batch_with_it(committed: None) -> None:
    make.post_one(make.top_up_asked(1, 100))
    lane = Lane(0)
    good, broken = Pending(make.charge_asked(1, 10)), Pending(make.charge_asked(1, 20, documents=(Faulty(),)))

    lane.answer([good, broken])
    lane._hang_up()

    assert good.result(0).balance(make.cny(), Bucket.PRINCIPAL) == 90
    with pytest.raises(psycopg.errors.DivisionByZero):
        broken.result(0)
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
    waiting = Pending(make.TopUp(book=0, wallet=1, key="k", by="system:0", grants=()))

    Lane(0).answer([waiting])

    with pytest.raises(errors.LedgerUnavailable):
        waiting.result(0)


@pytest.mark.django_db
def test_what_is_taken_back_of_one_gift_leaves_the_others_alone() -> None:
    first, second = (make.post_one(make.top_up_asked(1, 100_00, 30_00)) for _each in range(2))

    done(TakeBack(book=0, wallet=1, key="t", by="system:0", asset=make.cny(), amount=20_00, made_by=second.seq))

    left = Lot.objects.filter(book=0, wallet=1, bucket=Bucket.BONUS).values_list("made_by", "remaining")
    assert dict(left) == {first.seq: 30_00, second.seq: 10_00}
