"""Cash: what the ledger says came through a drawer in a shift, against what was counted."""

from django.db import transaction
from django.db.models import Max

from chuzhi.finance import comparing
from chuzhi.finance.models import Movement
from chuzhi.finance.rules import Way
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method
from chuzhi.payments.counter.models import Shift


@transaction.atomic(durable=True)
def match() -> int:
    """Compare the shifts that were closed since. Answers how many there were; a closed shift never changes."""
    mine = Movement.objects.filter(account=None, method=Method.CASH, way=Way.SHIFT)
    since = mine.aggregate(last=Max("ours_on"))["last"]
    closed = Shift.objects.filter(closed_at__isnull=False).order_by("pk")
    if since is not None:
        closed = closed.filter(closed_at__date__gte=since)
    known = set(mine.filter(ours_on__gte=since).values_list("number", flat=True)) if since else set()
    fresh = [shift for shift in closed if _number(shift) not in known]
    Movement.objects.bulk_create([_movement(shift) for shift in fresh], ignore_conflicts=True)
    comparing.compare(list(mine.filter(is_settled=False).order_by("pk").select_for_update()), frozenset())
    return len(fresh)


def shift_of(movement: Movement) -> Shift | None:
    if movement.way != Way.SHIFT:
        return None
    till, _dash, number = movement.number.partition("-")
    return Shift.objects.filter(till_id=int(till), number=int(number)).first()


def _movement(shift: Shift) -> Movement:
    booked, on = (
        (shift.cash_in or 0) - (shift.cash_out or 0),
        shift.closed_at and shift.closed_at.astimezone(shop_zone()).date(),
    )
    return Movement(
        method=Method.CASH, currency=shift.currency, way=Way.SHIFT, number=_number(shift), booked=booked, booked_on=on,
        ours=booked, ours_on=on, billed=booked + shift.difference, billed_on=on, billed_times=1,
    )  # fmt: skip


def _number(shift: Shift) -> str:
    return f"{shift.till_id}-{shift.number}"
