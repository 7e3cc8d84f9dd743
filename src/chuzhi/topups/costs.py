"""What offers have cost so far, and what one would have cost on the top-ups of the days behind us."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, Sum
from django.utils import timezone

from chuzhi.topups import offer_rules as rules
from chuzhi.topups.models import GiftPart, Offer, OfferUse
from chuzhi.topups.offer_rules import Band
from chuzhi.wallets import queries

LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one offer, in minor units of its programme. Bonus is `released`, still `waiting`, or was `ended` before it came."""

    uses: int = 0
    paid: int = 0
    worth: int = 0
    bonus: int = 0
    waiting: int = 0
    ended: int = 0

    @property
    def released(self) -> int:
        return self.bonus - self.waiting - self.ended

    @property
    def rate(self) -> int:
        """What 10,000 of what customers paid have cost: hundredths of a percent."""
        return rate(self.worth, self.paid)


@dataclass(frozen=True, slots=True)
class Replayed:
    """An offer laid over a past: of so many top-ups, so many would have reached a band. Conditions are left aside."""

    top_ups: int
    paid: int
    reached: int
    paid_by_reached: int
    worth: int

    @property
    def rate(self) -> int:
        return rate(self.worth, self.paid_by_reached)


def rate(worth: int, paid: int) -> int:
    """Hundredths of a percent, rounded half up."""
    return (worth * 10_000 * 2 + paid) // (2 * paid) if paid else 0


def of(offers: Iterable[Offer]) -> Mapping[int, Cost]:
    """By the offer's number; all of them, used or not."""
    numbers = [offer.pk for offer in offers]
    totals = OfferUse.objects.filter(offer__in=numbers).values("offer").annotate(
        all_paid=Sum("paid"), all_worth=Sum("worth"), all_bonus=Sum("bonus")
    )  # fmt: skip
    open_parts = Q(released_at=None, stopped_at=None)
    of_bonus = GiftPart.objects.filter(gift__kind="bonus", gift__band__terms__offer__in=numbers)
    parts = of_bonus.values(offer=F("gift__band__terms__offer")).annotate(
        still=Sum("amount", filter=open_parts, default=0), over=Sum("amount", filter=Q(stopped_at__isnull=False), default=0)
    )
    pending = {row["offer"]: (row["still"], row["over"]) for row in parts}
    sums = {row["offer"]: row for row in totals}
    uses = dict(Offer.objects.filter(pk__in=numbers).values_list("pk", "uses"))
    return {
        number: Cost(uses[number], row["all_paid"], row["all_worth"], row["all_bonus"], *pending.get(number, (0, 0)))
        if (row := sums.get(number))
        else Cost()
        for number in numbers
    }


def replayed(programme: int, bands: Sequence[Band], *, now: datetime | None = None) -> Replayed:
    """The bands laid over what was paid into the programme's wallets lately."""
    offer = rules.Offer(id=1, bands=tuple(bands))
    top_ups = paid = reached = paid_by_reached = worth = 0
    for amount, count in queries.amounts_topped_up(programme, since=(now or timezone.now()) - LOOKED_BACK):
        top_ups, paid = top_ups + count, paid + amount * count
        if band := offer.reached(amount):
            reached, paid_by_reached, worth = reached + count, paid_by_reached + amount * count, worth + band.worth * count
    return Replayed(top_ups, paid, reached, paid_by_reached, worth)
