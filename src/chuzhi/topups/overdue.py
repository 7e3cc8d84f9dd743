"""Money that should be here by now: somebody here is given the task to look for it, and the customer is told, once each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors, working_days
from chuzhi.ledger.batch import shop_zone
from chuzhi.messaging import outbox
from chuzhi.payments import incidents, rules
from chuzhi.payments.models import Incident, Payment
from chuzhi.topups import orders, telling
from chuzhi.topups.models import Order

GRACE = timedelta(minutes=10)
RETURNED_WITHIN = timedelta(days=1)
MOST_AT_ONCE = 200
US = actors.system("orders")
LATE = Incident.Kind.OVERDUE
NOT_HERE: Promise = _("We have not received it yet. If you have paid, keep the proof of it: we are looking into it.")
NOT_BACK: Promise = _("It could not be added to your account and is not back with you yet. We are looking into it.")
UNDER_WAY = (Payment.Stage.INTENDED, Payment.Stage.SENT)


@dataclass(frozen=True, slots=True)
class Expected:
    """When money should be here. `is_sure` is no: not all holidays of that year are known, and it may take some days more."""

    by: datetime
    is_sure: bool


def expected(payment: Payment) -> Expected | None:
    """When money that is under way should be here, by the working days of its currency; None, if none is."""
    if payment.stage != Payment.Stage.SENT or payment.sent_at is None:
        return None
    account, works_on = payment.account, partial(working_days.works_on, currency=payment.currency)
    by = rules.expected_by(payment.sent_at, account.arrives_within_seconds, shop_zone(), works_on)
    return Expected(by, not account.is_slow or working_days.is_known(by.astimezone(shop_zone()).year, payment.currency))


def look() -> int:
    """For the clock: open a task for what is late, and close those whose money has come. Answers how many were opened."""
    _close_what_is_over()
    late = [*((each, NOT_HERE) for each in islice(_not_here(), MOST_AT_ONCE)), *((each, NOT_BACK) for each in _not_back())]
    known = _orders_of(payment for payment, _why in late)
    return sum(_open(payment, known[payment.subject_id], why) for payment, why in late)


def _not_here() -> Iterator[Payment]:
    """Sent, and past its time: nobody transferred it, or it went astray, or the provider does not answer."""
    now = timezone.now()
    sent = Payment.objects.filter(purpose=orders.PURPOSE, stage=Payment.Stage.SENT, sent_at__lt=now - GRACE)
    found = sent.exclude(incidents__kind=LATE).select_related("account").order_by("sent_at")
    for payment in found.iterator(chunk_size=MOST_AT_ONCE):
        last = expected(payment)
        if last and max(last.by, _asked_until(payment)) < now - GRACE:
            yield payment


def _asked_until(payment: Payment) -> datetime:
    """Until then a payer who was sent to a provider may simply not have paid yet; a transfer has its own time."""
    return payment.sent_at or payment.created_at if payment.account.is_slow else payment.expires_at


def _not_back() -> QuerySet[Payment]:
    """Paid, not credited, and not given back within a day."""
    paid = Payment.objects.filter(
        purpose=orders.PURPOSE, stage=Payment.Stage.PAID, paid_at__lt=timezone.now() - RETURNED_WITHIN
    )
    owed = Order.objects.exclude(stage__in=[Order.Stage.CREDITED, Order.Stage.RETURNED]).values("pk")
    found = paid.filter(subject_id__in=owed).exclude(incidents__kind=LATE).select_related("account")
    return found.order_by("paid_at")[:MOST_AT_ONCE]


@transaction.atomic
def _open(payment: Payment, order: Order, why: Promise) -> bool:
    facts = {"order": order.number, "amount": payment.amount, "currency": payment.currency}
    is_new = incidents.open_for(payment, kind=LATE, facts=facts)
    if is_new and order.wallet.customer is not None:
        said = telling.overdue(amount=order.amount, currency=order.currency, what=why, link=orders.address_of(order))
        outbox.tell(kind=telling.OVERDUE, facts=said, subject=f"order:{order.number}", by=US, customer=order.wallet.customer)
    return is_new


def _close_what_is_over() -> None:
    """By itself, with what became of it."""
    owed = Order.objects.filter(stage=Order.Stage.OWED).values("pk")
    late = Incident.objects.filter(kind=LATE, closed_at=None).exclude(payment__stage__in=UNDER_WAY)
    over = [
        (incident, incident.payment)
        for incident in late.exclude(payment__subject_id__in=owed).select_related("payment")[:MOST_AT_ONCE]
        if incident.payment
    ]
    known = _orders_of(payment for _incident, payment in over)
    for incident, payment in over:
        incidents.close(incident=incident, remark=f"{payment.stage}, {known[payment.subject_id].stage}", by=US)


def _orders_of(payments: Iterable[Payment]) -> dict[int, Order]:
    return Order.objects.select_related("wallet__customer").in_bulk({each.subject_id for each in payments})
