"""What a picture is taken of: a page, and whoever looks at it."""

from dataclasses import dataclass
from enum import Enum, auto


class Reader(Enum):
    PAYER = auto()
    STAFF = auto()
    CASHIER = auto()
    PARTNER = auto()
    TERMINAL = auto()
    VISITOR = auto()


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    reader: Reader = Reader.STAFF
    status: int = 200
