from datetime import timedelta

import pytest

from chuzhi.webhooks import rules

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the standard's own example


def test_a_call_is_signed_as_the_standard_shows() -> None:
    mark = rules.signature([SECRET], number="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}')

    assert mark == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_make_two_marks() -> None:
    marks = rules.signature([SECRET, "whsec_" + "QUJD" * 8], number="msg_1", timestamp=1, body=b"{}").split(" ")

    assert len(set(marks)) == 2
    assert all(mark.startswith("v1,") for mark in marks)


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [(1, timedelta(seconds=5)), (2, timedelta(minutes=5)), (9, timedelta(hours=24)), (10, None)],
)
def test_it_is_sent_again_later_and_later_and_then_given_up(attempts: int, wait: timedelta | None) -> None:
    assert rules.wait_after(attempts, chance=0) == wait
    assert wait is None or rules.wait_after(attempts, chance=1) == wait * 1.1


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (204, True), (302, False), (410, False), (500, False)])
def test_only_a_plain_yes_counts(status: int, is_taken: bool) -> None:
    assert rules.is_taken(status) is is_taken
