"""Where a wallet is accepted: in which stores, and for what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from chuzhi.catalogue import categories
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Store
from chuzhi.wallets.errors import NotForThis
from chuzhi.wallets.rules import Terms

Bought = Sequence[tuple[int | None, int]]
"""Of each line of a sale its category, if it has one, and its amount."""


class Shelves(Protocol):
    """Whatever is good for some categories only; for everything, if it names none."""

    @property
    def categories(self) -> frozenset[int]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Names of stores and of categories; none of a kind is all of it."""

    stores: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        return not (self.stores or self.categories)

    @property
    def said(self) -> str:
        """One sentence for receipts and pages; nothing where it is everything."""
        parts = (
            _("accepted in %(stores)s") % {"stores": in_words(self.stores)} if self.stores else "",
            _("good for %(categories)s") % {"categories": in_words(self.categories)} if self.categories else "",
        )
        return "; ".join(filter(None, parts))


def of(terms: Terms) -> Scope:
    if not (terms.stores or terms.categories):
        return Scope()
    stores = Store.objects.filter(pk__in=terms.stores).order_by("code").values_list("name", flat=True)
    return Scope(tuple(stores), tuple(categories.paths(terms.categories)))


def covered(scope: Shelves, bought: Bought) -> int:
    """What of it the wallet may pay for, in the units of its amounts. What is in no category is in no list."""
    return sum(amount for category, amount in bought if covers(scope, category))


def covers(scope: Shelves, category: int | None) -> bool:
    return not scope.categories or categories.is_within(category, scope.categories)


def objection(scope: Shelves, amount: int, bought: Bought = ()) -> Refused | None:
    """Why the wallet may not pay so much of this sale. Whoever named nothing sold nothing that a list can hold."""
    if not scope.categories or amount <= (left := covered(scope, bought)):
        return None
    return NotForThis(accepted=in_words(categories.paths(scope.categories)), left=left)


def in_words(names: Iterable[str]) -> str:
    return _(", ").join(names)
