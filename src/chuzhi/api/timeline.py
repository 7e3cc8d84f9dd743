from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, entries, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Moment as At
from chuzhi.api.pages import CursorUnusable, Limit
from chuzhi.core.errors import NotFound
from chuzhi.customers import queries
from chuzhi.insights import timeline
from chuzhi.insights.timeline import MESSAGES, MONEY, RECORD, TICKETS, Asked, Moment
from chuzhi.workforce import notes

router = Router(tags=["Customers"])
KINDS = (MONEY, MESSAGES, TICKETS, notes.KIND, RECORD)


class TimelineMoment(Schema):
    at: str
    kind: str = Field(description=f"One of {', '.join(KINDS)}", examples=["money"])
    what: str = Field(description="The kind of entry or message, or the act on the record", examples=["charge"])
    by: str = Field(examples=["staff:12"])
    entry: entries.EntryOut | None = Field(description="What moved, if value did")
    text: str | None = Field(description="Of a note; the subject of a ticket")
    ticket: str | None = Field(description="Its id", examples=[None])
    delivery: str | None = Field(description="Of a message: its channel and what became of it", examples=["email:sent"])


class TimelineList(Schema):
    items: list[TimelineMoment]
    next_cursor: str | None


@router.get(
    "/customers/{customer}/timeline", auth=KeyAuth("customers:read"), response=TimelineList,
    operation_id="listCustomerTimeline", summary="Everything that happened with a customer",
)  # fmt: skip
def list_timeline(
    request: ApiRequest,
    customer: str,
    kind: Literal["money", "messages", "tickets", "notes", "record"] | None = None,
    since: At | None = None,
    until: At | None = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """Newest first: entries of the journal, messages, tickets, notes and acts on the record. `until` is not included.

    A key is told what its scopes let it read elsewhere: entries with `wallets:read`, messages with
    `messages:read`, tickets with `tickets:read`.
    A page may hold a few more than `limit`: what happened at one moment is not parted.
    """
    person = queries.visible_to(request.auth).filter(pk=named.number(customer) or 0).first()
    if person is None:
        raise NotFound
    edges = [at for at in (until, _place(cursor)) if at]
    asked = Asked(person, request.auth, limit, since=since, before=min(edges) if edges else None)
    found = timeline.of(asked, [kind] if kind else [])
    following = pages.text_cursor(found.before.isoformat()) if found.before else None
    return answers.respond({"items": [_told(moment) for moment in found.moments], "next_cursor": following})


def _place(cursor: str | None) -> datetime | None:
    if cursor is None:
        return None
    try:
        found = datetime.fromisoformat(pages.text_of(cursor))
    except ValueError:
        raise CursorUnusable from None
    if found.tzinfo is None:
        raise CursorUnusable
    return found


def _told(moment: Moment) -> dict[str, Any]:
    one = moment.of
    told = {"at": answers.moment(moment.at), "kind": moment.kind, "entry": None, "text": None, "ticket": None, "delivery": None}
    if moment.kind == MONEY:
        entry = entries.of(one)
        return told | {"what": one.outcome.kind.name.lower(), "by": one.actor, "entry": entry}
    if moment.kind == MESSAGES:
        return told | {"what": one.message.kind, "by": one.message.made_by, "delivery": f"{one.channel}:{one.state}"}
    if moment.kind == TICKETS:
        return told | {"what": one.kind, "by": one.opened_by, "text": one.subject, "ticket": str(one.pk)}
    if moment.kind == notes.KIND:
        return told | {"what": "note", "by": one.by, "text": one.text}
    return told | {"what": one.action, "by": one.actor}
