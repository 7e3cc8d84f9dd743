"""What the worker does for wallets."""

from procrastinate.contrib.django import app

from chuzhi.customers.models import ImportBatch
from chuzhi.organization.lists import acting
from chuzhi.organization.lists.models import BulkAct
from chuzhi.wallets import acts, intake_steps
from chuzhi.wallets.giving import handouts
from chuzhi.wallets.giving.models import Handout

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


@app.task(pass_context=False)
def hand_out(number: int) -> None:
    """Give what a list says to each on it."""
    handouts.go_on(number)


def handed_out(handout: Handout) -> None:
    """A short list at once, a long one by the worker."""
    if handout.state == Handout.State.RUNNING and handout.count <= AT_ONCE:
        handouts.go_on(handout.pk)
    elif handout.state == Handout.State.RUNNING:
        hand_out.defer(number=handout.pk)


def finish_handouts() -> int:
    """For the clock: lists whose worker may have been killed. Answers how many there are."""
    numbers = handouts.unfinished()
    for number in numbers:
        hand_out.defer(number=number)
    return len(numbers)


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
