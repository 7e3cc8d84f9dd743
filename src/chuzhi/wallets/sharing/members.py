"""A holder lets somebody spend from a wallet, within an allowance; stops, resumes and ends it."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.catalogue import categories
from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.organization.authority import require
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing import rules
from chuzhi.wallets.sharing.errors import (
    AllowanceUnusable,
    MemberEnded,
    MemberIsHolder,
    MemberTwice,
    MemberUnknown,
    NotShared,
)
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import Allowance

SHARE = "wallets.share"
NAMES = tuple(each.name for each in fields(Allowance))


def visible_to(actor: Actor) -> QuerySet[Member]:
    """Those of wallets that the actor may see."""
    found = Member.objects.filter(wallet__in=queries.visible_to(actor))
    return found.select_related("wallet__programme", "wallet__customer", "customer")


def of_wallet(wallet: Wallet, actor: Actor) -> QuerySet[Member]:
    """Those who share it, the first one first; whoever no longer does comes last."""
    return visible_to(actor).filter(wallet=wallet).order_by("ended_at", "pk")


def shared_with(customers: Iterable[int], actor: Actor) -> QuerySet[Member]:
    """The wallets of others that these customers share, stopped or not."""
    here = visible_to(actor).filter(customer__in=list(customers), ended_at=None, wallet__is_joined=False)
    return here.order_by("pk")


def named(wallet: Wallet, number: int | None) -> Member | None:
    """The member of a wallet by their number; None: its holder. Raises MemberUnknown."""
    if number is None:
        return None
    found = Member.objects.select_related("customer").filter(wallet=wallet, pk=number).first()
    if found is None:
        raise MemberUnknown
    return found


@transaction.atomic
def add(*, wallet: Wallet, customer: Customer, allowance: Allowance, by: Actor) -> Member:
    """Let `customer` spend from the wallet. Refuses its holder, a bearer's wallet, and somebody who shares it already."""
    require(by, SHARE)
    _check(allowance)
    locked = Wallet.objects.select_for_update().get(pk=wallet.pk)
    if locked.customer_id is None:
        raise NotShared
    if locked.customer_id == customer.pk:
        raise MemberIsHolder
    if Member.objects.filter(wallet=locked, customer=customer, ended_at=None).exists():
        raise MemberTwice
    made = Member.objects.create(wallet=locked, customer=customer, made_by=by.label, **_columns(allowance))
    _record("member.added", made, by, **_told(allowance))
    return made


@transaction.atomic
def change(*, member: Member, allowance: Allowance, by: Actor) -> Member:
    """Another allowance, from the next purchase on. What was spent already counts against it."""
    require(by, SHARE)
    _check(allowance)
    found = _locked(member)
    Member.objects.filter(pk=found.pk).update(**_columns(allowance))
    _record("member.changed", found, by, **_told(allowance))
    return Member.objects.get(pk=found.pk)


@transaction.atomic
def stop(*, member: Member, by: Actor) -> Member:
    """Nothing more is spent by them until they are resumed. Stopped already, it stays so."""
    return _stand(member, by, is_stopped=True)


@transaction.atomic
def resume(*, member: Member, by: Actor) -> Member:
    return _stand(member, by, is_stopped=False)


@transaction.atomic
def end(*, member: Member, by: Actor) -> Member:
    """They share it no more. What they spent stays theirs in the journal."""
    require(by, SHARE)
    found = Member.objects.select_for_update().get(pk=member.pk)
    if found.ended_at is None:
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        _record("member.ended", found, by)
    return found


def _stand(member: Member, by: Actor, *, is_stopped: bool) -> Member:
    require(by, SHARE)
    found = _locked(member)
    if (found.stopped_at is not None) != is_stopped:
        found.stopped_at = timezone.now() if is_stopped else None
        found.save(update_fields=["stopped_at"])
        _record("member.stopped" if is_stopped else "member.resumed", found, by)
    return found


def _locked(member: Member) -> Member:
    found = Member.objects.select_for_update().get(pk=member.pk)
    if found.ended_at is not None:
        raise MemberEnded
    return found


def _check(allowance: Allowance) -> None:
    wrong = rules.unusable(allowance)
    if not wrong and len(categories.paths(allowance.categories)) != len(allowance.categories):
        wrong = "categories"
    if wrong:
        raise AllowanceUnusable(field=wrong)


def _columns(allowance: Allowance) -> dict[str, Any]:
    own = {name: getattr(allowance, name) for name in NAMES}
    return own | {name: sorted(own[name]) for name in ("categories", "weekdays")}


def _told(allowance: Allowance) -> dict[str, Any]:
    """What is limited, as the log keeps it."""
    return {
        name: str(value) if name.startswith(("from", "to")) else value for name, value in _columns(allowance).items() if value
    }


def _record(action: str, member: Member, by: Actor, **facts: object) -> None:
    audit.record(action, f"wallet:{member.wallet_id}", by=by, member=member.pk, customer=member.customer_id, **facts)


def names(spenders: Iterable[str]) -> dict[str, str]:
    """What those are called whom the journal names as spenders; nobody is asked for where it names none."""
    numbers = [int(spender.partition(":")[2]) for spender in spenders if spender]
    if not numbers:
        return {}
    found = Member.objects.select_related("customer").filter(pk__in=numbers)
    return {member.spender: member.customer.name for member in found}
