"""Lines find the payments they pay, some in a transaction: few enough that the books of their wallets are not locked for long.

Where one of them fails, each is a transaction of its own: it costs only itself.
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.payments import believing
from chuzhi.payments.bank import rules
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.bank.rules import Decision, Expected, Index, Verdict
from chuzhi.payments.gateways.bank import references
from chuzhi.payments.gateways.contract import RefundState, RefundTold, State, Told
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.payments.statements.lines import StatementLine

log = logging.getLogger(__name__)

AT_ONCE = 20
REMEMBERED = timedelta(days=180)
"""How long a payment that is over is still recognised by its reference."""
US = actors.system("bank")
WRITTEN = ["state", "verdict", "fix", "payment", "pays", "over", "candidates", "settled_by", "settled_at"]
UNDER_WAY = (Payment.Stage.INTENDED, Payment.Stage.SENT)


def match_waiting(*, account: Account, by: Actor, within_seconds: float = math.inf) -> int:
    """Match every line that is new, then look again at those that nobody knew what to do with. Answers how many were looked at.

    What the time does not suffice for stays as it is: the clock goes on with it.
    """
    until = monotonic() + within_seconds
    index = Index(expected(_expected_of(account)))
    waiting = BankLine.objects.filter(Q(state=BankLine.State.NEW) | _unknown(), account=account).order_by("-state", "on", "pk")
    numbers = list(waiting.values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        if monotonic() > until:
            return start
        some = numbers[start : start + AT_ONCE]
        try:
            _match(account, some, index, by)
        except Exception:  # one line's fault must not keep the others waiting: each is tried by itself
            log.exception("bank lines %s to %s were not matched together", some[0], some[-1])
            for number in some:
                _match_alone(account, number, index, by)
    return len(numbers)


def match_left_over() -> int:
    """Lines that were kept and never matched, because the server died or fell over one of them. Answers how many."""
    accounts = Account.objects.filter(bank_lines__state=BankLine.State.NEW).distinct()
    return sum(match_waiting(account=account, by=US) for account in accounts.order_by("pk"))


def told_of(line: BankLine) -> StatementLine:
    return StatementLine(
        account="", on=line.on, amount=line.amount, currency=line.currency, payer=line.payer,
        payer_account=line.payer_account, text=line.text, reference=line.reference,
    )  # fmt: skip


def expected(payments: Iterable[Payment]) -> list[Expected]:
    """Payments as the rules see them, with what earlier lines brought for each."""
    rows = list(payments)
    came = BankLine.objects.filter(payment__in=rows).values_list("payment").annotate(Sum("pays"))
    received = dict(came)
    return [
        Expected(
            number=row.number, reference=references.plain(references.of(row.number)), amount=row.amount,
            currency=row.currency, asked_on=timezone.localdate(row.created_at), received=received.get(row.pk, 0),
            payer=row.payer, is_paid=row.stage == Payment.Stage.PAID, is_open=row.stage in UNDER_WAY,
        )
        for row in rows
    ]  # fmt: skip


def record(line: BankLine, decision: Decision, payment: Payment | None, *, by: Actor) -> None:
    """Write what was decided; the payment that is complete by it is told to the core as any provider would tell it."""
    _write(line, decision, payment, by=by)
    line.save(update_fields=WRITTEN)
    if payment is not None and decision.completes:
        _complete([(line, payment)], by=by)


def settle(line: BankLine, *, by: Actor) -> None:
    _settled(line, by)
    line.save()


def _write(line: BankLine, decision: Decision, payment: Payment | None, *, by: Actor) -> None:
    line.verdict, line.fix = decision.verdict, decision.fix
    line.payment, line.pays, line.over = payment, decision.pays, decision.over
    line.candidates = list(decision.candidates)
    if decision.is_case:
        line.state = BankLine.State.CASE
    else:
        _settled(line, by)


def _settled(line: BankLine, by: Actor) -> None:
    line.state, line.settled_by, line.settled_at = BankLine.State.DONE, by.label, timezone.now()


def _is_waiting(line: BankLine) -> bool:
    is_unknown = line.state == BankLine.State.CASE and line.verdict == Verdict.UNMATCHED
    return line.state == BankLine.State.NEW or is_unknown


def _save(lines: Sequence[BankLine]) -> None:
    """All in one statement: as rows that are there already and are changed. Django's own `bulk_update` takes ten times as long."""
    BankLine.objects.bulk_create(lines, update_conflicts=True, unique_fields=["pk"], update_fields=WRITTEN)


def _match_alone(account: Account, number: int, index: Index, by: Actor) -> None:
    try:
        _match(account, [number], index, by)
    except Exception:  # it stays new and is tried again
        log.exception("bank line %s was not matched", number)


@transaction.atomic
def _match(account: Account, numbers: Sequence[int], index: Index, by: Actor) -> None:
    """Each line counts for those after it."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    found = {line.pk: line for line in BankLine.objects.select_for_update().filter(pk__in=numbers).order_by("pk")}
    lines = [line for number in numbers if _is_waiting(line := found[number])]
    concerned = {line.pk: index.concerned(told_of(line)) for line in lines}
    payments = _locked(account, {number for numbers_of in concerned.values() for number in numbers_of})
    known = {each.number: each for each in expected(payments.values())}
    refunds = _to_transfer(account, lines)
    completed: list[tuple[BankLine, Payment]] = []
    for line in lines:
        line.account, told = account, told_of(line)
        if (refund := _refund_of(told, refunds)) is not None:
            refunds.remove(refund)
            _refunded(line, refund, by)
            continue
        decision = rules.decide(told, [known[number] for number in concerned[line.pk] if number in known])
        _write(line, decision, payments.get(decision.number), by=by)
        if decision.number:
            one = known[decision.number]
            known[decision.number] = replace(one, received=one.received + decision.pays, is_paid=decision.completes)
        if decision.completes:
            completed.append((line, payments[decision.number]))
    _save([line for line in lines if line.refund_id is None])
    _complete(completed, by=by)


def _locked(account: Account, numbers: Iterable[str]) -> Mapping[str, Payment]:
    found = Payment.objects.select_for_update().filter(account=account, number__in=numbers).order_by("pk")
    return {payment.number: payment for payment in found}


def _expected_of(account: Account) -> QuerySet[Payment]:
    since = timezone.now() - REMEMBERED
    return Payment.objects.filter(Q(stage__in=UNDER_WAY) | Q(created_at__gte=since), account=account)


def _unknown() -> Q:
    return Q(state=BankLine.State.CASE, verdict=Verdict.UNMATCHED)


def _complete(paid: Sequence[tuple[BankLine, Payment]], *, by: Actor) -> None:
    """Parts that waited for the rest are settled with it."""
    if not paid:
        return
    parts = BankLine.objects.filter(payment__in=[payment for _line, payment in paid], state=BankLine.State.CASE)
    parts.filter(verdict=Verdict.PARTIAL).update(
        state=BankLine.State.DONE, fix="", settled_by=by.label, settled_at=timezone.now()
    )
    verdicts = believing.payments([(line.account, _told(line, payment)) for line, payment in paid])
    for verdict, (line, payment) in zip(verdicts, paid, strict=True):
        if verdict is not believing.Verdict.BELIEVED:
            raise RuntimeError(f"payment {payment.number} did not take bank line {line.pk}")


def _told(line: BankLine, payment: Payment) -> Told:
    return Told(
        number=payment.number,
        state=State.PAID,
        amount=payment.amount,
        currency=payment.currency,
        provider_id=_name(line),
        paid_at=_moment(line),
        payer=line.payer[:80],
    )


def _to_transfer(account: Account, lines: Iterable[BankLine]) -> list[Refund]:
    """Refunds under way of the amounts that went out."""
    amounts = {-line.amount for line in lines if line.amount < 0}
    under_way = (Refund.Stage.SENT, Refund.Stage.PROCESSING)
    found = Refund.objects.filter(payment__account=account, stage__in=under_way, amount__in=amounts).select_related("payment")
    return list(found.order_by("pk")) if amounts else []


def _refund_of(told: StatementLine, refunds: Iterable[Refund]) -> Refund | None:
    """A refund that somebody transferred by hand with its reference."""
    of_amount = [each for each in refunds if each.amount == -told.amount]
    said = references.within(told.text) if of_amount else ()
    named = [each for each in of_amount if references.plain(references.of(each.number)) in said]
    return named[0] if len(named) == 1 and named[0].payment.currency == told.currency else None


def _refunded(line: BankLine, refund: Refund, by: Actor) -> None:
    line.verdict, line.refund = Verdict.REFUNDS, refund
    settle(line, by=by)
    told = RefundTold(
        number=refund.number, payment=refund.payment.number, state=RefundState.DONE, amount=refund.amount,
        provider_id=_name(line), done_at=_moment(line),
    )  # fmt: skip
    believing.refund(line.account, told)


def _name(line: BankLine) -> str:
    """How the bank, or failing that we, name the movement."""
    return line.reference or bytes(line.fingerprint).hex()[:32]


def _moment(line: BankLine) -> datetime:
    return timezone.make_aware(datetime.combine(line.on, time(12)))
