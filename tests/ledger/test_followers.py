from collections.abc import Sequence

import make
import pytest

from chuzhi.ledger import followers
from chuzhi.ledger.followers import Entry
from chuzhi.ledger.models import Follower

pytestmark = pytest.mark.django_db


class Reader:
    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def __call__(self, entries: Sequence[Entry]) -> None:
        self.seen += [(each.outcome.book, each.outcome.seq) for each in entries]


def test_every_entry_is_read_once_in_the_order_of_its_book() -> None:
    reader = Reader()
    make.post(make.top_up_asked(1, 100_00), make.charge_asked(1, 1_00), make.top_up_asked(2, 100_00, book=1))
    first = followers.follow("receipts", reader)
    make.post(make.charge_asked(1, 999_00))

    second, third = followers.follow("receipts", reader), followers.follow("receipts", reader)

    assert (first, second, third) == (3, 1, 0)
    assert reader.seen == [(0, 1), (0, 2), (1, 1), (0, 3)]


def test_a_limit_leaves_the_rest_for_the_next_time() -> None:
    reader = Reader()
    make.post(make.top_up_asked(1, 100_00), *(make.charge_asked(1, 1_00) for _ in range(4)))

    counts = [followers.follow("receipts", reader, limit=2) for _ in range(4)]

    assert counts == [2, 2, 1, 0]
    assert followers.lag("receipts") == 0


def test_what_the_handler_raises_leaves_the_cursor() -> None:
    make.post(make.top_up_asked(1, 100_00), make.top_up_asked(2, 100_00, book=1))

    def broken(entries: Sequence[Entry]) -> None:
        if entries[0].outcome.book == 1:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        followers.follow("points", broken)

    assert dict(Follower.objects.filter(name="points").values_list("book", "seq")) == {0: 1, 1: 0}
    assert followers.lag("points") == 1


def test_an_entry_carries_who_asked_and_what_was_asked() -> None:
    seen: list[Entry] = []
    make.post(make.top_up_asked(1, 100_00), make.charge_asked(1, 500_00, store=7, till=2, reference="sale 9"))

    followers.follow("timeline", seen.extend)

    entry = seen[1]
    assert (entry.actor, entry.store, entry.till) == ("system:0", 7, 2)
    assert '"reference":"sale 9"' in entry.details
    assert entry.outcome.refusal is not None
    assert entry.outcome.refusal.facts == {"available": 100_00, "asked": 500_00}
