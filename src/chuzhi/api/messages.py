from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, pages
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Id
from chuzhi.api.pages import Limit
from chuzhi.messaging import outbox, queries
from chuzhi.messaging.errors import DeliveryUnknown
from chuzhi.messaging.models import Delivery

router = Router(tags=["Messages"])
STATES = "|".join(Delivery.State.values)


class DeliveryOut(Schema):
    """One message by one channel. The text is for people and is not told to programs."""

    id: str = Field(examples=["88"])
    kind: str = Field(examples=["top_up.receipt"])
    subject: str = Field(examples=["operation:12-345"])
    customer: str | None = Field(examples=["30001"])
    staff: str | None = Field(examples=[None])
    channel: str = Field(examples=["email"])
    state: str = Field(examples=["sent"], description="`waiting`, `sending`, `sent`, `failed`, `skipped` or `unknown`")
    attempts: int = Field(examples=[1])
    fault: str | None = Field(examples=[None])
    made_at: str
    ended_at: str | None


class DeliveryList(Schema):
    items: list[DeliveryOut]
    next_cursor: str | None


@router.get(
    "/messages",
    auth=KeyAuth("messages:read"),
    response=DeliveryList,
    operation_id="listMessages",
    summary="What was sent to whom",
)
def list_messages(
    request: ApiRequest,
    state: Annotated[str | None, Query(pattern=f"^({STATES})$")] = None,
    customer: Annotated[Id | None, Query()] = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Newest first."""
    before, found = pages.place_of(cursor), queries.visible_to(request.auth)
    found = found.filter(pk__lt=before) if before else found
    found = found.filter(state=state) if state else found
    rows = list((found.filter(message__customer=int(customer)) if customer else found)[: limit + 1])
    following = pages.cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return answers.respond({"items": [_told(row) for row in rows[:limit]], "next_cursor": following})


@router.get(
    "/messages/{number}",
    auth=KeyAuth("messages:read"),
    response=DeliveryOut,
    operation_id="getMessage",
    summary="How one message fared",
)
def get_message(request: ApiRequest, number: str) -> HttpResponse:
    return answers.respond(_told(delivery_named(request, number)))


@router.post(
    "/messages/{number}/resend",
    auth=KeyAuth("messages:write"),
    response=DeliveryOut,
    operation_id="resendMessage",
    summary="Send a message again",
)
def resend(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Refusals: `message.unknown`, `message.on_its_way`."""
    return answers.respond(_told(outbox.resend(delivery=delivery_named(request, number), by=request.auth)))


def delivery_named(request: ApiRequest, given: str) -> Delivery:
    number = named.number(given)
    found = queries.visible_to(request.auth).filter(pk=number).first() if number else None
    if found is None:
        raise DeliveryUnknown
    return found


def _told(row: Delivery) -> dict[str, Any]:
    message = row.message
    return {
        "id": str(row.pk),
        "kind": message.kind,
        "subject": message.subject,
        "customer": str(message.customer_id) if message.customer_id else None,
        "staff": str(message.staff_id) if message.staff_id else None,
        "channel": row.channel,
        "state": row.state,
        "attempts": row.attempts,
        "fault": row.fault or None,
        "made_at": answers.moment(message.made_at),
        "ended_at": answers.moment(row.ended_at) if row.ended_at else None,
    }
