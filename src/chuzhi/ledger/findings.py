"""What a verification found, and where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One statement that answers a row for each thing that is wrong: invariant, book, place, expected, found.

    Its parameter is `%(books)s`; `is_whole` marks one that looks at all books together, and is asked once.
    """

    name: str
    statement: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the invariant of docs/ledger.md, the place, what the rows elsewhere say, what this row says."""

    invariant: str
    book: int | None
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        book = "" if self.book is None else f"book {self.book}, "
        return f"{self.invariant}  {book}{self.place}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class Report:
    """The verdict. `findings` lists the first of each check; `wrong` counts all. `notes` are facts that are no fault."""

    findings: list[Finding] = field(default_factory=list)
    wrong: int = 0
    notes: list[str] = field(default_factory=list)
    books: int = 0
    operations: int = 0
    legs: int = 0
    seconds: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    """Seconds of database time, by check."""

    @property
    def is_clean(self) -> bool:
        return not self.wrong

    def add(self, findings: Sequence[Finding], wrong: int | None = None) -> None:
        self.findings += findings
        self.wrong += len(findings) if wrong is None else wrong

    def named(self) -> set[str]:
        """The invariants that do not hold."""
        return {finding.invariant for finding in self.findings}

    def as_plain(self) -> dict[str, Any]:
        return {
            "clean": self.is_clean,
            "wrong": self.wrong,
            "findings": [
                {
                    "invariant": each.invariant,
                    "book": each.book,
                    "place": each.place,
                    "expected": each.expected,
                    "found": each.found,
                }
                for each in self.findings
            ],
            "notes": self.notes,
            "books": self.books,
            "operations": self.operations,
            "legs": self.legs,
            "seconds": round(self.seconds, 3),
            "spent": {name: round(seconds, 3) for name, seconds in self.spent.items()},
        }
