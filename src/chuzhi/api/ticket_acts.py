"""What a program does from inside a ticket, beside a bonus; each act needs the scope of the act, too."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.cards import CardReportIn, card_named, said_of
from chuzhi.api.fields import Asked, Id
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.messages import delivery_named
from chuzhi.api.tickets import TicketStepOut, step_told, ticket_named
from chuzhi.desk import acting
from chuzhi.desk.models import Step

router = Router(tags=["Service desk"])
TICKETS: dict[str, Any] = {"auth": KeyAuth("tickets:write"), "response": {201: TicketStepOut}}


class TicketStandingIn(Asked):
    wallet: Id = Field(examples=["40001"])


class TicketCardIn(CardReportIn):
    card: str = Field(max_length=40, description="Its number", examples=["8668012345678906"])


class TicketMessageIn(Asked):
    message: Id = Field(description="From `GET /messages`", examples=["88"])
    seen: int | None = Field(None, ge=0, description="The last step you have read: refused if there are others by now")


@router.post(
    "/tickets/{ticket}/freeze", operation_id="freezeFromTicket", summary="Freeze a wallet of the ticket’s customer",
    openapi_extra=NEEDED, **TICKETS,
)  # fmt: skip
def freeze(request: ApiRequest, ticket: str, asked: TicketStandingIn) -> HttpResponse:
    """With the scope `wallets:freeze`. Refusals: `ticket.resolved`, `ticket.not_theirs`, `wallet.unknown`, `wallet.closed`."""
    held, wallet = ticket_named(request, ticket), named.wallet(asked.wallet)
    return _step(acting.freeze(ticket=held, wallet=wallet, key=key_of(request), by=request.auth))


@router.post(
    "/tickets/{ticket}/unfreeze", operation_id="unfreezeFromTicket", summary="End the freeze of such a wallet",
    openapi_extra=NEEDED, **TICKETS,
)  # fmt: skip
def unfreeze(request: ApiRequest, ticket: str, asked: TicketStandingIn) -> HttpResponse:
    """As freezing."""
    held, wallet = ticket_named(request, ticket), named.wallet(asked.wallet)
    return _step(acting.unfreeze(ticket=held, wallet=wallet, key=key_of(request), by=request.auth))


@router.post(
    "/tickets/{ticket}/losses", operation_id="blockCardFromTicket", summary="Block a lost card of the ticket’s customer",
    **TICKETS,
)  # fmt: skip
def report_lost(request: ApiRequest, ticket: str, asked: TicketCardIn) -> HttpResponse:
    """With the scope `wallets:write`. Again is the same step. Refusals: `ticket.not_theirs`, `card.unknown`, `card.unusable`."""
    held = ticket_named(request, ticket)
    return _step(acting.report_lost(ticket=held, card=card_named(asked.card), said=said_of(asked), by=request.auth))


@router.post(
    "/tickets/{ticket}/replacements", operation_id="replaceCardFromTicket", summary="Replace a card, free of charge",
    openapi_extra=NEEDED, **TICKETS,
)  # fmt: skip
def replace(request: ApiRequest, ticket: str, asked: TicketCardIn) -> HttpResponse:
    """With the scope `wallets:write`. Refusals: `card.not_verified`, and those of a loss."""
    key, held, card = key_of(request), ticket_named(request, ticket), card_named(asked.card)
    return _step(acting.replace_card(ticket=held, card=card, said=said_of(asked), key=key, by=request.auth))


@router.post(
    "/tickets/{ticket}/messages", operation_id="sendAgainFromTicket", summary="Send a receipt or another message again",
    **TICKETS,
)  # fmt: skip
def send_again(request: ApiRequest, ticket: str, asked: TicketMessageIn) -> HttpResponse:
    """With the scope `messages:write`.

    Refusals: `ticket.not_theirs`, `ticket.somebody_acted`, `message.unknown`, `message.on_its_way`, `message.secret_gone`.
    """
    held, delivery = ticket_named(request, ticket), delivery_named(request, asked.message)
    return _step(acting.send_again(ticket=held, delivery=delivery, seen=asked.seen, by=request.auth))


def _step(made: Step) -> HttpResponse:
    return answers.respond(step_told(made), HTTPStatus.CREATED)
