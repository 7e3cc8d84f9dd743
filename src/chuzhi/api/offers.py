from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, fields, named, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.core import money
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import offers
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, OfferTerms
from chuzhi.topups.offer_errors import OfferUnknown
from chuzhi.topups.offer_models import MOST_PARTS
from chuzhi.topups.offer_rules import Every, Gift, Kind
from chuzhi.topups.offers import MOST_BANDS, MOST_GIFTS, OF_THE_TERMS, Bands, Conditions, Yield
from chuzhi.wallets.programmes import LONGEST_DAYS

router = Router(tags=["Offers"])

Worth = Annotated[int, Field(strict=True, ge=0, le=money.LARGEST)]
Code = Annotated[str, Field(pattern="^([A-Za-z0-9][A-Za-z0-9_-]{0,39})?$", max_length=40)]
Days = Annotated[int, Field(strict=True, gt=0, le=LONGEST_DAYS)]
Way = Annotated[str, Field(pattern=f"^({'|'.join(Channel.values)})$", examples=["web"])]
MOST_LISTED = 1_000


class OfferGiftIn(Asked):
    """One thing that a band gives. Bonus is worth itself; of anything else, say what it costs the shop."""

    kind: Literal["bonus", "lot", "coupon", "level"] = "bonus"
    amount: Amount = Field(1, description="Minor units of bonus, points, visits, coupons; of a level, 1", examples=[8000])
    worth: Worth | None = Field(
        None, description="What the whole of it costs, in minor units; of bonus, the bonus", examples=[None]
    )
    programme: Id | None = Field(None, description="For `lot`: the programme that it is a lot of", examples=[None])
    code: Code = Field("", description="For `coupon` and `level`")
    valid_days: Days | None = None
    parts: int = Field(1, strict=True, ge=1, le=MOST_PARTS, description="Given in so many parts, the first at once")
    every: Literal["day", "week", "month"] | None = Field(None, description="With more than one part: how often one is due")


class OfferBandIn(Asked):
    pay: Amount = Field(examples=[50000])
    gifts: list[OfferGiftIn] = Field(min_length=1, max_length=MOST_GIFTS)


class OfferTermsIn(Asked):
    """The whole of an offer: what is not given is as here, not as in the version before. Empty lists are no condition."""

    name_zh: str = Field(min_length=1, max_length=80, examples=["春季充值"])
    name_en: str = Field("", max_length=80, examples=["Spring top-up"])
    budget: Amount | None = Field(None, description="The offer stops before it promises more than this; null: no budget")
    starts_at: fields.Moment | None = Field(None, description="Without it: now")
    ends_at: fields.Moment | None = None
    priority: int = Field(0, strict=True, ge=-100, le=100, description="The highest wins; among equals the one worth most")
    tiers: list[Code] = Field([], max_length=50)
    stores: list[Id] = Field([], max_length=10_000)
    channels: list[Way] = Field([], max_length=20, description="By which ways a top-up may come in")
    first_only: bool = Field(default=False, description="Only for a customer's first top-up in the programme")
    most_uses: int | None = Field(None, strict=True, gt=0, le=10_000, description="By one customer")
    bands: list[OfferBandIn] = Field(min_length=1, max_length=MOST_BANDS)

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name_zh": "春季充值", "bands": [{"pay": 50000, "gifts": [{"kind": "bonus", "amount": 8000}]}]}]
        }
    )


class OfferIn(OfferTermsIn):
    programme: Id = Field(examples=["1"])

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "programme": "1",
                    "name_zh": "春季充值",
                    "bands": [{"pay": 50000, "gifts": [{"kind": "bonus", "amount": 8000}]}],
                }
            ]
        }
    )


class GiftOut(Schema):
    kind: str = Field(examples=["bonus"])
    amount: int = Field(examples=[8000])
    worth: int = Field(examples=[8000])
    programme: str | None
    code: str
    valid_days: int | None
    parts: int
    every: str | None
    at_once: int = Field(description="What of it comes with the top-up", examples=[8000])


class OfferBandOut(Schema):
    mark: str = Field(examples=["offer-7"], description="Send it as `offer` with a top-up, to give what was shown, or nothing")
    pay: int = Field(examples=[50000])
    gifts: list[GiftOut]


class OfferOut(Schema):
    """An offer as it stands. `given` is the worth of all that top-ups were given, `reserved` of what unpaid orders were promised."""

    id: str = Field(examples=["3"])
    programme: str = Field(examples=["1"])
    name_zh: str
    name_en: str
    version: int
    state: str = Field(description="`running`, `not_yet`, `over`, `stopped`, `budget`", examples=["running"])
    budget: int | None
    given: int
    reserved: int = Field(description="Kept for orders that are not paid yet", examples=[8000])
    left: int | None = Field(description="What the budget still allows: neither given nor reserved", examples=[None])
    uses: int
    starts_at: str
    ends_at: str | None
    priority: int
    tiers: list[str]
    stores: list[str]
    channels: list[str]
    first_only: bool
    most_uses: int | None
    bands: list[OfferBandOut]


class OfferList(Schema):
    items: list[OfferOut]


class NextOut(Schema):
    """Pay `add` more and get gifts worth `more` more."""

    add: int = Field(examples=[2000])
    more: int = Field(examples=[8000])
    offer: str | None
    gifts: list[GiftOut]


class NotGivenOut(Schema):
    offer: str
    name: str
    why: str = Field(
        description="`stopped`, `budget`, `not_yet`, `over`, `store`, `channel`, `bearer`, `tier`, `not_first`, `used_up`, "
        "`below`, `outdone`, `waiting`"
    )


class YieldOut(Schema):
    """What an amount yields now: of the one offer that is given. It promises nothing until the top-up is made."""

    amount: int = Field(examples=[50000])
    mark: str | None = Field(description="What the customer is shown: send it as `offer` with the top-up")
    offer: str | None = Field(description="null: what the programme's own terms give, or nothing")
    bonus: int = Field(description="All the bonus, at once and later", examples=[8000])
    bonus_at_once: int = Field(examples=[8000])
    gifts: list[GiftOut]
    next: NextOut | None
    not_given: list[NotGivenOut]


class PreviewAsked(Schema):
    wallet: Id
    amount: Annotated[int, Field(gt=0, le=money.LARGEST)]
    store: Id | None = None
    channel: Channel = Channel.COUNTER


@router.get("/offers", auth=KeyAuth("offers:read"), response=OfferList, operation_id="listOffers", summary="List top-up offers")
def list_offers(request: ApiRequest) -> HttpResponse:
    """Newest first, the stopped and the past ones too, up to a thousand."""
    found = list(offers.visible_to(request.auth)[:MOST_LISTED])
    terms = offers.terms_of(found)
    return answers.respond({"items": [_told(offer, terms[offer.pk]) for offer in found]})


@router.get(
    "/offers/preview",
    auth=KeyAuth("offers:read"),
    response=YieldOut,
    operation_id="previewOffers",
    summary="What a top-up of an amount would yield",
)
def preview(request: ApiRequest, asked: Query[PreviewAsked]) -> HttpResponse:
    """The offer that would be given, what a little more would bring, and why the others are not given."""
    found = offers.preview(
        wallet=named.wallet(asked.wallet), amount=asked.amount, store=fields.number(asked.store), channel=asked.channel
    )
    return answers.respond(_yield(found))


@router.get(
    "/offers/{offer}", auth=KeyAuth("offers:read"), response=OfferOut, operation_id="getOffer", summary="One top-up offer"
)
def get_offer(request: ApiRequest, offer: str) -> HttpResponse:
    """With the version of its terms that is in force."""
    return _answer(_named(offer, request))


@router.post(
    "/offers", auth=KeyAuth("offers:write"), response={201: OfferOut}, operation_id="createOffer", summary="Make a top-up offer"
)
def create(request: ApiRequest, asked: OfferIn) -> HttpResponse:
    """Sent twice it makes two offers that say the same; a top-up is given the better one, once.

    Refusals: `offer.unusable`, `offer.other_stores`, `programme.unknown`.
    """
    made = offers.add(
        programme=programmes.named(asked.programme), name_zh=asked.name_zh, name_en=asked.name_en, budget=asked.budget,
        conditions=_conditions(asked), bands=_bands(asked), by=request.auth,
    )  # fmt: skip
    return _answer(made, HTTPStatus.CREATED)


@router.post(
    "/offers/{offer}/terms",
    auth=KeyAuth("offers:write"),
    response={201: OfferOut},
    operation_id="changeOffer",
    summary="Give an offer new terms",
)
def change(request: ApiRequest, offer: str, asked: OfferTermsIn) -> HttpResponse:
    """A new version of the whole. What was promised before is kept, and counts against the budget.

    Refusals: `offer.unusable`, `offer.other_stores`.
    """
    changed = offers.change(
        offer=_named(offer, request), name_zh=asked.name_zh, name_en=asked.name_en, budget=asked.budget,
        conditions=_conditions(asked), bands=_bands(asked), by=request.auth,
    )  # fmt: skip
    return _answer(changed, HTTPStatus.CREATED)


@router.post(
    "/offers/{offer}/stop", auth=KeyAuth("offers:write"), response=OfferOut, operation_id="stopOffer", summary="Stop an offer"
)
def stop(request: ApiRequest, offer: str) -> HttpResponse:
    """Nothing is promised any more; what was promised is still released. Stopping again changes nothing."""
    return _answer(offers.stop(offer=_named(offer, request), by=request.auth))


@router.post(
    "/offers/{offer}/resume",
    auth=KeyAuth("offers:write"),
    response=OfferOut,
    operation_id="resumeOffer",
    summary="Go on with a stopped offer",
)
def resume(request: ApiRequest, offer: str) -> HttpResponse:
    """Refusals: `offer.spent`, `offer.other_stores`."""
    return _answer(offers.resume(offer=_named(offer, request), by=request.auth))


def _named(given: str, request: ApiRequest) -> Offer:
    number = named.number(given)
    found = None if number is None else offers.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise OfferUnknown
    return found


def _conditions(asked: OfferTermsIn) -> Conditions:
    return Conditions(
        starts_at=asked.starts_at or timezone.now(),
        ends_at=asked.ends_at,
        priority=asked.priority,
        tiers=asked.tiers,
        stores=[int(store) for store in asked.stores],
        channels=asked.channels,
        is_first_only=asked.first_only,
        most_uses=asked.most_uses,
    )


def _bands(asked: OfferTermsIn) -> Bands:
    return [(band.pay, [_gift(gift) for gift in band.gifts]) for band in asked.bands]


def _gift(gift: OfferGiftIn) -> Gift:
    kind = Kind(gift.kind)
    worth = gift.amount if kind is Kind.BONUS and gift.worth is None else gift.worth or 0
    return Gift(
        kind=kind, amount=gift.amount, worth=worth, programme=fields.number(gift.programme), code=gift.code,
        valid_days=gift.valid_days, parts=gift.parts, every=Every(gift.every) if gift.every else None,
    )  # fmt: skip


def _answer(offer: Offer, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return answers.respond(_told(offer, offers.terms_of([offer])[offer.pk]), status)


def _told(offer: Offer, terms: OfferTerms) -> dict[str, Any]:
    ruled = offers.ruled(offer, terms)
    return {
        "id": str(offer.pk),
        "programme": str(offer.programme_id),
        "name_zh": offer.name_zh,
        "name_en": offer.name_en,
        "version": terms.version,
        "state": offers.state_of(ruled, timezone.now()),
        "budget": offer.budget,
        "given": offer.given,
        "reserved": offer.reserved,
        "left": offer.left,
        "uses": offer.uses,
        "starts_at": answers.moment(terms.starts_at),
        "ends_at": _moment(terms.ends_at),
        "priority": terms.priority,
        "tiers": terms.tiers,
        "stores": [str(store) for store in terms.stores],
        "channels": terms.channels,
        "first_only": terms.is_first_only,
        "most_uses": terms.most_uses,
        "bands": [{"mark": band.mark, "pay": band.pay, "gifts": _gifts(band.gifts)} for band in ruled.bands],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else answers.moment(at)


def _gifts(gifts: tuple[Gift, ...]) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(gift.kind), "amount": gift.amount, "worth": gift.worth, "code": gift.code, "parts": gift.parts,
            "programme": str(gift.programme) if gift.programme else None, "valid_days": gift.valid_days,
            "every": str(gift.every) if gift.every else None, "at_once": gift.at_once,
        }
        for gift in gifts
    ]  # fmt: skip


def _yield(found: Yield) -> dict[str, Any]:
    ahead = found.ahead
    return {
        "amount": found.amount,
        "mark": found.mark,
        "offer": _number(found.won.offer) if found.won else None,
        "bonus": found.bonus,
        "bonus_at_once": found.bonus_at_once,
        "gifts": _gifts(found.gifts),
        "next": ahead
        and {
            "add": ahead.add,
            "more": ahead.more,
            "offer": _number(ahead.won.offer),
            "gifts": _gifts(ahead.won.band.gifts),
        },
        "not_given": [
            {"offer": str(offer.id), "name": offer.name, "why": str(why)}
            for offer, why in found.others
            if offer.id != OF_THE_TERMS
        ],
    }


def _number(offer: rules.Offer) -> str | None:
    return None if offer.id == OF_THE_TERMS else str(offer.id)
