"""Addresses of programs: added with a secret that is shown once, changed without a pause, stopped and started."""

import base64
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.webhooks import rules, sending
from chuzhi.webhooks.errors import NameMissing
from chuzhi.webhooks.models import Endpoint

MANAGE = "webhooks.manage"
OVERLAP = timedelta(hours=24)
STAFF, GONE = "staff", "gone"


@transaction.atomic(durable=True)
def add(*, name: str, url: str, by: Actor) -> tuple[Endpoint, str]:
    """The endpoint and its secret, which nobody is shown again."""
    require(by, MANAGE)
    name, secret = " ".join(name.split()), _new_secret()
    if not 0 < len(name) <= 80:
        raise NameMissing
    endpoint = Endpoint.objects.create(name=name, url=sending.check(url), secret=secret, made_by=by.label)
    audit.record("webhook.added", f"webhook:{endpoint.pk}", by=by)
    return endpoint, secret


@transaction.atomic(durable=True)
def rotate(*, endpoint: Endpoint, by: Actor) -> str:
    """A new secret. For a day calls carry the marks of both, so that the program can be changed meanwhile."""
    require(by, MANAGE)
    endpoint = _locked(endpoint)
    endpoint.former_secret, endpoint.former_until = endpoint.secret, timezone.now() + OVERLAP
    endpoint.secret = _new_secret()
    endpoint.save(update_fields=["secret", "former_secret", "former_until"])
    audit.record("webhook.rotated", f"webhook:{endpoint.pk}", by=by)
    return str(endpoint.secret)


@transaction.atomic
def stop(*, endpoint: Endpoint, by: Actor, because: str = STAFF) -> Endpoint:
    """Nothing more is written for it. What waits is given up."""
    require(by, MANAGE)
    endpoint = _locked(endpoint)
    if endpoint.stopped_at is None:
        endpoint.stopped_at, endpoint.stopped_because = timezone.now(), because
        endpoint.save(update_fields=["stopped_at", "stopped_because"])
        audit.record("webhook.stopped", f"webhook:{endpoint.pk}", by=by, because=because)
    return endpoint


@transaction.atomic
def start(*, endpoint: Endpoint, by: Actor) -> Endpoint:
    require(by, MANAGE)
    endpoint = _locked(endpoint)
    if endpoint.stopped_at is not None:
        endpoint.stopped_at, endpoint.stopped_because = None, ""
        endpoint.save(update_fields=["stopped_at", "stopped_because"])
        audit.record("webhook.started", f"webhook:{endpoint.pk}", by=by)
    return endpoint


def visible_to(actor: Actor) -> QuerySet[Endpoint]:
    found = Endpoint.objects.order_by("pk")
    return found if actor.may(MANAGE) else found.none()


def good_secrets(endpoint: Endpoint) -> list[str]:
    """The newest first."""
    former = endpoint.former_until is not None and endpoint.former_until > timezone.now()
    return [str(endpoint.secret), *([str(endpoint.former_secret)] if former else [])]


def _new_secret() -> str:
    return rules.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _locked(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update().get(pk=endpoint.pk)
