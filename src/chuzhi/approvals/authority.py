"""How much may somebody do alone, and sign for others: by kind, and by role, person or key. The shop's own table, else ours.

The limit of a day counts what was done alone in 24 hours, so that a large act cannot be cut into small ones.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from chuzhi.approvals import people, rules
from chuzhi.approvals.errors import LimitsUnusable, SecondPersonNeeded, WhoUnknown, YourOwnLimits
from chuzhi.approvals.kinds import PROGRAM, Kind
from chuzhi.approvals.models import Ceiling, DoneAlone
from chuzhi.approvals.rules import Limits
from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.organization.models import ApiKey, Assignment, Staff
from chuzhi.organization.roles import ROLES

MANAGE = "approvals.manage"
DECIDE = "approvals.decide"
A_DAY = timedelta(hours=24)


def limits_of(by: Actor, kind: Kind) -> Limits:
    """A person's or key's own limits if the shop has set some, else the widest of the roles that they act in now."""
    return limits_by_kind(by, [kind])[kind.name]


def limits_by_kind(by: Actor, kinds: Sequence[Kind]) -> dict[str, Limits]:
    """The same for many kinds, by their names."""
    if by.kind is ActorKind.SYSTEM:
        return {kind.name: rules.EVERYTHING for kind in kinds}
    held = _roles(by)
    rows = Ceiling.objects.filter(kind__in=[kind.name for kind in kinds], who__in=[by.label, *held])
    set_by_shop = {(row.kind, row.who): _limits(row) for row in rows}
    of_roles = {
        kind.name: rules.widest(set_by_shop.get((kind.name, role), kind.limits.get(role, rules.NOTHING)) for role in held)
        for kind in kinds
    }
    return {name: set_by_shop.get((name, by.label), limits) for name, limits in of_roles.items()}


def of_role(role: str, kind: Kind) -> Limits:
    row = Ceiling.objects.filter(kind=kind.name, who=role).first()
    return _limits(row) if row else kind.limits.get(role, rules.NOTHING)


def objection(kind: Kind, amount: int, *, by: Actor, approved_by: Actor | None, benefits: str | None = None) -> Refused | None:
    """Why this act may not be done: too large to be done alone, for oneself, or signed by nobody who may sign it.

    `benefits` is the e-mail of whoever gains by it.
    """
    limits, maker = limits_of(by, kind), people.marks(by.label)
    if approved_by is None:
        is_own = people.is_theirs(benefits, maker) or not by.may(kind.permission)
        left = 0 if is_own else rules.left_alone(limits, used=_used(by, kind))
        return None if left is None or amount <= left else SecondPersonNeeded(limit=left)
    signer = people.marks(approved_by.label)
    is_another = not (rules.is_one_person(maker, signer) or people.is_theirs(benefits, signer))
    return None if is_another and is_for(kind, amount, by=approved_by) else SecondPersonNeeded(limit=limits.alone or 0)


def is_for(kind: Kind, amount: int, *, by: Actor) -> bool:
    """Whether acts of this kind and size are for this actor to decide, whoever asks."""
    return by.may(DECIDE) and rules.may_approve(limits_of(by, kind), amount)


@contextmanager
def counted(
    kind: Kind,
    amount: int,
    *,
    by: Actor,
    about: str,
    key: str,
    approved_by: Actor | None = None,
    benefits: str | None = None,
) -> Iterator[Refused | None]:
    """Around an act: says what stands against it, and counts it towards the day if it is done alone.

    It is counted before it is done, so that two at once cannot both have the last of the day, and given back if it is refused.
    Asked again under its key, it is counted once.
    """
    if approved_by is not None or by.kind is ActorKind.SYSTEM:
        yield objection(kind, amount, by=by, approved_by=approved_by, benefits=benefits)
        return
    act = hashlib.sha256(f"{kind.name}\0{by.label}\0{about}\0{key}".encode()).digest()[:16]
    against, is_new = _take(kind, amount, by, act, benefits)
    try:
        yield against
    except Refused:
        if is_new:
            DoneAlone.objects.filter(act=act).delete()
        raise


@transaction.atomic
def _take(kind: Kind, amount: int, by: Actor, act: bytes, benefits: str | None) -> tuple[Refused | None, bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"alone {kind.name} {by.label}"])
    if DoneAlone.objects.filter(act=act).exists():
        return None, False
    against = objection(kind, amount, by=by, approved_by=None, benefits=benefits)
    if against is None:
        DoneAlone.objects.create(kind=kind.name, who=by.label, act=act, amount=amount)
    return against, against is None


@transaction.atomic(durable=True)
def set_limits(*, kind: Kind, who: str, limits: Limits, by: Actor) -> Ceiling:
    """From now on this is what a role, a person (`staff:12`) or a key (`key:7`) may do of a kind."""
    require(by, MANAGE)
    _check(who, by)
    if limits.a_day is not None and (limits.alone is None or limits.a_day < limits.alone):
        raise LimitsUnusable
    values = {"alone": limits.alone, "a_day": limits.a_day, "approves": limits.approves}
    ceiling, _made = Ceiling.objects.update_or_create(
        kind=kind.name, who=who, defaults={**values, "changed_by": by.label, "changed_at": timezone.now()}
    )
    audit.record("authority.set", f"authority:{kind.name}:{who}"[:80], by=by, **values)
    return ceiling


@transaction.atomic(durable=True)
def forget_limits(*, kind: Kind, who: str, by: Actor) -> None:
    """Back to what the roles say, or for a role to what the product says."""
    require(by, MANAGE)
    _check(who, by)
    if Ceiling.objects.filter(kind=kind.name, who=who).delete()[0]:
        audit.record("authority.forgotten", f"authority:{kind.name}:{who}"[:80], by=by)


def _roles(by: Actor) -> list[str]:
    """The roles that somebody acts in where they work now: those whose permissions they have there."""
    if by.kind is ActorKind.KEY:
        return [PROGRAM]
    if by.kind is not ActorKind.STAFF:
        return []
    given = set(Assignment.objects.filter(staff=by.id).values_list("role", flat=True))
    return sorted(role for role in given if ROLES[role].permissions <= by.permissions)


def _used(by: Actor, kind: Kind) -> int:
    lately = DoneAlone.objects.filter(who=by.label, kind=kind.name, at__gt=timezone.now() - A_DAY)
    return lately.aggregate(sum=Sum("amount"))["sum"] or 0


def _limits(row: Ceiling) -> Limits:
    return Limits(row.alone, row.a_day, row.approves)


def _check(who: str, by: Actor) -> None:
    kind, _colon, number = who.partition(":")
    known = {
        "staff": lambda: Staff.objects.filter(pk=int(number)).exists(),
        "key": lambda: ApiKey.objects.filter(pk=int(number)).exists(),
    }
    is_known = known[kind]() if kind in known and number.isdecimal() else who in ROLES or who == PROGRAM
    if not is_known:
        raise WhoUnknown
    if kind in known and rules.is_one_person(people.marks(who), people.marks(by.label)):
        raise YourOwnLimits
