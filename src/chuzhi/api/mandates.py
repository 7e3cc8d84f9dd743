from collections.abc import Mapping
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.core.errors import NotFound
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.topups import automatic, mandates, queries
from chuzhi.topups.mandate_texts import CURRENT, TEXTS
from chuzhi.topups.models import Mandate

router = Router(tags=["Automatic top-ups"])


class MandateIn(Asked):
    """What the customer agreed to, with the version of the text that they read."""

    wallet: Id = Field(examples=["40001"])
    account: str = Field(
        max_length=40, description="Code of the account at a provider that can charge later", examples=["wechat"]
    )
    trigger: Literal["monthly", "low"]
    amount: Amount = Field(examples=[50000])
    most_a_month: Amount = Field(examples=[100000])
    day: int | None = Field(None, ge=1, le=31, description="For `monthly`: the day, or the last one of a shorter month")
    floor: Amount | None = Field(None, description="For `low`: below this balance", examples=[5000])
    refills: bool = Field(default=False, description="true: charge what is missing up to `amount`")
    text_version: int = Field(examples=[1])

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "wallet": "40001", "account": "wechat", "trigger": "low", "amount": 50000, "most_a_month": 100000, "floor": 5000,
                    "text_version": 1,
                }
            ]
        }
    )  # fmt: skip


class ActIn(Asked):
    act: Literal["stop", "pause", "resume"] = Field(examples=["stop"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"act": "stop"}]})


class EventOut(Schema):
    at: str
    kind: str = Field(examples=["announced"])
    amount: int | None
    order: str | None
    reason: str


class MandateOut(Schema):
    number: str = Field(examples=["M4KX…"])
    wallet: str = Field(examples=["40001"])
    stage: str = Field(examples=["active"], description="`waiting`, `active`, `paused`, `ended`")
    trigger: str = Field(examples=["low"])
    amount: int
    most_a_month: int
    confirm_at: str = Field(description="Where the payer confirms it with the provider, while it waits for that")
    next_on: str | None = Field(description="The day of the next charge, where it is known")
    events: list[EventOut]


class TextOut(Schema):
    version: int = Field(examples=[1])
    text: str = Field(description="In the language of Accept-Language")


@router.get(
    "/mandate-text", auth=KeyAuth("payments:read"), response=TextOut, operation_id="getMandateText", summary="What is agreed to"
)
def text(request: ApiRequest) -> HttpResponse:
    return answers.respond({"version": CURRENT, "text": str(TEXTS[CURRENT])})


@router.post(
    "/mandates",
    auth=KeyAuth("topups:write"),
    response={201: MandateOut, 200: MandateOut},
    operation_id="createMandate",
    summary="A customer allows automatic top-ups",
    openapi_extra=NEEDED,
)
def agree(request: ApiRequest, asked: MandateIn) -> HttpResponse:
    """Nothing is charged until the payer has confirmed it at `confirm_at`.

    Refusals: `mandate.exists`, `mandate.text_outdated`, `mandate.day`, `payment.no_agreements`, `payment.account_unusable`,
    `amount.out_of_range`, `idempotency.key_reused`.
    """
    key = key_of(request)
    account = Account.objects.filter(code=asked.account).first()
    if account is None:
        raise NotFound
    mandate = mandates.agree(
        wallet=named.wallet(asked.wallet), account=account, trigger=Mandate.Trigger(asked.trigger), amount=asked.amount,
        most_a_month=asked.most_a_month, day=asked.day, floor=asked.floor, refills=asked.refills, text_version=asked.text_version,
        key=key, by=request.auth,
    )  # fmt: skip
    return answers.made(_told(mandates.confirm(mandate, scene=Scene.PAGE)), replayed=mandate.is_replayed)


@router.get(
    "/mandates/{number}", auth=KeyAuth("payments:read"), response=MandateOut, operation_id="getMandate", summary="One of them"
)
def mandate(request: ApiRequest, number: str) -> HttpResponse:
    """With its whole story, the latest event first."""
    return answers.respond(_told(_named(number)))


@router.post(
    "/mandates/{number}/acts",
    auth=KeyAuth("topups:write"),
    response={200: MandateOut},
    operation_id="actOnMandate",
    summary="Stop it, pause it, let it go on",
)
def act(request: ApiRequest, number: str, asked: ActIn) -> HttpResponse:
    """Stopped, nothing is begun any more from that moment. Safe to repeat. Refusals: `mandate.over`."""
    commands = {"stop": mandates.stop, "pause": mandates.pause, "resume": mandates.resume}
    commands[asked.act](mandate=_named(number), by=request.auth)
    return answers.respond(_told(_named(number)))


def _told(mandate: Mandate) -> Mapping[str, Any]:
    waits = mandate.stage == Mandate.Stage.WAITING and mandate.agreement is not None
    coming = automatic.upcoming(mandate) if mandate.stage == Mandate.Stage.ACTIVE else None
    return {
        "number": mandate.number,
        "wallet": str(mandate.wallet_id),
        "stage": mandate.stage,
        "trigger": mandate.trigger,
        "amount": mandate.amount,
        "most_a_month": mandate.most_a_month,
        "confirm_at": mandate.agreement.started.get("url", "") if waits and mandate.agreement else "",
        "next_on": coming.on.isoformat() if coming and coming.on else None,
        "events": [
            {
                "at": answers.moment(event.at), "kind": event.kind, "amount": event.amount, "reason": event.reason,
                "order": event.order.number if event.order else None,
            }
            for event in mandate.events.select_related("order").order_by("-pk")[:100]
        ],
    }  # fmt: skip


def _named(number: str) -> Mandate:
    found = queries.every_mandate().filter(number=number[:32]).first()
    if found is None:
        raise NotFound
    return found
