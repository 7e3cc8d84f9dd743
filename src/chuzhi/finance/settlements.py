"""Settlement files of acquirers are brought by hand: each line is kept once, under the name of the slip it is of, and compared."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.finance import comparing, following, payouts, terminals
from chuzhi.finance.cases import CLOSE
from chuzhi.finance.errors import NotAnAcquirer, OfEveryStore, SettlementEmpty
from chuzhi.finance.models import Day, Line, SettlementFile
from chuzhi.finance.rules import Way
from chuzhi.organization.authority import require
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.counter.models import Slip
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.gateways.terminal.gateway import TerminalGateway
from chuzhi.payments.models import Account
from chuzhi.payments.statements import acquirers
from chuzhi.payments.statements.acquirers import Settled

MOST_BYTES = 20 * 1024 * 1024
LONGEST_STRETCH = timedelta(days=92)
"""A file of at most so many days also says that nothing was settled on the days it does not name."""
SETTLED_WITHIN = timedelta(days=7)

Fact = tuple[str, str, str, int, int]
"""What makes a line that line: way, number, the acquirer's own number, amount, fee."""
Slips = Mapping[tuple[str, str], Sequence[tuple[date, str]]]
"""By terminal and plain number: the days of such slips, and their names."""


def take_in(*, account: Account, content: bytes, file_name: str, by: Actor) -> tuple[SettlementFile, bool]:
    """Keep what the file says of this account and compare it. The same file again answers what it was then, and False."""
    require(by, CLOSE)
    if by.stores is not None:
        raise OfEveryStore
    gateway = gateway_of(account)
    if not isinstance(gateway, TerminalGateway):
        raise NotAnAcquirer
    settled = acquirers.read(content, merchant=gateway.merchant, currency=account.currency)
    if not settled:
        raise SettlementEmpty
    following.catch_up()
    kept, is_new = _keep(account, settled, content, file_name, by)
    comparing.match(account)
    payouts.match(account)
    return kept, is_new


@transaction.atomic(durable=True)
def _keep(
    account: Account, settled: Sequence[Settled], content: bytes, file_name: str, by: Actor
) -> tuple[SettlementFile, bool]:  # fmt: skip
    """One file of an account at a time, so that no two of them bring the same line."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    sha256 = hashlib.sha256(content).hexdigest()
    if before := SettlementFile.objects.filter(account=account, sha256=sha256).first():
        return before, False
    named = _named(account, settled)
    days = _days(account, [each.settled_on for each in settled])
    fresh = [line for on, day in days.items() for line in _fresh(day, [each for each in named if each[0].settled_on == on])]
    Line.objects.bulk_create(fresh, batch_size=5000)
    terminals.adopt(account)
    comparing.speak_of(account, {(line.way, line.number) for line in fresh})
    comparing.look_again(account, [line.number for line in fresh])
    kept = SettlementFile.objects.create(
        account=account, sha256=sha256, file_name=file_name[-200:], first_on=min(days), last_on=max(days),
        lines_read=len(settled), lines_known=len(settled) - len(fresh), made_by=by.label,
    )  # fmt: skip
    audit.record("settlement.taken_in", f"settlement:{kept.pk}", by=by, account=account.code, new=len(fresh))
    return kept, True


def _days(account: Account, named: Iterable[date]) -> dict[date, Day]:
    """The days that the file speaks of, whose bill is here by it."""
    wanted = set(named)
    first, last = min(wanted), max(wanted)
    if last - first <= LONGEST_STRETCH:
        wanted = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    now = timezone.now()
    Day.objects.bulk_create([Day(account=account, on=on, asked_at=now, fetched_at=now) for on in wanted], ignore_conflicts=True)
    return {day.on: day for day in Day.objects.filter(account=account, on__in=wanted).order_by("on")}


def _fresh(day: Day, named: Sequence[tuple[Settled, str]]) -> list[Line]:
    """The lines that no earlier file had brought. One that stands twice in the file was settled twice."""
    rows = Line.objects.filter(day=day).values_list("way", "number", "provider_id", "amount", "fee").annotate(Count("pk"))
    known: Counter[Fact] = Counter()
    for way, number, provider_id, amount, fee, times in rows:
        known[way, number, provider_id, amount, fee] = times
    place, fresh = sum(known.values()), []
    for each, number in named:
        way, kind = (Way.REFUND, LineKind.REFUND) if each.is_back else (Way.PAYMENT, LineKind.PAYMENT)
        fact = (str(way), number, each.reference or each.trace, each.amount, each.fee)
        if known[fact]:
            known[fact] -= 1
            continue
        fresh.append(
            Line(
                day=day, place=place, kind=kind, way=way, number=number, provider_id=fact[2], amount=each.amount, fee=each.fee,
                currency=day.account.currency,
            )
        )  # fmt: skip
        place += 1
    return fresh


def _named(account: Account, settled: Sequence[Settled]) -> list[tuple[Settled, str]]:
    """Each line with the name of its slip; one that nobody typed is called as it would have been."""
    slips = _slips(settled)
    paid = {each: _found(each, slips) for each in settled if not each.is_back}
    of_reference = _told_before(account, [each.original for each in settled if each.original])
    of_reference |= {number: name for each, name in paid.items() for number in (each.reference, each.trace) if number}
    return [
        (each, paid[each] if not each.is_back else of_reference.get(each.original) or _found(each, slips)) for each in settled
    ]


def _told_before(account: Account, references: Sequence[str]) -> dict[str, str]:
    lines = Line.objects.filter(day__account=account, way=Way.PAYMENT, provider_id__in=references)
    return dict(lines.values_list("provider_id", "number"))


def _slips(settled: Sequence[Settled]) -> Slips:
    days = [each.done_on or each.settled_on for each in settled]
    stretch = (min(days) - SETTLED_WITHIN, max(days) + timedelta(days=1))
    found: dict[tuple[str, str], list[tuple[date, str]]] = {}
    for slip in Slip.objects.filter(terminal__in={each.terminal for each in settled}, on__range=stretch).order_by("pk"):
        name = terminals.name_of(slip.on, slip.terminal, slip.number)
        found.setdefault((slip.terminal, _plain(slip.number)), []).append((slip.on, name))
    return found


def _found(each: Settled, slips: Slips) -> str:
    """Cashiers type either number of the slip, and perhaps a minute after midnight."""
    numbers = [number for number in ((each.original,) if each.is_back else (each.trace, each.reference)) if number]
    on = each.done_on or each.settled_on
    latest = timedelta(days=1) if each.done_on else timedelta()
    earliest = timedelta(days=1) if each.done_on and not each.is_back else SETTLED_WITHIN
    near = [
        (abs(slip_on - on), name)
        for number in numbers
        for slip_on, name in slips.get((each.terminal, _plain(number)), [])
        if on - earliest <= slip_on <= on + latest
    ]
    own = numbers[0] if numbers else each.reference or each.trace
    return min(near)[1] if near else terminals.name_of(on, each.terminal, own)


def _plain(number: str) -> str:
    """Some leave out the zeros in front."""
    return number.lstrip("0") or number
