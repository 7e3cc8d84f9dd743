"""What was promised to orders that are not paid yet: kept of an offer's budget, given when the money comes, let go when none will."""

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from chuzhi.topups import offer_rules as rules
from chuzhi.topups import offers, payers, selling
from chuzhi.topups.models import Offer, OfferBand, Order, Reservation
from chuzhi.topups.offer_errors import OfferUsedMeanwhile
from chuzhi.topups.offer_rules import Won
from chuzhi.topups.offers import MARK, OF_THE_TERMS


def reserve(order: Order, won: Won | None) -> None:
    """Keep for a new order what it shows, where that is an offer's. What was found under lock (`selling.promise`) fits."""
    if won is None or won.offer.id == OF_THE_TERMS:
        return
    Offer.objects.filter(pk=won.offer.id).update(reserved=F("reserved") + won.band.worth)
    Reservation.objects.create(
        order=order, offer_id=won.offer.id, band_id=int(won.band.mark.removeprefix(MARK)), wallet=order.wallet_id,
        customer_id=order.wallet.customer_id, worth=won.band.worth,
    )  # fmt: skip


def begin(order: Order) -> None:
    """Somebody begins to pay: from now on the order counts where an offer is limited for each payer. The order is locked.

    Raises OfferUsedMeanwhile where other orders or top-ups of this payer came first: better before the payment than after it.
    """
    held = Reservation.objects.filter(order=order, ended_at=None).select_related("band__terms__offer").first()
    if held is None or not (held.band.terms.is_first_only or held.band.terms.most_uses):
        return
    selling.lock([held.offer_id], [order.wallet])
    offer = offers.ruled(held.band.terms.offer, held.band.terms)
    asking = payers.asking(
        [offer], wallet=order.wallet, amount=order.amount, store=order.store_id, channel=Order.Channel(order.channel),
        at=timezone.now(),
    )  # fmt: skip
    if rules.not_again(offer, asking) is not None:
        raise OfferUsedMeanwhile


def kept(orders: Iterable[Order]) -> dict[int, Won]:
    """What is kept for each of these locked orders, as it was promised, whatever has become of the offer since."""
    wanted = {order.pk: order.band for order in orders if order.band is not None}
    if not wanted:
        return {}
    found = OfferBand.objects.filter(pk__in=wanted.values()).select_related("terms__offer__programme")
    bands = {band.pk: band for band in found.prefetch_related("gifts")}
    now = offers.terms_of({band.terms.offer for band in bands.values()})
    return {
        order: Won(offers.ruled(bands[band].terms.offer, now[bands[band].terms.offer_id]), offers.band_of(bands[band]))
        for order, band in wanted.items()
    }


def used(orders: Iterable[Order]) -> None:
    """What was kept for these orders was given: the row of the use has counted it (`offer_records`)."""
    given = [order.pk for order in orders if order.band is not None]
    if given:
        Reservation.objects.filter(pk__in=given).update(ended_at=timezone.now())


def release(orders: Iterable[int]) -> None:
    """What was kept for these locked orders is for others again. Again changes nothing."""
    held = list(Reservation.objects.filter(pk__in=list(orders), ended_at=None))
    if not held:
        return
    list(Offer.objects.select_for_update(no_key=True).filter(pk__in={each.offer_id for each in held}).order_by("pk"))
    for each in held:
        Offer.objects.filter(pk=each.offer_id).update(reserved=F("reserved") - each.worth)
    Reservation.objects.filter(pk__in=[each.pk for each in held]).update(ended_at=timezone.now())
