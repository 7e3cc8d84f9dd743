"""What a merge of customers has to know of top-ups: an automatic one would go on filling a wallet whose value has left."""

from typing import Any

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.merging import Rows
from chuzhi.customers.models import Customer, Merge
from chuzhi.topups.errors import HasAutomaticTopUp
from chuzhi.topups.models import Benefit, Mandate, Reservation

BENEFITS = Rows("benefits", Benefit)
RESERVATIONS = Rows("reservations", Reservation)


class Mandates:
    """Follows `customers.merging`: only stands in the way, while one is in force."""

    name = "mandates"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        alive = Mandate.objects.filter(wallet__customer=gone).exclude(stage=Mandate.Stage.ENDED)
        return HasAutomaticTopUp() if alive.exists() else None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> None:
        """An ended one stays where it was."""

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        """So there is nothing to take apart."""
