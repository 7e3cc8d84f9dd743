"""One delivery is tried: claimed first, so that two workers never send it both; the network in between; then the answer.

A worker that dies while it sends leaves a delivery that was perhaps sent. It is not sent again by itself: people decide.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chuzhi.messaging import kinds, rules, texts
from chuzhi.messaging.channels.registry import EMAIL, SENDING
from chuzhi.messaging.kinds import MessageKindUnknown
from chuzhi.messaging.letters import Letter, NoServer, NotNow, Undeliverable
from chuzhi.messaging.models import Delivery, Message

State = Delivery.State


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    email: str
    language: str


LOST_AFTER = timedelta(minutes=10)
OVERDUE_AFTER = timedelta(minutes=2)
AT_ONCE = 200


def attempt(number: int) -> timedelta | None:
    """Try once, outside any transaction. Answers when to try again, or None: it is decided, or somebody else has it."""
    delivery = _claim(number)
    if delivery is None:
        return None
    try:
        reference = SENDING[delivery.channel](_letter(delivery))
    except NotNow as no:
        return _later(delivery, str(no))
    except (Undeliverable, NoServer) as no:
        _end(delivery, State.SKIPPED if isinstance(no, NoServer) else State.FAILED, fault=str(no))
    else:
        _end(delivery, State.SENT, reference=reference)
        Message.objects.filter(pk=delivery.message_id, secrets__isnull=False).update(secrets=None)
    return None


def overdue() -> list[int]:
    """Deliveries whose job was lost. A job that is merely late finds nothing left to do."""
    due = Delivery.objects.filter(state=State.WAITING, next_at__lt=timezone.now() - OVERDUE_AFTER)
    return list(due.order_by("next_at").values_list("pk", flat=True)[:AT_ONCE])


def give_up_lost() -> int:
    """What was being sent by a worker that is gone: perhaps it arrived."""
    lost = Delivery.objects.filter(state=State.SENDING, started_at__lt=timezone.now() - LOST_AFTER)
    return lost.update(state=State.UNKNOWN, ended_at=timezone.now(), fault="interrupted")


@transaction.atomic
def _claim(number: int) -> Delivery | None:
    held = Delivery.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "message__customer", "message__staff"
    )
    delivery = held.filter(pk=number, state=State.WAITING, next_at__lte=timezone.now()).first()
    if delivery is not None:
        delivery.state, delivery.started_at = State.SENDING, timezone.now()
        delivery.attempts += 1
        delivery.save(update_fields=["state", "started_at", "attempts"])
    return delivery


def _letter(delivery: Delivery) -> Letter:
    """Worded in the language that the person reads now, and kept as it is said."""
    message = delivery.message
    reader = _reader(message)
    try:
        kind = kinds.named(message.kind)
    except MessageKindUnknown as no:
        raise Undeliverable("kind_unknown") from no
    kept = texts.written(kind, message, name=reader.name, language=reader.language)
    delivery.title, delivery.body = kept.title, kept.body
    delivery.save(update_fields=["title", "body"])
    address = reader.email if delivery.channel == EMAIL else reader.name
    if not address:
        raise Undeliverable("no_address")
    secrets = json.loads(message.secrets or "{}")
    said = texts.written(kind, message, name=reader.name, language=reader.language, secrets=secrets) if secrets else kept
    return Letter(f"chuzhi-{delivery.pk}-{delivery.copy}", address, said.title, said.body)


def _reader(message: Message) -> Reader:
    if message.staff:
        return Reader(message.staff.name, message.staff.email or "", message.staff.language)
    if message.stranger:
        return Reader("", message.stranger, message.language or settings.LANGUAGE_CODE)
    if message.customer is None or message.customer.withdrawn_at:
        raise Undeliverable("nobody")
    return Reader(message.customer.name, message.customer.email or "", settings.LANGUAGE_CODE)


def _later(delivery: Delivery, fault: str) -> timedelta | None:
    wait = rules.wait_after(delivery.attempts)
    if wait is not None:
        delivery.next_at = timezone.now() + wait
    _end(delivery, State.FAILED if wait is None else State.WAITING, fault=fault)
    return wait


def _end(delivery: Delivery, state: Delivery.State, *, fault: str = "", reference: str = "") -> None:
    delivery.state, delivery.fault, delivery.reference = state, fault[:60], reference
    delivery.ended_at = None if state == State.WAITING else timezone.now()
    delivery.save(update_fields=["state", "fault", "reference", "ended_at", "next_at"])
