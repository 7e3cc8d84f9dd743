"""What looks wrong about a partner's top-ups, and how well it works."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require
from chuzhi.organization.partners import contracts, rules
from chuzhi.organization.partners.models import Partner, PartnerAlarm, PartnerEntry, PartnerIncident, PartnerRefusal


@dataclass(frozen=True, slots=True)
class Quality:
    """The facts of the last 90 days, and what they come to: 100 is faultless."""

    score: int
    top_ups: int
    reversals: int
    errors: int
    complaints: int


def open_ones(actor: Actor) -> QuerySet[PartnerAlarm]:
    return PartnerAlarm.objects.filter(partner__in=contracts.visible_to(actor), seen_at=None).order_by("-raised_at")


@transaction.atomic
def watch(partner: Partner, *, wallet: int | None = None) -> list[PartnerAlarm]:
    """Raise what the latest counts call for. An alarm that nobody has looked at yet only grows."""
    now = timezone.now()
    top_ups = partner.entries.filter(kind=PartnerEntry.Kind.TOP_UP)
    counts = rules.alarms(
        busy_from=contracts.in_force(partner).busy_from,
        in_ten_minutes=top_ups.filter(at__gt=now - rules.BUSY_WITHIN).count(),
        same_wallet_in_an_hour=top_ups.filter(at__gt=now - rules.SAME_WALLET_WITHIN, wallet=wallet).count() if wallet else 0,
        refused_in_an_hour=partner.refusals.filter(at__gt=now - rules.REFUSED_WITHIN).count(),
    )
    return [_raise(partner, PartnerAlarm.Kind(kind), count) for kind, count in counts.items()]


@transaction.atomic
def note_refusal(partner: Partner, no: Refused, amount: int, by: Actor) -> None:
    """The contract said no: kept, because trying again and again is a sign."""
    PartnerRefusal.objects.create(partner=partner, code=no.code, amount=amount, made_by=by.label)
    watch(partner)


def lookups_failed(partner: Partner, code: str) -> int:
    return partner.refusals.filter(at__gt=timezone.now() - rules.REFUSED_WITHIN, code=code).count()


@transaction.atomic(durable=True)
def see(*, alarm: PartnerAlarm, by: Actor) -> None:
    """Somebody has looked at it."""
    require(by, "partners.settle")
    seen = PartnerAlarm.objects.filter(pk=alarm.pk, seen_at=None).update(seen_by=by.label, seen_at=timezone.now())
    if seen:
        audit.record("partner.alarm_seen", contracts.subject(alarm.partner), by=by, kind=alarm.kind)


def quality(partner: Partner) -> Quality:
    since = timezone.now() - timedelta(days=rules.JUDGED_DAYS)
    lately, incidents = partner.entries.filter(at__gt=since), partner.incidents.filter(at__gt=since)
    top_ups = lately.filter(kind=PartnerEntry.Kind.TOP_UP).count()
    reversals = lately.filter(kind=PartnerEntry.Kind.REVERSAL).count()
    errors = incidents.filter(kind=PartnerIncident.Kind.ERROR).count()
    complaints = incidents.filter(kind=PartnerIncident.Kind.COMPLAINT).count()
    score = rules.quality(top_ups, reversals=reversals, errors=errors, complaints=complaints)
    return Quality(score, top_ups, reversals, errors, complaints)


def _raise(partner: Partner, kind: PartnerAlarm.Kind, count: int) -> PartnerAlarm:
    alarm, is_new = PartnerAlarm.objects.get_or_create(partner=partner, kind=kind, seen_at=None, defaults={"count": count})
    if not is_new:
        PartnerAlarm.objects.filter(pk=alarm.pk).update(count=F("count") + 1)
    return alarm
