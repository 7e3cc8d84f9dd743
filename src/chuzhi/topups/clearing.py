"""Money that is paid and may still fail to arrive: credited at once, and held until it has cleared or is disputed.

The hold lapses by itself where the account says after how many days; else the provider's bill ends it, or somebody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import actors, audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.payments.models import Account, Payment
from chuzhi.topups.errors import NotHeld
from chuzhi.topups.models import Order, Uncleared
from chuzhi.wallets import withholding
from chuzhi.wallets.withholding import AS_LONG_AS_IT_TAKES, Cause

CLEAR = withholding.PERMISSIONS[Cause.UNCLEARED]
US = actors.system("clearing")


@dataclass(frozen=True, slots=True)
class Held:
    """Minor units that cannot be spent yet, and until when; None: until the provider's bill names the payment."""

    amount: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Term:
    """How long a payment may still fail: `until`, or until the provider's bill names it; its hold `lapses_at` the latest."""

    until: datetime | None
    lapses_at: datetime


def term_of(account: Account) -> Term | None:
    """For a payment that has just come in through the account. None: it has cleared already."""
    now = timezone.now()
    if account.clears == Account.Clears.AT_ONCE:
        return None
    until = now + timedelta(days=account.clears_after_days) if account.clears == Account.Clears.AFTER_DAYS else None
    return Term(until, until or now + AS_LONG_AS_IT_TAKES)


def keep(order: Order, payment: Payment) -> None:
    """Hold what a payment has just brought, if its account says so. In the transaction that credits it."""
    term = term_of(payment.account)
    if term is None or order.seq is None:
        return
    kept = withholding.keep(
        wallet=order.wallet, top_up=order.seq, cause=Cause.UNCLEARED, until=term.lapses_at,
        reference=payment.number, key=f"clearing:{order.number}", by=US,
    )  # fmt: skip
    if kept is not None:
        Uncleared.objects.create(order=order, payment=payment, hold=kept.seq, until=term.until)


def of(order: Order) -> Held | None:
    """What is held of an order's money now. None: it has cleared, is disputed, or never had to clear."""
    row = Uncleared.objects.filter(order=order, cleared_at=None).first()
    kept = next((each for each in withholding.kept(order.wallet) if row and each.hold == row.hold), None)
    return Held(kept.amount, row.until) if row and kept else None


def uncleared(found: QuerySet[Order]) -> QuerySet[Order]:
    """Of these, those whose money is held until it has cleared."""
    now = timezone.now()
    return found.filter(uncleared__isnull=False, uncleared__cleared_at=None).exclude(uncleared__until__lte=now)


def clear(*, order: Order, key: str, by: Actor) -> Order:
    """Somebody knows that the money is here. Raises NotHeld where nothing of it is held any more."""
    require(by, CLEAR)
    _let_go(order, key, by)
    return order


def waiting(account: Account) -> list[str]:
    """Numbers of payments that wait for the account's bill to name them."""
    rows = Uncleared.objects.filter(payment__account=account, cleared_at=None, until=None)
    return list(rows.values_list("payment__number", flat=True))


def settled(numbers: Iterable[str]) -> int:
    """The provider's bill has named these payments: what they brought can be spent. Answers how many were let go."""
    rows = Uncleared.objects.filter(payment__number__in=list(numbers), cleared_at=None, until=None)
    count = 0
    for row in rows.select_related("order__wallet").order_by("pk"):
        try:
            _let_go(row.order, f"settled:{row.order.number}", US)
            count += 1
        except NotHeld:  # disputed meanwhile: the dispute has it
            Uncleared.objects.filter(pk=row.pk, cleared_at=None).update(cleared_at=timezone.now(), cleared_by=US.label)
    return count


@transaction.atomic
def _let_go(order: Order, key: str, by: Actor) -> None:
    row = Uncleared.objects.select_for_update().filter(order=order).first()
    if row is not None and row.cleared_by == by.label:
        return
    if row is None or of(order) is None:
        raise NotHeld
    withholding.let_go(wallet=order.wallet, hold=row.hold, key=key, by=by)
    row.cleared_at, row.cleared_by = timezone.now(), by.label
    row.save(update_fields=["cleared_at", "cleared_by"])
    audit.record("order.cleared", f"order:{order.pk}", by=by)
