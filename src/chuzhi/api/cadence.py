from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.core import money
from chuzhi.workforce import cadence, tasks
from chuzhi.workforce.errors import CadenceUnknown
from chuzhi.workforce.models import Cadence

router = Router(tags=["Customers"])


class CadenceIn(Asked):
    tier: str = Field("", max_length=cadence.LONGEST_TIER, description="Empty: customers of any tier")
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["CNY"])
    at_least: int = Field(ge=0, le=money.LARGEST, description="Minor units that a customer holds; 0: whatever they hold")
    every_days: int = Field(ge=1, le=cadence.MOST_DAYS, examples=[30])
    what: str = Field(min_length=1, max_length=tasks.LONGEST, examples=["Call and ask how it is"])


class CadenceOut(Schema):
    id: str = Field(examples=["3"])
    tier: str | None
    currency: str = Field(examples=["CNY"])
    at_least: int = Field(examples=[500000])
    every_days: int = Field(examples=[30])
    what: str


class CadenceList(Schema):
    items: list[CadenceOut]


@router.get(
    "/cadence", auth=KeyAuth("customers:read"), response=CadenceList,
    operation_id="listCadence", summary="How often customers are followed up",
)  # fmt: skip
def list_rules(request: ApiRequest) -> dict[str, object]:
    """The shortest first. Of several that a customer meets, the shortest holds."""
    return {"items": [_told(row) for row in cadence.visible_to(request.auth)]}


@router.post(
    "/cadence", auth=KeyAuth("cadence:write"), response={200: CadenceOut},
    operation_id="setCadence", summary="Say how often customers are followed up",
)  # fmt: skip
def set_rule(request: ApiRequest, asked: CadenceIn) -> HttpResponse:
    """A second one for the same tier and amount takes the place of the first. Refusals: `cadence.unusable`."""
    return answers.respond(_told(cadence.set_rule(by=request.auth, **asked.model_dump())))


@router.post(
    "/cadence/{rule}/lift", auth=KeyAuth("cadence:write"), response={204: None},
    operation_id="liftCadence", summary="Lift a rule for follow-ups",
)  # fmt: skip
def lift(request: ApiRequest, rule: str) -> HttpResponse:
    """Follow-ups that wait stay. Refusals: `cadence.unknown`."""
    found = cadence.visible_to(request.auth).filter(pk=named.number(rule) or 0).first()
    if found is None:
        raise CadenceUnknown
    cadence.lift(rule=found, by=request.auth)
    return HttpResponse(status=204)


def _told(rule: Cadence) -> dict[str, Any]:
    plain = {name: getattr(rule, name) for name in ("currency", "at_least", "every_days", "what")}
    return plain | {"id": str(rule.pk), "tier": rule.tier or None}
