"""What has happened to a customer lately: their wallets' entries and what was done to their record, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import values
from chuzhi.console.wallets import telling
from chuzhi.core.audit import AuditEntry
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet

LATEST = 20
ACTS: dict[str, tuple[str | Promise, str]] = {
    "customer.registered": (_("Became a customer"), "user-plus"),
    "customer.changed": (_("Details changed"), "pencil"),
    "customer.phone_revealed": (_("Phone number looked at"), "eye"),
    "wallet.opened": (_("Wallet opened"), "wallet"),
}
"""Acts in the audit log that belong to the story. Moves of value come from the journal instead."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    text: str
    icon: str
    tone: str
    side: str
    who: str
    operation: str
    """The number of the entry behind it, if it has a receipt."""


def of(customer: Customer, wallets: Iterable[Wallet]) -> list[Moment]:
    held = list(wallets)
    found = [moment for wallet in held for moment in _entries(wallet)]
    subjects = [f"customer:{customer.pk}", *(f"wallet:{wallet.pk}" for wallet in held)]
    acts = AuditEntry.objects.filter(subject__in=subjects, action__in=list(ACTS)).order_by("-at")[:LATEST]
    found += [_act(entry) for entry in acts]
    latest = sorted(found, key=lambda moment: moment.at, reverse=True)[:LATEST]
    return _named(latest)


def _entries(wallet: Wallet) -> Iterable[Moment]:
    asset = moves.programme_of(wallet).asset_code
    for line in telling.lines(queries.entries(wallet, limit=LATEST), asset):
        side = values.signed(line.change, line.asset) if line.moves_value else values.text(line.amount, line.asset)
        if not line.is_done:
            yield Moment(line.at, f"{line.label}: {line.refusal}", "ban", "bad", "", line.actor, "")
        else:
            tone = "good" if line.change > 0 else "plain"
            yield Moment(line.at, line.label, line.icon, tone, side if line.amount else "", line.actor, line.id)


def _act(entry: AuditEntry) -> Moment:
    text, icon = ACTS[entry.action]
    return Moment(entry.at, str(text), icon, "plain", "", entry.actor, "")


def _named(moments: list[Moment]) -> list[Moment]:
    """Who did it, by name."""
    numbers = {int(number) for moment in moments for kind, _colon, number in [moment.who.partition(":")] if kind == "staff"}
    names = {f"staff:{pk}": name for pk, name in Staff.objects.filter(pk__in=numbers).values_list("pk", "name")}
    return [Moment(one.at, one.text, one.icon, one.tone, one.side, names.get(one.who, ""), one.operation) for one in moments]
