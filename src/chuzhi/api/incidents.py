from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Reason
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.payments import incidents, queries
from chuzhi.payments.models import Incident

router = Router(tags=["Payments"])
KINDS = "|".join(Incident.Kind.values)


class IncidentCloseIn(Asked):
    remark: Reason = Field(examples=["the bank found the transfer"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"remark": "the bank found the transfer"}]})


class IncidentOut(Schema):
    """What does not fit what we know, or should be here by now: a task for somebody."""

    id: str = Field(examples=["5"])
    kind: str = Field(examples=["overdue"], description="`mismatch`, `stranger`, `twice`, `refund_failed`, `overdue`")
    account: str = Field(examples=["wechat"])
    number: str = Field(examples=["P7K2…"])
    payment: str | None = Field(examples=["P7K2…"])
    facts: dict[str, Any]
    opened_at: str
    closed_at: str | None
    remark: str | None


class IncidentList(Schema):
    items: list[IncidentOut]
    next_cursor: str | None


@router.get(
    "/payment-incidents",
    auth=KeyAuth("payments:read"),
    response=IncidentList,
    operation_id="listPaymentIncidents",
    summary="What needs somebody",
)
def list_incidents(
    request: ApiRequest,
    kind: Annotated[str | None, Query(pattern=f"^({KINDS})$")] = None,
    state: Annotated[str, Query(pattern="^(open|closed)$")] = "open",
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Newest first."""
    before, found = pages.place_of(cursor), queries.incidents(request.auth, only_open=False).order_by("-pk")
    found = found.filter(closed_at__isnull=state == "open")
    found = found.filter(kind=kind) if kind else found
    rows = list((found.filter(pk__lt=before) if before else found)[: limit + 1])
    following = pages.cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return answers.respond({"items": [_told(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/payment-incidents/{incident}/close",
    auth=KeyAuth("incidents:write"),
    response=IncidentOut,
    operation_id="closePaymentIncident",
    summary="Say what was found and done",
)
def close(request: ApiRequest, incident: str, asked: IncidentCloseIn) -> HttpResponse:
    """Closed once; the first remark stays. Refusals: `payment.remark_missing`."""
    number = named.number(incident)
    found = queries.incidents(request.auth, only_open=False).filter(pk=number).first() if number else None
    if found is None:
        raise NotFound
    incidents.close(incident=found, remark=asked.remark, by=request.auth)
    return answers.respond(_told(queries.incidents(request.auth, only_open=False).get(pk=found.pk)))


def _told(row: Incident) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "account": row.account.code,
        "number": row.number,
        "payment": row.payment.number if row.payment else None,
        "facts": row.facts,
        "opened_at": answers.moment(row.opened_at),
        "closed_at": answers.moment(row.closed_at) if row.closed_at else None,
        "remark": row.remark or None,
    }
