from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from chuzhi.api import answers, entries, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Moment
from chuzhi.api.pages import CursorUnusable, Limit
from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.ledger import assets, journal, sampling
from chuzhi.ledger.chart import Kind, Method
from chuzhi.ledger.journal import Edge, Search
from chuzhi.ledger.sampling import LARGEST, USUAL_SIZE
from chuzhi.topups.channels import Channel

router = Router(tags=["Ledger"])
USUAL = timedelta(days=7)
KINDS = tuple(kind.name.lower() for kind in Kind)
METHODS = tuple(method.name.lower() for method in Method)
CHANNELS = tuple(Channel.values)
Units = Annotated[int, Field(strict=False, ge=0, le=money.LARGEST)]


class EntryQuery(Asked):
    """Entries of a period; without one, of the last seven days."""

    since: Moment | None = None
    until: Moment | None = Field(None, description="Not included; without it, now")
    kind: Literal[KINDS] | None = Field(None, examples=["top_up"])  # type: ignore[valid-type]  # the kinds of the chart
    store: Id | None = Field(None, examples=["12"])
    method: Literal[METHODS] | None = Field(None, examples=["cash"])  # type: ignore[valid-type]  # as above
    channel: Literal[CHANNELS] | None = Field(None, description="By which way a top-up came in")  # type: ignore[valid-type]  # as above
    by: str | None = Field(None, pattern="^[a-z]{1,10}:[0-9]{1,18}$", description="Who asked", examples=["staff:12"])
    currency: str | None = Field(None, pattern="^[A-Za-z0-9:-]{1,40}$", description="ISO 4217, or POINTS, or VISITS:…")
    amount_from: Units | None = Field(None, description="In minor units", examples=[10000])
    amount_to: Units | None = Field(None, description="In minor units", examples=[500000])
    result: Literal["done", "refused"] | None = None


@router.get(
    "/entries",
    auth=KeyAuth("journal:read"),
    response=entries.EntryList,
    operation_id="listJournal",
    summary="The journal of all wallets",
)
def list_journal(
    request: ApiRequest, asked: Query[EntryQuery], limit: Limit = pages.USUAL, cursor: str | None = None
) -> HttpResponse:
    """What came in, was spent, held, moved or refused, newest first. A key of some stores reads what happened there.

    Refusals: `asset.unknown`.
    """
    found = journal.read(_search(asked, request.auth), limit + 1, None if cursor is None else _edge(cursor))
    following = pages.text_cursor(str(Edge.of(found[limit - 1]))) if len(found) > limit else None
    return answers.respond({"items": [entries.of(entry) for entry in found[:limit]], "next_cursor": following})


class SampleQuery(EntryQuery):
    """What to draw from, and how. The period has to be over: then anybody draws the same."""

    since: Moment
    until: Moment = Field(description="Not included")
    size: Annotated[int, Field(strict=False, ge=1, le=LARGEST)] = USUAL_SIZE
    word: str = Field(min_length=1, max_length=40, description="Whoever says the same one draws the same entries")
    chance: Literal["alike", "amount"] = Field("alike", description="`amount`: in proportion to it; needs `currency`")


class SampleOut(Schema):
    count: int = Field(description="How many entries it was drawn from")
    amount: int = Field(description="What they moved together, in minor units: mind the currency", examples=[123456])
    items: list[entries.EntryOut]


@router.get(
    "/entries/sample",
    auth=KeyAuth("journal:read"),
    response=SampleOut,
    operation_id="drawSample",
    summary="Entries drawn by chance, for an audit",
)
def draw(request: ApiRequest, asked: Query[SampleQuery]) -> HttpResponse:
    """The oldest first. Refusals: `asset.unknown`, `sample.not_over`, `sample.no_currency`."""
    if asked.until > timezone.now():
        raise sampling.NotOver
    if asked.chance == "amount" and not asked.currency:
        raise sampling.NoCurrency
    search, by_amount = _search(asked, request.auth), asked.chance == "amount"
    whole = sampling.population(search, by_amount=by_amount)
    found = sampling.draw(search, size=asked.size, word=asked.word, by_amount=by_amount)
    items = [entries.of(entry) for entry in found]
    return answers.respond({"count": whole.count, "amount": whole.amount, "items": items})


def _search(asked: EntryQuery, by: Actor) -> Search:
    until: datetime = asked.until or timezone.now()
    search = Search(
        since=asked.since or until - USUAL, until=until, kinds=(Kind[asked.kind.upper()],) if asked.kind else (),
        stores=(int(asked.store),) if asked.store else (), actors=(asked.by,) if asked.by else (),
        method=Method[asked.method.upper()] if asked.method else None, channel=asked.channel or "",
        asset=assets.known(asked.currency) if asked.currency else None, at_least=asked.amount_from, at_most=asked.amount_to,
        is_done={"done": True, "refused": False}.get(asked.result or ""),
    )  # fmt: skip
    return search.seen_by(by)


def _edge(given: str) -> Edge:
    if (edge := Edge.read(pages.text_of(given))) is None:
        raise CursorUnusable
    return edge
