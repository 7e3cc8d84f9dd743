"""Which programs are told, for programs that set themselves up."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named, pages
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.webhooks import calls, endpoints, sending
from chuzhi.webhooks.errors import EndpointUnknown
from chuzhi.webhooks.models import Call, Endpoint

router = Router(tags=["Webhooks"])
SCOPE = "webhooks:write"


class EndpointIn(Asked):
    name: str = Field(min_length=1, max_length=80, examples=["ERP"])
    url: str = Field(min_length=1, max_length=sending.LONGEST_URL, examples=["https://erp.example.com/chuzhi"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ERP", "url": "https://erp.example.com/chuzhi"}]})


class EndpointOut(Schema):
    """`secret` is told when it is made, and never again."""

    id: str = Field(examples=["2"])
    name: str = Field(examples=["ERP"])
    url: str
    stopped_because: str | None = Field(description="`staff`, or `gone`: the program answered 410", examples=[None])
    secret: str | None = Field(examples=[None])


class EndpointList(Schema):
    items: list[EndpointOut]


class AttemptOut(Schema):
    at: str
    status: int | None = Field(examples=[204])
    fault: str | None = Field(description="Why nothing was answered", examples=[None])
    milliseconds: int


class CallOut(Schema):
    number: str = Field(description="The header `webhook-id`, the same at every attempt", examples=["msg_…"])
    kind: str = Field(examples=["top_up.credited"])
    subject: str = Field(examples=["operation:12-345"])
    state: str = Field(examples=["taken"], description="`waiting`, `sending`, `taken` or `failed`")
    attempts: list[AttemptOut]


class CallList(Schema):
    items: list[CallOut]
    next_cursor: str | None


@router.get(
    "/webhooks", auth=KeyAuth(SCOPE), response=EndpointList, operation_id="listWebhooks", summary="Which programs are told"
)
def list_webhooks(request: ApiRequest) -> HttpResponse:
    return answers.respond({"items": [_told(each) for each in endpoints.visible_to(request.auth)]})


@router.post(
    "/webhooks", auth=KeyAuth(SCOPE), response={201: EndpointOut}, operation_id="createWebhook", summary="Add an address"
)
def create(request: ApiRequest, asked: EndpointIn) -> HttpResponse:
    """What it is told of is said by `POST /notices`. Refusals: `webhook.address`, `webhook.name`."""
    made, secret = endpoints.add(name=asked.name, url=asked.url, by=request.auth)
    return answers.respond(_told(made, secret), HTTPStatus.CREATED)


@router.post(
    "/webhooks/{webhook}/rotate",
    auth=KeyAuth(SCOPE),
    response=EndpointOut,
    operation_id="rotateWebhook",
    summary="A new secret",
)
def rotate(request: ApiRequest, webhook: str, asked: NothingMore) -> HttpResponse:
    """For 24 hours calls are signed with both. Refusals: `webhook.unknown`."""
    found = _named(request, webhook)
    return answers.respond(_told(found, endpoints.rotate(endpoint=found, by=request.auth)))


@router.post("/webhooks/{webhook}/stop", auth=KeyAuth(SCOPE), response=EndpointOut, operation_id="stopWebhook", summary="Stop")
def stop(request: ApiRequest, webhook: str, asked: NothingMore) -> HttpResponse:
    """Safe to repeat. Refusals: `webhook.unknown`."""
    return answers.respond(_told(endpoints.stop(endpoint=_named(request, webhook), by=request.auth)))


@router.post(
    "/webhooks/{webhook}/start", auth=KeyAuth(SCOPE), response=EndpointOut, operation_id="startWebhook", summary="Start"
)
def start(request: ApiRequest, webhook: str, asked: NothingMore) -> HttpResponse:
    """Safe to repeat. Refusals: `webhook.unknown`."""
    return answers.respond(_told(endpoints.start(endpoint=_named(request, webhook), by=request.auth)))


@router.post(
    "/webhooks/{webhook}/test", auth=KeyAuth(SCOPE), response={201: CallOut}, operation_id="testWebhook", summary="Send a test"
)
def test(request: ApiRequest, webhook: str, asked: NothingMore) -> HttpResponse:
    """A call that means nothing. Refusals: `webhook.unknown`, `webhook.stopped`."""
    return answers.respond(_told_call(calls.try_out(endpoint=_named(request, webhook), by=request.auth)), HTTPStatus.CREATED)


@router.get(
    "/webhooks/{webhook}/calls",
    auth=KeyAuth(SCOPE),
    response=CallList,
    operation_id="listWebhookCalls",
    summary="What it was told, and what it answered",
)
def list_calls(request: ApiRequest, webhook: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first. Refusals: `webhook.unknown`."""
    before, found = pages.place_of(cursor), calls.visible_to(request.auth).filter(endpoint=_named(request, webhook))
    rows = list((found.filter(pk__lt=before) if before else found)[: limit + 1])
    following = pages.cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return answers.respond({"items": [_told_call(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/webhook-calls/{number}/resend",
    auth=KeyAuth(SCOPE),
    response=CallOut,
    operation_id="resendWebhookCall",
    summary="Send one again",
)
def resend(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """With the number and the body that it had. Refusals: `webhook.stopped`, `webhook.on_its_way`."""
    found = calls.visible_to(request.auth).filter(number=number[:40]).first()
    if found is None:
        raise NotFound
    return answers.respond(_told_call(calls.send_again(call=found, by=request.auth)))


def _named(request: ApiRequest, given: str) -> Endpoint:
    number = named.number(given)
    found = endpoints.visible_to(request.auth).filter(pk=number).first() if number else None
    if found is None:
        raise EndpointUnknown
    return found


def _told(row: Endpoint, secret: str | None = None) -> dict[str, Any]:
    return {
        "id": str(row.pk), "name": row.name, "url": row.url, "stopped_because": row.stopped_because or None, "secret": secret,
    }  # fmt: skip


def _told_call(row: Call) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "subject": row.subject,
        "state": row.state,
        "attempts": [
            {
                "at": answers.moment(each.at), "status": each.status, "fault": each.fault or None,
                "milliseconds": each.milliseconds,
            }
            for each in row.tries.all()
        ],
    }  # fmt: skip
