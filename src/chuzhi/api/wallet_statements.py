from typing import Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Day
from chuzhi.wallets import moves, statements
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.statements import Line

router = Router(tags=["Wallets"])


class DaysQuery(Asked):
    since: Day
    until: Day = Field(description="Included")


class StatedOut(Schema):
    """Minor units. `total` = principal + bonus, whether held or not."""

    principal: int = Field(examples=[40000])
    bonus: int = Field(examples=[8000])
    total: int = Field(examples=[48000])
    debt: int = Field(examples=[0])


class MovementLineOut(Schema):
    id: str = Field(examples=["12-345"])
    kind: str = Field(examples=["charge"])
    at: str = Field(description="When it took effect", examples=["2026-03-01T01:30:00.123456+00:00"])
    store: str | None = Field(examples=["3"])
    principal: int = Field(description="What came (+) or went (-)", examples=[-10000])
    bonus: int = Field(examples=[0])
    after: StatedOut


class AccountStatementOut(Schema):
    """`opening.total` + `came` + `went` = `closing.total`."""

    wallet: str = Field(examples=["40001"])
    currency: str = Field(examples=["CNY"])
    since: str = Field(examples=["2026-03-01"])
    until: str = Field(examples=["2026-03-31"])
    opening: StatedOut
    came: int = Field(examples=[0])
    went: int = Field(description="Zero, or less", examples=[-10000])
    closing: StatedOut
    lines: list[MovementLineOut]


@router.get(
    "/wallets/{wallet}/statement",
    auth=KeyAuth("wallets:read"),
    response=AccountStatementOut,
    operation_id="getStatement",
    summary="Statement of account",
)
def statement(request: ApiRequest, wallet: str, days: Query[DaysQuery]) -> HttpResponse:
    """What there was, what moved by when it took effect, what is left. Refusals: `statement.days`, `statement.too_long`."""
    found = statements.of(named.visible_wallet(request, wallet), since=days.since, until=days.until)
    return answers.respond(
        {
            "wallet": str(found.wallet.pk),
            "currency": found.asset,
            "since": str(found.since),
            "until": str(found.until),
            "opening": _balance(found.opening),
            "came": found.came,
            "went": found.went,
            "closing": _balance(found.closing),
            "lines": [_line(found.wallet.book, line) for line in found.lines],
        }
    )


def _line(book: int, line: Line) -> dict[str, Any]:
    moved = line.moved
    return {
        "id": moves.operation_id(book, moved.seq),
        "kind": answers.KINDS[moved.kind],
        "at": answers.moment(moved.at),
        "store": None if moved.store is None else str(moved.store),
        "principal": moved.principal,
        "bonus": moved.bonus,
        "after": _balance(line.after),
    }


def _balance(now: Balance) -> dict[str, int]:
    return {"principal": now.principal, "bonus": now.bonus, "total": now.principal + now.bonus, "debt": now.debt}
