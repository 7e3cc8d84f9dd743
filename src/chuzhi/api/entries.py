"""Operations as they stand in the journal: with what they were about, and with those that were refused."""

import json
from typing import Any

from ninja import Field, Schema

from chuzhi.api import answers
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import moves


class RefusalOut(Schema):
    code: str = Field(examples=["wallet.not_enough"])
    facts: dict[str, Any] = Field(examples=[{"available": 100, "asked": 12345}])


class EntryOut(answers.OperationOut):
    refusal: RefusalOut | None = Field(description="Why it was not done; null: it was done")
    answers: str | None = Field(description="The earlier operation that this one is about", examples=[None])
    effective_at: str = Field(examples=["2026-03-01T01:30:00.123456+00:00"])
    store: str | None = Field(examples=["12"])
    till: str | None = Field(examples=["3"])
    by: str = Field(description="Who asked", examples=["key:7"])
    member: str | None = Field(description="Who spent it, where it was not the holder: a member", examples=[None])
    reference: str = Field(examples=["table 5"])
    reason: str = Field(examples=[""])


class EntryList(Schema):
    items: list[EntryOut]
    next_cursor: str | None


def of(entry: Entry) -> dict[str, Any]:
    outcome, said = entry.outcome, json.loads(entry.details) if entry.details else {}
    no = outcome.refusal
    return answers.of(outcome) | {
        "replayed": False,
        "refusal": None if no is None else {"code": no.code, "facts": dict(no.facts)},
        "answers": None if outcome.ref_seq is None else moves.operation_id(outcome.book, outcome.ref_seq),
        "effective_at": answers.moment(entry.effective_at),
        "store": None if entry.store is None else str(entry.store),
        "till": None if entry.till is None else str(entry.till),
        "by": entry.actor,
        "member": str(said.get("spent_by", "")).partition(":")[2] or None,
        "reference": str(said.get("reference", "")),
        "reason": str(said.get("reason", "")),
    }
