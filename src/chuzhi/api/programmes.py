from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from chuzhi.api import named as ids
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.core.errors import NotFound
from chuzhi.wallets import programmes
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.programmes import Known

router = Router(tags=["Programmes"])


class ProgrammeUnknown(NotFound):
    code = "programme.unknown"
    message = _("There is no such programme.")


class BandOut(Schema):
    id: str = Field(examples=["4"], description="Send it as `offer` to sell what the customer was shown, or nothing")
    pay: int = Field(examples=[50000])
    bonus: int = Field(examples=[8000])


class ProgrammeOut(Schema):
    """One kind of stored value, with the terms in force now. Amounts in minor units; null is no limit."""

    id: str = Field(examples=["1"])
    code: str = Field(examples=["member"])
    name: str = Field(examples=["会员储值"])
    kind: str = Field(examples=["money"])
    currency: str = Field(examples=["CNY"])
    is_open: bool
    order: str = Field(description="Which lots pay first", examples=["principal_first"])
    most_per_charge: int | None
    most_per_top_up: int | None
    most_held: int | None
    stores: list[str] = Field(description="Where it can be used; empty: everywhere")
    offers: list[BandOut]


class ProgrammeList(Schema):
    items: list[ProgrammeOut]


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


def named(given: str) -> Programme:
    number = ids.number(given)
    found = None if number is None else Programme.objects.filter(pk=number).first()
    if found is None:
        raise ProgrammeUnknown
    return found


def asset_of(wallet: Wallet) -> str:
    return programmes.known(wallet.programme_id).asset_code


def _out(known: Known) -> dict[str, object]:
    terms = known.terms()
    return {
        "id": str(known.id),
        "code": known.code,
        "name": known.name,
        "kind": known.kind,
        "currency": known.asset_code,
        "is_open": known.is_open,
        "order": terms.order,
        "most_per_charge": terms.most_per_charge,
        "most_per_top_up": terms.most_per_top_up,
        "most_held": terms.most_held,
        "stores": sorted(str(store) for store in terms.stores),
        "offers": [{"id": str(band.id), "pay": band.pay, "bonus": band.bonus} for band in terms.bands],
    }
