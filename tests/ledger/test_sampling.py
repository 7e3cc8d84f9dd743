import hashlib
import math
from collections import Counter
from datetime import datetime, timedelta

import make
import pytest
from django.utils import timezone

from chuzhi.ledger import operations, sampling
from chuzhi.ledger.chart import Kind, Standing
from chuzhi.ledger.journal import Search
from chuzhi.ledger.queries import Entry

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.now() - timedelta(days=1)


def search(**more: object) -> Search:
    return Search(since=YESTERDAY - timedelta(hours=1), until=YESTERDAY + timedelta(hours=1), **more)  # type: ignore[arg-type]


def place(entry: Entry) -> str:
    return f"{entry.outcome.book}-{entry.outcome.seq}"


def draw(size: int, word: str, *, by_amount: bool = False, among: Search | None = None) -> list[str]:
    return [place(one) for one in sampling.draw(among or search(), size=size, word=word, by_amount=by_amount)]


def written(*amounts: int, now: datetime = YESTERDAY) -> list[str]:
    """Top-ups of two books, by their places."""
    asked = [make.top_up_asked(7 + number % 2, amount, book=number % 2) for number, amount in enumerate(amounts)]
    return [f"{done.book}-{done.seq}" for done in make.post(*asked, now=now)]


def test_the_same_word_draws_the_same_entries_and_anybody_can_check_which() -> None:
    places = written(*[10_00] * 60)

    drawn = draw(10, "2026-A")

    by_hash = sorted(places, key=lambda one: hashlib.sha256(f"2026-A/{one}".encode()).hexdigest())
    assert sorted(drawn) == sorted(by_hash[:10])
    assert draw(10, "2026-A") == drawn
    assert draw(10, "2026-B") != drawn


def test_what_comes_later_changes_nothing() -> None:
    written(*[10_00] * 60)
    before = draw(10, "word")

    written(*[10_00] * 60, now=timezone.now())

    assert draw(10, "word") == before
    assert sampling.population(search(), by_amount=False) == sampling.Population(60, 600_00)


def test_in_proportion_to_the_amount() -> None:
    amounts = [1_00, 2_00, 400_00, 3_00, 500_00, 1_00, 2_00, 600_00, 1_00, 2_00]
    of = dict(zip(written(*amounts), amounts, strict=True))

    times = Counter(one for turn in range(200) for one in draw(1, f"{turn}", by_amount=True))

    large = sum(times[one] for one, amount in of.items() if amount >= 400_00)
    assert large >= 190, "1,500 of 1,512 yuan are in three entries: about 198 times of 200 one of them is drawn"
    assert max(times.values()) < 120, "none of the three holds more than two fifths"

    def key(one: str) -> float:
        chance = (int(hashlib.sha256(f"0/{one}".encode()).hexdigest()[:13], 16) + 1) / 2**52
        return -math.log(chance) / of[one]

    assert draw(1, "0", by_amount=True) == [min(of, key=key)]


def test_only_of_what_is_searched_and_the_oldest_first() -> None:
    written(*[10_00] * 8)
    [charge] = make.post(make.charge_asked(7, 5_00), now=YESTERDAY)

    assert draw(5, "word", among=search(kinds=(Kind.CHARGE,))) == [f"{charge.book}-{charge.seq}"]
    times = [one.outcome.time for one in sampling.draw(search(), size=500, word="word", by_amount=False)]
    assert (len(times), times) == (9, sorted(times))


def test_by_amount_what_moves_nothing_is_left_out() -> None:
    make.post(make.top_up_asked(7, 10_00), now=YESTERDAY)
    make.post(make.asked(operations.Stand, 7, standing=Standing.FROZEN, reason="lost"), now=YESTERDAY)

    assert len(draw(9, "word")) == 2
    assert len(draw(9, "word", by_amount=True)) == 1
    assert sampling.population(search(), by_amount=True).count == 1
