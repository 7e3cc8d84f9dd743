"""Wallets by programme, holder and the day they were opened: what their list, its views and acts on many can be asked for."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from chuzhi.core.actors import Actor
from chuzhi.core.days import within
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

NAMED, BEARER = "named", "bearer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that is said must be so. `programme` is its number, `holder` one of the words above."""

    programme: int | None = None
    holder: str = ""
    opened_since: date | None = None
    opened_until: date | None = None


def found(wanted: Wanted, *, by: Actor) -> QuerySet[Wallet]:
    """Those of which it is so and which the actor may see."""
    rows = queries.visible_to(by)
    if wanted.programme:
        rows = rows.filter(programme=wanted.programme)
    if wanted.holder:
        rows = rows.filter(customer__isnull=wanted.holder == BEARER)
    return rows.filter(within("created_at", wanted.opened_since, wanted.opened_until))
