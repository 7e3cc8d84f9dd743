"""Statements as tables: CSV or XLSX, with lines of text before the headings and totals after the rows, in many layouts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext_lazy as _

from chuzhi.customers import sheets
from chuzhi.payments.statements import cells, headings
from chuzhi.payments.statements.errors import AccountUnknown, CellUnreadable, DateAmbiguous, NoColumns
from chuzhi.payments.statements.lines import Statement, StatementLine, line, plain_account

HEADINGS_WITHIN = 40
_ACCOUNT = re.compile(r"(?:账号|帐号|account(?: number)?|iban)\s*[:]*\s*([A-Z0-9][A-Z0-9 *-]{5,40})", re.IGNORECASE)
_CURRENCY = re.compile(r"(?:币种|货币|currency)\s*[:]*\s*([A-Za-z]{3}|[一-鿿]{2,4})", re.IGNORECASE)
_TOTALS = ("合计", "总计", "小计", "总笔数", "total")

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows under the headings, and what the lines above them say."""

    places: Mapping[str, int]
    texts: Sequence[int]
    rows: Sequence[Row]
    account: str
    currency: str

    def cell(self, row: Row, field: str) -> str:
        place = self.places.get(field)
        return row[1][place] if place is not None and place < len(row[1]) else ""


@dataclass(frozen=True, slots=True)
class _Movement:
    line: StatementLine
    balance: int | None


def read(content: bytes, *, account: str, currency: str) -> list[Statement]:
    """The one statement of a table. `account` and `currency` are taken where the table names none."""
    table = _table(content)
    table = replace(table, account=table.account or account, currency=table.currency or currency)
    if not table.account and "account" not in table.places:
        raise AccountUnknown
    filled = [row for row in table.rows if not _is_total(row, table)]
    day_first = cells.is_day_first(table.cell(row, "on") for row in filled)
    return [_statement([_movement(row, table, day_first=day_first) for row in filled], table)]


def _table(content: bytes) -> _Table:
    for delimiter in (None, ",", "\t", ";", "|"):
        sheet = sheets.read(content, delimiter=delimiter, titles=True)
        lines = [(1, sheet.headings), *sheet.rows]
        for number, (_line, words) in enumerate(lines[:HEADINGS_WITHIN]):
            if found := headings.places(words):
                above = cells.folded("\n".join(" ".join(filter(None, row)) for _at, row in lines[:number]))
                said, coin = _ACCOUNT.search(above), _CURRENCY.search(above)
                account = plain_account(said[1]) if said else ""
                return _Table(*found, lines[number + 1 :], account, cells.currency(coin[1]) if coin else "")
        if sheet.encoding == "xlsx":
            break
    raise NoColumns


def _is_total(row: Row, table: _Table) -> bool:
    """A line of sums, or of the bank's remarks, under the rows: it has no date where the dates stand."""
    if cells.folded(table.cell(row, "on"))[:1].isdigit():
        return False
    said = "".join(row[1]).casefold()
    return any(word in said for word in _TOTALS) or sum(map(bool, row[1])) <= 2


def _movement(row: Row, table: _Table, *, day_first: bool | None) -> _Movement:
    number, on = row[0], table.cell(row, "on")
    currency = cells.currency(table.cell(row, "currency")) or table.currency
    size = _size(row, table, currency)
    if size is None:
        given = " ".join(filter(None, (table.cell(row, field) for field in ("amount", "credit", "debit", "direction"))))
        raise CellUnreadable(line=number, given=given[:40], what=_("an amount"))
    balance = cells.amount(table.cell(row, "balance"), currency) if table.cell(row, "balance") else None
    return _Movement(
        line(
            account=table.cell(row, "account") or table.account,
            on=_day(number, on, day_first=day_first),
            amount=size,
            currency=currency,
            payer=cells.folded(table.cell(row, "payer")),
            payer_account=table.cell(row, "payer_account"),
            text=" ".join(dict.fromkeys(cells.folded(row[1][place]) for place in table.texts if place < len(row[1]))),
            reference=cells.folded(table.cell(row, "reference")),
        ),
        balance,
    )


def _day(number: int, cell: str, *, day_first: bool | None) -> date:
    found = cells.day(cell, day_first=day_first)
    if found is None and day_first is None and cells.is_year_last(cell):
        raise DateAmbiguous(line=number, given=cell[:40])
    if found is None:
        raise CellUnreadable(line=number, given=cell[:40], what=_("a date"))
    return found


def _size(row: Row, table: _Table, currency: str) -> int | None:
    """What moved, signed: from a column for each way, or one column with a sign or a word beside it. None: unreadable."""
    if not currency:
        return None
    if "credit" in table.places and "debit" in table.places:
        came, went = (cells.amount(table.cell(row, field), currency) for field in ("credit", "debit"))
        return None if came is None or went is None or (came and went) else came - abs(went)
    size = cells.amount(table.cell(row, "amount" if "amount" in table.places else "credit"), currency)
    if size is None or "direction" not in table.places:
        return size
    way = cells.is_incoming(table.cell(row, "direction"))
    return None if way is None else abs(size) if way else -abs(size)


def _statement(found: Sequence[_Movement], table: _Table) -> Statement:
    """Oldest first. Where each row states a balance, the first and the last say opening and closing."""
    if len(found) > 1 and _runs_backward(found):
        found = found[::-1]
    stated = bool(found) and all(each.balance is not None for each in found)
    account = found[0].line.account if found else table.account
    currency = found[0].line.currency if found else table.currency
    return Statement(
        account=account,
        currency=currency,
        lines=tuple(each.line for each in found if each.line.amount),
        opening=(found[0].balance or 0) - found[0].line.amount if stated else None,
        closing=found[-1].balance if stated else None,
    )


def _runs_backward(found: Sequence[_Movement]) -> bool:
    """By the days; within one day by the balances, which grow from one row to the next in one direction only."""
    if found[0].line.on != found[-1].line.on:
        return found[0].line.on > found[-1].line.on
    first, second = found[0], found[1]
    if first.balance is None or second.balance is None:
        return False
    return second.balance != first.balance + second.line.amount and first.balance == second.balance + first.line.amount
