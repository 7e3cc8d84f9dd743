"""Which cards are sold on line: their value, their price, how many at once and how many in all."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.topups.cards.errors import OfferUnusable
from chuzhi.topups.cards.models import CardOffer
from chuzhi.wallets.models import Programme

MANAGE, VIEW = "vouchers.manage", "vouchers.view"
MOST_AT_ONCE, MOST_LEFT = 20, 1_000_000


def on_sale() -> QuerySet[CardOffer]:
    """For buyers: those that can be bought now, the smallest value first."""
    return _offers().filter(is_on_sale=True, programme__is_open=True, store__is_open=True).exclude(left=0)


def visible_to(actor: Actor) -> QuerySet[CardOffer]:
    return _offers() if actor.may(VIEW) else CardOffer.objects.none()


@transaction.atomic(durable=True)
def put_on_sale(
    *, programme: Programme, store: Store, value: int, price: int, most_at_once: int, by: Actor, left: int | None = None
) -> CardOffer:
    """Sell cards of this value from now on; said again, the new price and numbers hold. Orders keep what they were shown."""
    require(by, MANAGE)
    known = {
        "programme": programme.kind == Programme.Kind.MONEY and programme.is_open,
        "store": store.is_open,
        "price": 0 < money.check(price) <= money.check(value),
        "most_at_once": 0 < most_at_once <= MOST_AT_ONCE,
        "left": left is None or 0 <= left <= MOST_LEFT,
    }
    for field, is_right in known.items():
        if not is_right:
            raise OfferUnusable(field=field)
    said = {"price": price, "most_at_once": most_at_once, "left": left}
    offer, _is_new = CardOffer.objects.update_or_create(
        programme=programme, value=value,
        defaults={**said, "store": store, "is_on_sale": True, "set_by": by.label, "set_at": timezone.now()},
    )  # fmt: skip
    audit.record("card_offer.set", f"card_offer:{offer.pk}", by=by, value=value, store=store.pk, **said)
    return offer


@transaction.atomic(durable=True)
def stop(*, offer: CardOffer, by: Actor) -> None:
    """Sell no more of them. Orders that are open can still be paid."""
    require(by, MANAGE)
    if CardOffer.objects.filter(pk=offer.pk, is_on_sale=True).update(is_on_sale=False):
        audit.record("card_offer.stopped", f"card_offer:{offer.pk}", by=by)


def _offers() -> QuerySet[CardOffer]:
    return CardOffer.objects.select_related("programme", "store").order_by("value", "programme_id")
