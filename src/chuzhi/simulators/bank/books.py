"""What moved on the merchant's account, and what a bank's customers do wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from chuzhi.simulators.stage import Faults

BEIJING = timezone(timedelta(hours=8))
HOLDER, BANK, NUMBER, CODE = "南京茶坊有限公司", "虚构银行南京路支行", "6222020200112233445", "105290000001"
OPENING = 50_000_00
MISSING, TYPO, WRONG, SPLIT, LATE, DOUBLED = "missing_reference", "typo", "wrong_amount", "split", "late", "doubled_line"
FAULTS = {
    MISSING: "忘了写付款码",
    TYPO: "付款码写错顺序",
    WRONG: "少转一元",
    SPLIT: "分两次转",
    LATE: "次日到账",
    DOUBLED: "对账单重复一行",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` in fen, positive into the merchant's account. `copies` is how often a statement prints it."""

    reference: str
    at: datetime
    amount: int
    name: str
    account: str
    text: str
    copies: int = 1

    @property
    def on(self) -> date:
        return self.at.astimezone(BEIJING).date()


@dataclass(slots=True)
class Books:
    movements: list[Movement] = field(default_factory=list)

    def transfer(self, *, at: datetime, amount: int, name: str, account: str, text: str, faults: Faults) -> list[Movement]:
        """A payer transfers, and may do it wrong; answers what was booked."""
        struck = {fault for fault in FAULTS if faults.strikes(fault)}
        if MISSING in struck:
            text = "转账"
        elif TYPO in struck:
            text = _changed_over(text)
        if WRONG in struck:
            amount = max(1, amount - 100)
        if LATE in struck:
            at += timedelta(days=1)
        parts = [amount // 2, amount - amount // 2] if SPLIT in struck and amount > 1 else [amount]
        copies = 2 if DOUBLED in struck else 1
        return [self.book(at=at, amount=part, name=name, account=account, text=text, copies=copies) for part in parts]

    def book(self, *, at: datetime, amount: int, name: str, account: str, text: str, copies: int = 1) -> Movement:
        made = Movement(f"S{len(self.movements) + 1:08d}", at, amount, name, account, text, copies)
        self.movements.append(made)
        return made

    def between(self, first: date, last: date) -> list[Movement]:
        return sorted((each for each in self.movements if first <= each.on <= last), key=lambda each: (each.at, each.reference))

    def balance_before(self, day: date) -> int:
        return OPENING + sum(each.amount for each in self.movements if each.on < day)


def _changed_over(text: str) -> str:
    """The first two neighbours that differ, in each other's place."""
    for place in range(len(text) - 1):
        if text[place] != text[place + 1] and text[place : place + 2].isalnum():
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text


def printed(movements: list[Movement], balance: int) -> Iterator[tuple[Movement, int]]:
    """Each line as often as it is printed, with the balance after it: a doubled line changes no balance."""
    for each in movements:
        balance += each.amount
        for _copy in range(each.copies):
            yield each, balance
