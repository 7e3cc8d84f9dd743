"""The second factors of those who work here: who has one, whose role needs one and from when on, and losing one.

What the factors are and how they are checked is django-allauth's; its table holds them, and the vault seals their secrets.
"""

import base64
from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chuzhi.core import audit, vault
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.remembered import Remembered
from chuzhi.organization import staff as people
from chuzhi.organization.authority import require
from chuzhi.organization.errors import FactorNeeded, NoFactor, ReasonMissing, UnknownRole, Yourself
from chuzhi.organization.models import SecondFactorRule, Staff
from chuzhi.organization.roles import ROLES

COLUMN = "mfa_authenticator.data"
PASSKEY, APP, CODES = Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a role is: from when on it needs a second factor, and whose it lacks."""

    role: str
    starts_on: date | None
    holders: int
    without: int


def seal(secret: str) -> str:
    return base64.b64encode(vault.latest().encrypt(secret, column=COLUMN)).decode()


def unseal(sealed: str) -> str:
    return vault.decrypt(base64.b64decode(sealed), column=COLUMN)


def reseal() -> int:
    """Move the secrets to the vault's present key; how many."""
    moved = 0
    for number in Authenticator.objects.exclude(type=PASSKEY).values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=number).first()
            old = {name: factor.data[name] for name in ("secret", "seed") if name in factor.data} if factor else {}
            stale = [name for name, sealed in old.items() if _key_of(sealed) != vault.latest().encryption.current]
            if factor and stale:
                factor.data |= {name: seal(unseal(old[name])) for name in stale}
                factor.save(update_fields=["data"])
                moved += 1
    return moved


def of(staff: Staff) -> "QuerySet[Authenticator]":
    """What somebody can show besides the password. Recovery codes only stand in for another factor, and are none."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=staff).exclude(type=CODES)
    return found.order_by("created_at", "pk")


def has_one(staff: Staff) -> bool:
    return of(staff).exists()


def needed_from(staff: Staff) -> date | None:
    """The first day on which one of this person's roles needs a second factor."""
    rules = _rules(None)
    return min((rules[one.role] for one in staff.assignments.all() if one.role in rules), default=None)


def is_needed_by(staff: Staff) -> bool:
    return (first := needed_from(staff)) is not None and first <= timezone.localdate()


def is_missing(staff: Staff) -> bool:
    """Whether this person has to set one up before anything else."""
    return is_needed_by(staff) and not has_one(staff)


def may_remove(factor: Authenticator, staff: Staff) -> None:
    """Refuses for the last one of somebody whose role needs one. Called in the transaction that removes it."""
    Staff.objects.select_for_update().get(pk=staff.pk)
    if is_needed_by(staff) and not of(staff).exclude(pk=factor.pk).exists():
        raise FactorNeeded


def standings() -> list[Standing]:
    """Role by role."""
    rules = dict(SecondFactorRule.objects.values_list("role", "starts_on"))
    found = []
    for role in ROLES:
        holders = Staff.objects.filter(is_active=True, assignments__role=role).distinct()
        without = holders.exclude(Exists(Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=CODES)))
        found.append(Standing(role, rules.get(role), holders.count(), without.count()))
    return found


@transaction.atomic(durable=True)
def need(*, role: str, starts_on: date, by: Actor) -> SecondFactorRule:
    """From this day on, whoever has the role and no second factor sets one up before anything else."""
    require(by, "staff.manage")
    if role not in ROLES:
        raise UnknownRole(role=role)
    rule, _made = SecondFactorRule.objects.update_or_create(role=role, defaults={"starts_on": starts_on})
    audit.record("second_factor.needed", f"role:{role}", by=by, starts_on=starts_on.isoformat())
    _rules.forget()
    return rule


@transaction.atomic(durable=True)
def need_no_more(*, role: str, by: Actor) -> None:
    require(by, "staff.manage")
    if SecondFactorRule.objects.filter(role=role).delete()[0]:
        audit.record("second_factor.not_needed", f"role:{role}", by=by)
    _rules.forget()


@transaction.atomic(durable=True)
def take_off(*, staff: Staff, reason: str, by: Actor) -> None:
    """A colleague has lost theirs: all of it goes, recovery codes too, and every session ends. Never one's own."""
    require(by, "staff.manage")
    if (by.kind, by.id) == (ActorKind.STAFF, staff.pk):
        raise Yourself
    if not reason.strip():
        raise ReasonMissing
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    kinds = sorted(set(of(locked).values_list("type", flat=True)))
    if not kinds:
        raise NoFactor
    Authenticator.objects.filter(user=locked).delete()
    people.end_sessions(locked)
    audit.record("second_factor.taken_off", f"staff:{staff.pk}", by=by, reason=reason.strip(), kinds=kinds)


def _key_of(sealed: str) -> int:
    return vault.key_of(base64.b64decode(sealed))


def _look_up(_every: None) -> dict[str, date]:
    return dict(SecondFactorRule.objects.values_list("role", "starts_on"))


_rules: Remembered[None, dict[str, date]] = Remembered(_look_up)
