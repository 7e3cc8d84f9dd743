"""Many callers share one commit: none hears of another's fault, and none is told what did not happen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import make
import pytest
from django.db import connections, transaction
from ledger.lossy import LossyWire
from pytest_django.fixtures import Settings

from chuzhi.ledger import poster, posting
from chuzhi.ledger.errors import LedgerBusy, LedgerUnavailable
from chuzhi.ledger.models import Lot
from chuzhi.ledger.models import Operation as Row
from chuzhi.ledger.operations import Fact, Operation
from chuzhi.ledger.rows import Exchange
from product import free_port

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


@dataclass(frozen=True)
class Faulty:
    """A document whose writer has a bug for one of its rows."""

    statement: str = ""

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        for _fact, document in rows:
            if document.statement:
                exchange.ask(document.statement)
        if any(not document.statement for _fact, document in rows):
            raise ZeroDivisionError("a bug")


@pytest.fixture
def lane() -> Iterator[poster.Lane]:
    """One that has not been started: it takes and answers when the test says so."""
    lane = poster.Lane(0)
    yield lane
    lane._hang_up()


def queued(lane: poster.Lane, *operations: Operation) -> list[poster.Pending]:
    return poster._enqueue([lane], operations)


def serve(lane: poster.Lane) -> list[list[int]]:
    """One turn of the lane; answers the books of each batch."""
    batches = lane.next_batches()
    for each in batches:
        lane.answer(each)
    return [[pending.asked.book for pending in each] for each in batches]


def left(wallet: int) -> int:
    return sum(Lot.objects.filter(wallet=wallet).values_list("remaining", flat=True))


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (Faulty(), ZeroDivisionError),
        (Faulty("SELECT 1 / 0"), Exception),
        (Faulty("INSERT INTO ledger_asset (id, code) SELECT id, code FROM ledger_asset"), Exception),
    ],
    ids=["in Python", "in a query", "in a row"],
)
def test_only_the_caller_of_a_broken_operation_hears_of_it(lane: poster.Lane, document: Faulty, fault: type[Exception]) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    good = [make.charge_asked(1, 1_00) for _each in range(3)]
    first, broken, second, third = queued(lane, good[0], make.charge_asked(1, 5_00, documents=(document,)), good[1], good[2])

    serve(lane)

    with pytest.raises(fault):
        broken.result(0)
    assert [each.result(0).seq for each in (first, second, third)] == [2, 3, 4]
    assert left(1) == 97_00


def test_when_the_queue_is_full_nothing_of_a_request_is_begun(lane: poster.Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    monkeypatch.setattr(poster, "LONGEST_QUEUE", 3)
    queued(lane, *[make.charge_asked(1, 1_00) for _each in range(2)])

    with pytest.raises(LedgerBusy):
        queued(lane, *[make.charge_asked(1, 10_00) for _each in range(2)])
    queued(lane, make.charge_asked(1, 1_00))
    serve(lane)

    assert lane.queue.empty()
    assert left(1) == 97_00


def test_an_unreachable_database_is_no_business_answer_and_a_later_retry_is(
    lane: poster.Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    asked = [make.charge_asked(1, 1_00) for _each in range(3)]
    tried: list[str] = []
    connect = poster.connect
    monkeypatch.setattr(poster, "connect", lambda: tried.append("once") or connect())
    with monkeypatch.context() as gone:
        gone.setitem(connections["default"].settings_dict, "PORT", free_port())
        waiting = queued(lane, *asked)
        serve(lane)
    for future in waiting:
        with pytest.raises(LedgerUnavailable):
            future.result(0)
    assert len(tried) == 2, "one request's patience for the whole batch, not for each of its operations"
    assert Row.objects.count() == 1

    again = queued(lane, *asked)
    serve(lane)

    assert [(each.result(0).refusal, each.result(0).replayed) for each in again] == [(None, False)] * 3
    assert left(1) == 97_00


def test_a_lost_answer_to_commit_is_answered_by_the_key(lane: poster.Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    known = connections["default"].settings_dict
    wire = LossyWire(str(known["HOST"]), int(known["PORT"]))
    with monkeypatch.context() as through_the_wire:
        through_the_wire.setitem(known, "PORT", wire.port)
        wire.loses_commits = 1
        waiting = queued(lane, *[make.charge_asked(1, 1_00) for _each in range(3)])
        serve(lane)
        lane._hang_up()
    wire.close()

    assert wire.lost == 1
    assert [each.result(0).seq for each in waiting] == [2, 3, 4]
    assert left(1) == 97_00


def test_an_answer_lost_twice_is_unknown_and_the_key_still_knows(lane: poster.Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    asked = make.charge_asked(1, 1_00)
    known = connections["default"].settings_dict
    wire = LossyWire(str(known["HOST"]), int(known["PORT"]))
    with monkeypatch.context() as through_the_wire:
        through_the_wire.setitem(known, "PORT", wire.port)
        wire.loses_commits = 2
        [waiting] = queued(lane, asked)
        serve(lane)
    wire.close()

    with pytest.raises(LedgerUnavailable):
        waiting.result(0)
    assert posting.post([asked])[0].replayed
    assert left(1) == 99_00


@pytest.mark.parametrize(("is_one_book", "batches"), [(False, [[0, 2, 0, 4, 2]]), (True, [[0, 0], [2, 2], [4]])])
def test_a_batch_may_be_kept_to_one_book(
    lane: poster.Lane, settings: Settings, is_one_book: bool, batches: list[list[int]]
) -> None:
    settings.LEDGER_ONE_BOOK_PER_BATCH = is_one_book
    waiting = queued(lane, *[make.top_up_asked(book + 1, 1_00, book=book) for book in (0, 2, 0, 4, 2)])

    assert serve(lane) == batches
    assert all(each.result(0).refusal is None for each in waiting)


def test_through_the_other_door_money_moves_with_the_callers_own_rows_or_not_at_all() -> None:
    make.post_one(make.top_up_asked(1, 100_00))
    asked = make.charge_asked(1, 1_00)
    with transaction.atomic():
        undone = posting.post([asked])[0]
        transaction.set_rollback(True)
    assert Row.objects.count() == 1

    with transaction.atomic():
        done = posting.post([asked])[0]

    assert (undone.seq, done.seq, done.replayed) == (2, 2, False)
    assert left(1) == 99_00
