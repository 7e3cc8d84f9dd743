"""Tries to redeem, counted before the code is looked at; whoever guesses is stopped, and staff see it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.wallets.vouchers import rules
from chuzhi.wallets.vouchers.errors import TooManyTries
from chuzhi.wallets.vouchers.models import VoucherAlarm, VoucherTry
from chuzhi.wallets.vouchers.rules import Code

Verdict, Kind = VoucherTry.Verdict, VoucherAlarm.Kind
COUNTED = (Verdict.OPEN, Verdict.WRONG)
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Side:
    """From where somebody tries: an address, a device, a customer, a store. What is not known is empty and not counted."""

    source: str = ""
    device: str = ""
    customer: int | None = None
    store: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try under way. `is_locked`: this card has had its wrong codes, and the right one opens it no more."""

    row: VoucherTry
    is_locked: bool


def begin(code: Code, side: Side, by: Actor) -> Attempt:
    """Count this try, for everybody to see, then look whether it is one too many. Never inside a transaction.

    Raises TooManyTries for a side that has guessed too much, and says nothing of the card, which is not looked at.
    """
    row = VoucherTry.objects.create(
        card=code.number, source=side.source[:64], device=side.device[:64], customer=side.customer, store=side.store,
        actor=by.label,
    )  # fmt: skip
    wrong, on_card = _counts(row)
    if too_many := rules.is_over(wrong):
        _become(row, Verdict.STOPPED)
        raise_alarm(Kind(too_many), str(getattr(row, too_many)))
        raise TooManyTries
    return Attempt(row, is_locked=on_card > rules.MOST_ON_A_CARD)


def right(attempt: Attempt) -> None:
    _become(attempt.row, Verdict.RIGHT)


def wrong(attempt: Attempt) -> None:
    """One more wrong code. The same is done for every card, known or not."""
    row = attempt.row
    _become(row, Verdict.WRONG)
    of_card = VoucherTry.objects.filter(card=row.card, verdict=Verdict.WRONG).count() if row.card else 0
    if of_card >= rules.MOST_ON_A_CARD:
        raise_alarm(Kind.CARD, row.card)
    lately = VoucherTry.objects.filter(at__gt=timezone.now() - rules.EVERYWHERE_WITHIN, verdict=Verdict.WRONG)
    if lately.count() >= rules.EVERYWHERE_FROM:
        raise_alarm(Kind.EVERYWHERE, "")


@transaction.atomic
def raise_alarm(kind: VoucherAlarm.Kind, subject: str) -> None:
    alarm, is_new = VoucherAlarm.objects.get_or_create(kind=kind, subject=subject, seen_at=None, defaults={"count": 1})
    if not is_new:
        VoucherAlarm.objects.filter(pk=alarm.pk).update(count=F("count") + 1, last_at=timezone.now())


def open_alarms(actor: Actor) -> QuerySet[VoucherAlarm]:
    alarms = VoucherAlarm.objects.filter(seen_at=None).order_by("-last_at")
    return alarms if actor.may("vouchers.view") else alarms.none()


@transaction.atomic(durable=True)
def see(*, alarm: VoucherAlarm, by: Actor) -> None:
    """Somebody has looked at it. A card whose holder has shown it can be tried again."""
    require(by, "vouchers.manage")
    if not VoucherAlarm.objects.filter(pk=alarm.pk, seen_at=None).update(seen_by=by.label, seen_at=timezone.now()):
        return
    if alarm.kind == Kind.CARD:
        VoucherTry.objects.filter(card=alarm.subject, verdict__in=COUNTED).update(verdict=Verdict.FORGIVEN)
    audit.record("voucher.alarm_seen", f"voucher_alarm:{alarm.pk}", by=by, kind=alarm.kind)


def forget_old() -> int:
    """For the clock: tries that say nothing any more. Wrong ones are kept longest, for they lock cards."""
    old = VoucherTry.objects.filter(at__lt=timezone.now() - KEPT)
    return old.delete()[0]


def _counts(row: VoucherTry) -> tuple[dict[str, tuple[int, ...]], int]:
    """Tries that were wrong or are not decided, this one included, for each side in each window; and on the card."""
    sides = {side: {side: getattr(row, side)} for side in rules.WINDOWS if getattr(row, side)}
    figures = {
        f"{side}_{place}": Count("pk", filter=Q(**same, at__gt=row.at - window))
        for side, same in sides.items()
        for place, (window, _most) in enumerate(rules.WINDOWS[side])
    }
    longest = max(window for windows in rules.WINDOWS.values() for window, _most in windows)
    of_sides = Q(pk=row.pk)
    for same in sides.values():
        of_sides |= Q(**same, at__gt=row.at - longest)
    counted = VoucherTry.objects.filter(of_sides, verdict__in=COUNTED).aggregate(**figures) if figures else {}
    on_card = VoucherTry.objects.filter(card=row.card, verdict__in=COUNTED).count() if row.card else 0
    return {side: tuple(counted[f"{side}_{place}"] for place in range(len(rules.WINDOWS[side]))) for side in sides}, on_card


def _become(row: VoucherTry, verdict: VoucherTry.Verdict) -> None:
    VoucherTry.objects.filter(pk=row.pk).update(verdict=verdict)
