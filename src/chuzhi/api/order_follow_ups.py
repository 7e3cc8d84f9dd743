"""How orders are followed up that nobody pays, and how long it takes from a payment to a balance."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.payments import methods
from chuzhi.topups import follow_ups, speed
from chuzhi.topups.models import FollowUp

router = Router(tags=["Orders"])
LONGEST = follow_ups.LONGEST_HOURS


class FollowUpIn(Asked):
    remind_after: list[Annotated[int, Field(strict=True, gt=0, le=LONGEST * 60)]] = Field(
        max_length=follow_ups.MOST_REMINDERS, description="Minutes from the order", examples=[[15, 1440]]
    )
    asked_open_hours: Annotated[int, Field(strict=True, gt=0, le=LONGEST)] = Field(examples=[72])

    model_config = ConfigDict(json_schema_extra={"examples": [{"remind_after": [15, 1440], "asked_open_hours": 72}]})


class FollowUpOut(Schema):
    """Customers are reminded until they pay, somebody cancels, or the order is over."""

    remind_after: list[int] = Field(description="Minutes from the order", examples=[[15, 1440]])
    asked_open_hours: int = Field(description="How long an order stays open that staff made for a customer", examples=[72])


class SpeedOut(Schema):
    """Of one account at a provider, in seconds from the payment to the credit."""

    account: str = Field(examples=["WeChat Pay"])
    method: str = Field(examples=["wechat"])
    credited: int = Field(examples=[1200])
    within_target: int = Field(examples=[1198])
    median_seconds: float = Field(examples=[0.8])
    p95_seconds: float = Field(examples=[2.4])
    target_seconds: int = Field(description="What payers are promised", examples=[60])
    is_met: bool = Field(description="Nineteen of twenty in time")


class SpeedList(Schema):
    items: list[SpeedOut]


@router.get(
    "/order-follow-up",
    auth=KeyAuth("notices:write"),
    response=FollowUpOut,
    operation_id="getOrderFollowUp",
    summary="When customers are reminded of what they have not paid",
)
def get_follow_up(request: ApiRequest) -> HttpResponse:
    return answers.respond(_told(follow_ups.current()))


@router.post(
    "/order-follow-up",
    auth=KeyAuth("notices:write"),
    response=FollowUpOut,
    operation_id="setOrderFollowUp",
    summary="Remind them at other times",
)
def set_follow_up(request: ApiRequest, asked: FollowUpIn) -> HttpResponse:
    """Holds at once, for open orders too. Refusals: `order.follow_up`."""
    changed = follow_ups.change(remind_after=asked.remind_after, asked_open_hours=asked.asked_open_hours, by=request.auth)
    return answers.respond(_told(changed))


@router.get(
    "/time-to-credit",
    auth=KeyAuth("payments:read"),
    response=SpeedList,
    operation_id="getTimeToCredit",
    summary="How long it takes from a payment to a balance",
)
def time_to_credit(request: ApiRequest, days: Annotated[int, Query(gt=0, le=speed.MOST_DAYS)] = 30) -> HttpResponse:
    """By way of paying, of orders paid in the last days. The busiest way first."""
    return answers.respond(
        {
            "items": [
                {
                    "account": row.account,
                    "method": methods.name(row.method),
                    "credited": row.credited,
                    "within_target": row.within,
                    "median_seconds": row.median_seconds,
                    "p95_seconds": row.slow_seconds,
                    "target_seconds": row.target_seconds,
                    "is_met": row.is_met,
                }
                for row in speed.of(days=days, by=request.auth)
            ]
        }
    )


def _told(row: FollowUp) -> dict[str, object]:
    return {"remind_after": row.remind_after, "asked_open_hours": row.asked_open_hours}
