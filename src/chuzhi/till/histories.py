"""A past, told in the order it happened: payments and sales of other days, through the same rules as today's."""

from collections.abc import Sequence
from dataclasses import dataclass

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import posting
from chuzhi.ledger.operations import Operation
from chuzhi.organization.authority import require
from chuzhi.till import sales
from chuzhi.till.tickets import Line
from chuzhi.wallets import funding, spending
from chuzhi.wallets.funding import Payment
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.spending import Purchase


@dataclass(frozen=True, slots=True)
class Sold:
    """A purchase with the lines of its receipt."""

    purchase: Purchase
    lines: Sequence[Line] = ()


def tell(*, story: Sequence[Payment | Sold], by: Actor) -> list[Moved]:
    """Post them in order, in the caller's transaction or one of the poster's. Told twice, it happens once.

    A past has happened: the first refusal, the ledger's or the shop's, is raised, and a caller in a transaction undoes all.
    """
    require(by, funding.TOP_UP)
    require(by, spending.CHARGE)
    moved = []
    for told, outcome in zip(story, posting.post([_asked(each, by) for each in story]), strict=True):
        outcome.raise_if_refused()
        moved.append(Moved(told.wallet if isinstance(told, Payment) else told.purchase.wallet, outcome))
    return moved


def _asked(told: Payment | Sold, by: Actor) -> Operation:
    objection: Refused | None
    asked: Operation
    if isinstance(told, Payment):
        asked, objection = funding.asked_of(told, by)
    else:
        asked, objection = spending.asked_of(sales.with_ticket(told.purchase, told.lines, by), by)
    if objection is not None:
        raise objection
    return asked
