"""The journal of all wallets in the order of the ledger's time: each entry once, a year apart or of one moment."""

from datetime import datetime, timedelta

import make
import pytest
from django.utils import timezone

from chuzhi.ledger import journal
from chuzhi.ledger.journal import Edge, Search

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Place = tuple[datetime, int, int]


def written(count: int, at: datetime) -> list[Place]:
    """So many top-ups of one moment, in two books."""
    asked = [make.top_up_asked(7 + number % 2, 10_00, book=number % 2) for number in range(count)]
    return [(done.time, done.book, done.seq) for done in make.post(*asked, now=at)]


def walked(size: int, *, oldest_first: bool) -> list[Place]:
    """All of a year and a day, page after page."""
    search = Search(since=NOW - timedelta(days=366), until=NOW + timedelta(days=1))
    found: list[Place] = []
    edge: Edge | None = None
    while page := journal.read(search, size, edge, oldest_first=oldest_first):
        edge = Edge.of(page[-1])
        found += [(one.outcome.time, one.outcome.book, one.outcome.seq) for one in page]
    return found


@pytest.mark.parametrize("oldest_first", [False, True])
def test_more_entries_of_one_moment_than_are_sorted_at_once(oldest_first: bool) -> None:
    places = written(journal.MANY + 300, NOW - timedelta(hours=3))

    assert walked(400, oldest_first=oldest_first) == sorted(places, reverse=not oldest_first)


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("size", [1, 5, 26])
def test_far_apart_and_close_together(monkeypatch: pytest.MonkeyPatch, size: int, oldest_first: bool) -> None:
    monkeypatch.setattr(journal, "MANY", 4)
    ago = [
        timedelta(days=365),
        timedelta(days=40),
        *(timedelta(hours=9, milliseconds=-each) for each in range(9)),
        timedelta(seconds=2),
    ]
    places = [place for each in ago for place in written(3, NOW - each)]

    assert walked(size, oldest_first=oldest_first) == sorted(places, reverse=not oldest_first)


def test_the_newest_of_a_busy_second_are_found_without_sorting_it(django_assert_max_num_queries: object) -> None:
    begun = NOW - timedelta(seconds=50)
    for part in range(40):
        written(50, begun + timedelta(milliseconds=25 * part))
    search = Search(since=NOW - timedelta(days=7), until=NOW + timedelta(hours=8))

    with django_assert_max_num_queries(8):  # type: ignore[operator]  # a fixture that is a function
        page = journal.read(search, 26)

    assert {one.outcome.time for one in page} == {begun + timedelta(milliseconds=25 * 39)}
