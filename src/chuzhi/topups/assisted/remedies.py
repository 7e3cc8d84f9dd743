"""What an agent may clear out of a request's way: each by the command and the permission that it has elsewhere, with a reason."""

from collections.abc import Callable, Mapping

from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.topups import clearing, orders
from chuzhi.topups.assisted import witnesses
from chuzhi.topups.assisted.errors import NothingToClear, NotVerified
from chuzhi.topups.assisted.models import AssistedTopUp
from chuzhi.topups.assisted.obstacles import Obstacle, Remedy
from chuzhi.topups.assisted.requests import ASSIST, Kind, Verified, step, subject, unfinished
from chuzhi.topups.models import Order
from chuzhi.wallets import accounts, cards, moves
from chuzhi.wallets.models import Card, Wallet

Cure = Callable[[Wallet, str, str, str, Actor], object]
"""Of a wallet, the number of what stands in the way, with a reason and a key, by somebody."""


def of(request: AssistedTopUp) -> list[Obstacle]:
    """What stands in the way of a request now."""
    return witnesses.heard(wallet=request.wallet, amount=request.amount, store=request.store_id, order=request.order)


@transaction.atomic
def clear(*, request: AssistedTopUp, obstacle: str, reason: str, key: str, by: Actor) -> Obstacle:
    """Do what ends an obstacle (its `id`), for a customer who was verified. Refuses what its own command refuses."""
    require(by, ASSIST)
    row, reason = unfinished(request), moves.reason(reason)
    found = next((each for each in of(row) if each.id == obstacle), None)
    if found is None or found.remedy is None:
        raise NothingToClear
    if row.verified == Verified.NO:
        raise NotVerified
    require(by, found.permission)
    number = found.subject.partition(":")[2]
    _CURES[found.remedy](row.wallet, number, reason, key, by)
    step(row, Kind.CLEARED, by=by, about=found.subject, reason=reason)
    audit.record("assisted.cleared", subject(row), by=by, obstacle=found.code, about=found.subject)
    return found


def _unfreeze(wallet: Wallet, _number: str, reason: str, key: str, by: Actor) -> object:
    return accounts.unfreeze(wallet=wallet, reason=reason, key=key, by=by)


def _card_found(wallet: Wallet, number: str, _reason: str, _key: str, by: Actor) -> object:
    return cards.found_again(card=Card.objects.get(pk=int(number), wallet=wallet), by=by)


def _cancel_order(wallet: Wallet, number: str, _reason: str, _key: str, by: Actor) -> object:
    return orders.cancel(order=Order.objects.get(number=number, wallet=wallet), by=by)


def _money_cleared(wallet: Wallet, number: str, _reason: str, key: str, by: Actor) -> object:
    return clearing.clear(order=Order.objects.select_related("wallet").get(number=number, wallet=wallet), key=key, by=by)


_CURES: Mapping[Remedy, Cure] = {
    Remedy.UNFREEZE: _unfreeze,
    Remedy.CARD_FOUND: _card_found,
    Remedy.CANCEL_ORDER: _cancel_order,
    Remedy.MONEY_CLEARED: _money_cleared,
}
