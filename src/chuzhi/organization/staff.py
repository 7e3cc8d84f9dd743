"""Who works here, in which role, and when that ends."""

import re
import unicodedata
from collections.abc import Iterable

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization import passwords, twins
from chuzhi.organization.authority import require
from chuzhi.organization.errors import (
    AdministratorsAreEverywhere,
    EmailUnusable,
    LastAdministrator,
    NoRole,
    PartnersStayApart,
    StoreUnknown,
    UnknownRole,
    UsernameTaken,
    UsernameUnusable,
    Yourself,
)
from chuzhi.organization.models import Assignment, Staff, Store
from chuzhi.organization.roles import ADMINISTRATOR, PARTNER, ROLES, Grant, reach

_USERNAME = re.compile(r"[\w.-]{2,40}")


def visible_to(actor: Actor) -> QuerySet[Staff]:
    """Colleagues: everybody for somebody of all stores, else those who work in one of the actor's stores."""
    people = Staff.objects.order_by("name", "pk").prefetch_related("assignments__store")
    if actor.stores is None:
        return people
    shared = Assignment.objects.filter(Q(store__in=actor.stores) | Q(store=None), staff=OuterRef("pk"))
    return people.filter(Exists(shared))


def actor_of(staff: Staff, *, at: Store | None = None) -> Actor:
    """The person as one who asks, when working at a store. Somebody inactive may do nothing, nowhere."""
    held = reach(grants_of(staff) if staff.is_active else (), at=at.pk if at else None)
    return Actor(ActorKind.STAFF, staff.pk, staff.name, held.permissions, held.stores)


def working_in(store: int) -> QuerySet[Staff]:
    """Colleagues with a role in this store or in all of them, by name."""
    here = Assignment.objects.filter(Q(store=store) | Q(store=None), staff=OuterRef("pk")).exclude(role=PARTNER)
    return Staff.objects.filter(Exists(here), is_active=True).order_by("name", "pk")


def at_work() -> QuerySet[Staff]:
    """Everybody who works here now, by name; people of partners left out."""
    held = Assignment.objects.filter(staff=OuterRef("pk")).exclude(role=PARTNER)
    return Staff.objects.filter(Exists(held), is_active=True).order_by("name", "pk")


def who_may(permission: str) -> QuerySet[Staff]:
    """Everybody who works here now in a role that brings a permission, in some store at least, by name."""
    roles = [name for name, role in ROLES.items() if permission in role.permissions]
    held = Assignment.objects.filter(staff=OuterRef("pk"), role__in=roles)
    return Staff.objects.filter(Exists(held), is_active=True).order_by("name", "pk")


def grants_of(staff: Staff) -> list[Grant]:
    return sorted((Grant(one.role, one.store_id) for one in staff.assignments.all()), key=str)


def normal(username: str) -> str:
    """One spelling of a username: full width and capitals folded."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def usable(username: str) -> str:
    """Its one spelling, if it can be somebody's username."""
    spelt = normal(username)
    if not _USERNAME.fullmatch(spelt):
        raise UsernameUnusable
    return spelt


def address_of(email: str) -> str | None:
    """The one spelling of an e-mail address; None for none."""
    address = unicodedata.normalize("NFKC", email).strip().casefold()
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise EmailUnusable from None
    return address or None


@transaction.atomic
def add(
    *, username: str, name: str, password: str | None, grants: Iterable[Grant], by: Actor, language: str = "zh-hans"
) -> Staff:
    """Take somebody on. Without a password they come in only by a one-time link. Does not ask who `by` is: invitations do."""
    wanted = checked(grants)
    username = usable(username)
    person = Staff(username=username, name=name, language=language)
    person.set_password(password)
    with twins.refused(UsernameTaken(username=username)):
        person.save()
    passwords.remember(person)
    Assignment.objects.bulk_create(Assignment(staff=person, role=one.role, store_id=one.store) for one in wanted)
    audit.record("staff.added", _subject(person), by=by, roles=_plain(wanted))
    return person


@transaction.atomic(durable=True)
def assign(*, staff: Staff, grants: Iterable[Grant], by: Actor) -> Staff:
    """Give somebody exactly these roles. They are signed out everywhere."""
    require(by, "staff.manage")
    wanted = checked(grants)
    staff = _for_change(staff, by)
    before = set(grants_of(staff))
    if before == set(wanted):
        return staff
    if Grant(ADMINISTRATOR) in before and Grant(ADMINISTRATOR) not in wanted:
        _keep_an_administrator(staff)
    staff.assignments.all().delete()
    Assignment.objects.bulk_create(Assignment(staff=staff, role=one.role, store_id=one.store) for one in wanted)
    end_sessions(staff)
    audit.record("staff.assigned", _subject(staff), by=by, before=_plain(before), after=_plain(wanted))
    return staff


@transaction.atomic(durable=True)
def deactivate(*, staff: Staff, by: Actor) -> Staff:
    require(by, "staff.manage")
    staff = _for_change(staff, by)
    if not staff.is_active:
        return staff
    _keep_an_administrator(staff)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    end_sessions(staff)
    audit.record("staff.deactivated", _subject(staff), by=by)
    return staff


@transaction.atomic(durable=True)
def reactivate(*, staff: Staff, by: Actor) -> Staff:
    require(by, "staff.manage")
    staff = _for_change(staff, by)
    if not staff.is_active:
        staff.is_active = True
        staff.save(update_fields=["is_active"])
        audit.record("staff.reactivated", _subject(staff), by=by)
    return staff


@transaction.atomic(durable=True)
def change_password(*, staff: Staff, password: str, by: Actor) -> Staff:
    """Set a new password. Raises Django's ValidationError for a weak one; every session of the person ends."""
    password_validation.validate_password(password, staff)
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    passwords.remember(staff)
    end_sessions(staff)
    audit.record("staff.password_changed", _subject(staff), by=by)
    return staff


def speak(*, staff: Staff, language: str) -> None:
    """Remember the language that somebody reads."""
    staff.language = language
    staff.save(update_fields=["language"])


@transaction.atomic
def be_reached_at(*, staff: Staff, email: str, by: Actor) -> Staff:
    """Where messages go besides the inbox; nothing for nowhere. Two accounts with one address count as one person."""
    staff.email = address_of(email)
    staff.save(update_fields=["email"])
    audit.record("staff.address_changed", _subject(staff), by=by, has_one=bool(staff.email))
    return staff


def end_sessions(staff: Staff) -> None:
    staff.session_round += 1
    staff.save(update_fields=["session_round"])


def checked(grants: Iterable[Grant]) -> list[Grant]:
    wanted = possible(grants)
    stores = {grant.store for grant in wanted if grant.store is not None}
    if Store.objects.filter(pk__in=stores).count() != len(stores):
        raise StoreUnknown
    return wanted


def possible(grants: Iterable[Grant]) -> list[Grant]:
    """Roles that one person can have together, in stores that are known to exist."""
    wanted = sorted(set(grants), key=str)
    if not wanted:
        raise NoRole
    for grant in wanted:
        if grant.role not in ROLES:
            raise UnknownRole(role=grant.role)
        if grant.role == ADMINISTRATOR and grant.store is not None:
            raise AdministratorsAreEverywhere
        if grant.role == PARTNER and wanted != [Grant(PARTNER)]:
            raise PartnersStayApart
    return wanted


def _for_change(staff: Staff, by: Actor) -> Staff:
    if (by.kind, by.id) == (ActorKind.STAFF, staff.pk):
        raise Yourself
    # Administrators are locked too, in one order, so that two of them cannot each remove the other as the last but one.
    administrators = Q(assignments__role=ADMINISTRATOR)
    concerned = Staff.objects.filter(administrators | Q(pk=staff.pk)).values("pk")
    locked = Staff.objects.filter(pk__in=concerned).order_by("pk").select_for_update()
    return {person.pk: person for person in locked}[staff.pk]


def _keep_an_administrator(staff: Staff) -> None:
    """Called with all administrators locked."""
    active = Staff.objects.filter(is_active=True, assignments__role=ADMINISTRATOR)
    if set(active.values_list("pk", flat=True)) == {staff.pk}:
        raise LastAdministrator


def _subject(staff: Staff) -> str:
    return f"staff:{staff.pk}"


def _plain(grants: Iterable[Grant]) -> list[list[str | int | None]]:
    return sorted(([one.role, one.store] for one in grants), key=str)
