"""What customers paid beforehand and law wants kept apart: how much, day by day, against what the custody accounts hold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Min

from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading, reporting
from chuzhi.core.packs.rules import Pack
from chuzhi.finance import comparing
from chuzhi.finance.models import CustodyDay, Movement
from chuzhi.finance.queries import may_see
from chuzhi.finance.rules import Way
from chuzhi.payments.bank import cases as bank
from chuzhi.payments.bank.intake import GATEWAY as BANK
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.bank.rules import Verdict
from chuzhi.payments.models import Account
from chuzhi.payments.statements.lines import folded
from chuzhi.wallets import outstanding

US = actors.system("reconciliation")
A_DAY = timedelta(days=1)
MEASURED_BACK = 31
"""Days that are worked out at most when nobody has for long."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A day of a pack's custody. `balance` is None where no statement tells it."""

    day: CustodyDay
    balance: int | None

    @property
    def shortfall(self) -> int:
        return 0 if self.balance is None else max(0, self.day.required - self.balance)


def packs() -> list[Pack]:
    """Those that have a custody account here."""
    chosen = set(Account.objects.exclude(custody_pack="").values_list("custody_pack", flat=True))
    return [pack for pack in reading.packs().values() if pack.id in chosen]


def accounts(pack: str) -> list[Account]:
    return list(Account.objects.filter(custody_pack=pack).order_by("pk"))


def kind_of(pack: str) -> str:
    """Which kind of issuer the shop says it is, under a pack; empty: it has not said."""
    return next((each.custody_kind for each in accounts(pack) if each.custody_kind), "")


def days(actor: Actor, pack: str, *, limit: int = 60) -> list[Kept]:
    """Newest first."""
    if not may_see(actor):
        return []
    return _kept(pack, accounts(pack), limit)


def lines(actor: Actor, pack: str, *, limit: int = 20) -> list[BankLine]:
    """What came into custody and went out of it, newest first."""
    found = BankLine.objects.filter(account__custody_pack=pack).select_related("account").order_by("-on", "-pk")
    return list(found[:limit]) if may_see(actor) else []


def match(*, until: date) -> None:
    """Work out the days that are over, recognise what was put into custody, and say what is missing. Done again, it finds the same."""
    for pack in packs():
        measure(pack, until)
        _recognise(pack.id)
        _compare(pack.id)


@transaction.atomic
def measure(pack: Pack, until: date) -> list[CustodyDay]:
    """The days since the last that is written down. A day that is over does not change any more."""
    ours = accounts(pack.id)
    last = CustodyDay.objects.filter(pack=pack.id).aggregate(last=Max("on"))["last"]
    first = last + A_DAY if last else _first_stated(ours) or until
    first = max(first, until - MEASURED_BACK * A_DAY)
    kind = kind_of(pack.id)
    wanted = [first + n * A_DAY for n in range((until - first).days + 1)]
    bases = {on: _unspent(pack, on) for on in {reporting.base_on(pack, day) for day in wanted}}
    return [_measured(pack, on, bases[reporting.base_on(pack, on)], kind) for on in wanted]


def _unspent(pack: Pack, on: date) -> int:
    return outstanding.unspent(outstanding.moved(since=None, last=on), pack.id, pack.currency)


def _measured(pack: Pack, on: date, base: int, kind: str) -> CustodyDay:
    wanted = reporting.custody(pack, base, on, kind=kind)
    facts = {
        "currency": pack.currency, "base_on": reporting.base_on(pack, on), "base": base, "required": wanted.required,
        "share": wanted.share.id if wanted.share else "",
    }  # fmt: skip
    return CustodyDay.objects.get_or_create(pack=pack.id, on=on, defaults=facts)[0]


def _first_stated(ours: Sequence[Account]) -> date | None:
    first: date | None = StatementFile.objects.filter(account__in=ours).aggregate(first=Min("first_on"))["first"]
    return first


def _kept(pack: str, ours: Sequence[Account], limit: int) -> list[Kept]:
    """The last days, newest first, with what the accounts held together."""
    found = list(CustodyDay.objects.filter(pack=pack).order_by("-on")[:limit])
    held = [_balances(account, [day.on for day in found]) for account in ours]
    balances = [[of_account[day.on] for of_account in held] for day in found]
    return [
        Kept(day, None if None in each else sum(amount or 0 for amount in each))
        for day, each in zip(found, balances, strict=True)
    ]


def _balances(account: Account, days: Sequence[date]) -> dict[date, int | None]:
    """Back from the latest balance that a statement closes with, by the lines after each day. None: after what is told."""
    told = StatementFile.objects.filter(account=account, closing__isnull=False).order_by("-last_on", "-pk").first()
    if told is None or told.closing is None or told.last_on is None or not days:
        return dict.fromkeys(days)
    moved = BankLine.objects.filter(account=account, on__gt=min(days), on__lte=told.last_on).values_list("on", "amount")
    lines = list(moved)
    return {
        day: told.closing - sum(amount for on, amount in lines if on > day) if day <= told.last_on else None for day in days
    }


@transaction.atomic
def _recognise(pack: str) -> None:
    """Money that came from an account of our own, or exactly what was missing the day before, is what we put into custody."""
    ours = accounts(pack)
    list(Account.objects.filter(pk__in=[each.pk for each in ours]).order_by("pk").select_for_update(no_key=True))
    holders = {folded(json.loads(each.configuration).get("holder", "")) for each in Account.objects.filter(gateway=BANK)}
    waiting = BankLine.objects.filter(account__in=ours, state=BankLine.State.CASE, verdict=Verdict.UNMATCHED, amount__gt=0)
    missing = {kept.day.on: kept.shortfall for kept in _kept(pack, ours, MEASURED_BACK)}
    for line in waiting.order_by("on", "pk"):
        if folded(line.payer) in holders or line.amount == missing.get(line.on - A_DAY):
            bank.set_aside(line, ending=BankLine.Ending.CUSTODY, by=US)


@transaction.atomic(durable=True)
def _compare(pack: str) -> None:
    """One movement a pack, as of the last day that both sides tell of: its case ages until the money is there."""
    ours = accounts(pack)
    latest = next((each for each in _kept(pack, ours, MEASURED_BACK) if each.balance is not None), None)
    if latest is None:
        return
    account = Account.objects.select_for_update(no_key=True).get(pk=ours[0].pk)
    place = {"account": account, "method": account.method, "way": Way.CUSTODY, "number": pack}
    Movement.objects.get_or_create(**place, defaults={"currency": latest.day.currency, "needs_booking": False})
    movement = Movement.objects.select_for_update(of=("self",)).get(**place)
    movement.ours, movement.ours_on = latest.day.required, latest.day.on
    movement.billed, movement.billed_on, movement.billed_times = latest.balance, latest.day.on, 1
    comparing.compare([movement], frozenset())
