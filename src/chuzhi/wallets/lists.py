"""A list of who gets how much, as somebody pasted or uploaded it, read into rows: each for a wallet, or with its reason why not."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chuzhi.core import money, vault
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, sheets
from chuzhi.customers.models import Customer
from chuzhi.ledger import errors as journal_errors
from chuzhi.wallets.errors import (
    AmountUnreadable,
    ListTooLong,
    NobodyOfThisName,
    NoWalletHere,
    TransferToItself,
    TwiceInTheList,
)
from chuzhi.wallets.models import Card, Programme, Wallet

MOST_LINES = 20_000
REFUSALS: Mapping[str, type[Refused]] = {
    no.code: no for no in (NobodyOfThisName, NoWalletHere, TwiceInTheList, AmountUnreadable, TransferToItself)
}
_PARTED = re.compile(r"[\t,，;；]+|\s+(?=[^\s]+$)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `amount` in the programme's smallest units; either a wallet and an amount, or a refusal."""

    line: int
    given: str
    amount: int | None
    wallet: Wallet | None
    refusal: Refused | None


@dataclass(frozen=True, slots=True)
class Read:
    """A whole list, before anything is written."""

    programme: Programme
    rows: tuple[Row, ...]

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.refusal is None]

    @property
    def amount(self) -> int:
        return sum(row.amount or 0 for row in self.good)


def pasted(text: str, programme: Programme) -> Read:
    """One person a line: phone, card or outside number, then the amount; parted by a comma, a tab or a space."""
    lines = [(number, _PARTED.split(line.strip(), maxsplit=1)) for number, line in enumerate(text.splitlines(), start=1)]
    return _read([(number, cells) for number, cells in lines if any(cells)], programme)


def uploaded(content: bytes, programme: Programme) -> Read:
    """The first two columns of a file, under their headings."""
    return _read([(number, list(cells[:2])) for number, cells in sheets.read(content).rows], programme)


def chosen(people: Sequence[Customer], amount: int, programme: Programme) -> Read:
    """The same amount for each of some customers; whoever has no wallet of the programme is a line with that reason."""
    if len(people) > MOST_LINES:
        raise ListTooLong(most=MOST_LINES)
    wallets = _wallets({one.pk for one in people}, programme)
    return Read(
        programme,
        tuple(
            Row(line, one.name, amount, wallets.get(one.pk), None if one.pk in wallets else NoWalletHere())
            for line, one in enumerate(people, start=1)
        ),
    )


def refused(code: str, facts: Mapping[str, Any]) -> Refused:
    """Why a line was passed over, as it can be said."""
    known = REFUSALS.get(code)
    return known(**facts) if known else journal_errors.known(code, dict(facts))


def _read(lines: Sequence[tuple[int, Sequence[str]]], programme: Programme) -> Read:
    if len(lines) > MOST_LINES:
        raise ListTooLong(most=MOST_LINES)
    given = [(number, _plain(cells[0]), _plain(cells[1]) if len(cells) > 1 else "") for number, cells in lines]
    found = people([who for _number, who, _amount in given])
    wallets = _wallets(set(found.values()), programme)
    first: dict[int, int] = {}
    rows = []
    for number, who, amount in given:
        row = _row(number, who, amount, found.get(who), wallets, programme)
        if row.wallet is not None and row.refusal is None and (earlier := first.setdefault(row.wallet.pk, number)) != number:
            row = Row(number, who, row.amount, row.wallet, TwiceInTheList(line=earlier))
        rows.append(row)
    return Read(programme, tuple(rows))


def _row(line: int, who: str, said: str, customer: int | None, wallets: dict[int, Wallet], programme: Programme) -> Row:
    try:
        amount = _amount(said, programme)
    except Refused:
        return Row(line, who, None, None, AmountUnreadable())
    if customer is None:
        return Row(line, who, amount, None, NobodyOfThisName())
    wallet = wallets.get(customer)
    return Row(line, who, amount, wallet, None if wallet else NoWalletHere())


def _amount(said: str, programme: Programme) -> int:
    if programme.kind == Programme.Kind.MONEY:
        return money.parse(said.strip("¥元 "), programme.asset)
    if not (said.isascii() and said.isdigit() and len(said) <= 15):
        raise AmountUnreadable
    return money.check(int(said))


def people(given: Iterable[str]) -> dict[str, int]:
    """Whose phone, card or outside number each is. What is two people's is nobody's."""
    wanted, keys, found = list(dict.fromkeys(given)), vault.latest(), dict[str, set[int]]()
    here = Customer.objects.filter(withdrawn_at=None)
    phones = {who: phone for who in wanted if (phone := _phone(who))}
    marks = {mark: phone for phone in set(phones.values()) for mark in keys.marks(phone, kind="phone")}
    owners = here.filter(phone_mark__in=list(marks)).values_list("phone_mark", "pk")
    owner_of = {marks[bytes(mark or b"")]: customer for mark, customer in owners}
    for who, phone in phones.items():
        if phone in owner_of:
            found.setdefault(who, set()).add(owner_of[phone])
    for outside, customer in here.filter(external_id__in=wanted).values_list("external_id", "pk"):
        found.setdefault(str(outside), set()).add(customer)
    cards = Card.objects.filter(number__in=wanted, status=Card.Status.ACTIVE, wallet__customer__isnull=False)
    for who, holder in cards.values_list("number", "wallet__customer"):
        found.setdefault(who, set()).add(holder or 0)
    return {who: customers.pop() for who, customers in found.items() if len(customers) == 1}


def _wallets(customers: set[int], programme: Programme) -> dict[int, Wallet]:
    """By customer: their first wallet of the programme."""
    held = Wallet.objects.filter(programme=programme, customer__in=customers, is_joined=False).order_by("-pk")
    return {wallet.customer_id or 0: wallet for wallet in held}


def _phone(who: str) -> str | None:
    try:
        return contacts.phone(who)
    except Refused:
        return None


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).replace("\x00", "").strip()[:100]
