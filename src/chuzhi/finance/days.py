"""A day is signed off when its books agree, and opened again only with a reason."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.finance.cases import CLOSE, words
from chuzhi.finance.errors import DayNotCompared, DayNotSigned, DaySigned, DifferencesOpen
from chuzhi.finance.models import Case, Day
from chuzhi.finance.rules import OF_NO_BILL
from chuzhi.organization.authority import require


@transaction.atomic(durable=True)
def sign_off(*, day: Day, by: Actor) -> Day:
    """Everything of the day was compared, and no difference is open."""
    require(by, CLOSE)
    day = Day.objects.select_for_update(of=("self",)).select_related("account").get(pk=day.pk)
    if day.signed_at is not None:
        raise DaySigned
    if day.matched_at is None:
        raise DayNotCompared
    of_day = Q(movement__due_on=day.on) | Q(movement__due_on=None, movement__billed_on=day.on)
    cases = Case.objects.filter(of_day, movement__account=day.account_id, closed_at=None).exclude(movement__way__in=OF_NO_BILL)
    if count := cases.count():
        raise DifferencesOpen(count=count)
    day.signed_at, day.signed_by = timezone.now(), by.label
    day.save(update_fields=["signed_at", "signed_by"])
    audit.record("reconciliation_day.signed_off", f"reconciliation_day:{day.pk}", by=by, on=str(day.on))
    return day


@transaction.atomic(durable=True)
def reopen(*, day: Day, reason: str, by: Actor) -> Day:
    require(by, CLOSE)
    reason = words(reason)
    day = Day.objects.select_for_update(of=("self",)).select_related("account").get(pk=day.pk)
    if day.signed_at is None:
        raise DayNotSigned
    day.signed_at, day.signed_by = None, ""
    day.reopened_at, day.reopened_by, day.reopened_because = timezone.now(), by.label, reason
    day.save(update_fields=["signed_at", "signed_by", "reopened_at", "reopened_by", "reopened_because"])
    audit.record("reconciliation_day.reopened", f"reconciliation_day:{day.pk}", by=by, on=str(day.on), reason=reason)
    return day
