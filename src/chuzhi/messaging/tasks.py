"""What the worker does for messages."""

from procrastinate.contrib.django import app

from chuzhi.messaging import delivery


@app.task(pass_context=False)
def deliver(number: int) -> None:
    """Try a delivery, and ask to be called again if it has to be tried again."""
    wait = delivery.attempt(number)
    if wait is not None:
        deliver.configure(schedule_in={"seconds": int(wait.total_seconds()) + 1}).defer(number=number)


def deliver_what_waits() -> int:
    """For the clock: deliveries that no job looks after any more. Answers how many were tried."""
    delivery.give_up_lost()
    numbers = delivery.overdue()
    for number in numbers:
        delivery.attempt(number)
    return len(numbers)
