"""What offers want to know of who pays: levels, earlier top-ups, uses, and orders that are not paid yet."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from chuzhi.customers import merging
from chuzhi.limits import shop
from chuzhi.topups import offer_rules as rules
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Benefit, OfferUse, Reservation
from chuzhi.topups.offer_rules import Asking
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet


def asking(
    offers: Sequence[rules.Offer], *, wallet: Wallet, amount: int, store: int | None, channel: Channel, at: datetime
) -> Asking:
    """Nothing is asked that no offer wants to know. What somebody has begun to pay for counts as used."""
    counted = [offer.id for offer in offers if offer.most_uses is not None]
    waiting = _waiting(wallet) if any(offer.id for offer in offers) else []
    begun = [(offer, is_first_only) for offer, is_first_only, is_begun in waiting if is_begun]
    is_first_wanted = any(offer.is_first_only for offer in offers)
    return Asking(
        amount=amount,
        at=at,
        store=store,
        channel=str(channel),
        is_bearer=bool(offers) and wallet.customer_id is None,
        tiers=levels_of(wallet, at) if any(offer.tiers for offer in offers) else frozenset(),
        has_topped_up=is_first_wanted and (any(is_first for _offer, is_first in begun) or queries.has_topped_up(wallet)),
        uses=_uses(wallet, counted) + Counter(offer for offer, _is_first in begun) if counted else {},
        waiting=Counter(offer for offer, *_rest in waiting),
    )


def _mine(wallet: Wallet) -> Q:
    return Q(wallet=wallet.pk) if wallet.customer_id is None else Q(customer__in=merging.everyone(wallet.customer_id))


def _waiting(wallet: Wallet) -> list[tuple[int, bool, bool]]:
    """The offers that unpaid orders of this payer hold: whether it is for a first top-up only, and whether payment has begun."""
    held = Reservation.objects.filter(_mine(wallet), offer__programme=wallet.programme_id, ended_at=None)
    rows = held.values_list("offer", "band__terms__is_first_only", "order__accepted_at")
    return [(offer, is_first_only, begun_at is not None) for offer, is_first_only, begun_at in rows]


def levels_of(wallet: Wallet, at: datetime | None = None) -> frozenset[str]:
    """The level that the shop has set for its customer, and those that earlier top-ups gave."""
    at = at or timezone.now()
    if wallet.customer_id is None:
        return frozenset()
    held = Benefit.objects.filter(customer=wallet.customer_id, kind=Benefit.Kind.LEVEL, withdrawn_at=None, since__lte=at)
    given = held.filter(Q(until=None) | Q(until__gt=at)).values_list("code", flat=True)
    return frozenset([*given, *filter(None, [shop.tier_of(wallet.customer_id)])])


def _uses(wallet: Wallet, offers: Sequence[int]) -> Counter[int]:
    counted = OfferUse.objects.filter(_mine(wallet), offer__in=offers).values("offer").annotate(uses=Count("*"))
    return Counter(dict(counted.values_list("offer", "uses")))
