from http import HTTPStatus
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, named, pages
from chuzhi.api.approvals import GiftCause
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.customers import queries as customers
from chuzhi.desk import acting, queries, tickets
from chuzhi.desk.models import Step, Ticket

router = Router(tags=["Service desk"])


class TicketIn(Asked):
    customer: Id = Field(examples=["50001"])
    kind: Literal["complaint", "question", "loss", "other"] = Field(examples=["complaint"])
    channel: Literal["phone", "counter", "email", "online"] = Field(examples=["online"])
    subject: str = Field(min_length=1, max_length=tickets.LONGEST_SUBJECT, examples=["charged twice"])
    text: str = Field("", max_length=tickets.LONGEST, description="What the customer says; kept sealed")


class TicketWordsIn(Asked):
    text: str = Field(
        min_length=1, max_length=tickets.LONGEST, description="@ and a colleague's name tells them",
        examples=["called back, will come on Friday"],
    )  # fmt: skip


class TicketNoteIn(TicketWordsIn):
    state: Literal["open", "waiting"] = Field("open", description="How the ticket stands after it")


class TicketHandIn(TicketWordsIn):
    staff: Id = Field(description="A colleague who works on tickets", examples=["12"])


class TicketCreditIn(Asked):
    wallet: Id = Field(examples=["40001"])
    amount: Amount = Field(examples=[2000])
    cause: GiftCause
    ask: bool = Field(default=False, description="Send it for approval instead of giving it at once")
    seen: int | None = Field(None, ge=0, description="The last step you have read: refused if there are others by now")

    model_config = ConfigDict(json_schema_extra={"examples": [{"wallet": "40001", "amount": 2000, "cause": "complaint"}]})


class TicketStepOut(Schema):
    number: int = Field(examples=[1])
    kind: str = Field(
        description="`noted`, `waiting`, `resolved`, `handed`, `credited`, `credit_asked`, `frozen`, `unfrozen`, `card_lost`, "
        "`card_replaced`, `message_sent` or `refund_asked`",
        examples=["credited"],
    )
    text: str
    to: str | None = Field(description="The colleague it was handed to", examples=[None])
    mentioned: list[str] = Field(description="Staff who were told", examples=[["12"]])
    wallet: str | None = Field(examples=["40001"])
    amount: int | None = Field(examples=[2000])
    entry: str | None = Field(description="What it came to in the journal", examples=["12-346"])
    approval: str | None = Field(description="The request for approval", examples=[None])
    refund: str | None = Field(description="The request for a balance refund", examples=[None])
    card: str | None = Field(description="The card that was blocked, or the new one", examples=[None])
    message: str | None = Field(description="What was sent again", examples=[None])
    by: str = Field(examples=["staff:12"])
    at: str


class TicketOut(Schema):
    id: str = Field(examples=["12"])
    number: str = Field(description="As it stands in entries", examples=["T12"])
    customer: str
    kind: str
    channel: str
    subject: str
    text: str
    state: str = Field(description="`open`, `waiting` or `resolved`")
    assigned_to: str | None
    store: str | None
    opened_by: str
    opened_at: str
    steps: list[TicketStepOut] | None = Field(None, description="Of one ticket only")


class TicketList(Schema):
    items: list[TicketOut]
    next_cursor: str | None


@router.get(
    "/tickets", auth=KeyAuth("tickets:read"), response=TicketList, operation_id="listTickets",
    summary="Tickets of the service desk",
)  # fmt: skip
def list_tickets(
    request: ApiRequest,
    state: Literal["open", "waiting", "resolved"] | None = None,
    customer: str | None = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """In the order in which they were opened."""
    rows = queries.visible_to(request.auth).order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(customer=named.number(customer) or 0) if customer is not None else rows
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_ticket(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/tickets", auth=KeyAuth("tickets:write"), response={201: TicketOut}, operation_id="openTicket", summary="Open a ticket",
    openapi_extra=NEEDED,
)  # fmt: skip
def open_ticket(request: ApiRequest, asked: TicketIn) -> HttpResponse:
    """It is given to whoever looks after the customer, if they work on tickets. The same key opens one.

    Refusals: `not_found`, `ticket.words_unusable`.
    """
    key = key_of(request)
    customer = customers.visible_to(request.auth).filter(pk=int(asked.customer)).first()
    if customer is None:
        raise NotFound
    made = tickets.open_ticket(
        customer=customer, kind=asked.kind, channel=asked.channel, subject=asked.subject, text=asked.text, key=key,
        by=request.auth,
    )  # fmt: skip
    return answers.respond(_whole(made), HTTPStatus.CREATED)


@router.get(
    "/tickets/{ticket}", auth=KeyAuth("tickets:read"), response=TicketOut, operation_id="getTicket",
    summary="One, with all that was said and done",
)  # fmt: skip
def get_ticket(request: ApiRequest, ticket: str) -> HttpResponse:
    return answers.respond(_whole(ticket_named(request, ticket)))


@router.post(
    "/tickets/{ticket}/notes", auth=KeyAuth("tickets:write"), response={201: TicketStepOut}, operation_id="noteTicket",
    summary="Write into a ticket",
)  # fmt: skip
def note(request: ApiRequest, ticket: str, asked: TicketNoteIn) -> HttpResponse:
    """A resolved ticket is open again. Refusals: `ticket.words_unusable`."""
    made = tickets.note(ticket=ticket_named(request, ticket), text=asked.text, state=asked.state, by=request.auth)
    return answers.respond(step_told(made), HTTPStatus.CREATED)


@router.post(
    "/tickets/{ticket}/resolve", auth=KeyAuth("tickets:write"), response={201: TicketStepOut}, operation_id="resolveTicket",
    summary="Say how it ended",
)  # fmt: skip
def resolve(request: ApiRequest, ticket: str, asked: TicketWordsIn) -> HttpResponse:
    """Refusals: `ticket.words_unusable`."""
    made = tickets.note(ticket=ticket_named(request, ticket), text=asked.text, state=Ticket.State.RESOLVED, by=request.auth)
    return answers.respond(step_told(made), HTTPStatus.CREATED)


@router.post(
    "/tickets/{ticket}/assign", auth=KeyAuth("tickets:write"), response={201: TicketStepOut}, operation_id="assignTicket",
    summary="Hand it to a colleague",
)  # fmt: skip
def assign(request: ApiRequest, ticket: str, asked: TicketHandIn) -> HttpResponse:
    """They find it in their inbox. Refusals: `ticket.words_unusable`, `not_found`."""
    colleague = tickets.workers().filter(pk=int(asked.staff)).first()
    if colleague is None:
        raise NotFound
    made = tickets.hand(ticket=ticket_named(request, ticket), to=colleague, text=asked.text, by=request.auth)
    return answers.respond(step_told(made), HTTPStatus.CREATED)


@router.post(
    "/tickets/{ticket}/credits", auth=KeyAuth("tickets:credit"), response={201: TicketStepOut}, operation_id="creditFromTicket",
    summary="Give a bonus to make good, or ask for it", openapi_extra=NEEDED,
)  # fmt: skip
def credit(request: ApiRequest, ticket: str, asked: TicketCreditIn) -> HttpResponse:
    """Never paid principal; alone only what the shop's table of limits lets the program give.

    Refusals: `approval.needed`, `ticket.resolved`, `ticket.not_theirs`, `ticket.somebody_acted`, `wallet.unknown`,
    `wallet.closed`, `idempotency.key_reused`.
    """
    key, found = key_of(request), ticket_named(request, ticket)
    command = acting.ask_credit if asked.ask else acting.credit
    made = command(
        ticket=found, wallet=named.wallet(asked.wallet), amount=asked.amount, cause=asked.cause, key=key, seen=asked.seen,
        by=request.auth,
    )  # fmt: skip
    return answers.respond(step_told(made), HTTPStatus.CREATED)


def ticket_named(request: ApiRequest, given: str) -> Ticket:
    found = queries.visible_to(request.auth).filter(pk=named.number(given) or 0).first()
    if found is None:
        raise NotFound
    return found


def _whole(ticket: Ticket) -> dict[str, Any]:
    return _ticket(ticket) | {"steps": [step_told(step) for step in queries.story(ticket)]}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": str(ticket.pk),
        "number": ticket.number,
        "customer": str(ticket.customer_id),
        "kind": ticket.kind,
        "channel": ticket.channel,
        "subject": ticket.subject,
        "text": ticket.text,
        "state": ticket.state,
        "assigned_to": str(ticket.assigned_to_id) if ticket.assigned_to_id else None,
        "store": str(ticket.store_id) if ticket.store_id else None,
        "opened_by": ticket.opened_by,
        "opened_at": answers.moment(ticket.opened_at),
    }


def step_told(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "kind": step.kind,
        "text": step.words.text if hasattr(step, "words") else "",
        "to": str(step.to_id) if step.to_id else None,
        "mentioned": [str(each.pk) for each in step.mentioned.all()],
        "wallet": str(step.wallet_id) if step.wallet_id else None,
        "amount": step.amount,
        "entry": step.entry or None,
        "approval": str(step.approval_id) if step.approval_id else None,
        "refund": str(step.refund) if step.refund else None,
        "card": step.card.number if step.card else None,
        "message": str(step.delivery) if step.delivery else None,
        "by": step.by,
        "at": answers.moment(step.at),
    }
