import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.idempotency import WELCOME, key_if_any
from chuzhi.core.errors import NotFound
from chuzhi.ledger.errors import KeyReused
from chuzhi.wallets import cards, queries
from chuzhi.wallets.models import Card

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


def _out(card: Card) -> dict[str, Any]:
    return {
        "number": card.number,
        "wallet": str(card.wallet_id),
        "kind": card.kind,
        "status": card.status,
        "issued_at": answers.moment(card.issued_at),
    }
