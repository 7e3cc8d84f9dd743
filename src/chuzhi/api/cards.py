import uuid
from http import HTTPStatus
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from chuzhi.api import answers, fields, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, WELCOME, key_if_any, key_of
from chuzhi.core.errors import NotFound
from chuzhi.ledger.errors import KeyReused
from chuzhi.wallets import cards, losses, queries
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport

router = Router(tags=["Cards"])


class CardUnknown(NotFound):
    code = "card.unknown"
    message = _("No card in use has this number.")


class CardIn(Asked):
    pass


class CardOut(Schema):
    number: str = Field(examples=["8668012345678906"])
    wallet: str = Field(examples=["40001"])
    kind: str = Field(description="`named` or `bearer`", examples=["named"])
    status: str = Field(description="`active`, `lost` or `dead`", examples=["active"])
    issued_at: str


class CardReportIn(Asked):
    """Who says so, and how you know them."""

    channel: Literal["store", "phone", "online"] = Field(examples=["phone"])
    verified: Literal["no", "document", "called_back", "answers", "page"] = Field(
        description="How the caller was known to be the holder. `no` is enough to report a loss, and for nothing else",
        examples=["called_back"],
    )
    reason: Reason
    caller: str = Field("", max_length=80, description="Their name, where they speak for the holder")


class CardReplaceIn(CardReportIn):
    fee: Amount | None = Field(None, description="Minor units, charged to the wallet in `store`", examples=[None])
    store: Id | None = Field(None, examples=[None])
    till: Id | None = Field(None, examples=[None])


class CardReportOut(Schema):
    card: str = Field(examples=["8668012345678906"])
    kind: str = Field(description="`lost`, `found` or `replaced`", examples=["lost"])
    channel: str = Field(examples=["phone"])
    verified: str = Field(examples=["called_back"])
    reason: str
    owner: str | None = Field(description="The customer who held it then", examples=["30001"])
    fee: int
    by: str = Field(examples=["staff:12"])
    at: str


class CardsOfWallet(Schema):
    items: list[CardOut]
    reports: list[CardReportOut] = Field(description="What was said of them, the newest first")


class CardOfWallet(Schema):
    number: str = Field(examples=["8668012345678906"])
    wallet: str = Field(examples=["40001"])
    customer: str | None = Field(examples=["30001"])


@router.post(
    "/wallets/{wallet}/cards",
    auth=KeyAuth("wallets:write"),
    response={201: CardOut},
    operation_id="issueCard",
    summary="Issue a card",
    openapi_extra=WELCOME,
)
def issue(request: ApiRequest, wallet: str, asked: CardIn) -> HttpResponse:
    """A new number that finds this wallet; a wallet may have several. With an Idempotency-Key, asking twice issues one."""
    found = named.wallet(wallet)
    card = cards.issue(wallet=found, key=key_if_any(request) or uuid.uuid4().hex, by=request.auth)
    if card.wallet_id != found.pk:
        raise KeyReused
    return answers.respond(_out(card), HTTPStatus.CREATED)


@router.get(
    "/cards/{number}",
    auth=KeyAuth("wallets:read"),
    response=CardOfWallet,
    operation_id="getCard",
    summary="The wallet that a card finds",
)
def get_card(request: ApiRequest, number: str) -> HttpResponse:
    """One answer for a number that is unknown, mistyped, lost or dead: 404."""
    wallet = queries.by_card(number, request.auth)
    if wallet is None:
        raise CardUnknown
    return answers.respond(
        {
            "number": "".join(number.split()),
            "wallet": str(wallet.pk),
            "customer": None if wallet.customer_id is None else str(wallet.customer_id),
        }
    )


@router.get(
    "/wallets/{wallet}/cards",
    auth=KeyAuth("wallets:read"),
    response=CardsOfWallet,
    operation_id="listCards",
    summary="The cards of a wallet, and what was reported of them",
)
def list_cards(request: ApiRequest, wallet: str) -> HttpResponse:
    """Lost and dead ones too, the newest first."""
    found = named.wallet(wallet)
    reports = [_report(each) for each in losses.of(found)]
    return answers.respond({"items": [_out(card) for card in cards.of(found)], "reports": reports})


@router.post(
    "/cards/{number}/loss",
    auth=KeyAuth("wallets:write"),
    response=CardOut,
    operation_id="reportCardLost",
    summary="Report a card lost",
)
def report_lost(request: ApiRequest, number: str, asked: CardReportIn) -> HttpResponse:
    """Its number finds nothing any more, at every till and for every program. The wallet goes on with its other cards.

    Reporting again changes nothing. Refusals: `card.unusable` (ended), `pack.refused` (no loss of bearer cards there).
    """
    return answers.respond(_out(losses.report(card=card_named(number), said=said_of(asked), by=request.auth)))


@router.post(
    "/cards/{number}/found",
    auth=KeyAuth("wallets:write"),
    response=CardOut,
    operation_id="reportCardFound",
    summary="A lost card turned up",
)
def report_found(request: ApiRequest, number: str, asked: CardReportIn) -> HttpResponse:
    """It finds its wallet again. Refusals: `card.unusable` (replaced meanwhile), `card.not_verified`."""
    return answers.respond(_out(losses.found(card=card_named(number), said=said_of(asked), by=request.auth)))


@router.post(
    "/cards/{number}/replacement",
    auth=KeyAuth("wallets:write"),
    response={201: CardOut},
    operation_id="replaceCard",
    summary="Replace a card by one with a new number",
    openapi_extra=NEEDED,
)
def replace(request: ApiRequest, number: str, asked: CardReplaceIn) -> HttpResponse:
    """The new number finds the same wallet, with all its value; the old one ends. A fee needs the scope `charges:write` too.

    Refusals: `card.unusable`, `card.not_verified`, `card.fee_needs_counter`, `wallet.not_enough`, `store.unusable`,
    and what else a charge is refused for; then the old card stays as it was.
    """
    made = losses.replace(
        key=key_of(request), card=card_named(number), said=said_of(asked), fee=asked.fee or 0,
        store=fields.number(asked.store), till=fields.number(asked.till), by=request.auth,
    )  # fmt: skip
    return answers.respond(_out(made), HTTPStatus.CREATED)


def card_named(number: str) -> Card:
    """Cards that are found by their number have a wallet that the key may write to: reading is not asked for beside it."""
    found = losses.named(number)
    if found is None:
        raise CardUnknown
    return found


def said_of(asked: CardReportIn) -> Said:
    return Said(
        channel=CardReport.Channel(asked.channel), verified=CardReport.Verified(asked.verified), reason=asked.reason,
        caller=asked.caller,
    )  # fmt: skip


def _report(report: CardReport) -> dict[str, Any]:
    return {
        "card": report.card.number,
        "kind": report.kind,
        "channel": report.channel,
        "verified": report.verified,
        "reason": report.reason,
        "owner": str(report.owner_id) if report.owner_id else None,
        "fee": report.fee,
        "by": report.made_by,
        "at": answers.moment(report.at),
    }


def _out(card: Card) -> dict[str, Any]:
    return {
        "number": card.number,
        "wallet": str(card.wallet_id),
        "kind": card.kind,
        "status": card.status,
        "issued_at": answers.moment(card.issued_at),
    }
