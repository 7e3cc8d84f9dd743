"""The rows of a file that cannot be taken in, with their reasons: kept as long as the file, to be mended and brought again.

They hold what people are, so they lie sealed beside the file and not in the database.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chuzhi.core.errors import Refused, recalled
from chuzhi.core.tables import safe_cell
from chuzhi.customers import uploads
from chuzhi.customers.importing import Plan
from chuzhi.customers.models import ImportBatch

LINES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row as it was read, and every reason against it: the heading of the cell, if it is about one, and the refusal."""

    line: int
    reasons: tuple[tuple[str, Refused], ...]
    cells: tuple[str, ...]

    def said(self) -> str:
        return "; ".join(f"{heading}: {no}" if heading else str(no) for heading, no in self.reasons)


def keep(batch: ImportBatch, plan: Plan) -> None:
    rows = [
        (one.line, [(plan.mapping.get(field, ""), no.code, dict(no.facts)) for field, no in one.reasons], one.cells)
        for one in plan.rejected
    ]
    uploads.write(_name(batch), json.dumps(rows, ensure_ascii=False, default=str).encode())


def of(batch: ImportBatch, *, first: int = 0, count: int | None = None) -> list[Rejection] | None:
    """Some of them, in the order of the file; None when they were thrown away with it."""
    kept = uploads.read(_name(batch))
    if kept is None:
        return None
    rows = json.loads(kept)[first : None if count is None else first + count]
    return [
        Rejection(line, tuple((heading, recalled(code, facts)) for heading, code, facts in reasons), tuple(cells))
        for line, reasons, cells in rows
    ]


def as_table(batch: ImportBatch, rejections: Sequence[Rejection]) -> str:
    """With line and reasons in front, as CSV; no cell can act as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Line"), _("Reasons"), *map(safe_cell, batch.headings)])
    for one in rejections:
        writer.writerow([one.line, safe_cell(one.said()), *map(safe_cell, one.cells)])
    return out.getvalue()


def by_reason(plan: Plan) -> dict[str, tuple[int, list[int]]]:
    """Code of a reason -> how many rows it is against, and the first of their lines: nothing that is anybody's."""
    lines: dict[str, list[int]] = {}
    for one in plan.rejected:
        for code in {no.code for _field, no in one.reasons}:
            lines.setdefault(code, []).append(one.line)
    return {code: (len(found), found[:LINES_KEPT]) for code, found in lines.items()}


def sentence(code: str) -> str:
    """A reason without what stood in the cell."""
    return str(recalled(code, defaultdict(lambda: "…")))


def _name(batch: ImportBatch) -> str:
    return f"rejected-{batch.pk}"
