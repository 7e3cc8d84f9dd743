"""What packs want in custody and reported, by tables."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chuzhi.core.packs import reading, reporting

DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("pack", "kind", "base", "required"),
    [
        ("cn-national", "scale", 1000_00, 200_00),
        ("cn-national", "group", 1000_00, 300_00),
        ("cn-national", "brand", 1000_00, 400_00),
        ("cn-national", "scale", 1, 1),
        ("cn-national", "", 1000_00, 400_00),
        ("cn-shanghai", "general", 199_999_99, 0),
        ("cn-shanghai", "general", 200_000_00, 80_000_00),
        ("us-california", "", 1000_00, 0),
        ("none", "", 1000_00, 0),
    ],
)
def test_what_is_kept_apart(pack: str, kind: str, base: int, required: int) -> None:
    assert reporting.custody(reading.pack(pack), base, DAY, kind=kind).required == required


@pytest.mark.parametrize(
    ("pack", "base_on", "first", "last", "due_on"),
    [
        ("cn-national", date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 21)),
        ("cn-shanghai", DAY, date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 21)),
        ("none", DAY, date(2026, 5, 1), date(2026, 5, 31), None),
    ],
)
def test_what_is_reported_and_by_when(pack: str, base_on: date, first: date, last: date, due_on: date | None) -> None:
    found = reading.pack(pack)

    due = reporting.due_on(found, last)

    assert (reporting.base_on(found, DAY), *reporting.period(found, DAY)) == (base_on, first, last)
    assert (due[0] if due else None) == due_on


def test_a_group_has_longer_than_an_issuer_of_scale() -> None:
    last = date(2026, 6, 30)

    due = [reporting.due_on(reading.pack("cn-national"), last, kind=kind) for kind in ("scale", "group", "brand", "")]

    assert [each and each[0] for each in due] == [date(2026, 7, day) for day in (21, 28, 28, 21)]


@given(some.sampled_from([*reading.packs().values()]), some.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_periods_follow_each_other_without_a_gap(pack: reporting.Pack, on: date) -> None:
    first, last = reporting.period(pack, on)

    assert first <= on <= last
    assert reporting.period(pack, last + reporting.A_DAY)[0] == last + reporting.A_DAY
    assert reporting.period(pack, first - reporting.A_DAY)[1] == first - reporting.A_DAY


@given(some.sampled_from([*reading.packs().values()]), some.integers(0, 10**12), some.integers(0, 10**12))
def test_more_is_never_less_in_custody(pack: reporting.Pack, base: int, more: int) -> None:
    less, greater = (reporting.custody(pack, each, DAY).required for each in (base, base + more))

    assert less <= greater <= base + more
