"""What an order brought in the end, beside what was shown: its offer may have run out meanwhile, and a debt is repaid first."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core import actors
from chuzhi.messaging import outbox
from chuzhi.topups import offers, telling
from chuzhi.topups.models import Order
from chuzhi.topups.offer_rules import Gift, Kind

BY = actors.system("orders")
RAN_OUT: Promise = _("The offer that was shown had run out when the payment arrived.")
REPAID: Promise = _("What the account owed was repaid first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Minor units. `bonus` came with the payment, `later` comes in parts; `repaid` went into what the wallet owed."""

    paid: int
    shown: int
    bonus: int
    repaid: int
    gifts: tuple[Gift, ...]

    @property
    def added(self) -> int:
        return self.paid - self.repaid + self.bonus

    @property
    def later(self) -> int:
        return sum(gift.amount - gift.at_once for gift in self.gifts if gift.kind is Kind.BONUS)

    @property
    def missed(self) -> int:
        """Bonus that was shown and is not given."""
        return max(0, self.shown - self.bonus - self.later)

    @property
    def is_less(self) -> bool:
        return bool(self.missed or self.repaid)

    @property
    def why(self) -> tuple[Promise, ...]:
        """Why it is less than was shown; nothing, if it is not."""
        return tuple(reason for reason, holds in ((RAN_OUT, self.missed), (REPAID, self.repaid)) if holds)


def of(order: Order) -> Result | None:
    """What a credited order brought; None for any other."""
    if order.given is None or order.book is None or order.seq is None:
        return None
    gifts = offers.given_with(order.book, order.seq)
    return Result(paid=order.amount, shown=order.bonus, bonus=order.given, repaid=order.repaid, gifts=gifts)


def tell_if_less(order: Order) -> None:
    """The customer is told where less was credited than the order showed. Joins the transaction of the crediting."""
    if order.repaid == 0 and (order.given or 0) >= order.bonus:
        return
    found = of(order)
    if found is not None and found.is_less and order.wallet.customer is not None:
        facts = telling.less(
            amount=order.amount,
            added=found.added,
            missed=found.missed,
            repaid=found.repaid,
            why=found.why,
            currency=order.currency,
        )
        outbox.tell(kind=telling.LESS, facts=facts, subject=f"order:{order.number}", by=BY, customer=order.wallet.customer)
