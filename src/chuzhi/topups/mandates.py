"""Permission to top up automatically: agreed to in so many words, confirmed, paused, stopped in one step, all written down."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chuzhi.core import actors, audit, money
from chuzhi.core.actors import Actor
from chuzhi.messaging import outbox
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind as MessageKind
from chuzhi.organization.authority import require
from chuzhi.payments import agreements, numbers
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account, Agreement
from chuzhi.topups.errors import DayUnusable, MandateExists, MandateOver, OtherOrder, TextOutdated
from chuzhi.topups.mandate_texts import CURRENT
from chuzhi.topups.models import Mandate, MandateEvent
from chuzhi.wallets import funding, moves
from chuzhi.wallets.models import Wallet

log = logging.getLogger(__name__)

PURPOSE = "mandate"
US = actors.system("mandates")
LOOK_EVERY = timedelta(hours=1)
MOST_AT_ONCE = 500
Kind = MandateEvent.Kind


@transaction.atomic
def agree(
    *,
    wallet: Wallet,
    account: Account,
    trigger: Mandate.Trigger,
    amount: int,
    most_a_month: int,
    text_version: int,
    key: str,
    by: Actor,
    refills: bool = False,
    day: int | None = None,
    floor: int | None = None,
) -> Mandate:
    """The customer agrees to the text of this version. Nothing is charged until the provider has confirmed it too.

    Refused for another text than the one in force: what was not read was not agreed to. One mandate a wallet.
    """
    require(by, funding.TOP_UP)
    asked_for = f"{by.label}:{wallet.pk}:{key}"
    if known := Mandate.objects.filter(asked_for=asked_for).first():
        if (known.amount, known.trigger) != (amount, trigger):
            raise OtherOrder
        known.is_replayed = True
        return known
    if text_version != CURRENT:
        raise TextOutdated
    if (trigger == Mandate.Trigger.MONTHLY) != (day is not None and 1 <= day <= 31):
        raise DayUnusable
    if Mandate.objects.filter(wallet=wallet).exclude(stage=Mandate.Stage.ENDED).exists():
        raise MandateExists
    mandate = Mandate.objects.create(
        wallet=wallet, account=account, trigger=trigger, amount=money.check(amount), refills=refills, day=day,
        floor=None if trigger == Mandate.Trigger.MONTHLY else money.check(floor or 0), most_a_month=money.check(most_a_month),
        text_version=text_version, asked_for=asked_for, agreed_by=by.label, number=numbers.fresh("M"),
    )  # fmt: skip
    mandate.agreement = agreements.intend(account=account, purpose=PURPOSE, subject_id=mandate.pk)
    mandate.save(update_fields=["agreement"])
    write(mandate, Kind.AGREED, by=by, amount=amount)
    audit.record("mandate.agreed", f"mandate:{mandate.pk}", by=by, wallet=wallet.pk, amount=amount, text=text_version)
    return mandate


def confirm(mandate: Mandate, *, scene: Scene, return_url: str = "", payer: str = "") -> Mandate:
    """Ask the provider for its part; the agreement then says where the payer goes on."""
    if mandate.agreement is not None:
        name = moves.programme_of(mandate.wallet).name
        agreements.send(mandate.agreement, scene=scene, shown_name=name, return_url=return_url, payer=payer)
    return _again(mandate)


@transaction.atomic
def stop(*, mandate: Mandate, by: Actor, reason: str = "") -> Mandate:
    """For good, at once: nothing is begun any more from this moment. The provider is told by the clock."""
    require(by, funding.TOP_UP)
    mandate = locked(mandate.pk)
    if mandate.stage != Mandate.Stage.ENDED:
        become(mandate, Mandate.Stage.ENDED, Kind.ENDED, by, reason)
        if mandate.agreement is not None:
            agreements.forget(mandate.agreement)
    return mandate


@transaction.atomic
def pause(*, mandate: Mandate, by: Actor, reason: str = "") -> Mandate:
    require(by, funding.TOP_UP)
    mandate = locked(mandate.pk)
    if mandate.stage not in {Mandate.Stage.ACTIVE, Mandate.Stage.PAUSED}:
        raise MandateOver
    if mandate.stage == Mandate.Stage.ACTIVE:
        become(mandate, Mandate.Stage.PAUSED, Kind.PAUSED, by, reason)
    return mandate


@transaction.atomic
def resume(*, mandate: Mandate, by: Actor) -> Mandate:
    """Go on, with a clean slate of failures. A monthly charge is announced anew."""
    require(by, funding.TOP_UP)
    mandate = locked(mandate.pk)
    if mandate.stage not in {Mandate.Stage.ACTIVE, Mandate.Stage.PAUSED}:
        raise MandateOver
    if mandate.stage == Mandate.Stage.PAUSED:
        mandate.failures, mandate.not_before, mandate.announced_for, mandate.announced_at = 0, None, None, None
        mandate.save(update_fields=["failures", "not_before", "announced_for", "announced_at"])
        become(mandate, Mandate.Stage.ACTIVE, Kind.RESUMED, by)
    return mandate


def address_of(mandate: Mandate) -> str:
    """Where its customer sees what comes, and stops it. Cannot be guessed."""
    return f"{settings.PUBLIC_URL}/pay/automatic/{mandate.number}/"


def confirmed_by(agreement: Agreement) -> None:
    """The provider says that the payer has signed, or has ended it there (a reaction)."""
    mandate = locked(agreement.subject_id)
    if agreement.stage == Agreement.Stage.SIGNED and mandate.stage == Mandate.Stage.WAITING:
        become(mandate, Mandate.Stage.ACTIVE, Kind.CONFIRMED, US)
    elif agreement.stage == Agreement.Stage.ENDED and mandate.stage != Mandate.Stage.ENDED:
        become(mandate, Mandate.Stage.ENDED, Kind.ENDED, US, "provider")


def locked(number: int) -> Mandate:
    return Mandate.objects.select_related("wallet", "account", "agreement").select_for_update(of=("self",)).get(pk=number)


def _again(mandate: Mandate) -> Mandate:
    return Mandate.objects.select_related("wallet", "account", "agreement").get(pk=mandate.pk)


def become(mandate: Mandate, stage: Mandate.Stage, kind: Kind, by: Actor, reason: str = "") -> None:
    mandate.stage = stage
    mandate.look_at = timezone.now() if stage == Mandate.Stage.ACTIVE else None
    mandate.ended_at = timezone.now() if stage == Mandate.Stage.ENDED else None
    mandate.save(update_fields=["stage", "look_at", "ended_at"])
    write(mandate, kind, by=by, reason=reason)


def write(mandate: Mandate, kind: Kind, *, by: Actor, **facts: Any) -> None:
    facts["reason"] = str(facts.get("reason", ""))[:80]
    MandateEvent.objects.create(mandate=mandate, kind=kind, by=by.label, **facts)


def tell(mandate: Mandate, kind: MessageKind, subject: str, facts: Mapping[str, Fact]) -> None:
    if mandate.wallet.customer is not None:
        outbox.tell(kind=kind, facts=facts, subject=subject, by=US, customer=mandate.wallet.customer)
