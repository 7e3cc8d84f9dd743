"""What customers paid by a code goes back by the same payment: sent by the clock, and tried again where the provider refuses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, Count, F, Max, QuerySet, When
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


def owed(store: int | None = None) -> QuerySet[CodePayment]:
    """Of which something has to go back that the provider refused: `unsent` minor units, refused so many `times`, `last` at.

    In all stores or one, the latest first. What is on its way is not among it.
    """
    found = CodePayment.objects.filter(payment__refunds__stage=Refund.Stage.FAILED)
    found = found if store is None else found.filter(basket__store=store)
    due = Case(When(state=CodePayment.State.RETURNED, then="payment__amount"), default=tenders.going_back_by_code())
    return (
        found.annotate(unsent=due - F("payment__refunded"))
        .filter(unsent__gt=0)
        .annotate(last=Max("payment__refunds__done_at"), times=Count("payment__refunds"))
        .select_related("payment__account", "basket")
        .order_by("-pk")
    )


def unsent(made: CodePayment) -> int:
    """What has to go back, and is neither back nor on its way. Minor units."""
    return owed().filter(pk=made.pk).values_list("unsent", flat=True).first() or 0  # type: ignore[misc]  # annotated


@transaction.atomic(durable=True)
def try_again(*, made: CodePayment, by: Actor) -> Refund:
    """Ask for it once more, as a refund of its own. Two at once ask once: then the second raises NothingToSend."""
    require(by, spending.REFUND)
    payment = Payment.objects.select_for_update().get(pk=made.payment_id)
    if not (amount := unsent(made)):
        raise NothingToSend
    times = Refund.objects.filter(payment=payment).count()
    refund = refunds.intend(payment=payment, amount=amount, why=str(made.basket_id), key=f"again-{times}", by=by)
    audit.record("basket.code_refund_tried", f"basket:{made.basket_id}", by=by, amount=amount, payment=payment.number)
    return refund


def try_all_again() -> int:
    """Those whose time has come. Answers how many."""
    now, count = timezone.now(), 0
    for made in owed().filter(times__lte=len(AGAIN_AFTER), last__gt=now - LOOKED_BACK).order_by("last")[:MOST_AT_ONCE]:  # type: ignore[misc]  # annotated
        if made.last + AGAIN_AFTER[made.times - 1] > now:  # type: ignore[attr-defined]  # annotated
            continue
        with suppress(NothingToSend):
            try_again(made=made, by=actors.system("till"))
            count += 1
    return count
