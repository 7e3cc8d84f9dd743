"""Clients who ask the ledger for whatever comes to their minds, many in each of several processes.

Each writes down what it asks before it asks it, and then what it was told; the system keeps what was written when the process
is killed.
"""

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import make
from ledger import racing

from chuzhi.ledger import chart, operations, posting
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.ledger.operations import Grant, Operation
from chuzhi.ledger.outcomes import Outcome

Place = tuple[int, int]


class Common:
    """What the clients of one process tell one another: what was asked, and what was done where."""

    def __init__(self, name: str, places: list[Place]) -> None:
        self.name, self.places = name, places
        self.keys = itertools.count()
        self.asked: list[Operation] = []
        self.done: list[Outcome] = []
        self.last_seq = 1


class Client:
    def __init__(self, common: Common, seed: int, diary: IO[str]) -> None:
        self.common, self.draw, self.diary = common, random.Random(seed), diary

    def live(self, asks: int) -> None:
        for _each in range(asks):
            asked = self.think()
            self.common.asked.append(asked)
            self.write({"asks": racing.plain(asked)})
            try:
                outcome = posting.post([asked])[0]
            except LedgerUnavailable:
                self.write({"key": asked.key, "unknown": True})
                continue
            self.write({"key": asked.key, "told": told(outcome)})
            self.common.last_seq = max(self.common.last_seq, outcome.seq)
            if outcome.refusal is None:
                self.common.done.append(outcome)

    def write(self, line: dict[str, Any]) -> None:
        print(json.dumps({"at": time.monotonic_ns(), **line}, default=racing.text), file=self.diary, flush=True)

    def think(self) -> Operation:
        """Mostly sales, often about something that was done before, sometimes the very same again."""
        wishes: dict[Callable[[], Operation], int] = {
            self.top_up: 4, self.charge: 8, self.hold: 4, self.capture: 3, self.release: 1, self.refund: 4,
            self.top_up_refund: 1, self.transfer_out: 1, self.stand: 1, self.adjust: 1, self.take_back: 1,
            self.dispute: 1, self.dispute_end: 1, self.everybodys: 2, self.again: 3,
        }  # fmt: skip
        return self.draw.choices(list(wishes), list(wishes.values()))[0]()

    def ask(self, kind: type[Operation], amount: int = 0, place: Place | None = None, **more: object) -> Operation:
        book, wallet = place or self.draw.choice(self.common.places)
        values: dict[str, Any] = {"key": f"{self.common.name}-{next(self.common.keys)}", "asset": make.cny()} | more
        return kind(book=book, wallet=wallet, by="system:0", amount=amount, **values)

    def amount(self) -> int:
        return self.draw.choice([1, 33, self.draw.randrange(1, 500), self.draw.randrange(1, 20_000)])

    def soon(self, odds: float) -> datetime | None:
        within = timedelta(milliseconds=self.draw.randrange(5, 400))
        return datetime.now(UTC) + within if self.draw.random() < odds else None

    def earlier(self, *kinds: int) -> tuple[Place, int]:
        """Something of these kinds that was done; now and then anything at all, perhaps by another process or not at all."""
        known = [each for each in self.common.done if each.kind in kinds]
        if not known or self.draw.random() < 0.2:
            return self.draw.choice(self.common.places), self.draw.randrange(1, self.common.last_seq + 3)
        chosen = self.draw.choice(known[-20:])
        return (chosen.book, chosen.wallet), chosen.seq

    def top_up(self) -> Operation:
        paid = self.amount() * 3
        place = self.draw.choice(self.common.places)
        most = self.draw.choice([None, None, 400_00])
        sold = make.top_up_asked(place[1], paid, self.draw.choice([0, paid // 5]), book=place[0], until=self.soon(0.5))
        return self.ask(type(sold), paid, place, grants=sold.grants, most_held=most)

    def charge(self) -> Operation:
        order, is_partial = self.draw.choice(operations.Order.ALL), self.draw.random() < 0.2
        most = self.draw.choice([None, None, 300_00])
        return self.ask(
            operations.Charge, self.amount(), into=make.SALES, order=order, allow_partial=is_partial, most_a_day=most
        )

    def hold(self) -> Operation:
        until = self.soon(0.5) or datetime.now(UTC) + timedelta(hours=1)
        return self.ask(operations.Hold, self.amount(), expires_at=until, order=self.draw.choice(operations.Order.ALL))

    def capture(self) -> Operation:
        place, seq = self.earlier(3)
        return self.ask(operations.Capture, self.amount(), place, hold=seq, into=make.SALES, final=self.draw.random() < 0.3)

    def release(self) -> Operation:
        place, seq = self.earlier(3)
        return self.ask(operations.Release, 0, place, hold=seq)

    def refund(self) -> Operation:
        place, seq = self.earlier(2, 4)
        return self.ask(operations.Refund, self.amount(), place, charge=seq, proportional=self.draw.random() < 0.5)

    def top_up_refund(self) -> Operation:
        place, seq = self.earlier(1)
        forfeits = self.draw.choice([None, None, 0, self.amount()])
        amount = self.draw.choice([0, self.amount()])
        return self.ask(operations.TopUpRefund, amount, place, top_up=seq, into=make.CASH, forfeits=forfeits)

    def transfer_out(self) -> Operation:
        to = self.draw.choice(self.common.places)
        return self.ask(operations.TransferOut, self.amount(), to_book=to[0], to_wallet=to[1])

    def stand(self) -> Operation:
        return self.ask(
            operations.Stand, standing=self.draw.choice([Standing.FROZEN, Standing.OPEN, Standing.OPEN]), reason="because"
        )

    def adjust(self) -> Operation:
        amount, source = self.amount(), chart.ADJUSTMENT
        gift = Grant(asset=make.cny(), bucket=Bucket.BONUS, amount=amount, source=source, expires_at=self.soon(0.5))
        return self.ask(operations.Adjust, amount, reason="because", grants=self.draw.choice([(gift,), ()]))

    def take_back(self) -> Operation:
        return self.ask(operations.TakeBack, self.amount(), reason="because")

    def dispute(self) -> Operation:
        place, seq = self.earlier(1)
        return self.ask(operations.Dispute, 0, place, top_up=seq, clearing=make.CASH)

    def dispute_end(self) -> Operation:
        place, seq = self.earlier(12)
        return self.ask(operations.DisputeEnd, 0, place, dispute=seq, clearing=make.CASH, won=self.draw.random() < 0.5)

    def everybodys(self) -> Operation:
        """One key that every process knows, now and then with another body."""
        number = self.draw.randrange(12)
        amount = 100 + number + self.draw.choice([0, 0, 0, 1])
        return self.ask(operations.Charge, amount, self.common.places[0], key=f"everybodys-{number}", into=make.SALES)

    def again(self) -> Operation:
        return self.draw.choice(self.common.asked[-60:]) if self.common.asked else self.charge()


def told(outcome: Outcome) -> dict[str, Any]:
    """An answer, whole."""
    return {
        "book": outcome.book,
        "seq": outcome.seq,
        "kind": int(outcome.kind),
        "asset": outcome.asset,
        "amount": outcome.amount,
        "refusal": [outcome.refusal.code, dict(outcome.refusal.facts)] if outcome.refusal else None,
        "legs": [[leg.lot, leg.pot, leg.account, leg.amount, leg.held] for leg in outcome.legs],
        "balances": {str(pot): list(figures) for pot, figures in outcome.balances.items()},
        "ref_seq": outcome.ref_seq,
        "replayed": outcome.replayed,
    }


def live(line: str) -> None:
    """A round, as `line` says: where the diaries go, the process's name, a seed, the wallets, how many clients and asks."""
    given = json.loads(line)
    common = Common(given["name"], [(book, wallet) for book, wallet in given["places"]])
    make.cny()
    with ExitStack() as stack:
        diaries = [
            stack.enter_context((Path(given["folder"]) / f"{common.name}-{number}.jsonl").open("w", encoding="utf-8"))
            for number in range(given["clients"])
        ]
        clients = [Client(common, given["seed"] * 1000 + number, diary) for number, diary in enumerate(diaries)]
        threads = [threading.Thread(target=client.live, args=(given["asks"],)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(flush=True)
