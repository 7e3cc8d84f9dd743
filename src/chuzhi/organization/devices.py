"""Where somebody is signed in, and from which browsers they ever were: a browser is known by a random cookie of its own."""

import hashlib
import secrets

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization import staff as people
from chuzhi.organization.models import Device, Staff

LONGEST_AGENT = 200


def new_token() -> str:
    return secrets.token_urlsafe(32)


@transaction.atomic
def sign_in(*, staff: Staff, token: str, agent: str, address: str, session_key: str, by: Actor) -> tuple[Device, bool]:
    """Note a session that begins, and say whether somebody who was here before came by a browser that never was."""
    Staff.objects.select_for_update().get(pk=staff.pk)
    now, was_here = timezone.now(), Device.objects.filter(staff=staff).exists()
    values = {"agent": agent[:LONGEST_AGENT], "address": address, "session_key": session_key, "last_seen_at": now}
    device, is_new = Device.objects.update_or_create(
        staff=staff, mark=_mark(token), defaults=values, create_defaults={**values, "first_seen_at": now}
    )
    if is_new:
        audit.record("session.new_device", f"staff:{staff.pk}", by=by, device=device.pk, address=address)
    return device, is_new and was_here


def touch(session_key: str) -> None:
    Device.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())


def renumber(before: str, after: str) -> None:
    """A session goes on under a new number."""
    Device.objects.filter(session_key=before).exclude(session_key="").update(session_key=after)


def open_of(staff: Staff) -> list[Device]:
    """The devices where a session of this person is alive, the latest first."""
    found = Device.objects.filter(staff=staff).exclude(session_key="").order_by("-last_seen_at")
    alive = {one.session_key: one for one in Session.objects.filter(
        session_key__in=[device.session_key for device in found], expire_date__gt=timezone.now()
    )}  # fmt: skip
    good = staff.get_session_auth_hash()
    return [device for device in found if (one := alive.get(device.session_key)) and _is_of(one, good)]


@transaction.atomic
def sign_out(*, device: Device, by: Actor) -> None:
    Session.objects.filter(session_key=device.session_key).delete()
    device.session_key = ""
    device.save(update_fields=["session_key"])
    audit.record("session.ended", f"staff:{device.staff_id}", by=by, device=device.pk)


@transaction.atomic
def sign_out_everywhere(*, staff: Staff, by: Actor) -> Staff:
    """Every session of this person ends; whoever asks for it here keeps theirs by signing it anew."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    people.end_sessions(staff)
    audit.record("session.ended_everywhere", f"staff:{staff.pk}", by=by)
    return staff


def _is_of(session: Session, good: str) -> bool:
    return constant_time_compare(str(session.get_decoded().get(HASH_SESSION_KEY, "")), good)


def _mark(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
