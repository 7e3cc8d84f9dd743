"""What nobody told us is asked for: payments under way and refunds on their way, each by itself."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.payments import intents, refunds
from chuzhi.payments.models import Payment, Refund

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
CLAIM_SECONDS = 60
Row = TypeVar("Row", Payment, Refund)


def ask_about_payments() -> int:
    """Ask the providers about payments whose time has come. Answers how many. One that fails costs only itself."""
    count = 0
    for payment in _due(Payment.objects.select_related("account", "agreement")):
        try:
            intents.ask(payment)
        except Exception:  # one payment's fault must not keep the others waiting
            log.exception("asking about payment %s failed", payment.number)
        count += 1
    return count


def send_refunds() -> int:
    """Send refunds that are intended and ask about those under way. Answers how many."""
    count = 0
    for refund in _due(Refund.objects.select_related("payment__account")):
        try:
            refunds.send(refund)
        except Exception:  # one refund's fault must not keep the others waiting
            log.exception("sending refund %s failed", refund.number)
        count += 1
    return count


@transaction.atomic
def _due(rows: QuerySet[Row]) -> Sequence[Row]:
    """Rows to ask about now, claimed for a minute: another worker takes others, and a crash loses none."""
    now = timezone.now()
    found = rows.filter(next_ask_at__lte=now).order_by("next_ask_at")[:MOST_AT_ONCE]
    due = list(found.select_for_update(skip_locked=True, of=("self",)))
    rows.model._default_manager.filter(pk__in=[row.pk for row in due]).update(
        next_ask_at=now + timedelta(seconds=CLAIM_SECONDS)
    )
    return due
