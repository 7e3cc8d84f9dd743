"""What customers paid by a code goes back by the same payment: sent by the clock, and tried again where the provider refuses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments import refunds
from chuzhi.payments.counter import tenders
from chuzhi.payments.counter.tenders import BY_CODE, Left
from chuzhi.payments.models import Payment, Refund
from chuzhi.till.errors import NothingToSend
from chuzhi.till.models import CodePayment, SaleReturn
from chuzhi.wallets import spending

AGAIN_AFTER = tuple(timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 24, 24))
"""Since the last time it was refused. After that somebody has to look: it is among the incidents of payments as well."""
LOOKED_BACK = timedelta(days=30)
MOST_AT_ONCE = 100


def of_return(made: SaleReturn, parts: Sequence[Left], *, by: Actor) -> None:
    """In the transaction of the return: what its sale's code paid is intended to go back."""
    for part in parts:
        if part.amount and part.method in BY_CODE:
            payment = Payment.objects.get(number=tenders.payment_of(made.book, made.seq, part.place))
            refunds.intend(payment=payment, amount=part.amount, why=made.reason, key=f"return-{made.pk}-{part.place}", by=by)


def unsent(made: CodePayment) -> int:
    """What has to go back, and is neither back nor on its way: the provider refused it. Minor units."""
    if made.state == CodePayment.State.RETURNED:
        due = made.payment.amount
    elif made.book is not None and made.seq is not None:
        due = tenders.returned(made.book, made.seq, made.payment.number)
    else:
        return 0
    return due - made.payment.refunded


@transaction.atomic(durable=True)
def try_again(*, made: CodePayment, by: Actor) -> Refund:
    """Ask for it once more, as a refund of its own. Two at once ask once: then the second raises NothingToSend."""
    require(by, spending.REFUND)
    payment = Payment.objects.select_for_update().get(pk=made.payment_id)
    made = CodePayment.objects.select_related("basket").get(pk=made.pk)
    made.payment = payment
    if (amount := unsent(made)) <= 0:
        raise NothingToSend
    times = Refund.objects.filter(payment=payment).count()
    refund = refunds.intend(payment=payment, amount=amount, why=str(made.basket_id), key=f"again-{times}", by=by)
    audit.record("basket.code_refund_tried", f"basket:{made.basket_id}", by=by, amount=amount, payment=payment.number)
    return refund


def try_all_again() -> int:
    """Those whose time has come. Answers how many."""
    now, count = timezone.now(), 0
    for made in failed().filter(times__lte=len(AGAIN_AFTER), last__gt=now - LOOKED_BACK).order_by("last")[:MOST_AT_ONCE]:  # type: ignore[misc]  # annotated
        if made.last + AGAIN_AFTER[made.times - 1] > now:  # type: ignore[attr-defined]  # annotated
            continue
        with suppress(NothingToSend):
            try_again(made=made, by=actors.system("till"))
            count += 1
    return count


def failed(store: int | None = None) -> QuerySet[CodePayment]:
    """Payments by code, of all stores or one, of which a refund was refused, whatever became of it since: `times`, `last` at."""
    found = CodePayment.objects.filter(payment__refunds__stage=Refund.Stage.FAILED)
    found = found if store is None else found.filter(basket__store=store)
    found = found.filter(payment__refunded__lt=F("payment__amount"))
    return (
        found.annotate(last=Max("payment__refunds__done_at"), times=Count("payment__refunds"))
        .select_related("payment__account", "basket")
        .order_by("-pk")
    )
