"""A payment is intended and kept, then sent, then asked about until it is over. Nothing is sent inside a transaction."""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.payments import believing, lawful, numbers, rules
from chuzhi.payments.accounts import gateway_of, notify_url
from chuzhi.payments.believing import Verdict
from chuzhi.payments.errors import AccountUnusable, AmountNotTaken, NotUnderWay, SceneNotTaken
from chuzhi.payments.gateways.contract import (
    Asked,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
    Scene,
    Started,
    State,
    Told,
)
from chuzhi.payments.models import Account, Agreement, Payment

log = logging.getLogger(__name__)

NOT_SENT = "not_sent"
"""The reason of a payment that certainly never reached the provider: another account may be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known only while the payer is there, and is not kept: where they are, and the code they show."""

    return_url: str = ""
    payer_ip: str = ""
    code: str = ""
    shop: str = ""


def intend(
    *,
    account: Account,
    purpose: str,
    subject_id: int,
    scene: Scene,
    amount: int,
    shown: str,
    expires_at: datetime,
    by: Actor,
    payer: str = "",
    agreement: Agreement | None = None,
) -> Payment:
    """Keep what is going to be asked, in the caller's transaction. The provider knows nothing of it yet."""
    money.check(amount)
    if no := lawful.objection(account.method):
        raise no
    if account.standing != Account.Standing.OPEN:
        raise AccountUnusable
    if not account.takes(amount):
        raise AmountNotTaken
    if scene not in gateway_of(account).scenes:
        raise SceneNotTaken
    return Payment.objects.create(
        number=numbers.fresh("P"), account=account, purpose=purpose, subject_id=subject_id, scene=scene, amount=amount,
        currency=account.currency, shown=shown, payer=payer, agreement=agreement, expires_at=expires_at,
        next_ask_at=timezone.now() + timedelta(seconds=rules.pause(0)), made_by=by.label,
    )  # fmt: skip


def send(payment: Payment, circumstances: Circumstances) -> Payment:
    """Ask the provider to be paid. Answers the payment as it stands then: sent, paid at once, or failed with a reason.

    Sent once: whoever comes second gets what the first was told.
    """
    if not Payment.objects.filter(pk=payment.pk, stage=Payment.Stage.INTENDED).update(
        stage=Payment.Stage.SENT, sent_at=timezone.now()
    ):
        return Payment.objects.get(pk=payment.pk)
    asked = _asked(payment, circumstances)
    try:
        started = gateway_of(payment.account).start(asked)
    except NotSentError as fault:
        return _over(payment, Told(number=payment.number, state=State.FAILED, reason=NOT_SENT), str(fault))
    except ProviderRefusedError as no:
        told = Told(number=payment.number, state=State.FAILED, reason=no.reason[:80], decline=no.decline)
        return _over(payment, told, no.sentence)
    except OutcomeUnknownError as fault:
        log.warning("payment %s: outcome unknown: %s", payment.number, fault)
        return Payment.objects.get(pk=payment.pk)
    return _begun(payment, started)


def ask(payment: Payment) -> Payment:
    """What the provider knows of it, by the same door as a notice. One that nobody paid in time is closed there.

    One that is over is asked about once, where something has said that it was paid all the same.
    """
    gateway = gateway_of(payment.account)
    try:
        told = gateway.ask(payment.number, provider_id=payment.provider_id)
        if told.state is State.WAITING and payment.expires_at <= timezone.now():
            gateway.close(payment.number, provider_id=payment.provider_id)
            told = gateway.ask(payment.number, provider_id=payment.provider_id)
    except (NotSentError, OutcomeUnknownError, ProviderRefusedError) as fault:
        log.warning("payment %s: not answered: %s", payment.number, fault)
        return _ask_later(payment)
    if payment.is_over:
        return _over(payment, told, "asked about after it was over")
    if told.state is State.UNHEARD:
        return _unheard(payment)
    if believing.payment(payment.account, told) is Verdict.MISMATCH and payment.expires_at <= timezone.now():
        return _over(
            payment, Told(number=payment.number, state=State.CLOSED, reason="mismatch"), "not what was asked, and over"
        )
    return _ask_later(payment)


def ask_again(account: Account, numbers: Iterable[str]) -> int:
    """A bill says that these were paid: those that we do not know as paid are asked about. Answers how many."""
    unpaid = Payment.objects.filter(account=account, number__in=numbers).exclude(stage=Payment.Stage.PAID)
    return unpaid.update(next_ask_at=timezone.now())


@transaction.atomic
def give_up(*, payment: Payment) -> Payment:
    """The payer chose otherwise. Closed at the provider by `ask`, at once; if it was paid meanwhile, it counts."""
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.is_over:
        raise NotUnderWay
    payment.expires_at = min(payment.expires_at, timezone.now())
    payment.next_ask_at = timezone.now()
    payment.save(update_fields=["expires_at", "next_ask_at"])
    return payment


def _asked(payment: Payment, circumstances: Circumstances) -> Asked:
    return Asked(
        number=payment.number,
        amount=payment.amount,
        currency=payment.currency,
        subject=payment.shown,
        scene=Scene(payment.scene),
        expires_at=payment.expires_at,
        notify_url=notify_url(payment.account),
        payer=payment.payer,
        agreement=payment.agreement.provider_id if payment.agreement else "",
        **asdict(circumstances),
    )


def _begun(payment: Payment, started: Started) -> Payment:
    facts = {"url": started.url, "code": started.code, "facts": dict(started.facts)}
    Payment.objects.filter(pk=payment.pk).update(started={name: value for name, value in facts.items() if value})
    if started.provider_id:
        Payment.objects.filter(pk=payment.pk, provider_id="").update(provider_id=started.provider_id)
    if started.told is not None:
        believing.payment(payment.account, started.told)
    return Payment.objects.get(pk=payment.pk)


def _over(payment: Payment, told: Told, why: str) -> Payment:
    log.info("payment %s: %s: %s", payment.number, told.reason, why)
    believing.payment(payment.account, told)
    Payment.objects.filter(pk=payment.pk, ended_at__isnull=False).update(next_ask_at=None)
    return Payment.objects.get(pk=payment.pk)


def _unheard(payment: Payment) -> Payment:
    """The provider never got it, or waits for the payer to open its page: nothing is decided while either may still happen."""
    if payment.expires_at > timezone.now() and (payment.started or not _is_old(payment)):
        return _ask_later(payment)
    if payment.started:
        return _over(payment, Told(number=payment.number, state=State.CLOSED), "never opened")
    return _over(payment, Told(number=payment.number, state=State.FAILED, reason=NOT_SENT), "never heard of")


def _is_old(payment: Payment) -> bool:
    since = payment.sent_at or payment.created_at
    return timezone.now() - since > timedelta(minutes=2)


def _ask_later(payment: Payment) -> Payment:
    payment = Payment.objects.get(pk=payment.pk)
    if not payment.is_over:
        Payment.objects.filter(pk=payment.pk, ended_at=None).update(
            asked_times=payment.asked_times + 1,
            next_ask_at=timezone.now() + timedelta(seconds=rules.pause(payment.asked_times)),
        )
    return payment
