from http import HTTPStatus
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from chuzhi.api import answers, fields
from chuzhi.api import named as ids
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked
from chuzhi.core.errors import NotFound
from chuzhi.wallets import programmes
from chuzhi.wallets.models import Programme, ProgrammeTerms, Wallet
from chuzhi.wallets.programmes import LONGEST_DAYS, Known, Promised
from chuzhi.wallets.rules import Terms

MOST_OFFERS = 50
MOST_STORES = 10_000

router = Router(tags=["Programmes"])

Days = Annotated[int, Field(strict=True, gt=0, le=LONGEST_DAYS, description="Whole days after the day of the top-up")]


class ProgrammeUnknown(NotFound):
    code = "programme.unknown"
    message = _("There is no such programme.")


class BandOut(Schema):
    id: str = Field(examples=["4"], description="Send it as `offer` to sell what the customer was shown, or nothing")
    pay: int = Field(examples=[50000])
    bonus: int = Field(examples=[8000])


class TermsOut(Schema):
    """One version of what a programme promises. Amounts in minor units; null is no limit, and no end of validity."""

    version: int = Field(examples=[1])
    accepted_from: str = Field(examples=["2026-03-01T00:00:00.000000+08:00"])
    order: str = Field(description="Which lots pay first", examples=["principal_first"])
    refund_order: str = Field(description="Which lots a partial refund fills first", examples=["last_first"])
    refund_grace_days: int = Field(examples=[30])
    most_per_charge: int | None
    most_charged_a_day: int | None
    most_per_top_up: int | None
    most_topped_up_a_day: int | None
    most_held: int | None
    most_per_gift: int | None = Field(description="Given away by a link; null: gifts are not offered")
    principal_valid_days: int | None
    bonus_valid_days: int | None
    stores: list[str] = Field(description="Where it can be used; empty: everywhere")
    categories: list[str] = Field(description="Of products that it pays for, with those inside them; empty: everything")
    offers: list[BandOut]


class ProgrammeOut(TermsOut):
    """One kind of stored value, with the terms in force now."""

    id: str = Field(examples=["1"])
    code: str = Field(examples=["member"])
    name: str = Field(examples=["会员储值"])
    kind: str = Field(examples=["money"])
    currency: str = Field(examples=["CNY"])
    is_open: bool


class ProgrammeList(Schema):
    items: list[ProgrammeOut]


class BandIn(Asked):
    pay: Amount
    bonus: Amount


class TermsIn(Asked):
    """The whole of the terms: what is not given is as here, not as in the version before."""

    order: Literal["principal_first", "bonus_first", "proportional", "soonest_expiry"] = "principal_first"
    refund_order: Literal["last_first", "proportional"] = "last_first"
    refund_grace_days: int = Field(30, ge=0, le=LONGEST_DAYS, description="How long value that had expired can be spent again")
    most_per_charge: Amount | None = None
    most_charged_a_day: Amount | None = None
    most_per_top_up: Amount | None = None
    most_topped_up_a_day: Amount | None = None
    most_held: Amount | None = None
    most_per_gift: Amount | None = Field(None, description="Given away by a link; null: gifts are not offered")
    principal_valid_days: Days | None = None
    bonus_valid_days: Days | None = None
    stores: list[fields.Id] = Field([], max_length=MOST_STORES, description="Where it can be used; empty: everywhere")
    categories: list[fields.Id] = Field([], max_length=MOST_STORES, description="What it pays for; empty: everything")
    offers: list[BandIn] = Field([], max_length=MOST_OFFERS, description="The highest that a top-up reaches is given, once")
    accepted_from: fields.Moment | None = Field(None, description="In force from; without it, from now")


class ProgrammeIn(TermsIn):
    code: str = Field(pattern="^[A-Za-z0-9_-]{1,40}$", max_length=40, examples=["member"])
    name: str = Field(min_length=1, max_length=80, examples=["会员储值"])
    currency: str = Field(
        pattern="^([A-Z]{3}|POINTS|VISITS:[a-z0-9-]{1,32})$",
        max_length=40,
        description="An ISO 4217 code, `POINTS`, or `VISITS:` and the service",
        examples=["CNY"],
    )


@router.get(
    "/programmes",
    auth=KeyAuth("wallets:read"),
    response=ProgrammeList,
    operation_id="listProgrammes",
    summary="List programmes and their offers",
)
def list_programmes(request: ApiRequest) -> dict[str, object]:
    """What wallets can be opened in, and which bonus a top-up reaches."""
    numbers = Programme.objects.order_by("code").values_list("pk", flat=True)
    return {"items": [_out(programmes.known(number)) for number in numbers]}


@router.get(
    "/programmes/{programme}",
    auth=KeyAuth("wallets:read"),
    response=ProgrammeOut,
    operation_id="getProgramme",
    summary="One programme and its offers",
)
def get_programme(request: ApiRequest, programme: str) -> dict[str, object]:
    """The terms in force now."""
    return _out(programmes.known(named(programme).pk))


@router.post(
    "/programmes",
    auth=KeyAuth("programmes:write"),
    response={201: ProgrammeOut},
    operation_id="createProgramme",
    summary="Open a programme",
)
def create_programme(request: ApiRequest, asked: ProgrammeIn) -> HttpResponse:
    """With the first version of its terms. The code is taken once: sent again, it is refused."""
    made = programmes.open(
        code=asked.code, name=asked.name, asset=asked.currency, by=request.auth, **_promised(asked)
    )  # fmt: skip
    return answers.respond(_out(programmes.known(made.pk)), HTTPStatus.CREATED)


@router.post(
    "/programmes/{programme}/terms",
    auth=KeyAuth("programmes:write"),
    response={201: TermsOut},
    operation_id="createTerms",
    summary="Give a programme new terms",
)
def create_terms(request: ApiRequest, programme: str, asked: TermsIn) -> HttpResponse:
    """A new version of the whole terms. What was sold keeps its expiry. Sent twice it makes two versions that say the same."""
    found = named(programme)
    made = programmes.revise(programme=found, by=request.auth, **_promised(asked))
    versions = programmes.known(found.pk).versions
    return answers.respond(_terms(next(terms for terms in versions if terms.id == made.pk)), HTTPStatus.CREATED)


@router.post(
    "/programmes/{programme}/close",
    auth=KeyAuth("programmes:write"),
    response=ProgrammeOut,
    operation_id="closeProgramme",
    summary="Close a programme to new value",
)
def close_programme(request: ApiRequest, programme: str) -> HttpResponse:
    """What is held can still be spent and refunded. Closing again changes nothing."""
    found = named(programme)
    programmes.close(programme=found, by=request.auth)
    return answers.respond(_out(programmes.known(found.pk)))


def named(given: str) -> Programme:
    number = ids.number(given)
    found = None if number is None else Programme.objects.filter(pk=number).first()
    if found is None:
        raise ProgrammeUnknown
    return found


def asset_of(wallet: Wallet) -> str:
    return programmes.known(wallet.programme_id).asset_code


def _promised(asked: TermsIn) -> Promised:
    promised = Promised(
        order=asked.order,
        refund_order=asked.refund_order,
        refund_grace_days=asked.refund_grace_days,
        most_per_charge=asked.most_per_charge,
        most_charged_a_day=asked.most_charged_a_day,
        most_per_top_up=asked.most_per_top_up,
        most_topped_up_a_day=asked.most_topped_up_a_day,
        most_held=asked.most_held,
        most_per_gift=asked.most_per_gift,
        principal_valid_days=asked.principal_valid_days,
        bonus_valid_days=asked.bonus_valid_days,
        stores=[int(store) for store in asked.stores],
        categories=[int(category) for category in asked.categories],
        bands=[(band.pay, band.bonus) for band in asked.offers],
    )
    if asked.accepted_from is not None:
        promised["accepted_from"] = asked.accepted_from
    return promised


def _out(known: Known) -> dict[str, object]:
    return {
        "id": str(known.id),
        "code": known.code,
        "name": known.name,
        "kind": known.kind,
        "currency": known.asset_code,
        "is_open": known.is_open,
    } | _terms(known.terms())


def _terms(terms: Terms) -> dict[str, object]:
    orders = ProgrammeTerms.RefundOrder
    return {
        "version": terms.version,
        "accepted_from": answers.moment(terms.accepted_from),
        "order": terms.order,
        "refund_order": str(orders.PROPORTIONAL if terms.refunds_in_proportion else orders.LAST_FIRST),
        "refund_grace_days": terms.refund_grace_days,
        "most_per_charge": terms.most_per_charge,
        "most_charged_a_day": terms.most_charged_a_day,
        "most_per_top_up": terms.most_per_top_up,
        "most_topped_up_a_day": terms.most_topped_up_a_day,
        "most_held": terms.most_held,
        "most_per_gift": terms.most_per_gift,
        "principal_valid_days": terms.principal_valid_days,
        "bonus_valid_days": terms.bonus_valid_days,
        "stores": sorted(str(store) for store in terms.stores),
        "categories": sorted(str(category) for category in terms.categories),
        "offers": [{"id": str(band.id), "pay": band.pay, "bonus": band.bonus} for band in terms.bands],
    }
