"""What a provider's word changes: every state of ours against every word of theirs."""

from dataclasses import replace

import pytest

from chuzhi.payments import rules
from chuzhi.payments.gateways.contract import State, Told
from chuzhi.payments.rules import Change, Known


def known(stage: str = "sent", *, provider_id: str = "") -> Known:
    return Known(stage, 100_00, "CNY", "1900000001", provider_id)


def told(state: State = State.PAID, *, amount: int = 100_00, currency: str = "CNY", merchant: str = "1900000001") -> Told:
    return Told(number="P1", state=state, merchant=merchant, amount=amount, currency=currency, provider_id="420001")


@pytest.mark.parametrize(
    ("stage", "change"),
    [
        ("intended", Change.PAID),
        ("sent", Change.PAID),
        ("paid", Change.NOTHING),
        ("failed", Change.PAID_LATE),
        ("closed", Change.PAID_LATE),
    ],
)
def test_money_that_came_counts_whatever_we_believed(stage: str, change: Change) -> None:
    assert rules.change(known(stage), told()) is change


@pytest.mark.parametrize(("stage", "change"), [("sent", Change.PAID), ("closed", Change.ASK), ("failed", Change.ASK)])
def test_a_message_alone_brings_nothing_back_to_life(stage: str, change: Change) -> None:
    assert rules.change(known(stage), told(), is_message=True) is change


@pytest.mark.parametrize(("came", "change"), [(0, Change.NOTHING), (5_00, Change.NOTHING), (5_01, Change.SURPLUS)])
def test_what_comes_above_a_paid_payment_is_seen_as_it_grows(came: int, change: Change) -> None:
    paid = replace(known("paid", provider_id="420001"), surplus=5_00)

    assert rules.change(paid, replace(told(), surplus=came)) is change


@pytest.mark.parametrize("stage", ["intended", "sent", "paid", "failed", "closed"])
@pytest.mark.parametrize(
    "word", [told(amount=99_99), told(amount=100_01), told(currency="USD"), told(merchant="1900000002")], ids=str
)
def test_money_that_is_not_what_was_asked_is_never_believed(stage: str, word: Told) -> None:
    assert rules.change(known(stage), word) is Change.MISMATCH


def test_a_second_transaction_for_a_paid_payment_is_seen() -> None:
    assert rules.change(known("paid", provider_id="420000"), told()) is Change.TWICE
    assert rules.change(known("paid", provider_id="420001"), told()) is Change.NOTHING


@pytest.mark.parametrize("state", [State.FAILED, State.CLOSED, State.WAITING, State.UNHEARD])
@pytest.mark.parametrize("stage", ["paid", "failed", "closed"])
def test_what_is_over_is_not_ended_again(stage: str, state: State) -> None:
    assert rules.change(known(stage), told(state)) is Change.NOTHING


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (State.FAILED, Change.FAILED),
        (State.CLOSED, Change.CLOSED),
        (State.WAITING, Change.NOTHING),
        (State.UNHEARD, Change.NOTHING),
    ],
)
def test_what_is_under_way_ends_as_the_provider_says(state: State, change: Change) -> None:
    assert rules.change(known(), told(state)) is change


def test_the_provider_is_asked_ever_more_seldom() -> None:
    pauses = [rules.pause(times) for times in range(12)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == 3600
