import uuid
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, entries, fields, named, pages, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Moment, Reason, Text
from chuzhi.api.idempotency import NEEDED, WELCOME, key_if_any, key_of
from chuzhi.api.pages import Limit
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.errors import KeyReused
from chuzhi.ledger.queries import LotLine
from chuzhi.wallets import accounts, queries, reactivating
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

router = Router(tags=["Wallets"])


class WalletIn(Asked):
    programme: Id = Field(examples=["1"])
    customer: Id | None = Field(None, description="Without it: a bearer's wallet, found by its card", examples=["30001"])


class StandingIn(Asked):
    reason: Reason = Field(examples=["phone reported stolen"])


class ReactivationIn(Asked):
    shown: Text = Field(min_length=1, description="Which card was shown, such as its number", examples=["8668012345678906"])
    store: Id | None = Field(None, description="Where it was shown: its law says how much a card may hold", examples=["12"])


class HeldOut(answers.BalanceOut):
    debt: int = Field(description="What the holder owes; the next top-up repays it first", examples=[0])


class ExpiringOut(Schema):
    on: str = Field(description="The last day it can be spent", examples=["2026-12-31"])
    amount: int = Field(examples=[8000])


class WalletOut(Schema):
    id: str = Field(examples=["40001"])
    customer: str | None = Field(examples=["30001"])
    kind: str = Field(description="`named` or `bearer`: what limits, loss and expiry follow", examples=["named"])
    programme: str = Field(examples=["1"])
    currency: str = Field(description="ISO 4217, or POINTS, or VISITS:…", examples=["CNY"])
    status: str | None = Field(description="`open`, `frozen` or `closed`; null for a moment of the past", examples=["open"])
    balance: HeldOut
    expiring: list[ExpiringOut] = Field(description="What is gone after a day of the next 30, unless spent; empty for the past")
    book: int = Field(examples=[12])
    at: str | None = Field(description="The moment asked for; null for now", examples=[None])


class LotOut(Schema):
    id: str = Field(examples=["7"])
    bucket: str = Field(examples=["principal"])
    amount: int = Field(examples=[50000])
    remaining: int = Field(examples=[37655])
    held: int = Field(examples=[0])
    granted_at: str = Field(examples=["2026-03-01T01:30:00.000000+00:00"])
    expires_at: str | None = Field(examples=["2027-03-02T16:00:00.000000+00:00"])
    funding: str = Field(description="What paid for it", examples=["cash:receipt 88"])


class LotList(Schema):
    items: list[LotOut]
    next_cursor: str | None


class PastMoment(Schema):
    at: Moment | None = None
    known_at: Moment | None = Field(None, description="With `at`: as it was known then, without what was written down later")


@router.post(
    "/wallets",
    auth=KeyAuth("wallets:write"),
    response={201: WalletOut},
    operation_id="openWallet",
    summary="Open a wallet",
    openapi_extra=WELCOME,
)
def open_wallet(request: ApiRequest, asked: WalletIn) -> HttpResponse:
    """An empty wallet in a programme. With an Idempotency-Key, asking twice opens one.

    Refusals: `programme.closed`, `idempotency.key_reused`.
    """
    key = key_if_any(request) or uuid.uuid4().hex
    programme, customer = programmes.named(asked.programme), _customer(asked.customer)
    wallet = accounts.open_wallet(programme=programme, customer=customer, key=key, by=request.auth)
    if (wallet.programme_id, wallet.customer_id) != (programme.pk, customer.pk if customer else None):
        raise KeyReused
    return answers.respond(_now(wallet), HTTPStatus.CREATED)


@router.get(
    "/wallets/{wallet}",
    auth=KeyAuth("wallets:read"),
    response=WalletOut,
    operation_id="getWallet",
    summary="What a wallet holds, now or at any moment of the past",
)
def get_wallet(request: ApiRequest, wallet: str, when: Query[PastMoment]) -> HttpResponse:
    """Balance, standing and what expires within 30 days. `at` asks for a moment of the past."""
    found = named.visible_wallet(request, wallet)
    return answers.respond(_then(found, when.at, when.known_at) if when.at else _now(found))


@router.get(
    "/wallets/{wallet}/lots",
    auth=KeyAuth("wallets:read"),
    response=LotList,
    operation_id="listLots",
    summary="The lots of a wallet",
)
def list_lots(
    request: ApiRequest, wallet: str, *, limit: Limit = pages.USUAL, cursor: str | None = None, only_open: bool = True
) -> HttpResponse:
    """Each grant with what is left of it, oldest first. `only_open=false` shows the spent and expired too."""
    found = named.visible_wallet(request, wallet)
    rows = queries.lots(found, only_open=only_open, after=pages.place_of(cursor) or 0, limit=limit + 1)
    following = pages.cursor(rows[limit - 1].id) if len(rows) > limit else None
    return answers.respond({"items": [_lot(row) for row in rows[:limit]], "next_cursor": following})


@router.get(
    "/wallets/{wallet}/entries",
    auth=KeyAuth("wallets:read"),
    response=entries.EntryList,
    operation_id="listEntries",
    summary="What happened to a wallet",
)
def list_entries(request: ApiRequest, wallet: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Its operations from the journal, newest first, refusals too."""
    found = named.visible_wallet(request, wallet)
    rows = queries.entries(found, before=pages.place_of(cursor), limit=limit + 1)
    following = pages.cursor(rows[limit - 1].outcome.seq) if len(rows) > limit else None
    return answers.respond({"items": [entries.of(row) for row in rows[:limit]], "next_cursor": following})


@router.post(
    "/wallets/{wallet}/freeze",
    auth=KeyAuth("wallets:freeze"),
    response=answers.MOVED,
    operation_id="freezeWallet",
    summary="Freeze a wallet",
    openapi_extra=NEEDED,
)
def freeze(request: ApiRequest, wallet: str, asked: StandingIn) -> HttpResponse:
    """Nothing goes in or out until it is unfrozen; holds placed before keep their promise."""
    moved = accounts.freeze(key=key_of(request), wallet=named.wallet(wallet), reason=asked.reason, by=request.auth)
    return answers.moved(moved.outcome)


@router.post(
    "/wallets/{wallet}/unfreeze",
    auth=KeyAuth("wallets:freeze"),
    response=answers.MOVED,
    operation_id="unfreezeWallet",
    summary="Unfreeze a wallet",
    openapi_extra=NEEDED,
)
def unfreeze(request: ApiRequest, wallet: str, asked: StandingIn) -> HttpResponse:
    """The end of a freeze, with its reason."""
    moved = accounts.unfreeze(key=key_of(request), wallet=named.wallet(wallet), reason=asked.reason, by=request.auth)
    return answers.moved(moved.outcome)


@router.post(
    "/wallets/{wallet}/close",
    auth=KeyAuth("wallets:freeze"),
    response=answers.MOVED,
    operation_id="closeWallet",
    summary="Close an empty wallet for good",
    openapi_extra=NEEDED,
)
def close(request: ApiRequest, wallet: str, asked: StandingIn) -> HttpResponse:
    """Nothing goes in any more, and it cannot be opened again. Refusals: `wallet.not_empty`, `idempotency.key_reused`."""
    moved = accounts.close(key=key_of(request), wallet=named.wallet(wallet), reason=asked.reason, by=request.auth)
    return answers.moved(moved.outcome)


@router.post(
    "/wallets/{wallet}/reactivations",
    auth=KeyAuth("wallets:reactivate"),
    response=answers.MOVED,
    operation_id="reactivateWallet",
    summary="Activate an expired bearer card again",
    openapi_extra=NEEDED,
)
def reactivate(request: ApiRequest, wallet: str, asked: ReactivationIn) -> HttpResponse:
    """All that was paid and has expired comes back as an `adjustment`, good for as long as the programme says from today.

    Refusals: `wallet.named`, `wallet.nothing_expired`, `wallet.closed`, `card.not_shown`, `limit.balance`, `pack.refused`,
    `store.unusable`, `idempotency.key_reused`.
    """
    moved = reactivating.reactivate(
        key=key_of(request), wallet=named.wallet(wallet), shown=asked.shown, store=fields.number(asked.store), by=request.auth
    )
    return answers.moved(moved.outcome)


def _customer(given: str | None) -> Customer | None:
    if given is None:
        return None
    # Whoever may open a wallet names its holder by id; reading the holder is another scope.
    found = Customer.objects.filter(pk=int(given)).first()
    if found is None:
        raise CustomerUnknown
    return found


def _now(wallet: Wallet) -> dict[str, Any]:
    held = queries.standing(wallet)
    soon = [{"on": each.on.isoformat(), "amount": each.amount} for each in held.expiring]
    return _wallet(wallet, held.balance) | {"status": held.standing.name.lower(), "expiring": soon}


def _then(wallet: Wallet, at: datetime, known_at: datetime | None) -> dict[str, Any]:
    return _wallet(wallet, queries.at(wallet, at, known_at=known_at)) | {"at": answers.moment(at)}


def _wallet(wallet: Wallet, balance: Balance) -> dict[str, Any]:
    return {
        "id": str(wallet.pk),
        "customer": None if wallet.customer_id is None else str(wallet.customer_id),
        "kind": wallet.kind,
        "programme": str(wallet.programme_id),
        "currency": programmes.asset_of(wallet),
        "status": None,
        "balance": answers.balance(balance) | {"debt": balance.debt},
        "expiring": [],
        "book": wallet.book,
        "at": None,
    }


def _lot(row: LotLine) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "bucket": answers.BUCKETS[Bucket(row.bucket)],
        "amount": row.amount,
        "remaining": row.remaining,
        "held": row.held,
        "granted_at": answers.moment(row.granted_at),
        "expires_at": None if row.expires_at is None else answers.moment(row.expires_at),
        "funding": row.funding,
    }
