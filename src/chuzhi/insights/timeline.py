"""Everything that happened with a customer, newest first: value that moved, messages, what was done to their record, and more.

Each kind of moment has its source, which reads no more of it than a page needs. Packages above this one add theirs.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import merging
from chuzhi.customers.models import Customer
from chuzhi.desk import queries as desk
from chuzhi.messaging import queries as messages
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.models import Wallet

MONEY, MESSAGES, TICKETS, RECORD = "money", "messages", "tickets", "record"
ACTS = (
    "customer.registered", "customer.changed", "customer.merged", "customer.unmerged", "customer.phone_revealed",
    "customer.contact_verified", "customer.identity_added", "wallet.opened",
)  # fmt: skip
"""Acts of the audit log that are part of the story. Moves of value come from the journal instead."""
ROOM = 50
"""So many moments of one microsecond and one kind still fit on a page with the last one that was asked for."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    kind: str
    of: Any
    """The row that tells of it: an entry of the journal, a delivery, a ticket, a line of the audit log, a note."""


@dataclass(frozen=True)
class Asked:
    """About whom, for whom, and of which time: from `since` on, and before `before`."""

    customer: Customer
    actor: Actor
    limit: int
    since: datetime | None = None
    before: datetime | None = None

    @property
    def most(self) -> int:
        return self.limit + ROOM

    @cached_property
    def customers(self) -> list[int]:
        """This one, and the records that were merged into it."""
        return merging.everyone(self.customer.pk)

    @cached_property
    def wallets(self) -> Sequence[Wallet]:
        return list(wallets.visible_to(self.actor).filter(customer=self.customer).select_related("programme").order_by("pk"))

    def within(self, field: str) -> dict[str, datetime]:
        """As conditions of a query set."""
        edges = {f"{field}__gte": self.since, f"{field}__lt": self.before}
        return {name: at for name, at in edges.items() if at}


@dataclass(frozen=True, slots=True)
class Stretch:
    moments: list[Moment]
    before: datetime | None
    """Where the next stretch begins; None: this is all."""


Source = Callable[[Asked], list[Moment]]


def _money(asked: Asked) -> list[Moment]:
    found = wallets.latest(asked.wallets, limit=asked.most, since=asked.since, before=asked.before)
    return [Moment(entry.effective_at, MONEY, entry) for entry in found]


def _messages(asked: Asked) -> list[Moment]:
    sent = messages.visible_to(asked.actor).filter(message__customer=asked.customer, **asked.within("message__made_at"))
    return [Moment(one.message.made_at, MESSAGES, one) for one in sent.order_by("-message__made_at", "-pk")[: asked.most]]


def _tickets(asked: Asked) -> list[Moment]:
    found = desk.visible_to(asked.actor).filter(customer=asked.customer, **asked.within("opened_at"))
    return [Moment(ticket.opened_at, TICKETS, ticket) for ticket in found[: asked.most]]


def _record(asked: Asked) -> list[Moment]:
    subjects = [*(f"customer:{one}" for one in asked.customers), *(f"wallet:{one.pk}" for one in asked.wallets)]
    acts = AuditEntry.objects.filter(subject__in=subjects, action__in=ACTS, **asked.within("at")).order_by("-at")
    return [Moment(act.at, RECORD, act) for act in acts[: asked.most]]


SOURCES: dict[str, Source] = {MONEY: _money, MESSAGES: _messages, TICKETS: _tickets, RECORD: _record}


def add(kind: str, source: Source) -> None:
    """Called once for each kind that is told of by a package above this one."""
    SOURCES[kind] = source


def of(asked: Asked, kinds: Collection[str] = ()) -> Stretch:
    """The moments of some kinds, or of all. What happened at one moment is never parted between two stretches."""
    sources = [source for kind, source in SOURCES.items() if not kinds or kind in kinds]
    found = sorted((moment for source in sources for moment in source(asked)), key=lambda moment: moment.at, reverse=True)
    if len(found) <= asked.limit:
        return Stretch(found, None)
    last = found[asked.limit - 1].at
    shown = [moment for moment in found if moment.at >= last]
    return Stretch(shown, last if len(found) > len(shown) else None)
