"""What happened with a customer, as people read it: a line for each moment of the timeline."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import people
from chuzhi.console import values
from chuzhi.console.messages import telling as messages
from chuzhi.console.wallets import telling
from chuzhi.core.audit import AuditEntry
from chuzhi.desk.models import Ticket
from chuzhi.insights.timeline import MESSAGES, MONEY, RECORD, TICKETS, Asked, Moment
from chuzhi.ledger.queries import Entry
from chuzhi.messaging.models import Delivery
from chuzhi.wallets import moves
from chuzhi.workforce import notes
from chuzhi.workforce.models import Note

LONGEST = 200
KINDS: dict[str, Promise] = {
    MONEY: _("Value that moved"),
    MESSAGES: _("Messages"),
    TICKETS: _("Tickets"),
    notes.KIND: _("Notes"),
    RECORD: _("The record"),
}
ACTS: dict[str, tuple[str | Promise, str]] = {
    "customer.registered": (_("Became a customer"), "user-plus"),
    "customer.changed": (_("Details changed"), "pencil"),
    "customer.merged": (_("Merged with another record"), "users"),
    "customer.unmerged": (_("Made two records again"), "undo-2"),
    "customer.contact_verified": (_("Contact detail verified"), "shield-check"),
    "customer.identity_added": (_("Account elsewhere added"), "users"),
    "customer.phone_revealed": (_("Phone number looked at"), "eye"),
    "wallet.opened": (_("Wallet opened"), "wallet"),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str
    icon: str
    tone: str
    side: str
    by: str
    who: str = ""
    address: str = ""
    """Of the page that says more, if there is one."""


def told(moments: Sequence[Moment], asked: Asked) -> list[Line]:
    """In the order in which they are given, with the names of those who did it."""
    assets = {wallet.pk: moves.programme_of(wallet).asset_code for wallet in asked.wallets}
    spenders = telling.spenders([moment.of for moment in moments if moment.kind == MONEY])
    ways: Mapping[str, Callable[..., Line]] = {
        MONEY: lambda entry: _moved(entry, assets[entry.outcome.wallet], spenders),
        MESSAGES: _message,
        TICKETS: _ticket,
        notes.KIND: lambda note: _note(note, asked.customer.pk),
        RECORD: _act,
    }
    lines = [ways[moment.kind](moment.of) for moment in moments]
    names = people.names({line.by for line in lines})
    return [replace(line, who=names.get(line.by, "")) for line in lines]


def _moved(entry: Entry, asset: str, spenders: Mapping[str, str]) -> Line:
    line = telling.line(entry, asset, spenders)
    if not line.is_done:
        return Line(line.at, f"{line.label}: {line.refusal}", "ban", "bad", "", line.actor)
    side = values.signed(line.change, line.asset) if line.moves_value else values.text(line.amount, line.asset)
    tone, page = "good" if line.change > 0 else "plain", reverse("console:till_receipt", args=[line.id])
    return Line(line.at, line.label, line.icon, tone, side if line.amount else "", line.actor, address=page)


def _message(delivery: Delivery) -> Line:
    said = messages.told(delivery)
    text, page = f"{said['kind']} · {said['channel']}", reverse("console:message", args=[delivery.pk])
    at, by = delivery.message.made_at, delivery.message.made_by
    return Line(at, text, "mail", said["tone"], delivery.get_state_display(), by, address=page)


def _ticket(ticket: Ticket) -> Line:
    text, page = f"{ticket.get_kind_display()} · {ticket.subject}", reverse("console:ticket", args=[ticket.pk])
    return Line(ticket.opened_at, text, "message-square", "plain", ticket.get_state_display(), ticket.opened_by, address=page)


def _note(note: Note, customer: int) -> Line:
    text, page = Truncator(note.text).chars(LONGEST), reverse("console:customer_notes", args=[customer])
    return Line(note.at, text, "message-square", "plain", "", note.by, address=page)


def _act(act: AuditEntry) -> Line:
    text, icon = ACTS[act.action]
    return Line(act.at, str(text), icon, "plain", "", act.actor)
