from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named
from chuzhi.api.approvals import NothingMore
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.core import money
from chuzhi.organization.roles import ROLES
from chuzhi.payments import methods
from chuzhi.till import notices
from chuzhi.till.errors import NoticeUnknown
from chuzhi.till.models import TopUpNotice
from chuzhi.webhooks.errors import EndpointUnknown
from chuzhi.webhooks.models import Endpoint

router = Router(tags=["Notices"])


class NoticeIn(Asked):
    """Either to colleagues of these roles, or to a webhook; a webhook is told at once."""

    roles: list[Annotated[str, Field(pattern=f"^({'|'.join(ROLES)})$")]] = Field([], max_length=20, examples=[["finance"]])
    webhook: Id | None = Field(None, examples=["2"])
    at_least: Annotated[int, Field(strict=True, ge=0, le=money.LARGEST)] = Field(
        0, description="Top-ups from this many minor units on", examples=[100000]
    )
    method: Annotated[str, Field(pattern=f"^({'|'.join(methods.LABELS)})?$")] = Field("", description="Empty: any")
    daily: bool = Field(default=False, description="All of a day together, in the morning after")

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["finance"], "at_least": 100000}]})


class NoticeOut(Schema):
    id: str = Field(examples=["4"])
    roles: list[str] = Field(examples=[["finance"]])
    webhook: str | None
    at_least: int = Field(examples=[100000])
    currency: str = Field(examples=["CNY"])
    method: str | None = Field(examples=[None])
    daily: bool


class NoticeList(Schema):
    items: list[NoticeOut]


@router.get(
    "/notices",
    auth=KeyAuth("notices:write"),
    response=NoticeList,
    operation_id="listNotices",
    summary="Which colleagues and programs are told of which top-ups",
)
def list_notices(request: ApiRequest) -> HttpResponse:
    return answers.respond({"items": [_told(row) for row in TopUpNotice.objects.order_by("pk")]})


@router.post(
    "/notices",
    auth=KeyAuth("notices:write"),
    response={201: NoticeOut},
    operation_id="createNotice",
    summary="Tell colleagues or a program of top-ups from now on",
)
def create(request: ApiRequest, asked: NoticeIn) -> HttpResponse:
    """Refusals: `notice.unusable`, `webhook.unknown`."""
    endpoint = Endpoint.objects.filter(pk=int(asked.webhook)).first() if asked.webhook else None
    if asked.webhook and endpoint is None:
        raise EndpointUnknown
    made = notices.add(
        roles=asked.roles, at_least=asked.at_least, method=asked.method, daily=asked.daily, endpoint=endpoint, by=request.auth
    )
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/notices/{number}/remove",
    auth=KeyAuth("notices:write"),
    response=NoticeOut,
    operation_id="removeNotice",
    summary="Tell them no more",
)
def remove(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Answers what was removed. Refusals: `notice.unknown`."""
    known = named.number(number)
    notice = TopUpNotice.objects.filter(pk=known).first() if known else None
    if notice is None:
        raise NoticeUnknown
    told = _told(notice)
    notices.remove(notice=notice, by=request.auth)
    return answers.respond(told)


def _told(row: TopUpNotice) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "roles": row.roles,
        "webhook": str(row.endpoint_id) if row.endpoint_id else None,
        "at_least": row.at_least,
        "currency": row.currency,
        "method": methods.name(row.method) if row.method else None,
        "daily": row.is_daily,
    }
