"""Orders that nobody has paid: customers are reminded on a schedule until they pay, somebody cancels, or the order is over."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.messaging import outbox
from chuzhi.organization.authority import require
from chuzhi.payments import accounts
from chuzhi.payments.models import Payment
from chuzhi.topups import orders, telling
from chuzhi.topups.errors import ScheduleUnusable
from chuzhi.topups.models import Channel, FollowUp, Order

MANAGE = "messages.manage"
USUAL = FollowUp(remind_after=[15], asked_open_hours=72)
MOST_REMINDERS = 10
LONGEST_HOURS = 30 * 24
MOST_AT_ONCE = 500
US = actors.system("orders")


def current() -> FollowUp:
    """What the shop set, or what is usual."""
    return FollowUp.objects.first() or USUAL


def asked_open_for() -> timedelta:
    """How long an order stays open that a colleague made for somebody who is not here."""
    return timedelta(hours=current().asked_open_hours)


@transaction.atomic(durable=True)
def change(*, remind_after: Iterable[int], asked_open_hours: int, by: Actor) -> FollowUp:
    """Remind after so many minutes each, counted from the order; none: never. Holds for orders that are open already too."""
    require(by, MANAGE)
    minutes = sorted(set(remind_after))
    if len(minutes) > MOST_REMINDERS or any(not 0 < each <= LONGEST_HOURS * 60 for each in minutes):
        raise ScheduleUnusable
    if not 0 < asked_open_hours <= LONGEST_HOURS:
        raise ScheduleUnusable
    values = {
        "remind_after": minutes,
        "asked_open_hours": asked_open_hours,
        "changed_by": by.label,
        "changed_at": timezone.now(),
    }
    changed, _is_new = FollowUp.objects.update_or_create(pk=1, defaults=values)
    audit.record("order_follow_up.changed", "order_follow_up:1", by=by, remind_after=minutes, open_hours=asked_open_hours)
    return changed


def remind() -> int:
    """For the clock: tell customers of orders that they began and did not pay, with the link to go on. Answers how many.

    Where several reminders were missed, one is sent. While a transfer may be on its way, none is.
    """
    count, schedule = 0, current().remind_after
    for place, minutes in reversed(list(enumerate(schedule, start=1))):
        due = _waiting().filter(reminded_times__lt=place, created_at__lte=timezone.now() - timedelta(minutes=minutes))
        for order in due.select_related("wallet__customer").order_by("pk")[:MOST_AT_ONCE]:
            count += _remind(order, place)
    return count


def _waiting() -> QuerySet[Order]:
    slow = Payment.objects.filter(purpose=orders.PURPOSE, stage=Payment.Stage.SENT, account__in=accounts.slow())
    found = Order.objects.filter(stage=Order.Stage.OPEN, expires_at__gt=timezone.now()).exclude(wallet__customer=None)
    return found.exclude(channel__in=[Channel.AUTO, Channel.COUNTER]).exclude(pk__in=slow.values("subject_id"))


@transaction.atomic
def _remind(order: Order, place: int) -> bool:
    mine = Order.objects.filter(pk=order.pk, stage=Order.Stage.OPEN, reminded_times__lt=place)
    if not mine.update(reminded_times=place):
        return False
    facts = telling.unfinished(amount=order.amount, currency=order.currency, link=orders.address_of(order))
    subject = f"order:{order.number}" if place == 1 else f"order:{order.number}:{place}"
    outbox.tell(kind=telling.UNFINISHED, facts=facts, subject=subject, by=US, customer=order.wallet.customer)
    return True
