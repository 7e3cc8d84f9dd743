"""A payment goes back to its payer: asked for with the caller's own facts, sent afterwards, asked about until it is over."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.payments import believing, numbers, rules
from chuzhi.payments.accounts import gateway_of, notify_url
from chuzhi.payments.errors import NotPaid, RefundTooLarge
from chuzhi.payments.gateways.contract import (
    NotSentError,
    OutcomeUnknownError,
    PaysBackOnClaim,
    ProviderRefusedError,
    RefundAsked,
    RefundState,
    RefundTold,
)
from chuzhi.payments.models import Payment, Refund

log = logging.getLogger(__name__)


@transaction.atomic
def intend(*, payment: Payment, amount: int, why: str, key: str, by: Actor) -> Refund:
    """Keep that `amount` is to go back, in the caller's transaction. Asking twice with one key asks once.

    All refunds of a payment together are never more than it was. Raises NotPaid, RefundTooLarge.
    """
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    asked_for = f"{payment.number}:{key}"[:80]
    if known := Refund.objects.filter(asked_for=asked_for).first():
        return known
    if payment.stage != Payment.Stage.PAID:
        raise NotPaid
    if payment.refunded + money.check(amount) > payment.amount:
        raise RefundTooLarge(left=payment.amount - payment.refunded)
    payment.refunded += amount
    payment.save(update_fields=["refunded"])
    return Refund.objects.create(
        number=numbers.fresh("R"), payment=payment, amount=amount, why=why[:80], asked_for=asked_for, made_by=by.label,
        next_ask_at=timezone.now(),
    )  # fmt: skip


def send(refund: Refund) -> Refund:
    """Ask the provider. Sent again it is the same refund there: the number is its own. Answers the refund as it stands then."""
    if refund.stage in {Refund.Stage.DONE, Refund.Stage.FAILED}:
        return refund
    asked = _asked(refund)
    gateway = gateway_of(refund.payment.account)
    try:
        told = gateway.ask_refund(asked) if refund.stage != Refund.Stage.INTENDED else None
        if told is None or told.state is RefundState.UNHEARD:
            Refund.objects.filter(pk=refund.pk, stage=Refund.Stage.INTENDED).update(stage=Refund.Stage.SENT)
            told = gateway.refund(asked)
    except ProviderRefusedError as no:
        told = RefundTold(
            number=refund.number, payment=asked.payment, state=RefundState.FAILED, reason=no.reason[:80], amount=refund.amount
        )
    except (NotSentError, OutcomeUnknownError) as fault:
        log.warning("refund %s: not answered: %s", refund.number, fault)
        return _ask_later(refund)
    believing.refund(refund.payment.account, told)
    return _ask_later(refund)


def claim_url(refund: Refund) -> str:
    """Where the payer says how the money shall reach them; empty where it does without them, or is done."""
    if refund.stage != Refund.Stage.PROCESSING or not refund.provider_id:
        return ""
    gateway = gateway_of(refund.payment.account)
    return gateway.claim_url(refund.provider_id) if isinstance(gateway, PaysBackOnClaim) else ""


def _asked(refund: Refund) -> RefundAsked:
    payment = refund.payment
    return RefundAsked(
        number=refund.number,
        payment=payment.number,
        provider_id=payment.provider_id,
        amount=refund.amount,
        total=payment.amount,
        currency=payment.currency,
        reason=refund.why,
        notify_url=notify_url(payment.account),
    )


def _ask_later(refund: Refund) -> Refund:
    refund = Refund.objects.select_related("payment__account").get(pk=refund.pk)
    if refund.done_at is None:
        Refund.objects.filter(pk=refund.pk, done_at=None).update(
            asked_times=refund.asked_times + 1, next_ask_at=timezone.now() + timedelta(seconds=rules.pause(refund.asked_times))
        )
    return refund
