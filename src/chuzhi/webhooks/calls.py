"""Telling a program something: written in the caller's transaction, so that it is told if and only if it happened."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.webhooks import tasks
from chuzhi.webhooks.endpoints import MANAGE
from chuzhi.webhooks.errors import EndpointStopped, OnItsWay
from chuzhi.webhooks.models import Call, Endpoint

State = Call.State
TEST = "test"


@transaction.atomic
def emit(*, endpoint: Endpoint, kind: str, subject: str, facts: Mapping[str, Any]) -> Call | None:
    """Tell one program one thing about a subject (`operation:12-345`), once. None, if it is stopped."""
    if endpoint.stopped_at is not None:
        return None
    body = {"type": kind, "timestamp": timezone.now().isoformat(), "data": dict(facts)}
    call, is_new = Call.objects.get_or_create(
        endpoint=endpoint, kind=kind, subject=subject, defaults={"number": f"msg_{secrets.token_urlsafe(18)}", "body": body}
    )
    if is_new:
        tasks.deliver.defer(number=call.pk)
    return call


@transaction.atomic
def try_out(*, endpoint: Endpoint, by: Actor) -> Call:
    """A call that means nothing, to see whether it arrives and is understood."""
    require(by, MANAGE)
    call = emit(endpoint=endpoint, kind=TEST, subject=f"test:{secrets.token_hex(8)}", facts={"note": "Nothing happened."})
    if call is None:
        raise EndpointStopped
    return call


@transaction.atomic
def send_again(*, call: Call, by: Actor) -> Call:
    """From the beginning, with the number and the body that it had."""
    require(by, MANAGE)
    call = Call.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=call.pk)
    if call.endpoint.stopped_at is not None:
        raise EndpointStopped
    if call.state in {State.WAITING, State.SENDING}:
        raise OnItsWay
    call.state, call.attempts, call.next_at, call.ended_at = State.WAITING, 0, timezone.now(), None
    call.save(update_fields=["state", "attempts", "next_at", "ended_at"])
    tasks.deliver.defer(number=call.pk)
    audit.record("webhook.sent_again", f"webhook:{call.endpoint_id}", by=by, call=call.number)
    return call


def visible_to(actor: Actor) -> QuerySet[Call]:
    """Newest first."""
    found = Call.objects.select_related("endpoint").prefetch_related("tries").order_by("-pk")
    return found if actor.may(MANAGE) else found.none()
