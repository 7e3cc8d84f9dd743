"""Telling somebody something: written in the caller's transaction, so that it is said if and only if it happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.messaging import kinds, tasks
from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.errors import DeliveryUnknown, OnItsWay, SecretGone, WordsForgotten
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff

RESEND = "messages.resend"


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody of whom we know nothing but where to write to, and in which language."""

    email: str
    language: str


@transaction.atomic
def tell(
    *,
    kind: Kind,
    facts: Mapping[str, Fact],
    subject: str,
    by: Actor,
    customer: Customer | None = None,
    staff: Staff | None = None,
    stranger: Stranger | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Message:
    """Tell one person one thing about a subject (`operation:12-345`), once: told again, it changes nothing.

    The words come later, in the language the person reads then. A channel that they cannot be reached by is left out.
    `secrets` fill places like facts do, are sealed until the message is sent, and stand in no log.
    """
    defaults = {
        "facts": dict(facts), "made_by": by.label, "stranger": stranger.email if stranger else None,
        "language": stranger.language if stranger else "", "secrets": json.dumps(dict(secrets)) if secrets else None,
    }  # fmt: skip
    message, made = Message.objects.get_or_create(
        kind=kind.name, subject=subject, customer=customer, staff=staff, defaults=defaults
    )
    if made:
        person = staff or customer or stranger
        has_address = bool(person and person.email)
        for channel in kind.channels:
            if channel != EMAIL or has_address:
                _send(Delivery.objects.create(message=message, channel=channel))
    return message


@transaction.atomic
def resend(*, delivery: Delivery, by: Actor) -> Delivery:
    """Send it once more, worded anew: it failed, or the person says that it never came."""
    require(by, RESEND)
    delivery = (
        Delivery.objects.select_for_update(of=("self",)).select_related("message").filter(pk=delivery.pk).first() or _unknown()
    )
    if delivery.forgotten_at is not None:
        raise WordsForgotten
    if delivery.state in {Delivery.State.WAITING, Delivery.State.SENDING}:
        raise OnItsWay
    if delivery.message.secrets is None and kinds.named(delivery.message.kind).has_secrets:
        raise SecretGone
    delivery.state, delivery.attempts, delivery.fault = Delivery.State.WAITING, 0, ""
    delivery.copy += 1
    delivery.save(update_fields=["state", "attempts", "fault", "copy"])
    _send(delivery)
    audit.record("message.resent", f"message:{delivery.message_id}", by=by, channel=delivery.channel)
    return delivery


def _send(delivery: Delivery) -> None:
    tasks.deliver.defer(number=delivery.pk)


def _unknown() -> Delivery:
    raise DeliveryUnknown
