"""What is said about rows that may be of somebody who is here already: kept with the import, and asked about before it is taken in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, uploads
from chuzhi.customers.alike import Choice
from chuzhi.customers.importing import Plan
from chuzhi.customers.models import ImportBatch, ImportLike


class Undecided(Refused):
    code = "import.undecided"
    message = _("Rows may be of somebody who is here already: %(count)s. Say for each what is done with it.")


class ChoiceUnusable(Refused):
    code = "import.choice_unusable"
    message = _("Line %(line)s is not waiting for this choice.")


@dataclass(frozen=True, slots=True)
class Likeness:
    """A row that waits for a choice, with who it says that it is of, as long as the file is kept."""

    like: ImportLike
    name: str
    phone: str


def keep(batch: ImportBatch, plan: Plan) -> None:
    """What a check found. A row that is found alike once more keeps what was said of it."""
    said = {(row.line, row.customer_id, row.other): row.choice for row in batch.likes.exclude(choice=Choice.UNDECIDED)}
    batch.likes.all().delete()
    ImportLike.objects.bulk_create(
        ImportLike(
            batch=batch, line=one.line, why=one.why.value, customer_id=one.customer, other=one.other,
            choice=said.get((one.line, one.customer, one.other), Choice.UNDECIDED),
        )
        for one in plan.alike
    )  # fmt: skip
    uploads.write(f"alike-{batch.pk}", json.dumps(_kept(batch) | _told(plan), ensure_ascii=False).encode())


def choices(batch: ImportBatch) -> dict[int, Choice]:
    rows = batch.likes.exclude(choice=Choice.UNDECIDED).values_list("line", "choice")
    return {line: Choice(choice) for line, choice in rows}


def choose(batch: ImportBatch, said: Mapping[int, Choice], others: Choice = Choice.UNDECIDED) -> None:
    """For some lines, and for all others that are undecided. A row like another row can be added or left out, not joined to it."""
    rows = {row.line: row for row in batch.likes.filter(line__in=list(said))}
    for line, choice in said.items():
        if line not in rows or (choice == Choice.UPDATE and rows[line].customer_id is None):
            raise ChoiceUnusable(line=line)
        rows[line].choice = choice
    ImportLike.objects.bulk_update(rows.values(), ["choice"])
    left = batch.likes.filter(choice=Choice.UNDECIDED).exclude(line__in=list(said))
    if others == Choice.UPDATE:
        left = left.filter(customer__isnull=False)
    if others:
        left.update(choice=others)


def refuse_undecided(batch: ImportBatch) -> None:
    if count := batch.likes.filter(choice=Choice.UNDECIDED).count():
        raise Undecided(count=count)


def of(batch: ImportBatch, *, after: int = 0, count: int) -> Sequence[Likeness]:
    """Some of them, in the order of the file."""
    return _shown(batch, batch.likes.filter(line__gt=after).order_by("line")[:count])


def waiting(batch: ImportBatch, *, count: int) -> Sequence[Likeness]:
    """Some of them, first those that nothing is said about."""
    return _shown(batch, batch.likes.order_by("choice", "line")[:count])


def _shown(batch: ImportBatch, rows: QuerySet[ImportLike]) -> Sequence[Likeness]:
    told = _kept(batch)
    return [Likeness(row, *told.get(str(row.line), ("", ""))) for row in rows.select_related("customer")]


def _kept(batch: ImportBatch) -> dict[str, Sequence[str]]:
    kept = uploads.read(f"alike-{batch.pk}")
    return json.loads(kept) if kept else {}


def _told(plan: Plan) -> dict[str, Sequence[str]]:
    lines = {one.line for one in plan.alike}
    rows = [*plan.new, *(update.row for update in (*plan.updates, *plan.skipped))]
    return {
        str(row.line): (row.given.get("name") or "", contacts.masked_phone(phone) if (phone := row.given.get("phone")) else "")
        for row in rows
        if row.line in lines
    }
