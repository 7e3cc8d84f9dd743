"""The one door for a provider's word: notices, answers, polls and bills all come in here, in any order and any number."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chuzhi.payments import arrivals, reactions, rules
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.gateways.contract import (
    AgreementState,
    AgreementTold,
    Content,
    DisputeTold,
    RefundState,
    RefundTold,
    State,
    Told,
)
from chuzhi.payments.models import Account, Agreement, Dispute, Incident, Notice, Payment, Refund

Verdict = Notice.Verdict


class ApartError(Exception):
    """What was said together must be believed one by one, each in a transaction of its own."""


def contents(said: Sequence[tuple[Account, Content | None]]) -> list[Notice.Verdict]:
    """What providers said at one moment, in order: payments all together, the rest one by one."""
    told = [(place, account, content) for place, (account, content) in enumerate(said) if isinstance(content, Told)]
    verdicts = dict(
        zip((place for place, *_rest in told), payments([each[1:] for each in told], are_messages=True), strict=True)
    )
    return [verdicts.get(place) or _other(account, content) for place, (account, content) in enumerate(said)]


def _other(account: Account, told: Content | None) -> Notice.Verdict:
    match told:
        case RefundTold():
            return refund(account, told)
        case AgreementTold():
            return agreement(account, told)
        case DisputeTold():
            return dispute(account, told)
        case _:
            return Verdict.NOTHING_NEW


def payment(account: Account, told: Told) -> Notice.Verdict:
    return payments([(account, told)])[0]


@transaction.atomic(savepoint=False)
def payments(said: Sequence[tuple[Account, Told]], *, are_messages: bool = False) -> list[Notice.Verdict]:
    """Compare, change, and tell whoever each payment was for: all of it, or nothing.

    A message that something was paid after we had given it up is not enough: a payment by code that was cancelled while it was
    under way is told as paid, and undone. So the provider is asked, and its answer counts.
    """
    rows = _all_locked(said)
    paid: list[Payment] = []
    verdicts = [
        _compared(account, told, rows.get((account.pk, told.number)), paid, is_message=are_messages) for account, told in said
    ]
    arrivals.write(paid)
    _react(paid)
    return verdicts


@transaction.atomic
def follow_again(payment: Payment) -> None:
    """Whoever a paid payment was for hears of it once more: what followed already does not follow twice."""
    row = Payment.objects.select_for_update(of=("self",)).select_related("account").get(pk=payment.pk)
    if row.stage == Payment.Stage.PAID:
        _react([row])


def _react(paid: Sequence[Payment]) -> None:
    """Once for all, so that the books are locked in one go. Raises ApartError where that cannot be."""
    purposes = {row.purpose for row in paid}
    together = reactions.of(*purposes).paid_together if len(purposes) == 1 else None
    if together is not None:
        together(paid)
    elif len(paid) > 1:
        raise ApartError
    else:
        for row in paid:
            reactions.of(row.purpose).paid(row)


def _compared(
    account: Account, told: Told, row: Payment | None, paid: list[Payment], *, is_message: bool
) -> Notice.Verdict:  # fmt: skip
    """What is paid is added to `paid`: its row is as it will be, and is written with the others."""
    if row is None:
        if told.state is State.PAID:
            _incident(account, Incident.Kind.STRANGER, told.number, None, amount=told.amount, currency=told.currency)
        return Verdict.STRANGER
    merchant = str(getattr(gateway_of(account), "merchant", ""))
    known = rules.Known(row.stage, row.amount, row.currency, merchant, row.provider_id, row.surplus)
    match rules.change(known, told, is_message=is_message):
        case rules.Change.ASK:
            Payment.objects.filter(pk=row.pk).update(next_ask_at=timezone.now())
            return Verdict.ASKED
        case rules.Change.PAID | rules.Change.PAID_LATE as change:
            _pay(row, told, is_late=change is rules.Change.PAID_LATE)
            paid.append(row)
            _surplus(row, told)
        case rules.Change.SURPLUS:
            _surplus(row, told)
        case rules.Change.FAILED | rules.Change.CLOSED:
            _end(row, Payment.Stage(told.state), told)
        case rules.Change.MISMATCH:
            facts = {"amount": told.amount, "currency": told.currency, "merchant": told.merchant, "asked": row.amount}
            _incident(account, Incident.Kind.MISMATCH, told.number, row, **facts)
            return Verdict.MISMATCH
        case rules.Change.TWICE:
            name = f"{told.number}/{told.provider_id}"
            _incident(account, Incident.Kind.TWICE, name, row, amount=told.amount, provider_id=told.provider_id)
        case rules.Change.NOTHING:
            return Verdict.NOTHING_NEW
    return Verdict.BELIEVED


@transaction.atomic
def refund(account: Account, told: RefundTold) -> Notice.Verdict:
    """A refund that is done may still fail later, at some providers; one that failed stays failed."""
    found = Refund.objects.select_related("payment").filter(number=told.number, payment__account=account)
    row = found.select_for_update(of=("self",)).first()
    if row is None:
        return Verdict.STRANGER
    stage = {RefundState.DONE: Refund.Stage.DONE, RefundState.FAILED: Refund.Stage.FAILED}.get(told.state)
    if stage is not None and told.amount is not None and told.amount != row.amount:
        _incident(account, Incident.Kind.MISMATCH, told.number, row.payment, amount=told.amount, asked=row.amount)
        return Verdict.MISMATCH
    if stage is None or row.stage in {stage, Refund.Stage.FAILED}:
        if told.state is RefundState.PROCESSING and row.stage in {Refund.Stage.INTENDED, Refund.Stage.SENT}:
            Refund.objects.filter(pk=row.pk).update(stage=Refund.Stage.PROCESSING, provider_id=told.provider_id)
        return Verdict.NOTHING_NEW
    row.stage, row.reason = stage, told.reason[:80]
    row.provider_id = told.provider_id or row.provider_id
    row.done_at, row.next_ask_at = told.done_at or timezone.now(), None
    row.save(update_fields=["stage", "reason", "provider_id", "done_at", "next_ask_at"])
    if stage == Refund.Stage.FAILED:
        paid = Payment.objects.select_for_update().get(pk=row.payment_id)
        paid.refunded -= row.amount
        paid.save(update_fields=["refunded"])
        _incident(account, Incident.Kind.REFUND_FAILED, row.number, paid, amount=row.amount, reason=row.reason)
    reactions.of(row.payment.purpose).refunded(row)
    return Verdict.BELIEVED


@transaction.atomic
def agreement(account: Account, told: AgreementTold) -> Notice.Verdict:
    """Signed once, ended once; an agreement that has ended does not come back."""
    named = {"number": told.number} if told.number else {"provider_id": told.provider_id}
    row = Agreement.objects.select_for_update().filter(account=account, **named).first()
    if row is None:
        return Verdict.STRANGER
    changed_at = told.changed_at or timezone.now()
    if told.state is AgreementState.SIGNED and row.stage == Agreement.Stage.WAITING:
        row.stage, row.signed_at = Agreement.Stage.SIGNED, changed_at
        row.provider_id, row.payer = told.provider_id, told.payer
    elif told.state is AgreementState.ENDED and row.stage != Agreement.Stage.ENDED:
        row.stage, row.ended_at = Agreement.Stage.ENDED, changed_at
    else:
        return Verdict.NOTHING_NEW
    row.save(update_fields=["stage", "signed_at", "ended_at", "provider_id", "payer"])
    reactions.of(row.purpose).agreed(row)
    return Verdict.BELIEVED


@transaction.atomic
def dispute(account: Account, told: DisputeTold) -> Notice.Verdict:
    """Opened, then won or lost. The end may be heard first: then it was opened too."""
    paid = _locked(account, told.number) or Payment.objects.filter(account=account, provider_id=told.provider_id).first()
    if paid is None or paid.stage != Payment.Stage.PAID:
        return Verdict.STRANGER
    row, is_new = Dispute.objects.get_or_create(
        account=account, provider_id=told.dispute,
        defaults={"payment": paid, "amount": told.amount, "reason": told.reason[:80], "answer_by": told.answer_by},
    )  # fmt: skip
    if is_new:
        reactions.of(paid.purpose).disputed(row)
    stage = Dispute.Stage(told.state)
    if stage == Dispute.Stage.OPENED or row.stage != Dispute.Stage.OPENED:
        return Verdict.BELIEVED if is_new else Verdict.NOTHING_NEW
    row.stage, row.ended_at = stage, timezone.now()
    row.save(update_fields=["stage", "ended_at"])
    reactions.of(paid.purpose).disputed(row)
    return Verdict.BELIEVED


def _locked(account: Account, number: str) -> Payment | None:
    return Payment.objects.select_for_update().filter(account=account, number=number).first()


def _all_locked(said: Sequence[tuple[Account, Told]]) -> dict[tuple[int, str], Payment]:
    """By account and number."""
    accounts = {account.pk: account for account, _told in said}
    rows = [row for row in arrivals.locked(told.number for _account, told in said) if row.account_id in accounts]
    for row in rows:
        row.account = accounts[row.account_id]
    return {(row.account_id, row.number): row for row in rows}


def _pay(row: Payment, told: Told, *, is_late: bool) -> None:
    row.stage, row.is_late = Payment.Stage.PAID, is_late
    row.provider_id = told.provider_id or row.provider_id
    row.payer = (told.payer or row.payer)[:80]
    row.fee, row.reason, row.decline = told.fee, "", ""
    row.paid_at = row.ended_at = _sound(told.paid_at)
    row.next_ask_at = None


def _surplus(row: Payment, told: Told) -> None:
    """Nobody's wallet gets it: somebody gives it back, or finds out what it was for."""
    if told.surplus:
        row.surplus = told.surplus
        row.save(update_fields=["surplus"])
        name = f"{row.number}/{row.surplus}"
        _incident(row.account, Incident.Kind.SURPLUS, name, row, asked=row.amount, surplus=row.surplus)


def _end(row: Payment, stage: Payment.Stage, told: Told) -> None:
    row.stage, row.reason, row.decline = stage, told.reason[:80], str(told.decline or "")
    row.ended_at, row.next_ask_at = timezone.now(), None
    row.save(update_fields=["stage", "reason", "decline", "ended_at", "next_ask_at"])
    reactions.of(row.purpose).over(row)


def _sound(at: datetime | None) -> datetime:
    """The provider's moment, unless it lies ahead of us."""
    return min(at, timezone.now()) if at else timezone.now()


def _incident(account: Account, kind: Incident.Kind, number: str, row: Payment | None, **facts: object) -> None:
    """Once, however often it is told."""
    Incident.objects.get_or_create(account=account, kind=kind, number=number[:80], defaults={"payment": row, "facts": facts})
