from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from chuzhi.api import answers, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Moment
from chuzhi.api.pages import CursorUnusable, Limit
from chuzhi.ledger import trail
from chuzhi.ledger.trail import Edge, Line, Search

router = Router(tags=["Audit"])

USUAL = timedelta(days=7)


class AuditQuery(Asked):
    """Lines of a period; without one, of the last seven days."""

    since: Moment | None = None
    until: Moment | None = Field(None, description="Not included; without it, now")
    actor: str = Field("", max_length=40, description="Who did it", examples=["staff:12"])
    action: str = Field("", max_length=60, description="What was done", examples=["customer.phone_revealed"])
    subject: str = Field("", max_length=80, description="What it was about", examples=["wallet:40001"])


class AuditLineOut(Schema):
    id: str = Field(description="Of a move of value, its place in the journal", examples=["12-345"])
    at: str = Field(examples=["2026-03-01T01:30:00.123456+00:00"])
    actor: str = Field(examples=["staff:12"])
    action: str = Field(examples=["wallet.charged"])
    subject: str = Field(examples=["wallet:40001"])
    facts: dict[str, Any] = Field(examples=[{"amount": 12345, "asset": "CNY", "store": 3}])


class AuditLineList(Schema):
    items: list[AuditLineOut]
    next_cursor: str | None


@router.get(
    "/audit", auth=KeyAuth("audit:read"), response=AuditLineList, operation_id="listAuditLines", summary="Read the audit log"
)
def list_lines(
    request: ApiRequest, asked: Query[AuditQuery], limit: Limit = pages.USUAL, cursor: str | None = None
) -> HttpResponse:
    """Newest first: what staff and programs did, what they looked at, and every move of value. Only for keys of all stores."""
    if request.auth.stores is not None:
        raise PermissionDenied
    search = _search(asked)
    found = trail.read(search, limit + 1, None if cursor is None else _edge(cursor))
    following = pages.text_cursor(str(Edge.of(found[limit - 1]))) if len(found) > limit else None
    return answers.respond({"items": [_line(line) for line in found[:limit]], "next_cursor": following})


def _search(asked: AuditQuery) -> Search:
    until: datetime = asked.until or timezone.now()
    actors = (asked.actor,) if asked.actor else ()
    return Search(asked.since or until - USUAL, until, actors=actors, action=asked.action, subject=asked.subject)


def _edge(given: str) -> Edge:
    if (edge := Edge.read(pages.text_of(given))) is None:
        raise CursorUnusable
    return edge


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id, "at": answers.moment(line.at), "actor": line.actor, "action": line.action, "subject": line.subject,
        "facts": line.facts,
    }  # fmt: skip
