"""What stands in the way of a top-up, each in a plain sentence: where it is resolved, and who may do it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from chuzhi.core import money
from chuzhi.topups.models import Order
from chuzhi.wallets import moves
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.queries import Held


class Remedy(StrEnum):
    """What can be done about an obstacle from a request's page."""

    UNFREEZE = "unfreeze"
    CARD_FOUND = "card_found"
    CANCEL_ORDER = "cancel_order"
    MONEY_CLEARED = "money_cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """`subject` is where it is resolved (`order:T9…`, `risk_case:4`). While it `blocks`, a top-up would be refused.

    `permission` is what resolving it takes; empty: it goes by itself, or nobody can.
    """

    code: str
    subject: str
    what: str
    blocks: bool = False
    permission: str = ""
    remedy: Remedy | None = None

    @property
    def id(self) -> str:
        """The same obstacle has the same one, as long as it stands."""
        return f"{self.code}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Wish:
    """A top-up as it is wished: `amount` minor units into a wallet that stands as `held` says.

    `order` is the one that was made for it already, which is no obstacle to itself.
    """

    wallet: Wallet
    amount: int
    store: int | None
    held: Held
    order: Order | None = None

    @property
    def asset(self) -> str:
        return moves.programme_of(self.wallet).asset_code

    @property
    def is_of_money(self) -> bool:
        return moves.programme_of(self.wallet).kind == Programme.Kind.MONEY

    def said(self, amount: int) -> str:
        """An amount of the wallet's asset, in the language that is spoken now."""
        return money.text(amount, self.asset) if self.is_of_money else str(amount)


Witness = Callable[[Wish], Iterable[Obstacle]]
"""Knows of obstacles of one kind."""
