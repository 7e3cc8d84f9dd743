"""Offers are made, changed, stopped; and what a payment would yield under them, and why not more."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger.rows import array
from chuzhi.organization.authority import require
from chuzhi.organization.models import Store
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import payers
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, OfferBand, OfferGift, OfferTerms, OfferUse
from chuzhi.topups.offer_errors import OfferOfOtherStores, OfferSpent, OfferUnusable
from chuzhi.topups.offer_models import MOST_PARTS
from chuzhi.topups.offer_rules import Band, Every, Gift, Kind, Next, Why, Won
from chuzhi.wallets import moves
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.programmes import LONGEST_DAYS, Known
from chuzhi.wallets.rules import Terms

MANAGE = "offers.manage"
VIEW = "offers.view"
MARK = "offer-"
"""Before the number of a band, in what the customer is shown: the bands of the terms are bare numbers."""
MOST_BANDS = 20
MOST_GIFTS = 6
TOLD_FOR = timedelta(days=30)
"""How long a stopped offer is still told of, with the reason."""
RUNNING = "running"
OF_THE_TERMS = 0
"""In place of an offer's number: the bands that the programme's terms promise by themselves."""

OFFERING = "SELECT DISTINCT programme_id FROM topup_offer WHERE programme_id = ANY(%s::bigint[]) AND stopped_at IS NULL"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """When, where, to whom. What is empty is no condition; `most_uses` are of one customer."""

    starts_at: datetime
    ends_at: datetime | None = None
    priority: int = 0
    tiers: Sequence[str] = ()
    stores: Sequence[int] = ()
    channels: Sequence[str] = ()
    is_first_only: bool = False
    most_uses: int | None = None


Bands = Sequence[tuple[int, Sequence[Gift]]]
"""What is paid, in minor units, and what that gives."""


@dataclass(frozen=True, slots=True)
class Yield:
    """What an amount yields now: of the one offer that is given, with the next band, and why the others are not given."""

    amount: int
    won: Won | None
    ahead: Next | None
    others: tuple[tuple[rules.Offer, Why], ...]

    @property
    def mark(self) -> str | None:
        """What the customer is shown, by its name for ever."""
        return self.won.band.mark if self.won else None

    @property
    def bonus(self) -> int:
        return self.won.band.bonus if self.won else 0

    @property
    def bonus_at_once(self) -> int:
        return self.won.band.bonus_at_once if self.won else 0

    @property
    def gifts(self) -> tuple[Gift, ...]:
        return self.won.band.gifts if self.won else ()


@transaction.atomic
def add(
    *, programme: Programme, name_zh: str, conditions: Conditions, bands: Bands, by: Actor, name_en: str = "",
    budget: int | None = None,
) -> Offer:  # fmt: skip
    """A new offer with the first version of its terms. `budget` bounds the worth of everything that it ever promises."""
    _require(by, conditions.stores)
    _check(programme, name_zh, budget, conditions, bands)
    offer = Offer.objects.create(
        programme=programme, name_zh=name_zh.strip(), name_en=name_en.strip(), budget=budget, made_by=by.label
    )
    _add_version(offer, 1, conditions, bands, by)
    audit.record("offer.added", f"offer:{offer.pk}", by=by, programme=programme.pk, budget=budget)
    return offer


@transaction.atomic
def change(
    *, offer: Offer, name_zh: str, conditions: Conditions, bands: Bands, by: Actor, name_en: str = "",
    budget: int | None = None,
) -> Offer:  # fmt: skip
    """A new version of the whole. What was promised under earlier ones is kept, and counts against the budget."""
    offer = Offer.objects.select_for_update(of=("self",)).select_related("programme").get(pk=offer.pk)
    last = _latest(offer)
    _require(by, last.stores)
    _require(by, conditions.stores)
    _check(offer.programme, name_zh, budget, conditions, bands)
    if budget is not None and budget < offer.given + offer.reserved:
        raise OfferUnusable(field="budget")
    offer.name_zh, offer.name_en, offer.budget = name_zh.strip(), name_en.strip(), budget
    offer.save(update_fields=["name_zh", "name_en", "budget"])
    terms = _add_version(offer, last.version + 1, conditions, bands, by)
    audit.record("offer.changed", f"offer:{offer.pk}", by=by, version=terms.version, budget=budget)
    return offer


@transaction.atomic
def stop(*, offer: Offer, by: Actor) -> Offer:
    """Nothing is promised any more. What was promised is still released when its days come. Again changes nothing."""
    offer = Offer.objects.select_for_update().get(pk=offer.pk)
    _require(by, _latest(offer).stores)
    if offer.stopped_at is None:
        offer.stopped_at, offer.stopped_because = timezone.now(), Offer.Stopped.BY_HAND
        offer.save(update_fields=["stopped_at", "stopped_because"])
        audit.record("offer.stopped", f"offer:{offer.pk}", by=by, given=offer.given, uses=offer.uses)
    return offer


@transaction.atomic
def resume(*, offer: Offer, by: Actor) -> Offer:
    """A stopped offer goes on, if its budget allows one gift at least."""
    offer = Offer.objects.select_for_update().get(pk=offer.pk)
    terms = _latest(offer)
    _require(by, terms.stores)
    if rules.is_spent(offer.left, _bands(terms)):
        raise OfferSpent
    if offer.stopped_at is not None:
        offer.stopped_at, offer.stopped_because = None, ""
        offer.save(update_fields=["stopped_at", "stopped_because"])
        audit.record("offer.resumed", f"offer:{offer.pk}", by=by)
    return offer


def visible_to(actor: Actor) -> QuerySet[Offer]:
    """Newest first, for those who look after offers. Whoever sells meets them by `preview`."""
    offers = Offer.objects.select_related("programme").order_by("-pk")
    return offers if actor.may(VIEW) or actor.may(MANAGE) else offers.none()


def terms_of(offers: Iterable[Offer]) -> dict[int, OfferTerms]:
    """The version in force of each, with its bands and gifts, by the offer's number."""
    versions = OfferTerms.objects.filter(offer__in=list(offers)).order_by("offer_id", "-version").distinct("offer_id")
    return {terms.offer_id: terms for terms in versions.select_related("offer").prefetch_related("bands__gifts__programme")}


def preview(*, wallet: Wallet, amount: int, store: int | None, channel: Channel, now: datetime | None = None) -> Yield:
    """What `amount` minor units paid into the wallet would yield, now or at `now`. It promises nothing."""
    at = now or timezone.now()
    known = moves.programme_of(wallet)
    told = Q(stopped_at=None) | Q(stopped_at__gt=at - TOLD_FOR)
    found = _as_they_stand(Offer.objects.filter(told, programme=known.id))
    offers = [offer for offer in found if offer.ends_at is None or offer.ends_at > at - TOLD_FOR]
    return among(offers, known=known, wallet=wallet, amount=amount, store=store, channel=channel, at=at)


def steps(*, wallet: Wallet, store: int | None, channel: Channel) -> list[Yield]:
    """The amounts that are on offer here and now, smallest first, each with what it yields."""
    at = timezone.now()
    known = moves.programme_of(wallet)
    offers = running(known.id)
    asking = payers.asking(offers, wallet=wallet, amount=1, store=store, channel=channel, at=at)
    every = [*offers, of_terms(known, known.terms(at))]
    most = known.terms(at).most_per_top_up
    pays = sorted({band.pay for offer in every if rules.why_not(offer, asking) is None for band in offer.bands})
    found = [
        among(offers, known=known, wallet=wallet, amount=pay, store=store, channel=channel, at=at)
        for pay in pays
        if most is None or pay <= most
    ]
    return [each for each in found if each.won]


def among(
    offers: Sequence[rules.Offer],
    *,
    known: Known,
    wallet: Wallet,
    amount: int,
    store: int | None,
    channel: Channel,
    at: datetime,
) -> Yield:
    """The yield under these offers and the bands of the terms."""
    terms = known.terms(at)
    every = [*offers, of_terms(known, terms)]
    asking = payers.asking(offers, wallet=wallet, amount=amount, store=store, channel=channel, at=at)
    choice = rules.choose(every, asking)
    others = tuple((offer, why) for offer, why in choice.others if offer.bands)
    return Yield(amount, choice.won, rules.next_band(every, asking, most=terms.most_per_top_up), others)


def offering(programmes: Collection[int]) -> set[int]:
    """Those of these programmes of which offers have not been stopped."""
    with posting.joined() as exchange:
        found = exchange.ask(OFFERING, [array(programmes)])
    return {row[0] for row in found.rows}


def running(programme: int) -> list[rules.Offer]:
    """Those of a programme that have not been stopped, as they stand."""
    return _as_they_stand(Offer.objects.filter(programme=programme, stopped_at=None))


def standing(numbers: Iterable[int]) -> list[rules.Offer]:
    """Those of these offers that still run, as they stand."""
    return _as_they_stand(Offer.objects.filter(pk__in=list(numbers), stopped_at=None))


def given_with(book: int, seq: int) -> tuple[Gift, ...]:
    """What an offer gave with a top-up, whole; nothing where the terms' own band was best."""
    use = OfferUse.objects.filter(book=book, seq=seq).first()
    return tuple(_gift(gift) for gift in OfferGift.objects.filter(band=use.band_id).order_by("pk")) if use else ()


def of_terms(known: Known, terms: Terms) -> rules.Offer:
    """The simplest offer: the bands that the programme's own terms promise to everybody, without end and without a budget."""
    bands = tuple(
        Band(str(band.id), band.pay, (Gift(kind=Kind.BONUS, amount=band.bonus, worth=band.bonus),)) for band in terms.bands
    )
    return rules.Offer(id=OF_THE_TERMS, name=known.name, bands=bands)


def ruled(offer: Offer, terms: OfferTerms) -> rules.Offer:
    """An offer as the rules see it."""
    return rules.Offer(
        id=offer.pk,
        name=offer.name,
        bands=_bands(terms),
        priority=terms.priority,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        stopped=Why(offer.stopped_because) if offer.stopped_at else None,
        left=offer.left,
        tiers=frozenset(terms.tiers),
        stores=frozenset(terms.stores),
        channels=frozenset(terms.channels),
        is_first_only=terms.is_first_only,
        most_uses=terms.most_uses,
    )


def band_of(band: OfferBand) -> Band:
    """A band as the rules see it."""
    return Band(f"{MARK}{band.pk}", band.pay, tuple(_gift(gift) for gift in band.gifts.all()))


def state_of(offer: rules.Offer, at: datetime) -> str:
    """`running`, or why it is not: `not_yet`, `over`, `stopped`, `budget`."""
    if offer.stopped is not None:
        return str(offer.stopped)
    if offer.starts_at is not None and at < offer.starts_at:
        return str(Why.NOT_YET)
    return str(Why.OVER) if offer.ends_at is not None and at >= offer.ends_at else RUNNING


def _as_they_stand(offers: QuerySet[Offer]) -> list[rules.Offer]:
    return [ruled(terms.offer, terms) for _number, terms in sorted(terms_of(offers).items())]


def _bands(terms: OfferTerms) -> tuple[Band, ...]:
    return tuple(band_of(band) for band in sorted(terms.bands.all(), key=lambda band: band.pay))


def _gift(gift: OfferGift) -> Gift:
    return Gift(
        id=gift.pk, kind=Kind(gift.kind), amount=gift.amount, worth=gift.worth, programme=gift.programme_id, code=gift.code,
        valid_days=gift.valid_days, parts=gift.parts, every=Every(gift.every) if gift.every else None,
    )  # fmt: skip


def _latest(offer: Offer) -> OfferTerms:
    return terms_of([offer])[offer.pk]


def _require(by: Actor, stores: Sequence[int]) -> None:
    """Whoever answers for some stores only may make offers that hold in those only."""
    require(by, MANAGE)
    if by.stores is not None and not (stores and by.stores.issuperset(stores)):
        raise OfferOfOtherStores


def _add_version(offer: Offer, version: int, conditions: Conditions, bands: Bands, by: Actor) -> OfferTerms:
    terms = OfferTerms.objects.create(
        offer=offer, version=version, priority=conditions.priority, starts_at=conditions.starts_at, ends_at=conditions.ends_at,
        tiers=sorted(set(conditions.tiers)), stores=sorted(set(conditions.stores)), channels=sorted(set(conditions.channels)),
        is_first_only=conditions.is_first_only, most_uses=conditions.most_uses, made_by=by.label,
    )  # fmt: skip
    for pay, gifts in bands:
        band = OfferBand.objects.create(terms=terms, pay=pay)
        OfferGift.objects.bulk_create(
            OfferGift(
                band=band, kind=gift.kind, amount=gift.amount, worth=gift.worth, programme_id=gift.programme, code=gift.code,
                valid_days=gift.valid_days, parts=gift.parts, every=gift.every or "",
            )
            for gift in gifts
        )  # fmt: skip
    return terms


def _check(programme: Programme, name_zh: str, budget: int | None, conditions: Conditions, bands: Bands) -> None:
    """Refuse what the tables would not take, by the name of what is wrong."""
    holds = (
        ("programme", programme.is_open and programme.kind == Programme.Kind.MONEY),
        ("name_zh", 0 < len(name_zh.strip()) <= 80),
        ("budget", budget is None or 0 < budget <= money.LARGEST),
        ("ends_at", conditions.ends_at is None or conditions.ends_at > conditions.starts_at),
        ("priority", -100 <= conditions.priority <= 100),
        ("most_uses", conditions.most_uses is None or 0 < conditions.most_uses <= 10_000),
        ("tiers", all(_CODE.fullmatch(tier) for tier in conditions.tiers)),
        ("channels", set(conditions.channels) <= set(Channel.values)),
        ("stores", Store.objects.filter(pk__in=set(conditions.stores)).count() == len(set(conditions.stores))),
        ("bands", 0 < len(bands) <= MOST_BANDS and len({pay for pay, _gifts in bands}) == len(bands)),
    )
    for field, is_right in holds:
        if not is_right:
            raise OfferUnusable(field=field)
    for pay, gifts in bands:
        money.check(pay)
        if not 0 < len(gifts) <= MOST_GIFTS or not all(_is_right(gift, programme) for gift in gifts):
            raise OfferUnusable(field="gifts")
    if not rules.rises(Band("", pay, tuple(gifts)) for pay, gifts in bands):
        raise OfferUnusable(field="bands")


def _is_right(gift: Gift, programme: Programme) -> bool:
    money.check(gift.amount)
    comes_well = 1 <= gift.parts <= min(MOST_PARTS, gift.amount) and (gift.parts > 1) == (gift.every is not None)
    has_worth = 0 <= gift.worth <= money.LARGEST and (gift.valid_days is None or 0 < gift.valid_days <= LONGEST_DAYS)
    if gift.kind is Kind.BONUS:
        is_kind = gift.worth == gift.amount and gift.programme is None and not gift.code
    elif gift.kind is Kind.LOT:
        others = Programme.objects.filter(pk=gift.programme or 0, is_open=True).exclude(asset=programme.asset)
        is_kind = not gift.code and others.exists()
    else:
        is_level = gift.kind is Kind.LEVEL
        is_kind = gift.programme is None and _CODE.fullmatch(gift.code) is not None and (gift.amount == 1 or not is_level)
    return comes_well and has_worth and is_kind
