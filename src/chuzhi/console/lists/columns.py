"""One column of a list: what it is called, what it says of a row, and what it is sorted by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Badge:
    label: str | Promise
    tone: str = "plain"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table. In a file `plain` stands there, or else the text and the badges."""

    text: str = ""
    href: str = ""
    badges: Sequence[Badge] = ()
    plain: str | None = None

    @property
    def written(self) -> str:
        return (
            self.plain if self.plain is not None else " ".join(filter(None, (self.text, *(str(b.label) for b in self.badges))))
        )


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """`order` makes it sortable: fields that have an index together and end in one that no two rows share.

    `whole` is what a file says to those who may see personal details unmasked. `shape` is `amount`, `figure` or nothing.
    `needs` names what the list reads of a row only if such a column is shown.
    """

    name: str
    label: str | Promise
    cell: Callable[[R], Cell]
    order: tuple[str, ...] = ()
    shape: str = ""
    is_usual: bool = True
    on_phones: bool = True
    whole: Callable[[R], str] | None = None
    needs: str = ""


def text(said: object, **more: Any) -> Cell:
    return Cell("" if said is None else str(said), **more)
