"""A drawer through a shift: opened with a float, added to and taken from, counted blind, closed with its difference."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.ledger import assets, chart, queries
from chuzhi.ledger.chart import Method, System
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter import rules, tenders
from chuzhi.payments.counter.errors import (
    CountUnusable,
    DifferenceNeedsReason,
    NotBeingCounted,
    NotThisTill,
    ReasonMissing,
    ShiftNotOpen,
    ShiftOpen,
)
from chuzhi.payments.counter.models import CashKeeping, CountedPieces, DrawerMove, Shift

USE, MANAGE = "drawer.use", "drawer.manage"
CASH = chart.account(System.CLEARING, Method.CASH)
LONGEST_REASON = 200


def stores_that_need_shifts() -> frozenset[int]:
    return frozenset(CashKeeping.objects.filter(needs_shift=True).values_list("store_id", flat=True))


def takes_cash(till: int) -> bool:
    """Whether a shift is open at the till, and its drawer is not being counted."""
    return Shift.objects.filter(till=till, closed_at=None, counting_since=None).exists()


@transaction.atomic(durable=True)
def open_shift(*, till: Till, opened_with: int, by: Actor) -> Shift:
    """Begin with so much in the drawer. One shift at a time at a till."""
    require(by, USE)
    till = Till.objects.select_for_update(of=("self",)).select_related("store").get(pk=till.pk)
    if not till.is_open or not till.store.is_open or not by.works_in(till.store_id):
        raise NotThisTill
    if Shift.objects.filter(till=till, closed_at=None).exists():
        raise ShiftOpen
    last = Shift.objects.filter(till=till).aggregate(Max("number"))["number__max"] or 0
    shift = Shift.objects.create(
        till=till, number=last + 1, currency=keeping_of(till.store).currency, opened_with=_at_least_nothing(opened_with),
        opened_by=by.label,
    )  # fmt: skip
    audit.record("shift.opened", _subject(shift), by=by, till=till.pk, opened_with=opened_with)
    return shift


@transaction.atomic(durable=True)
def move(*, shift: Shift, way: DrawerMove.Way, amount: int, reason: str, key: str, by: Actor) -> DrawerMove:
    """Put cash into the drawer, or take some out, and say why. Asking twice with one key moves once."""
    require(by, USE)
    asked_for = f"{by.label}:{shift.pk}:{key}"
    if known := DrawerMove.objects.filter(asked_for=asked_for).first():
        return known
    shift = _open(shift, by)
    if shift.counting_since is not None:
        raise ShiftNotOpen
    if not (reason := " ".join(reason.split())[:LONGEST_REASON]):
        raise ReasonMissing
    if way == DrawerMove.Way.IN:
        shift.put_in += money.check(amount)
    else:
        shift.taken_out += money.check(amount)
    shift.save(update_fields=["put_in", "taken_out"])
    made = DrawerMove.objects.create(shift=shift, way=way, amount=amount, reason=reason, asked_for=asked_for, made_by=by.label)
    audit.record("drawer.moved", _subject(shift), by=by, way=str(way), amount=amount)
    return made


@transaction.atomic(durable=True)
def begin_count(*, shift: Shift, by: Actor) -> Shift:
    """From here on nothing that is taken belongs to this shift, and where a shift is needed no cash is taken."""
    require(by, USE)
    shift = _open(shift, by)
    if shift.counting_since is None:
        shift.counting_since = timezone.now()
        shift.save(update_fields=["counting_since"])
    return shift


@transaction.atomic(durable=True)
def go_on(*, shift: Shift, by: Actor) -> Shift:
    """The count was begun too early: the shift goes on."""
    require(by, USE)
    shift = _open(shift, by)
    shift.counting_since = None
    shift.save(update_fields=["counting_since"])
    return shift


@transaction.atomic(durable=True)
def close(*, shift: Shift, pieces: Mapping[int, int], by: Actor, reason: str = "") -> Shift:
    """End the shift with what was found, by note and coin. What should have been there is compared only now.

    A difference above what the store allows needs a reason.
    """
    require(by, USE)
    shift = _open(shift, by)
    if shift.counting_since is None:
        raise NotBeingCounted
    shift.counted = rules.counted(pieces, shift.currency)
    if shift.counted is None:
        raise CountUnusable
    flow = flow_of(shift)
    shift.cash_in, shift.cash_out, shift.cash_moves = flow.came, flow.went, flow.count
    shift.reason = " ".join(reason.split())[:LONGEST_REASON]
    if abs(shift.difference) > keeping_of(shift.till.store).tolerance and not shift.reason:
        raise DifferenceNeedsReason
    shift.closed_at, shift.closed_by = timezone.now(), by.label
    shift.save()
    CountedPieces.objects.bulk_create(
        CountedPieces(shift=shift, value=value, number=number) for value, number in pieces.items() if number
    )
    audit.record("shift.closed", _subject(shift), by=by, counted=shift.counted, difference=shift.difference)
    return shift


def flow_of(shift: Shift) -> queries.Flow:
    """Cash that customers paid and got at this till during the shift: for stored value from the journal, and with sales."""
    till, currency, since, until = shift.till_id, shift.currency, shift.opened_at, shift.counting_since or timezone.now()
    value = queries.through(CASH, till=till, asset=assets.number(currency), since=since, until=until)
    sold = tenders.cash(till=till, currency=currency, since=since, until=until)
    return queries.Flow(value.came + sold.came, value.went + sold.went, value.count + sold.count)


def otherwise(shift: Shift) -> list[tuple[Method, int, int]]:
    """What sales of the shift brought beside wallets and cash, by method: came, and went back."""
    since, until = shift.opened_at, shift.counting_since or timezone.now()
    return tenders.otherwise(till=shift.till_id, currency=shift.currency, since=since, until=until)


def keeping_of(store: Store) -> CashKeeping:
    return CashKeeping.objects.filter(store=store).first() or CashKeeping(store=store)


@transaction.atomic(durable=True)
def keep(*, store: Store, currency: str, needs_shift: bool, tolerance: int, usual_float: int, by: Actor) -> CashKeeping:
    """Say how a store keeps its cash. A shift that is open keeps its currency."""
    require(by, MANAGE)
    if not by.works_in(store.pk):
        raise NotThisTill
    money.exponent(currency)
    facts = {
        "currency": currency,
        "needs_shift": needs_shift,
        "tolerance": _at_least_nothing(tolerance),
        "usual_float": _at_least_nothing(usual_float),
    }
    kept, _is_new = CashKeeping.objects.update_or_create(store=store, defaults=facts)
    audit.record("cash_keeping.changed", f"store:{store.pk}", by=by, **facts)
    return kept


def _open(shift: Shift, by: Actor) -> Shift:
    shift = Shift.objects.select_for_update(of=("self",)).select_related("till__store").get(pk=shift.pk)
    if not by.works_in(shift.till.store_id):
        raise NotThisTill
    if not shift.is_open:
        raise ShiftNotOpen
    return shift


def _at_least_nothing(amount: int) -> int:
    return money.check(amount) if amount else 0


def _subject(shift: Shift) -> str:
    return f"shift:{shift.pk}"
