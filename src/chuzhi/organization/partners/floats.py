"""What a partner may still credit: a list that is only added to, each entry with what is left after it.

Entries are made with the partner locked, so they are numbered without a gap and none sees an old figure.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.organization.partners import contracts, rules
from chuzhi.organization.partners.errors import (
    ContractOver,
    FloatTooSmall,
    LeftInFloat,
    OverPartnerDay,
    OverPartnerTopUp,
    PartnerSuspended,
    PaymentKeyReused,
)
from chuzhi.organization.partners.models import Partner, PartnerEntry, PartnerLocation
from chuzhi.organization.partners.rules import Contract

SETTLE = "partners.settle"


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner's float now. `left_today` None: no daily cap."""

    left: int
    may_credit: int
    left_today: int | None


def standing(partner: Partner) -> Standing:
    contract, left = contracts.in_force(partner), left_of(partner)
    return Standing(left, contract.left_to_credit(left), contract.left_today(credited_today(partner)))


def left_of(partner: Partner) -> int:
    last = partner.entries.order_by("-number").values_list("left", flat=True).first()
    return last or 0


def credited_today(partner: Partner) -> int:
    day = timezone.localdate()
    start = timezone.make_aware(datetime.combine(day, time.min))
    of_today = partner.entries.filter(at__gte=start, at__lt=start + timedelta(days=1), kind=PartnerEntry.Kind.TOP_UP)
    return -(of_today.aggregate(total=Sum("amount"))["total"] or 0)


@transaction.atomic(durable=True)
def pay_in(*, partner: Partner, amount: int, reference: str, key: str, by: Actor) -> PartnerEntry:
    """The partner has paid us: it may credit so much more. Asking twice with one key books once."""
    return _settle(partner, PartnerEntry.Kind.PAID_IN, money.check(amount), reference, key, by)


@transaction.atomic(durable=True)
def pay_out(*, partner: Partner, amount: int, reference: str, key: str, by: Actor) -> PartnerEntry:
    """We pay the partner what it no longer needs. Refuses more than is left of what it paid."""
    return _settle(partner, PartnerEntry.Kind.PAID_OUT, -money.check(amount), reference, key, by)


def objection(partner: Partner, amount: int) -> Refused | None:
    """Why this partner, locked, may not credit this amount now."""
    contract = contracts.in_force(partner)
    return _barred(partner, contract) or _beyond(partner, contract, amount)


def add(
    partner: Partner,
    kind: PartnerEntry.Kind,
    amount: int,
    by: Actor,
    *,
    earned: int = 0,
    place: tuple[int, int, int] | None = None,
    location: PartnerLocation | None = None,
    reference: str = "",
    asked_for: bytes | None = None,
) -> PartnerEntry:
    """The next entry of a locked partner. `place` is book, seq and wallet of the operation that it stands for."""
    last = partner.entries.order_by("-number").first()
    number, left = (last.number, last.left) if last else (0, 0)
    book, seq, wallet = place or (None, None, None)
    return PartnerEntry.objects.create(
        partner=partner, number=number + 1, kind=kind, amount=amount, left=left + amount, earned=earned, book=book, seq=seq,
        wallet=wallet, location=location, reference=reference, asked_for=asked_for, made_by=by.label,
    )  # fmt: skip


def commission_on(partner: Partner, amount: int) -> int:
    return rules.commission(amount, contracts.in_force(partner).commission)


def _settle(partner: Partner, kind: PartnerEntry.Kind, amount: int, reference: str, key: str, by: Actor) -> PartnerEntry:
    require(by, SETTLE)
    partner = contracts.locked(partner.pk)
    asked_for = hashlib.sha256(f"{partner.pk}\0{by.label}\0{key}".encode()).digest()[:16]
    if known := PartnerEntry.objects.filter(asked_for=asked_for).first():
        if known.amount != amount:
            raise PaymentKeyReused
        return known
    if amount < 0 and left_of(partner) + amount < 0:
        raise LeftInFloat(left=max(0, left_of(partner)))
    entry = add(partner, kind, amount, by, reference=reference, asked_for=asked_for)
    audit.record(f"partner.{kind}", contracts.subject(partner), by=by, amount=amount, entry=entry.number)
    return entry


def _barred(partner: Partner, contract: Contract) -> Refused | None:
    if partner.status != Partner.Status.ACTIVE:
        return PartnerSuspended()
    return ContractOver() if contract.is_over(timezone.localdate()) else None


def _beyond(partner: Partner, contract: Contract, amount: int) -> Refused | None:
    if contract.most_per_top_up is not None and amount > contract.most_per_top_up:
        return OverPartnerTopUp(limit=contract.most_per_top_up)
    left_today = contract.left_today(credited_today(partner))
    if left_today is not None and amount > left_today:
        return OverPartnerDay(left=left_today)
    may_credit = contract.left_to_credit(left_of(partner))
    return FloatTooSmall(left=may_credit) if amount > may_credit else None
