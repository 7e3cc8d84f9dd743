"""What card terminals took at our counters: the slips that cashiers typed, and the name by which every book knows each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Min, QuerySet

from chuzhi.finance.models import Day, Movement
from chuzhi.finance.rules import Way
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.counter.models import Slip, Tender
from chuzhi.payments.gateways.terminal.gateway import TerminalGateway
from chuzhi.payments.models import Account

GATEWAY = "terminal"


@dataclass(frozen=True, slots=True)
class _PartOfASale:
    """What a slip paid of a sale beside the wallet: the ledger knows nothing of it."""

    back: int
    back_on: date | None


def name_of(on: date, terminal: str, number: str) -> str:
    return f"{on:%Y%m%d} {terminal} {number}"


def place_of(book: int, seq: int) -> tuple[Account | None, str]:
    """The account at whose acquirer a top-up was paid, and the name of its slip; empty where none is known."""
    key = journal.key_of(book, seq)
    slip = Slip.objects.filter(book=book, key_hash=key).first() if key else None
    return account_of(slip.terminal if slip else ""), _name(slip) if slip else ""


def accounts() -> QuerySet[Account]:
    return Account.objects.filter(gateway=GATEWAY).order_by("name", "pk")


def account_of(terminal: str) -> Account | None:
    """The account that names the terminal, else the one that takes all the others."""
    known = [(account, _terminals(account)) for account in Account.objects.filter(gateway=GATEWAY).order_by("pk")]
    named = [account for account, terminals in known if terminal in terminals]
    return next(iter(named or [account for account, terminals in known if not terminals]), None)


def adopt(account: Account) -> None:
    """What the ledger told of before there was an account, from the first day on that a file is here of."""
    first = _first_covered(account)
    if first is None:
        return
    for movement in Movement.objects.filter(account=None, method=Method.TERMINAL, booked_on__gte=first):
        owner = account_of(_parts(movement.number)[1])
        if owner is not None and owner.pk == account.pk:
            Movement.objects.filter(pk=movement.pk).update(account=account)


def slips_since(account: Account, since: date) -> list[str]:
    """Names of slips, from the first day on that a file is here of."""
    first = _first_covered(account)
    kept = Slip.objects.filter(on__gte=max(since, first)).order_by("pk") if first else Slip.objects.none()
    owners = {terminal: account_of(terminal) for terminal in kept.order_by().values_list("terminal", flat=True).distinct()}
    return [_name(slip) for slip in kept if owners[slip.terminal] == account]


def returned_since(account: Account, since: date) -> Iterator[str]:
    """Names of slips of which something went back with a sale."""
    first = _first_covered(account)
    if first is None:
        return
    moment = datetime.combine(max(since, first), time.min, shop_zone())
    back = Tender.objects.filter(method=Method.TERMINAL, amount__lt=0, made_at__gte=moment)
    for paid in Tender.objects.filter(book__in=back.values("book"), seq__in=back.values("seq"), amount__gt=0).exclude(
        reference=""
    ):
        terminal, _space, number = paid.reference.partition(" ")
        if account_of(terminal) == account:
            yield name_of(paid.made_at.astimezone(shop_zone()).date(), terminal, number)


def read_ours(account: Account, movements: Sequence[Movement]) -> None:
    """Slip by slip; what no slip is of is None. What went back of a top-up, only the ledger says."""
    slips = _slips(movements)
    of_sales = _of_sales(slips)
    for movement in movements:
        slip, part = slips.get(movement.number), of_sales.get(movement.number)
        movement.needs_booking = part is None
        if movement.way == Way.PAYMENT:
            movement.ours, movement.ours_on = (slip.amount, slip.on) if slip else (None, None)
            movement.fee = account.fee_of(slip.amount) if slip and (account.fee_rate or account.fee_fixed) else None
        elif part is None:
            movement.ours, movement.ours_on = movement.booked, movement.booked_on
        else:
            movement.ours, movement.ours_on = part.back or None, part.back_on
        movement.due_on = movement.ours_on


def _first_covered(account: Account) -> date | None:
    first: date | None = Day.objects.filter(account=account, fetched_at__isnull=False).aggregate(first=Min("on"))["first"]
    return first


def _terminals(account: Account) -> frozenset[str]:
    gateway = gateway_of(account)
    return gateway.terminals if isinstance(gateway, TerminalGateway) else frozenset()


def _name(slip: Slip) -> str:
    return name_of(slip.on, slip.terminal, slip.number)


def _parts(name: str) -> tuple[date | None, str, str]:
    on, _space, rest = name.partition(" ")
    terminal, _space, number = rest.partition(" ")
    return (date.fromisoformat(on) if len(on) == len("20260301") and on.isdigit() else None), terminal, number


def _slips(movements: Sequence[Movement]) -> dict[str, Slip]:
    parts = [_parts(each.number) for each in movements]
    found = Slip.objects.filter(
        on__in={on for on, _terminal, _number in parts if on}, number__in={number for _on, _terminal, number in parts}
    )
    return {_name(slip): slip for slip in found}


def _of_sales(slips: Mapping[str, Slip]) -> dict[str, _PartOfASale]:
    """Of slips, those that paid a part of a sale, with what went back of it."""
    texts = {f"{slip.terminal} {slip.number}" for slip in slips.values()}
    books = {slip.book for slip in slips.values()}
    paid = Tender.objects.filter(book__in=books, reference__in=texts, amount__gt=0)
    places = {
        (each.book, each.seq, each.place): f"{each.made_at.astimezone(shop_zone()):%Y%m%d} {each.reference}" for each in paid
    }
    found = {name: _PartOfASale(0, None) for name in places.values() if name in slips}
    seqs = {seq for _book, seq, _place in places}
    for back in Tender.objects.filter(book__in=books, seq__in=seqs, amount__lt=0).order_by("made_at"):
        name = places.get((back.book, back.seq, back.place), "")
        if name in found:
            found[name] = _PartOfASale(found[name].back + back.amount, back.made_at.astimezone(shop_zone()).date())
    return found
