from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from chuzhi.api import answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.privacy import retention
from chuzhi.privacy.retention import LEAST, MOST, InForce

router = Router(tags=["Customers"])


class RetentionIn(Asked):
    months: int | None = Field(ge=LEAST, le=MOST, description="null: kept until somebody says otherwise", examples=[60])


class RetentionOut(Schema):
    kind: str = Field(examples=["customers"])
    months: int | None = Field(description="null: kept until somebody says otherwise", examples=[60])
    least: int = Field(description="Months below which it cannot be set, by law or because it is still needed", examples=[60])
    law: str | None = Field(description="The rule that wants it kept", examples=["cn.register"])
    version: int = Field(description="0: nobody has said anything")


class RetentionList(Schema):
    items: list[RetentionOut]


class DueOut(Schema):
    count: int = Field(description="Rows that are past the time, counted up to 10,001", examples=[12])
    before: datetime


@router.get(
    "/retention", auth=KeyAuth("audit:read"), response=RetentionList,
    operation_id="listRetention", summary="How long personal data is kept, kind by kind",
)  # fmt: skip
def list_kinds(request: ApiRequest) -> HttpResponse:
    return answers.respond({"items": [_told(each) for each in retention.in_force().values()]})


@router.post(
    "/retention/{kind}", auth=KeyAuth("privacy:write"), response=RetentionOut,
    operation_id="setRetention", summary="Say how long a kind of personal data is kept",
)  # fmt: skip
def change(request: ApiRequest, kind: str, asked: RetentionIn) -> HttpResponse:
    """From the coming night on, what is past the time is removed for good.

    Refusals: `retention.unknown`, `retention.changed`, `pack.refused` where law wants it kept for longer.
    """
    retention.change(kind=kind, months=asked.months, by=request.auth)
    return answers.respond(_told(retention.of(kind)))


@router.get(
    "/retention/{kind}/due", auth=KeyAuth("audit:read"), response=DueOut,
    operation_id="countDueForRemoval", summary="How much of a kind would be past a time",
)  # fmt: skip
def due(request: ApiRequest, kind: str, months: Annotated[int, Query(ge=LEAST, le=MOST)]) -> HttpResponse:
    """Keeps nothing. Customers are counted before their wallets are asked, so fewer of them may go. Refusals: `retention.unknown`."""
    retention.of(kind)
    return answers.respond({"count": retention.due(kind, months), "before": retention.before(months)})


def _told(now: InForce) -> dict[str, Any]:
    law = now.law.id if now.law else None
    return {"kind": now.name, "months": now.months, "least": now.least, "law": law, "version": now.version}
