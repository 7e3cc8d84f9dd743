"""A list as a file: exactly the rows that its filter shows, in the columns that were chosen, signed with who took it along."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from chuzhi.console.lists.asking import Asked
from chuzhi.console.lists.columns import Column
from chuzhi.core.actors import Actor
from chuzhi.core.tables import FORMS, Row, safe_cell
from chuzhi.organization.lists import taking
from chuzhi.ui.templatetags import ui

R = TypeVar("R")
REVEAL = "customers.reveal"
TOLD_EVERY = 1000
HIDDEN = "…"
"""Stands in the log for what was typed to find one person."""


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    media_type: str
    name: str
    count: int


def of(asked: Asked[R], form: str, by: Actor, *, tell: Callable[[int], None] = lambda _done: None) -> File:
    """Written, and noted in the log. `tell` hears now and then how many rows there are by now."""
    media_type, written = FORMS[form]
    count = [0]
    content = written(_rows(asked, by, count, tell), _signed(asked, by, count))
    taking.record(
        asked.listing.name, form=form, count=count[0], filters=_logged(asked), is_whole=by.may(REVEAL) and _has_whole(asked),
        by=by,
    )  # fmt: skip
    name = f"{asked.listing.name}-{timezone.localdate().isoformat()}.{form}"
    return File(content, media_type, name, count[0])


def _rows(asked: Asked[R], by: Actor, count: list[int], tell: Callable[[int], None]) -> Iterator[Row]:
    yield [str(column.label) for column in asked.columns]
    may_reveal = by.may(REVEAL)
    for row in asked.source(by).every(asked.order, most=taking.MOST_ROWS):
        yield [_written(column, row, may_reveal=may_reveal) for column in asked.columns]
        count[0] += 1
        if count[0] % TOLD_EVERY == 0:
            tell(count[0])


def _written(column: Column[R], row: R, *, may_reveal: bool) -> str:
    """Amounts are our own figures, and may begin with a minus; anything else may have been typed by anybody."""
    said = column.whole(row) if may_reveal and column.whole else column.cell(row).written
    return said if column.shape == "amount" else safe_cell(said)


def _signed(asked: Asked[R], by: Actor, count: list[int]) -> Iterator[Row]:
    """The last lines of a file, written when its rows are counted: whose copy this is, and of what."""
    narrowed = "; ".join(f"{label}: {said}" for label, said in asked.words)
    yield []
    yield [_("Taken by"), safe_cell(f"{by.name} ({by.label})")]
    yield [_("When"), ui.when(timezone.now(), "long")]
    yield [_("List"), str(asked.listing.title)]
    yield [_("Filter"), safe_cell(narrowed) or _("None: the whole list")]
    yield [_("Rows"), str(count[0])]


def _has_whole(asked: Asked[R]) -> bool:
    return any(column.whole for column in asked.columns)


def _logged(asked: Asked[R]) -> Mapping[str, str]:
    return {name: HIDDEN if name in asked.form.personal else said for name, said in asked.filters.items()}
