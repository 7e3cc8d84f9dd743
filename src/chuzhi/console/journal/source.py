"""Entries of the journal as the rows of a list: with the names of customers, stores and people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from chuzhi.approvals import people
from chuzhi.console.lists.sources import AT_ONCE, Page, counted
from chuzhi.console.wallets import telling
from chuzhi.console.wallets.telling import Line
from chuzhi.ledger import journal
from chuzhi.ledger.chart import System, party_of, system_of
from chuzhi.ledger.journal import Edge, Search
from chuzhi.ledger.queries import Entry, said_of
from chuzhi.organization.models import Store
from chuzhi.payments import methods
from chuzhi.topups.channels import Channel
from chuzhi.wallets.models import Wallet

NEWEST_FIRST = "-time"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with what is around it."""

    line: Line
    at: datetime
    """When the ledger wrote it down, which the list is ordered by; `line.at` is when it took effect."""
    wallet: int
    customer: int | None
    holder: str
    store: str
    who: str
    method: str
    channel: str
    reference: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What a search finds, as a `Source`."""

    search: Search
    note: str = ""

    def page(self, order: Sequence[str], asked: Mapping[str, str], *, size: int) -> Page[Row]:
        edge, back = Edge.read(asked.get("after", "")), Edge.read(asked.get("before", ""))
        is_up = (order[0] != NEWEST_FIRST) != (back is not None)
        found = journal.read(self.search, size + 1, back or edge, oldest_first=is_up)
        is_more, found = len(found) > size, found[:size]
        if back:
            found.reverse()
        has_previous, has_next = (is_more, True) if back else (edge is not None, is_more)
        kept = {name: said for name, said in asked.items() if name not in {"after", "before"}}
        return Page(
            told(found),
            f"?{urlencode(kept | {'before': Edge.of(found[0])})}" if has_previous and found else "",
            f"?{urlencode(kept | {'after': Edge.of(found[-1])})}" if has_next and found else "",
        )

    def every(self, order: Sequence[str], *, most: int) -> Iterator[Row]:
        entries = journal.every(self.search, most=most, oldest_first=order[0] != NEWEST_FIRST)
        while some := list(islice(entries, AT_ONCE)):
            yield from told(some)

    def count(self) -> int | None:
        return counted(lambda most: journal.count(self.search, most))

    def numbers(self, *, most: int) -> list[int]:
        """Entries are history: nothing is done to them."""
        return []


def told(entries: Iterable[Entry]) -> list[Row]:
    some = list(entries)
    held = Wallet.objects.select_related("customer", "programme").only("customer__name", "programme__asset")
    wallets = held.in_bulk([entry.outcome.wallet for entry in some])
    stores = dict(Store.objects.filter(pk__in={entry.store for entry in some if entry.store}).values_list("pk", "name"))
    who = people.names({entry.actor for entry in some})
    return [_row(entry, wallets[entry.outcome.wallet], stores, who) for entry in some if entry.outcome.wallet in wallets]


def _row(entry: Entry, wallet: Wallet, stores: Mapping[int, str], who: Mapping[str, str]) -> Row:
    said, holder = said_of(entry), wallet.customer.name if wallet.customer else ""
    ways = {party_of(leg.account) for leg in entry.outcome.legs if leg.account and system_of(leg.account) is System.CLEARING}
    channel = str(said.get("channel", ""))
    return Row(
        line=telling.lines([entry], wallet.programme.asset)[0],
        at=entry.outcome.time,
        wallet=wallet.pk,
        customer=wallet.customer_id,
        holder=holder,
        store=stores.get(entry.store or 0, ""),
        who=who.get(entry.actor, entry.actor),
        method=", ".join(str(methods.label(way)) for way in sorted(ways)),
        channel=str(Channel(channel).label) if channel in Channel.values else channel,
        reference=str(said.get("reference", "") or said.get("reason", "")),
    )
