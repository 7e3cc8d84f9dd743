"""One-time links: how the first administrator, every colleague after, and the visitor of a demo get in.

A link holds 256 random bits; only their SHA-256 is kept. Opening it changes nothing, so that a mail program's preview
does not use it up: it is used by the form behind it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.contrib.auth import password_validation
from django.db import transaction
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.organization import staff as people
from chuzhi.organization.authority import require
from chuzhi.organization.errors import LinkUnusable
from chuzhi.organization.models import Invitation, Staff
from chuzhi.organization.roles import ADMINISTRATOR, Grant

LIFETIME = timedelta(hours=24)
PATH = "/console/welcome/"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is known beforehand of whom a link is for. They may still choose another name."""

    username: str = ""
    name: str = ""
    email: str | None = None
    language: str = ""


NOBODY = Proposed()


def create_admin_link(*, base_url: str) -> str:
    """A link for an administrator, for whoever can run our command line: they hold the database anyway."""
    return _create(grants=[Grant(ADMINISTRATOR)], base_url=base_url, by=actors.system("command line"))


def create_link(*, grants: Iterable[Grant], base_url: str, by: Actor) -> str:
    """A link for a new colleague with these roles."""
    require(by, "staff.manage")
    return _create(grants=grants, base_url=base_url, by=by)


@transaction.atomic(durable=True)
def create_sign_in_link(*, staff: Staff, base_url: str) -> str:
    """A link that signs an existing person in once, for the command line and the demo."""
    token, invitation = _new(by=actors.system("command line"), staff=staff, promised=[])
    audit.record("invitation.sign_in", f"staff:{staff.pk}", by=actors.system("command line"), invitation=invitation.pk)
    return _address(base_url, token)


def find(token: str) -> Invitation:
    """The invitation of a token that can still be used; looking does not use it."""
    found = Invitation.objects.select_related("staff").filter(token_hash=_hash(token)).first()
    return _usable(found)


@transaction.atomic(durable=True)
def accept(*, token: str, username: str, name: str, password: str, language: str = "zh-hans") -> Staff:
    """Make the person that the link promises. Raises Django's ValidationError for a weak password, and keeps the link."""
    invitation = _take(token)
    if invitation.staff is not None:
        raise LinkUnusable
    password_validation.validate_password(password, Staff(username=username, name=name))
    person = people.add(
        username=username,
        name=name,
        password=password,
        grants=[Grant(role, store) for role, store in invitation.promised],
        language=invitation.language or language,
        by=actors.system(f"invitation {invitation.pk}"),
    )
    if invitation.email:
        people.be_reached_at(staff=person, email=invitation.email, by=people.actor_of(person))
    invitation.made = person
    invitation.save(update_fields=["made"])
    audit.record("invitation.accepted", f"staff:{person.pk}", by=people.actor_of(person), invitation=invitation.pk)
    return person


@transaction.atomic(durable=True)
def redeem(*, token: str) -> Staff:
    """Whoever a sign-in link is for; it is used up."""
    invitation = _take(token)
    if invitation.staff is None or not invitation.staff.is_active:
        raise LinkUnusable
    audit.record(
        "invitation.redeemed", f"staff:{invitation.staff.pk}", by=people.actor_of(invitation.staff), invitation=invitation.pk
    )
    return invitation.staff


@transaction.atomic
def promise(*, grants: Iterable[Grant], base_url: str, by: Actor, to: Proposed = NOBODY) -> tuple[str, Invitation]:
    """A link and its invitation, as a part of what somebody else does. Does not ask who `by` is: the caller has."""
    promised = [[grant.role, grant.store] for grant in people.checked(grants)]
    token, invitation = _new(by=by, staff=None, promised=promised, to=to)
    told = {"username": to.username} if to.username else {}
    audit.record("invitation.created", f"invitation:{invitation.pk}", by=by, roles=promised, **told)
    return _address(base_url, token), invitation


@transaction.atomic(durable=True)
def _create(*, grants: Iterable[Grant], base_url: str, by: Actor) -> str:
    return promise(grants=grants, base_url=base_url, by=by)[0]


def _new(
    *, by: Actor, staff: Staff | None, promised: list[list[str | int | None]], to: Proposed = NOBODY
) -> tuple[str, Invitation]:
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation = Invitation.objects.create(
        token_hash=_hash(token),
        staff=staff,
        promised=promised,
        **asdict(to),
        invited_by=by.label,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return token, invitation


def _take(token: str) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).select_related("staff").filter(token_hash=_hash(token)).first()
    invitation = _usable(found)
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    return invitation


def _usable(invitation: Invitation | None) -> Invitation:
    if invitation is None or invitation.used_at or invitation.expires_at <= timezone.now():
        raise LinkUnusable
    return invitation


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _address(base_url: str, token: str) -> str:
    return f"{base_url.rstrip('/')}{PATH}{token}/"
