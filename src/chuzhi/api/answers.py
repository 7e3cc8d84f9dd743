"""What every call that moves money answers, in one shape, and how a repeated one is told from a first."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Field, Schema

from chuzhi.core.tables import Row, csv_of
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.ledger.outcomes import LegLine, Outcome
from chuzhi.wallets import moves
from chuzhi.wallets.moves import Balance

REPLAYED = "Idempotency-Replayed"
BUCKETS = {bucket: bucket.name.lower() for bucket in Bucket}
KINDS = {kind: kind.name.lower() for kind in Kind}
_PROMISING = {Kind.HOLD, Kind.RELEASE, Kind.HOLD_EXPIRY}


class TakenOut(Schema):
    principal: int = Field(examples=[12345])
    bonus: int = Field(examples=[0])


class BalanceOut(Schema):
    """Minor units. `available` = principal + bonus - held: what can be spent now."""

    principal: int = Field(examples=[37655])
    bonus: int = Field(examples=[8000])
    held: int = Field(examples=[0])
    available: int = Field(examples=[45655])


class LegOut(Schema):
    lot: str = Field(examples=["7"])
    bucket: str = Field(examples=["principal"], description="`principal`, `bonus` or `debt`")
    amount: int = Field(examples=[12345])


class OperationOut(Schema):
    """One move of value, as the journal has it. `book` and `seq` are its place there, for ever."""

    id: str = Field(examples=["12-345"])
    kind: str = Field(examples=["charge"])
    wallet: str = Field(examples=["40001"])
    book: int = Field(examples=[12])
    seq: int = Field(examples=[345])
    amount: int = Field(description="What was moved: of a partial charge, perhaps less than asked", examples=[12345])
    taken: TakenOut = Field(description="What left the wallet, by bucket")
    legs: list[LegOut] = Field(description="Which lots moved, by how much")
    balance: BalanceOut = Field(description="The wallet right after it")
    at: str = Field(examples=["2026-03-01T01:30:00.123456+00:00"])
    replayed: bool = Field(description="true: this key was used before, and this is what it did then")


MOVED = {201: OperationOut, 200: OperationOut}
"""201 the first time, 200 when the same key comes again."""


def moved(outcome: Outcome) -> HttpResponse:
    return made(of(outcome), replayed=outcome.replayed)


def made(body: Any, *, replayed: bool) -> HttpResponse:
    """What a request made; told again where its key came before."""
    answer = respond(body, HTTPStatus.OK if replayed else HTTPStatus.CREATED)
    if replayed:
        answer[REPLAYED] = "true"
    return answer


def respond(body: Any, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


AS_TABLE: dict[str, Any] = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}
"""For the description of a list that can also be had as a table."""


def wants_table(request: HttpRequest) -> bool:
    """Whether the caller would rather have CSV than JSON (`Accept: text/csv`)."""
    return request.get_preferred_type(["application/json", "text/csv"]) == "text/csv"


def table(request: HttpRequest, rows: Iterable[Row], name: str) -> HttpResponse:
    """Its headings and words in the language of Accept-Language."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        content = csv_of(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Content-Language": language}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def of(outcome: Outcome) -> dict[str, Any]:
    """In the words of the outside. Ids are strings, amounts positive whole numbers: `kind` says which way they went."""
    principal, bonus = outcome.moved(Bucket.PRINCIPAL), outcome.moved(Bucket.BONUS)
    return {
        "id": moves.operation_id(outcome.book, outcome.seq),
        "kind": KINDS[outcome.kind],
        "wallet": str(outcome.wallet),
        "book": outcome.book,
        "seq": outcome.seq,
        "amount": outcome.amount,
        "taken": {"principal": max(0, -principal), "bonus": max(0, -bonus)},
        "legs": legs(outcome.legs, outcome.kind),
        "balance": balance(Balance.of(outcome.asset, outcome.balances)),
        "at": moment(outcome.time),
        "replayed": outcome.replayed,
    }


def legs(lines: Sequence[LegLine], kind: Kind) -> list[dict[str, Any]]:
    """What a hold promises is told as its legs; elsewhere, only what really moved."""
    promising = kind in _PROMISING
    sizes = [(line, abs(line.held if promising else line.amount)) for line in lines]
    return [{"lot": str(line.lot), "bucket": BUCKETS[line.bucket], "amount": size} for line, size in sizes if size]


def balance(now: Balance) -> dict[str, int]:
    return {"principal": now.principal, "bonus": now.bonus, "held": now.held, "available": now.available}


@lru_cache(maxsize=256)
def moment(at: datetime) -> str:
    """In UTC, so that a repeated answer reads as the first one did."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
