"""What the worker does for wallets."""

from procrastinate.contrib.django import app

from chuzhi.customers.models import ImportBatch
from chuzhi.wallets import intake_steps


@app.task(pass_context=False)
def go_on(number: int) -> None:
    """Do what was asked for with an import of customers."""
    intake_steps.go_on(number)


def finish_unfinished() -> int:
    """For the clock: imports whose worker may have been killed. Answers how many there are."""
    numbers = list(ImportBatch.objects.exclude(step=ImportBatch.Step.NONE).values_list("pk", flat=True))
    for number in numbers:
        go_on.defer(number=number)
    return len(numbers)
