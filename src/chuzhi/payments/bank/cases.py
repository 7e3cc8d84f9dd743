"""What the rules could not decide, a person does: the money is given to a payment, or said to belong to none."""

from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments.bank import matching, rules
from chuzhi.payments.bank.errors import (
    CurrencyDiffers,
    NotACase,
    NotToAssign,
    PaymentPaid,
    PaymentUnknown,
    RemarkMissing,
)
from chuzhi.payments.bank.intake import TAKE_IN
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.bank.rules import Verdict
from chuzhi.payments.models import Account, Payment

LONGEST_REMARK = 200


@transaction.atomic(durable=True)
def assign(*, line: BankLine, payment: str, by: Actor) -> BankLine:
    """Give the money to a payment (its number). The amounts decide whether it is paid by it, in part, or more than paid.

    Refuses a line that has a payment, and a payment that is paid or in another currency.
    """
    require(by, TAKE_IN)
    line = _open_case(line)
    if line.payment_id or line.amount <= 0:
        raise NotToAssign
    found = Payment.objects.select_for_update().filter(account=line.account, number=payment).first()
    if found is None:
        raise PaymentUnknown
    decision = rules.assigned(matching.told_of(line), matching.expected([found])[0])
    if decision.verdict is Verdict.CURRENCY:
        raise CurrencyDiffers
    if not decision.pays:
        raise PaymentPaid
    matching.record(line, decision, found, by=by)
    audit.record("bank_line.assigned", f"bank_line:{line.pk}", by=by, payment=payment, verdict=decision.verdict)
    return line


@transaction.atomic(durable=True)
def close(*, line: BankLine, ending: BankLine.Ending, remark: str, by: Actor) -> BankLine:
    """Say what became of money that no payment takes. A part that waited for the rest is taken off its payment again."""
    require(by, TAKE_IN)
    line = _open_case(line)
    remark = " ".join(remark.split())[:LONGEST_REMARK]
    if not remark:
        raise RemarkMissing
    if line.verdict == Verdict.PARTIAL:
        line.payment, line.pays = None, 0
    line.ending, line.remark = ending, remark
    matching.settle(line, by=by)
    audit.record("bank_line.closed", f"bank_line:{line.pk}", by=by, ending=str(ending))
    return line


def set_aside(line: BankLine, *, ending: BankLine.Ending, by: Actor) -> None:
    """It is what a provider paid out to us, or what we put into custody. The caller's transaction has locked the account."""
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    if not line.is_case:
        raise NotACase
    line.ending = ending
    matching.settle(line, by=by)
    audit.record("bank_line.set_aside", f"bank_line:{line.pk}", by=by, ending=str(ending))


def _open_case(line: BankLine) -> BankLine:
    Account.objects.select_for_update(no_key=True).get(pk=line.account_id)
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    if not line.is_case:
        raise NotACase
    return line
