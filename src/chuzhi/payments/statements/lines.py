"""One shape for what every bank says, and what makes a line that line and no other."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chuzhi.core import money
from chuzhi.payments.statements.errors import DoesNotAddUp

LONGEST_TEXT, LONGEST_NAME, LONGEST_REFERENCE = 400, 140, 64
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NOREF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One movement of our account in minor units: positive came to us. `payer` is the other side, also when we paid."""

    account: str
    on: date
    amount: int
    currency: str
    payer: str = ""
    payer_account: str = ""  # masked
    text: str = ""
    reference: str = ""  # the bank's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account's movements, oldest first. A balance that the bank does not state is None."""

    account: str
    currency: str
    lines: tuple[StatementLine, ...]
    opening: int | None = None
    closing: int | None = None

    @property
    def moved(self) -> int:
        return sum(line.amount for line in self.lines)


def line(
    *,
    account: str,
    on: date,
    amount: int,
    currency: str,
    payer: str = "",
    payer_account: str = "",
    text: str = "",
    reference: str = "",
) -> StatementLine:
    """A line as it is kept: clean text of bounded length, the other side's account masked."""
    reference = _clean(reference)
    return StatementLine(
        account=plain_account(account),
        on=on,
        amount=amount,
        currency=currency,
        payer=_clean(payer)[:LONGEST_NAME],
        payer_account=masked(payer_account),
        text=_clean(text)[:LONGEST_TEXT],
        reference="" if reference.upper() in _NO_REFERENCE else reference[:LONGEST_REFERENCE],
    )


def plain_account(given: str) -> str:
    """An account's number without what banks put between its digits."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", given).upper())


def masked(account: str) -> str:
    """All that is kept of a payer's account: its end."""
    plain = plain_account(account)
    return f"…{plain[-4:]}" if len(plain) > 4 else plain


def folded(name: str) -> str:
    """A name as it is compared: without spaces, points and capitals, which each bank writes in its own way."""
    return "".join(each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalnum())


def added_up(statement: Statement) -> Statement:
    """The statement with each line once, its balances compared. Raises DoesNotAddUp.

    A line that stands twice with one reference of the bank is one movement, unless the balances say that it was two.
    """
    once = replace(statement, lines=tuple(_once(statement.lines)))
    off = _difference(once)
    if off and not _difference(statement):
        return statement
    if off:
        raise DoesNotAddUp(difference=money.plain(off, statement.currency), currency=statement.currency)
    return once


def fingerprints(lines: Sequence[StatementLine]) -> list[bytes]:
    """A name for each line that is the same in every file that has it; equal lines of one day are told apart by their place."""
    seen: Counter[str] = Counter()
    made = []
    for each in lines:
        fact = _fact(each)
        seen[fact] += 1
        made.append(hashlib.sha256(f"{fact}\x1f{seen[fact]}".encode()).digest())
    return made


def _fact(each: StatementLine) -> str:
    """With a reference of the bank, its text is left out: one movement reads differently in different exports."""
    words = each.reference or f"{each.payer_account} {each.text}"
    return "\x1f".join([each.account, each.on.isoformat(), each.currency, str(each.amount), folded(each.payer), words])


def _once(lines: Iterable[StatementLine]) -> Iterator[StatementLine]:
    seen = set()
    for each in lines:
        fact = _fact(each)
        if each.reference and fact in seen:
            continue
        seen.add(fact)
        yield each


def _difference(statement: Statement) -> int:
    if statement.opening is None or statement.closing is None:
        return 0
    return statement.closing - statement.opening - statement.moved


def _clean(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
