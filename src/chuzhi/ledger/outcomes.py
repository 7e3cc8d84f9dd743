"""What a caller gets back for an operation, first time or replayed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from chuzhi.core.errors import Refused
from chuzhi.ledger import assets, errors
from chuzhi.ledger.chart import Bucket, Kind
from chuzhi.ledger.rules.engine import Record


class LegLine(NamedTuple):
    """One movement: units the lot gained (+) or lost (-), units promised (+) or let go (-)."""

    lot: int
    pot: int
    account: int
    amount: int
    held: int

    @property
    def asset(self) -> int:
        return self.pot // 10

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.pot % 10)


@dataclass(slots=True)
class Outcome:
    """One operation's answer: minor units of `asset`, and the whole wallet after it, by pot: (units, promised)."""

    book: int
    seq: int
    wallet: int
    kind: Kind
    asset: int
    amount: int
    refusal: Refused | None
    legs: Sequence[LegLine]
    balances: dict[int, tuple[int, int]]
    ref_seq: int | None
    time: datetime
    replayed: bool = False

    def raise_if_refused(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def balance(self, asset: int, bucket: Bucket) -> int:
        return self.balances.get(asset * 10 + bucket, (0, 0))[0]

    def held(self, asset: int) -> int:
        return sum(held for pot, (_units, held) in self.balances.items() if pot // 10 == asset)

    def moved(self, bucket: Bucket) -> int:
        """Net units this operation moved in a bucket of its asset: positive into the wallet, negative out of it."""
        return sum(leg.amount for leg in self.legs if leg.pot == self.asset * 10 + bucket)


def of_record(record: Record, time: datetime) -> Outcome:
    legs = [LegLine(leg.lot.id, leg.lot.pot, leg.account, leg.amount, leg.held) for leg in record.legs]
    return Outcome(
        record.book, record.seq, record.wallet, record.kind, record.asset, record.amount, record.refusal, legs, record.balances,
        record.ref_seq, time,
    )  # fmt: skip


def of_row(row: Sequence[Any], *, replayed: bool = True) -> Outcome:
    """From a journal row as `reading.OPERATION_COLUMNS` selects it."""
    (book, seq, wallet, kind, asset, amount, refusal, lots, leg_pots, accounts, amounts, promises,
     pots, balances, helds, ref_seq, _effective_at, time, _fingerprint, outcome) = row[:20]  # fmt: skip
    legs = [LegLine(*leg) for leg in zip(lots, leg_pots, accounts, amounts, promises, strict=True)]
    after = {pot: (units, held) for pot, units, held in zip(pots, balances, helds, strict=True)}
    said = None
    if refusal is not None:
        said = errors.known(refusal, json.loads(outcome))
        said.is_replayed = replayed
    return Outcome(book, seq, wallet, Kind(kind), asset, amount, said, legs, after, ref_seq, time, replayed)


def worded(outcome: Outcome) -> Outcome:
    """The same; if it is a refusal, one that says its amounts as money."""
    if isinstance(outcome.refusal, errors.LedgerRefused):
        outcome.refusal.currency = partial(assets.currency, outcome.asset)
    return outcome


def of_reused_key(book: int, wallet: int, kind: Kind, time: datetime) -> Outcome:
    """The key is another request's: answered, not recorded."""
    return Outcome(book, 0, wallet, kind, 0, 0, errors.KeyReused(), (), {}, None, time)
