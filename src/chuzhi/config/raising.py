"""Customers are told how their application for a higher limit ended, with the reason."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors
from chuzhi.ledger import assets
from chuzhi.limits.models import LimitKind, Raise
from chuzhi.messaging import facts, outbox
from chuzhi.messaging.kinds import Kind

DECIDED = Kind(
    "limit.decided",
    _("How an application for a higher limit ended"),
    _("Your application for a higher limit: {outcome}"),
    _(
        "Hello {name},\n\nyou asked for another limit: {kind}, {amount}.\n\nDecision: {outcome}\nReason: {reason}\n"
        "Until: {until}\n\n{shop}"
    ),
    ("outcome", "kind", "amount", "reason", "until"),
)
BY = actors.system("limits")


def tell(application: Raise) -> None:
    """Joins the transaction of the decision."""
    granted = application.status == Raise.Status.GRANTED
    currency = assets.currency(assets.number(application.asset))
    said = {
        "outcome": facts.word(Raise.Status(application.status).label),
        "kind": facts.word(LimitKind(application.kind).label),
        "amount": facts.money(application.amount, currency) if currency else str(application.amount),
        "reason": application.decision,
        "until": facts.day(application.ends_on) if granted else "–",
    }
    outbox.tell(kind=DECIDED, facts=said, subject=f"raise:{application.pk}", by=BY, customer=application.customer)
