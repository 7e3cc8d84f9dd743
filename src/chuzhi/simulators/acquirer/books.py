"""What was taken at the merchant's terminals, and the differences that settlement files shall have."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
MERCHANT, NAME, TERMINALS = "898320157320001", "南京茶坊有限公司", ("T-01", "T-02")
FEE_RATE = 60  # hundredths of a percent
DIFFERENCES = ("missing", "extra", "late", "amount", "fee", "double")


@dataclass(frozen=True, slots=True)
class Taken:
    """One payment by card, or with `original` (the reference of a payment) its return. Fen; a return is below zero."""

    at: datetime
    terminal: str
    trace: str
    reference: str
    amount: int
    fee: int
    card: str
    original: str = ""

    @property
    def on(self) -> date:
        return self.at.astimezone(BEIJING).date()


@dataclass(slots=True)
class Books:
    """`wanted`: how many of each difference the next file shall have; `made`: which references they became, by day."""

    draw: random.Random
    taken: list[Taken] = field(default_factory=list)
    wanted: Counter[str] = field(default_factory=Counter)
    made: dict[date, list[tuple[str, str]]] = field(default_factory=dict)
    late: dict[date, list[Taken]] = field(default_factory=dict)
    files: dict[date, list[Taken]] = field(default_factory=dict)

    def take(self, *, at: datetime, terminal: str, amount: int, card: str, original: str = "") -> Taken:
        number = len(self.taken) + 1
        fee = (abs(amount) * FEE_RATE + 5_000) // 10_000
        made = Taken(
            at, terminal, f"{number:06d}", f"{at.astimezone(BEIJING):%m%d%H%M}{number:04d}", amount, fee if amount > 0 else -fee,
            card, original,
        )  # fmt: skip
        self.taken.append(made)
        return made

    def of_reference(self, reference: str) -> Taken | None:
        return next((each for each in self.taken if each.reference == reference), None)

    def settled(self, on: date) -> list[Taken]:
        """What the file of a day says; once made, it stays as it is."""
        if on not in self.files:
            self.files[on] = self._with_differences([each for each in self.taken if each.on == on], on)
        return self.files[on]

    def _with_differences(self, lines: list[Taken], on: date) -> list[Taken]:
        """One difference a payment, from the first on; what is late comes in the next day's file."""
        payments = [each for each in lines if each.amount > 0]
        lines = [*lines, *self.late.pop(on - timedelta(days=1), [])]
        for name in DIFFERENCES:
            for _each in range(self.wanted[name]):
                if name == "extra":
                    chosen = self._stranger(on)
                    lines.append(chosen)
                elif payments:
                    chosen = payments.pop(0)
                    lines = self._changed(lines, chosen, name, on)
                else:
                    break
                self.made.setdefault(on, []).append((name, chosen.reference))
        self.wanted.clear()
        return lines

    def _stranger(self, on: date) -> Taken:
        at, number = datetime.combine(on, datetime.min.time(), BEIJING), f"{self.draw.randrange(10**6):06d}"
        return Taken(at, TERMINALS[0], f"9{number[1:]}", f"99{number}0000", 12_34, 7, "622202******9999")

    def _changed(self, lines: list[Taken], chosen: Taken, name: str, on: date) -> list[Taken]:
        others = [each for each in lines if each is not chosen]
        match name:
            case "missing":
                return others
            case "late":
                self.late.setdefault(on, []).append(chosen)
                return others
            case "amount":
                return [*others, replace(chosen, amount=chosen.amount - 1)]
            case "fee":
                return [*others, replace(chosen, fee=chosen.fee + 1)]
            case _:
                return [*lines, chosen]
