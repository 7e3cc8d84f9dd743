"""A delivery as it is told on a page."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.messaging import kinds, queries
from chuzhi.messaging.channels.registry import LABELS
from chuzhi.messaging.models import Delivery

LATEST = 6
TONES = {"sent": "good", "failed": "bad", "unknown": "warn", "waiting": "info", "sending": "info"}
ICONS = {"sent": "check", "failed": "triangle-alert", "unknown": "circle-alert", "waiting": "hourglass", "sending": "hourglass"}
FAULTS = {
    "no_server": gettext_lazy("No mail server is set up."),
    "no_address": gettext_lazy("There is no address."),
    "nobody": gettext_lazy("Nothing is known of this person any more."),
    "interrupted": gettext_lazy("The program stopped in the middle of sending."),
    "kind_unknown": gettext_lazy("There is no such kind of message."),
}


def told(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "about": address_of(delivery.message.subject),
        "number": delivery.message.subject.partition(":")[2],
        "kind": known(delivery.message.kind),
        "channel": LABELS.get(delivery.channel, delivery.channel),
        "tone": TONES.get(delivery.state, "plain"),
        "icon": ICONS.get(delivery.state, "minus"),
        "fault": FAULTS.get(delivery.fault, delivery.fault),
    }


def address_of(subject: str) -> str:
    """The page of what a message is about; nothing if it has none."""
    about, _colon, number = subject.partition(":")
    if about == "approval":
        return reverse("console:approval", args=[number])
    if about == "task":
        return reverse("console:task", args=[number.partition(":")[0]])
    if about == "ticket":
        return reverse("console:ticket", args=[number.partition(":")[0]])
    return reverse("console:till_receipt", args=[number]) if about == "operation" else ""


def known(kind: str) -> str:
    """What a kind of message is called."""
    return str(kinds.named(kind).label) if kind in {each.name for each in kinds.every()} else kind


def latest(customer: Customer, actor: Actor) -> list[dict[str, Any]]:
    """What this customer was told lately."""
    return [told(one) for one in queries.visible_to(actor).filter(message__customer=customer)[:LATEST]]
