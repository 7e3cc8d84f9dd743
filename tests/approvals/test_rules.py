import pytest

from chuzhi.approvals import rules
from chuzhi.approvals.rules import EVERYTHING, NOTHING, Limits


@pytest.mark.parametrize(
    ("limits", "amount", "used", "may"),
    [
        (Limits(100, 300, 0), 100, 0, True),
        (Limits(100, 300, 0), 101, 0, False),
        (Limits(100, 300, 0), 100, 200, True),
        (Limits(100, 300, 0), 100, 201, False),
        (Limits(100, None, 0), 100, 10**9, True),
        (NOTHING, 1, 0, False),
        (EVERYTHING, 10**15, 10**15, True),
    ],
)
def test_what_may_be_done_alone(limits: Limits, amount: int, used: int, *, may: bool) -> None:
    left = rules.left_alone(limits, used=used)

    assert rules.may_alone(limits, amount, used=used) is may
    assert (left is None or amount <= left) is may


@pytest.mark.parametrize(
    ("approves", "amount", "may"), [(None, 10**15, True), (0, 1, False), (500, 500, True), (500, 501, False)]
)
def test_what_may_be_signed(approves: int | None, amount: int, *, may: bool) -> None:
    assert rules.may_approve(Limits(0, 0, approves), amount) is may


def test_two_roles_give_what_either_gives() -> None:
    assert rules.widest([Limits(100, 500, 0), Limits(200, 300, None)]) == Limits(200, 500, None)
    assert rules.widest([]) == NOTHING
    assert rules.widest([NOTHING, EVERYTHING]) == EVERYTHING


def test_one_person_is_known_by_any_mark() -> None:
    assert rules.is_one_person(frozenset({"staff:1", "mail:a@b.cn"}), frozenset({"staff:2", "mail:a@b.cn"}))
    assert not rules.is_one_person(frozenset({"staff:1"}), frozenset({"staff:2"}))
