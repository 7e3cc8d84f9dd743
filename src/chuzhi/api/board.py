from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Day
from chuzhi.insights import board
from chuzhi.insights.board import Float, Today
from chuzhi.insights.journal import Move
from chuzhi.insights.rules import Held, Sums
from chuzhi.ledger import assets
from chuzhi.payments import methods
from chuzhi.wallets import moves

router = Router(tags=["Board"])


class FloatHeldOut(Schema):
    """Smallest units of the asset."""

    principal: int = Field(examples=[12345])
    bonus: int = Field(examples=[800])


class DayEndOut(FloatHeldOut):
    day: str = Field(examples=["2026-03-01"])


class FloatOut(Schema):
    asset: str = Field(examples=["CNY"])
    now: FloatHeldOut
    today: FloatHeldOut = Field(description="By how much today changed it")
    days: list[DayEndOut] = Field(description="At the end of each day from `since` on; today's is now")


class FlowOut(Schema):
    topped_up: int
    charged: int
    returned: int = Field(description="Charges that went back into their wallets")
    paid_back: int = Field(description="Top-ups that went back to their payers")
    operations: int


class FlowOfOut(FlowOut):
    of: str | None = Field(description="The store, the channel, the method, or the hour; null: no store", examples=["counter"])


class TodayOut(Schema):
    asset: str = Field(examples=["CNY"])
    sums: FlowOut
    by_store: list[FlowOfOut]
    by_channel: list[FlowOfOut]
    by_method: list[FlowOfOut]
    by_hour: list[FlowOfOut]


class LargestOut(Schema):
    operation: str = Field(examples=["12-345"])
    kind: str = Field(examples=["top_up"])
    wallet: str
    asset: str
    change: int = Field(description="What the wallet gained (+) or lost (-)")
    store: str | None
    channel: str
    at: str


class WaitingOut(Schema):
    """Null: the key may not see this."""

    stuck_orders: int | None
    incidents: int | None
    unmatched: int | None = Field(description="Bank lines without a payment")
    approvals: int | None


class ProofOut(Schema):
    verified_at: str | None = Field(description="Null: never")
    wrong: int = Field(description="What the verifier found wrong")
    operations: int = Field(description="What it went through")
    signed_at: str | None = Field(description="When heads were last signed and written down; null: never")


class BoardOut(Schema):
    at: str
    since: str = Field(examples=["2026-03-01"])
    floats: list[FloatOut] = Field(description="Empty for a key of one store: it is the whole business's")
    today: list[TodayOut]
    largest: list[LargestOut]
    waiting: WaitingOut
    proof: ProofOut


@router.get(
    "/board", auth=KeyAuth("board:read"), response=BoardOut, operation_id="getBoard", summary="The business at a glance"
)
def get_board(request: ApiRequest, since: Day | None = None) -> HttpResponse:
    """What customers hold, what today brought and took, what waits. `since`: one of the last 92 days, else 30 days ago."""
    found = board.of(request.auth, since=since)
    return answers.respond(
        {
            "at": answers.moment(found.at), "since": found.since.isoformat(),
            "floats": [_float(each) for each in found.floats],
            "today": [_today(each) for each in found.today],
            "largest": [_move(each) for each in found.largest],
            "waiting": {name: getattr(found.waiting, name) for name in WaitingOut.model_fields},
            "proof": {
                "verified_at": answers.moment(found.proof.verified_at) if found.proof.verified_at else None,
                "wrong": found.proof.wrong, "operations": found.proof.operations,
                "signed_at": answers.moment(found.proof.signed_at) if found.proof.signed_at else None,
            },
        }
    )  # fmt: skip


def _float(one: Float) -> dict[str, Any]:
    return {
        "asset": one.asset, "now": _held(one.now), "today": _held(one.today),
        "days": [{"day": day.isoformat()} | _held(held) for day, held in one.days],
    }  # fmt: skip


def _held(held: Held) -> dict[str, int]:
    return {"principal": held.principal, "bonus": held.bonus}


def _today(one: Today) -> dict[str, Any]:
    return {
        "asset": one.asset, "sums": _sums(one.sums),
        "by_store": [{"of": str(store) if store else None} | _sums(sums) for store, sums in one.by_store.items()],
        "by_channel": [{"of": channel} | _sums(sums) for channel, sums in one.by_channel.items()],
        "by_method": [{"of": methods.name(method)} | _sums(sums) for method, sums in one.by_method.items()],
        "by_hour": [{"of": str(hour)} | _sums(sums) for hour, sums in sorted(one.by_hour.items())],
    }  # fmt: skip


def _sums(sums: Sums) -> dict[str, int]:
    return {name: getattr(sums, name) for name in FlowOut.model_fields}


def _move(move: Move) -> dict[str, Any]:
    return {
        "operation": moves.operation_id(move.book, move.seq), "kind": answers.KINDS[move.kind], "wallet": str(move.wallet),
        "asset": assets.code(move.asset), "change": move.principal + move.bonus,
        "store": str(move.store) if move.store else None, "channel": move.channel, "at": answers.moment(move.at),
    }  # fmt: skip
