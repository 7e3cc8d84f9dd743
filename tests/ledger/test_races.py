"""Many at once, two processes, real commits: nobody gets what is not there, nobody loses what is."""

from collections.abc import Iterator

import make
import pytest
from ledger import racing

from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.models import Lot
from chuzhi.ledger.operations import (
    Capture,
    Dispute,
    Hold,
    Refund,
    Stand,
    TopUpRefund,
    TransferOut,
)

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

CROWD, ROUNDS = 200, 50


def left(wallet: int, book: int = 0) -> int:
    return sum(Lot.objects.filter(book=book, wallet=wallet).exclude(bucket=Bucket.DEBT).values_list("remaining", flat=True))


@pytest.fixture(autouse=True, scope="module")
def racers() -> Iterator[None]:
    yield
    racing.stop_all()


def test_two_hundred_spenders_share_what_is_there() -> None:
    for wallet in range(1, ROUNDS + 1):
        make.post_one(make.top_up_asked(wallet, 60_00, 40_00))

        answers = racing.race([make.charge_asked(wallet, 1_00) for _each in range(CROWD)])

        assert len(answers) == CROWD
        assert len(racing.done(answers)) == 100
        assert {each["refusal"] for each in answers} == {None, "wallet.not_enough"}
        assert left(wallet) == 0


def test_the_same_key_on_two_servers_at_once_charges_once() -> None:
    make.post_one(make.top_up_asked(1, 500_00))
    asked = make.charge_asked(1, 5_00)

    answers = racing.race([asked] * CROWD)

    assert {(each["seq"], each["amount"]) for each in answers} == {(2, 5_00)}
    assert sum(not each["replayed"] for each in answers) == 1
    assert left(1) == 495_00


def test_a_top_up_settled_many_times_within_milliseconds_credits_once() -> None:
    asked = make.top_up_asked(1, 500_00, 80_00, key="wechat:4200001")

    racing.race([asked] * CROWD)

    assert left(1) == 580_00


def test_holds_and_charges_never_promise_the_same_value_twice() -> None:
    for wallet in range(1, ROUNDS + 1):
        make.post_one(make.top_up_asked(wallet, 100_00))
        until = make.in_days(1)
        holds = [make.asked(Hold, wallet, 1_00, expires_at=until) for _each in range(CROWD // 2)]

        answers = racing.race([*holds, *(make.charge_asked(wallet, 1_00) for _each in range(CROWD // 2))])

        assert len(racing.done(answers)) == 100
        lot = Lot.objects.get(wallet=wallet)
        assert lot.remaining == lot.held


def test_refunds_together_give_back_no_more_than_was_paid() -> None:
    for wallet in range(1, ROUNDS + 1):
        make.post_one(make.top_up_asked(wallet, 100_00, 50_00))
        charge = make.post_one(make.charge_asked(wallet, 120_00))

        answers = racing.race([make.asked(Refund, wallet, 1_00, charge=charge.seq) for _each in range(CROWD)])

        assert len(racing.done(answers)) == 120
        assert left(wallet) == 150_00


def test_captures_and_refunds_of_captures_stay_within_the_hold() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    hold = make.post_one(make.asked(Hold, 1, 80_00, expires_at=make.in_days(1)))
    first = make.post_one(make.asked(Capture, 1, 20_00, hold=hold.seq, into=make.SALES))
    captures = [make.asked(Capture, 1, 1_00, hold=hold.seq, into=make.SALES) for _each in range(CROWD // 2)]
    refunds = [make.asked(Refund, 1, 1_00, charge=first.seq) for _each in range(CROWD // 2)]

    answers = racing.race([*captures, *refunds])

    assert len(racing.done(answers)) == 60 + 20
    assert left(1) == 100_00 - 80_00 + 20_00


def test_a_top_up_is_given_back_once_while_it_is_being_spent() -> None:
    for wallet in range(1, ROUNDS + 1):
        top_up = make.post_one(make.top_up_asked(wallet, 100_00))
        back = [make.asked(TopUpRefund, wallet, 0, top_up=top_up.seq, into=make.CASH) for _each in range(CROWD // 2)]

        answers = racing.race([*back, *(make.charge_asked(wallet, 1_00) for _each in range(CROWD // 2))])

        returned = [each["amount"] for each in racing.done(answers) if each["amount"] != 1_00]
        spent = [each["amount"] for each in racing.done(answers) if each["amount"] == 1_00]
        assert left(wallet) == 0
        assert sum(returned) + sum(spent) == 100_00


def test_a_wallet_is_closed_only_when_empty_while_others_fill_and_refund() -> None:
    make.post_one(make.top_up_asked(1, 50_00))
    charge = make.post_one(make.charge_asked(1, 50_00))
    closing = [make.asked(Stand, 1, standing=Standing.CLOSED, reason="leaving") for _each in range(CROWD // 2)]
    refunds = [make.asked(Refund, 1, 1_00, charge=charge.seq) for _each in range(CROWD // 2)]

    answers = racing.race([*closing, *refunds])

    refunded = [each for each in racing.done(answers) if each["amount"] == 1_00]
    assert left(1) == sum(each["amount"] for each in refunded)
    assert {each["refusal"] for each in answers} <= {None, "wallet.closed", "wallet.not_empty", "refund.too_large"}


def test_disputes_of_one_top_up_book_its_debt_once() -> None:
    top_up = make.post_one(make.top_up_asked(1, 100_00))
    make.post_one(make.charge_asked(1, 70_00))

    answers = racing.race([make.asked(Dispute, 1, top_up=top_up.seq, clearing=make.CASH) for _each in range(CROWD)])

    assert len(racing.done(answers)) == 1
    assert list(Lot.objects.filter(wallet=1, bucket=Bucket.DEBT).values_list("remaining", flat=True)) == [70_00]


def test_transfers_in_opposite_order_lose_nothing_and_never_deadlock() -> None:
    make.post(make.top_up_asked(1, 100_00, book=3), make.top_up_asked(2, 100_00, book=4))
    there = [make.asked(TransferOut, 1, 1_00, book=3, to_book=4, to_wallet=2) for _each in range(CROWD // 2)]
    back = [make.asked(TransferOut, 2, 1_00, book=4, to_book=3, to_wallet=1) for _each in range(CROWD // 2)]

    answers = racing.race([each for pair in zip(there, back, strict=True) for each in pair])

    assert len(racing.done(answers)) == CROWD
    assert left(1, 3) + left(2, 4) == 200_00 - CROWD * 1_00


def test_one_store_and_hundreds_of_wallets_tie_to_the_cent() -> None:
    wallets = range(1, 401)
    make.post(*(make.top_up_asked(wallet, 10_00, book=wallet % 64) for wallet in wallets))

    answers = racing.race([make.charge_asked(wallet, 3_00, book=wallet % 64) for wallet in wallets])

    assert len(racing.done(answers)) == len(wallets)
    assert sum(Lot.objects.values_list("remaining", flat=True)) == len(wallets) * 7_00
