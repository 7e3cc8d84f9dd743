"""What the worker does for wallets."""

from procrastinate.contrib.django import app

from chuzhi.customers.models import ImportBatch
from chuzhi.organization.lists import acting
from chuzhi.organization.lists.models import BulkAct
from chuzhi.wallets import acts, intake_steps

AT_ONCE = 200
"""Rows of an act on many that are done while somebody waits."""


@app.task(pass_context=False)
def go_on(number: int) -> None:
    """Do what was asked for with an import of customers."""
    intake_steps.go_on(number)


@app.task(pass_context=False)
def act(number: int) -> None:
    """Do an act on many rows, or put it back."""
    acts.go_on(number)


def carry_out(started: BulkAct) -> None:
    """A few rows at once, many by the worker."""
    if started.rows.count() <= AT_ONCE:
        acts.go_on(started.pk)
    else:
        act.defer(number=started.pk)


def finish_acts() -> int:
    """For the clock: acts whose worker may have been killed. Answers how many there are."""
    numbers = acting.unfinished()
    for number in numbers:
        act.defer(number=number)
    return len(numbers)


def finish_unfinished() -> int:
    """For the clock: imports whose worker may have been killed. Answers how many there are."""
    numbers = list(ImportBatch.objects.exclude(step=ImportBatch.Step.NONE).values_list("pk", flat=True))
    for number in numbers:
        go_on.defer(number=number)
    return len(numbers)
