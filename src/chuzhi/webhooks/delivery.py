"""One call is tried: claimed first, so that two workers never send it both; the network in between; then the answer.

A worker that dies while it sends leaves a call that is sent again: the program knows it by its number.
"""

import random
import time
from datetime import timedelta

import orjson
from django.db import transaction
from django.utils import timezone

from chuzhi.core import actors
from chuzhi.webhooks import endpoints, rules, sending
from chuzhi.webhooks.models import Attempt, Call

State = Call.State
LOST_AFTER = timedelta(minutes=2)
OVERDUE_AFTER = timedelta(seconds=30)
AT_ONCE = 200
US = actors.system("webhooks")


def attempt(number: int) -> timedelta | None:
    """Try once, outside any transaction. Answers when to try again, or None: it is decided, or somebody else has it."""
    call = _claim(number)
    if call is None:
        return None
    if call.endpoint.stopped_at is not None:
        _end(call, State.FAILED)
        return None
    began = time.monotonic()
    status, fault = _sent(call)
    took = round((time.monotonic() - began) * 1000)
    Attempt.objects.create(call=call, status=status, fault=fault, milliseconds=took)
    if status is not None and rules.is_taken(status):
        _end(call, State.TAKEN)
        return None
    if status == rules.GONE:
        endpoints.stop(endpoint=call.endpoint, by=US, because=endpoints.GONE)
        _end(call, State.FAILED)
        return None
    return _later(call)


def overdue() -> list[int]:
    """Calls whose job was lost, and those whose worker died."""
    lost = Call.objects.filter(state=State.SENDING, started_at__lt=timezone.now() - LOST_AFTER)
    lost.update(state=State.WAITING)
    due = Call.objects.filter(state=State.WAITING, next_at__lt=timezone.now() - OVERDUE_AFTER)
    return list(due.order_by("next_at").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _claim(number: int) -> Call | None:
    held = Call.objects.select_for_update(of=("self",), skip_locked=True).select_related("endpoint")
    call = held.filter(pk=number, state=State.WAITING, next_at__lte=timezone.now()).first()
    if call is not None:
        call.state, call.started_at = State.SENDING, timezone.now()
        call.attempts += 1
        call.save(update_fields=["state", "started_at", "attempts"])
    return call


def _sent(call: Call) -> tuple[int | None, str]:
    """Signed at the moment it is sent."""
    body, timestamp = orjson.dumps(call.body), int(time.time())
    mark = rules.signature(endpoints.good_secrets(call.endpoint), number=call.number, timestamp=timestamp, body=body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Chuzhi",
        "webhook-id": call.number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": mark,
    }
    try:
        return sending.post(call.endpoint.url, headers=headers, body=body), ""
    except sending.Unreachable as no:
        return None, str(no)


def _later(call: Call) -> timedelta | None:
    wait = rules.wait_after(call.attempts, chance=random.random())  # noqa: S311  # spreads, keeps no secret
    if wait is None:
        _end(call, State.FAILED)
        return None
    call.state, call.next_at = State.WAITING, timezone.now() + wait
    call.save(update_fields=["state", "next_at"])
    return wait


def _end(call: Call, state: Call.State) -> None:
    call.state, call.ended_at = state, timezone.now()
    call.save(update_fields=["state", "ended_at"])
