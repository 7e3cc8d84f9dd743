"""A payer's permission at a provider to be charged when they are not there: asked for, confirmed, used, given up."""

import logging

from django.db import transaction
from django.utils import timezone

from chuzhi.payments import believing, numbers
from chuzhi.payments.accounts import gateway_of, notify_url
from chuzhi.payments.errors import AccountUnusable, ChargesNobodyLater
from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    ChargesLater,
    NotSentError,
    OutcomeUnknownError,
    ProviderRefusedError,
    Scene,
)
from chuzhi.payments.models import Account, Agreement

log = logging.getLogger(__name__)


def keeps(account: Account) -> ChargesLater:
    """The gateway behind an account that can charge later. Raises ChargesNobodyLater."""
    gateway = gateway_of(account)
    if not isinstance(gateway, ChargesLater) or Scene.ABSENT not in gateway.scenes:
        raise ChargesNobodyLater
    return gateway


def announce_days(account: Account) -> int:
    """How many days before a charge the provider itself wants it announced; 0: it does not."""
    return keeps(account).announce_days


def intend(*, account: Account, purpose: str, subject_id: int) -> Agreement:
    """Keep what is going to be asked, in the caller's transaction."""
    if account.standing != Account.Standing.OPEN:
        raise AccountUnusable
    keeps(account)
    return Agreement.objects.create(number=numbers.fresh("A"), account=account, purpose=purpose, subject_id=subject_id)


def send(agreement: Agreement, *, scene: Scene, shown_name: str, return_url: str = "", payer: str = "") -> Agreement:
    """Ask the provider; the agreement then says how the payer goes on. Asked again while it waits, it is asked anew."""
    if agreement.stage != Agreement.Stage.WAITING:
        return agreement
    asked = AgreementAsked(
        number=agreement.number, shown_name=shown_name, scene=scene, notify_url=notify_url(agreement.account),
        return_url=return_url, payer=payer,
    )  # fmt: skip
    try:
        started = keeps(agreement.account).agree(asked)
    except (NotSentError, OutcomeUnknownError, ProviderRefusedError) as fault:
        log.warning("agreement %s: not begun: %s", agreement.number, fault)
        return agreement
    facts = {"url": started.url, "code": started.code, "facts": dict(started.facts)}
    agreement.started = {name: value for name, value in facts.items() if value}
    agreement.save(update_fields=["started"])
    return agreement


def ask(agreement: Agreement) -> Agreement:
    """What the provider knows of it, by the same door as its messages."""
    try:
        told = keeps(agreement.account).ask_agreement(agreement.number, provider_id=agreement.provider_id)
    except (NotSentError, OutcomeUnknownError, ProviderRefusedError) as fault:
        log.warning("agreement %s: not answered: %s", agreement.number, fault)
    else:
        believing.agreement(agreement.account, told)
    return Agreement.objects.get(pk=agreement.pk)


def release(agreement: Agreement, *, reason: str) -> bool:
    """Give it up at the provider. Answers whether it has: else it has to be tried again."""
    if agreement.provider_id and agreement.stage == Agreement.Stage.SIGNED:
        try:
            keeps(agreement.account).release(agreement=agreement.provider_id, reason=reason)
        except (NotSentError, OutcomeUnknownError) as fault:
            log.warning("agreement %s: not released: %s", agreement.number, fault)
            return False
        except ProviderRefusedError as no:
            log.warning("agreement %s: %s", agreement.number, no)
            return ask(agreement).stage == Agreement.Stage.ENDED
    ended = AgreementTold(number=agreement.number, state=AgreementState.ENDED, changed_at=timezone.now())
    believing.agreement(agreement.account, ended)
    return True


@transaction.atomic
def forget(agreement: Agreement) -> None:
    """One that was never confirmed: nothing of it is at the provider that could be used."""
    Agreement.objects.filter(pk=agreement.pk, stage=Agreement.Stage.WAITING).update(
        stage=Agreement.Stage.ENDED, ended_at=timezone.now()
    )
