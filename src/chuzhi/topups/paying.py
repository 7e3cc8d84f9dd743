"""Asking to be paid for what somebody ordered: by the preferred account, and by the next if that one certainly was not reached."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.payments import intents
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import NOT_SENT, Circumstances
from chuzhi.payments.models import Account, Agreement, Payment
from chuzhi.topups import ways
from chuzhi.topups.errors import NoWayToPay

AT_A_PROVIDER = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is to be paid, and for whom. `shown` is what the payer reads, `usual_payer` their name if no other is given."""

    purpose: str
    subject_id: int
    amount: int
    currency: str
    shown: str
    expires_at: datetime
    usual_payer: str = ""


def pay(
    *, bill: Bill, lock: Callable[[], None], scene: Scene, circumstances: Circumstances, by: Actor,
    account: Account | None = None, method: Method | None = None, payer: str = "", agreement: Agreement | None = None,
) -> Payment:  # fmt: skip
    """Begin to pay, or go on with what was begun: the same way again is the same payment.

    Without an account the preferred one is taken; one that certainly was not reached is passed over for the next. Another
    way than before gives up the former; if that is paid all the same, the second money to arrive goes back. `lock` locks the
    order's row and raises if it cannot be paid any more.
    """
    tried: list[Payment] = []
    routes = ways.accounts_for(scene=scene, amount=bill.amount, currency=bill.currency, method=method)
    for each in [account] if account is not None else routes:
        payment = _intended(bill, lock, each, scene, by, payer, agreement)
        payment = intents.send(payment, circumstances)
        if payment.reason != NOT_SENT:
            return payment
        tried.append(payment)
    if tried:
        return tried[-1]
    raise NoWayToPay


def payments_for(purpose: str, subject_id: int) -> list[Payment]:
    """Newest first."""
    found = Payment.objects.filter(purpose=purpose, subject_id=subject_id).select_related("account")
    return list(found.order_by("-pk"))


def _until(bill: Bill, account: Account) -> datetime:
    """A payer at a provider has two hours at most; a transfer is waited for three times as long as it should take."""
    if account.is_slow:
        return max(bill.expires_at, timezone.now() + 3 * timedelta(seconds=account.arrives_within_seconds))
    return min(bill.expires_at, timezone.now() + AT_A_PROVIDER)


@transaction.atomic
def _intended(
    bill: Bill, lock: Callable[[], None], account: Account, scene: Scene, by: Actor, payer: str, agreement: Agreement | None
) -> Payment:
    """The payment under way in this very way, or a new one instead of those in other ways."""
    lock()
    for former in payments_for(bill.purpose, bill.subject_id):
        if former.is_over:
            continue
        if former.account_id == account.pk and former.scene == scene and scene is not Scene.SCANNED:
            return former
        intents.give_up(payment=former)
    usual = bill.usual_payer if account.method == Method.BANK else ""  # a bank knows payers by their name
    return intents.intend(
        account=account, purpose=bill.purpose, subject_id=bill.subject_id, scene=scene, amount=bill.amount, shown=bill.shown,
        expires_at=_until(bill, account), by=by, payer=payer or usual, agreement=agreement,
    )  # fmt: skip
