from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.core import audit
from chuzhi.ledger import trail
from chuzhi.ledger.trail import FIRST_LOOK, Edge, Search
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


def lately(**words: str | tuple[str, ...]) -> Search:
    now = timezone.now()
    return Search(now - timedelta(days=400), now + timedelta(minutes=1), **words)  # type: ignore[arg-type]  # its own fields


def written(days: float, subject: str = "store:1") -> str:
    line = audit.AuditEntry(actor="staff:7", action="store.changed", subject=subject, at=timezone.now() - timedelta(days=days))
    line.save(force_insert=True)
    return str(line.pk)


def test_moves_of_value_and_other_acts_are_one_list(wallet: Wallet, store: Store) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    audit.record("customer.phone_revealed", "customer:3", by=cast.OWNER)

    looked_at, topped_up = trail.read(lately(), 2)

    assert (looked_at.action, looked_at.subject) == ("customer.phone_revealed", "customer:3")
    assert (topped_up.action, topped_up.subject, topped_up.id) == ("wallet.topped_up", f"wallet:{wallet.pk}", sold.id)
    assert (topped_up.facts["amount"], topped_up.facts["asset"], topped_up.facts["store"]) == (500_00, "CNY", store.pk)


def test_the_newest_come_first_however_far_they_lie_apart() -> None:
    ids = [written(days) for days in (0.01, 0.5, 3, 40, 390)]
    written(401)

    assert [line.id for line in trail.read(lately(), 10)] == ids
    assert [line.id for line in trail.read(lately(), 2)] == ids[:2]


def test_pages_go_on_where_the_last_ended_even_within_one_moment() -> None:
    moment = timezone.now() - FIRST_LOOK
    for number in range(7):
        audit.AuditEntry(actor="key:1", action="store.changed", subject=f"store:{number}", at=moment).save(force_insert=True)
    whole = [line.id for line in trail.read(lately(), 20)]

    read: list[str] = []
    edge: Edge | None = None
    while some := trail.read(lately(), 3, edge):
        read += [line.id for line in some]
        edge = Edge.read(str(Edge.of(some[-1])))

    assert read == whole
    assert len(read) == 7


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ({"actors": ("staff:7",)}, 2), ({"actors": ("staff:8", "staff:7")}, 2), ({"actors": ("staff:70",)}, 0),
        ({"area": "store"}, 2), ({"area": "sto"}, 0), ({"action": "store.changed"}, 2), ({"action": "store"}, 0),
        ({"subject": "store:2"}, 1), ({"subject": "store:2' OR 1=1"}, 0),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_found_and_nothing_else(words: dict[str, str], count: int) -> None:
    written(1)
    written(2, "store:2")

    assert len(trail.read(lately(**words), 10)) == count


@pytest.mark.parametrize("given", ["", "x", "2026-03-01/1", "2026-03-01T00:00:00/1", "//", "9" * 400])
def test_an_edge_that_nobody_wrote_is_none(given: str) -> None:
    assert Edge.read(given) is None
