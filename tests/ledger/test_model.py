"""The engine and an independent model are asked the same things and must give the same answers; then the verifier looks."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from ledger.model import Entry, Model

from chuzhi.ledger import assets, chart, operations, posting
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.operations import Grant, Operation, Order
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.proof import verification

pytestmark = pytest.mark.django_db
START = datetime(2026, 2, 27, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
WALLETS = [(0, 1), (0, 1), (0, 1), (0, 2), (1, 3)]

wallets = st.sampled_from(WALLETS)
amounts = st.one_of(st.integers(1, 9), st.integers(1, 400), st.sampled_from([1, 100, 333]))
some = st.integers(1, 60)
picks = st.integers(0, 50)
soon = st.none() | st.none() | st.sampled_from([HOUR, 5 * HOUR, 24 * HOUR, 72 * HOUR])
limits = st.none() | st.none() | st.none() | st.integers(1, 900)
orders = st.sampled_from(Order.ALL)
standings = st.sampled_from([*[Standing.OPEN] * 4, Standing.FROZEN, Standing.CLOSED])
top_ups = st.tuples(st.just("top_up"), wallets, amounts, st.integers(0, 90), soon, soon, limits, limits, limits, st.booleans())
charges = st.tuples(st.just("charge"), wallets, amounts | some, orders, st.booleans(), st.integers(0, 30), limits, limits)
holds = st.tuples(
    st.just("hold"), wallets, amounts | some, orders, st.sampled_from([HOUR, 48 * HOUR, 48 * HOUR, -HOUR]), limits,
    st.just([]) | st.just([]) | st.lists(picks, min_size=1, max_size=2),
)  # fmt: skip
captures = st.tuples(st.just("capture"), wallets, st.integers(1, 9) | some, picks, st.booleans())
refunds = st.tuples(
    st.just("refund"),
    wallets,
    amounts | some,
    picks,
    st.booleans(),
    st.sampled_from([30, 30, 0]),
    st.just(0) | st.integers(0, 20),
)
wishes = st.one_of(
    *[top_ups, charges, charges, charges, holds, holds, captures, captures, refunds, refunds],
    st.tuples(st.just("release"), wallets, picks),
    st.tuples(st.just("top_up_refund"), wallets, st.just(0) | amounts, picks, st.none()),
    st.tuples(st.just("top_up_refund"), wallets, st.just(0) | some, picks, st.just(0) | some | amounts),
    st.tuples(st.just("transfer_out"), wallets, amounts, orders, wallets, st.lists(picks, max_size=2)),
    st.tuples(st.just("transfer_in"), picks, st.booleans(), limits),
    st.tuples(st.just("stand"), wallets, standings),
    st.tuples(st.just("adjust"), wallets, amounts, st.booleans(), soon),
    st.tuples(st.just("take_back"), wallets, amounts),
    st.tuples(st.just("dispute"), wallets, picks),
    st.tuples(st.just("dispute_end"), wallets, picks, st.booleans()),
    st.tuples(st.just("again"), picks),
    st.tuples(st.just("other_body"), picks),
)


class Both(RuleBasedStateMachine):
    """Wishes become operations, which both the engine and the model answer."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = START
        self.model = Model(str(django_settings.TIME_ZONE))
        self.keys = itertools.count()
        self.asked: list[Operation] = []
        self.done: list[Outcome] = []
        self.arriving: set[tuple[int, int]] = set()
        self.cny, self.points = assets.number("CNY"), assets.number("POINTS")

    def teardown(self) -> None:
        try:
            report = verification.verify(connection.connection, deep=True)
            assert report.findings == []
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @rule(step=st.sampled_from([timedelta(microseconds=1), HOUR, HOUR, 3 * HOUR, 12 * HOUR, 48 * HOUR, -HOUR]))
    def time_goes_by(self, step: timedelta) -> None:
        self.now += step

    @rule(wished=st.lists(wishes, min_size=1, max_size=4))
    def somebody_asks(self, wished: list[tuple[Any, ...]]) -> None:
        self.arriving.clear()
        batch = [asked for name, *facts in wished if (asked := getattr(self, name)(*facts)) is not None]
        note(f"{self.now} {batch}")
        answers, expected = posting.post(batch, now=self.now), self.model.post(batch, self.now)
        for asked, answer, (entry, is_known) in zip(batch, answers, expected, strict=True):
            compare(asked, answer, entry, is_known=is_known)
            self.asked.append(asked)
            if entry is not None and not is_known and answer.refusal is None:
                self.done.append(answer)

    def ask(self, kind: type[Operation], place: tuple[int, int], amount: int = 0, **more: object) -> Operation:
        book, wallet = place
        values: dict[str, Any] = {"asset": self.cny, "key": f"{next(self.keys)}", "by": "system:0"} | more
        return kind(book=book, wallet=wallet, amount=amount, **values)

    def earlier(self, place: tuple[int, int], pick: int, *kinds: int) -> int:
        """The seq of something of these kinds, usually this wallet's."""
        known = [each.seq for each in self.done if each.kind in kinds and (each.book, each.wallet) == place]
        return known[pick % len(known)] if known else pick

    def top_up(
        self, place: Any, paid: int, bonus: int, until: Any, gift_until: Any, once: Any, day: Any, held: Any, repays: bool
    ) -> Operation:
        grants = [
            Grant(
                asset=self.cny,
                bucket=Bucket.PRINCIPAL,
                amount=paid,
                source=make.CASH,
                repays_debt=repays,
                expires_at=self.at(until),
            )
        ]
        if bonus:
            grants.append(
                Grant(
                    asset=self.cny, bucket=Bucket.BONUS, amount=bonus, source=chart.BONUS_COST, expires_at=self.at(gift_until)
                )
            )
            grants.append(
                Grant(asset=self.points, bucket=Bucket.BONUS, amount=bonus, source=chart.BONUS_COST, repays_debt=True)
            )
        return self.ask(
            operations.TopUp, place, paid, grants=tuple(grants), most_at_once=once, most_a_day=day, most_held=held and held * 3
        )

    def at(self, after: timedelta | None) -> datetime | None:
        return None if after is None else self.now + after

    def charge(self, place: Any, amount: int, order: str, is_partial: bool, earned: int, once: Any, day: Any) -> Operation:
        earns = (Grant(asset=self.points, bucket=Bucket.BONUS, amount=earned, source=chart.BONUS_COST, repays_debt=True),)
        return self.ask(
            operations.Charge, place, amount, into=make.SALES, order=order, allow_partial=is_partial,
            earns=earns if earned else (),
            most_at_once=once, most_a_day=day,
        )  # fmt: skip

    def hold(self, place: Any, amount: int, order: str, until: timedelta, once: Any, only: list[int]) -> Operation:
        top_ups = tuple(self.earlier(place, pick, 1) for pick in only)
        return self.ask(
            operations.Hold, place, amount, expires_at=self.now + until, order=order, most_at_once=once, top_ups=top_ups
        )

    def capture(self, place: Any, amount: int, pick: int, is_final: bool) -> Operation:
        return self.ask(
            operations.Capture,
            place,
            amount,
            hold=self.earlier(place, pick, 3),
            into=make.SALES,
            final=is_final,
            asset=self.points,
        )

    def release(self, place: Any, pick: int) -> Operation:
        return self.ask(operations.Release, place, hold=self.earlier(place, pick, 3))

    def refund(self, place: Any, amount: int, pick: int, is_proportional: bool, grace: int, points: int) -> Operation:
        takes_back = ((self.points, Bucket.BONUS, points),) if points else ()
        return self.ask(
            operations.Refund, place, amount, charge=self.earlier(place, pick, 2, 4), proportional=is_proportional,
            grace_days=grace,
            takes_back=takes_back,
        )  # fmt: skip

    def top_up_refund(self, place: Any, amount: int, pick: int, forfeits: int | None) -> Operation:
        top_up = self.earlier(place, pick, 1)
        return self.ask(operations.TopUpRefund, place, amount, top_up=top_up, into=make.CASH, forfeits=forfeits)

    def transfer_out(self, place: Any, amount: int, order: str, to: Any, only: list[int]) -> Operation:
        lots_of = tuple(self.earlier(place, pick, 1, 9) for pick in only)
        return self.ask(
            operations.TransferOut, place, amount, to_book=to[0], to_wallet=to[1], order=order, lots_of=lots_of
        )  # fmt: skip

    def transfer_in(self, pick: int, is_return: bool, most: Any) -> Operation | None:
        """The other half of a transfer that is under way; nobody asks for it twice under two keys."""
        arrived = self.arriving | {
            (each.from_book, each.from_seq)
            for each in self.asked
            if isinstance(each, operations.TransferIn) and self.entry_of(each).refusal is None
        }
        left = [each for each in self.done if each.kind == 8 and (each.book, each.seq) not in arrived]
        if not left:
            return None
        out = left[pick % len(left)]
        self.arriving.add((out.book, out.seq))
        asked = next(
            each
            for each in self.asked
            if isinstance(each, operations.TransferOut) and (each.book, self.entry_of(each).seq) == (out.book, out.seq)
        )
        to = (out.book, out.wallet) if is_return else (asked.to_book, asked.to_wallet)
        grants = tuple(Grant(asset=leg.asset, bucket=leg.bucket, amount=-leg.amount, source=chart.TRANSIT) for leg in out.legs)
        return self.ask(
            operations.TransferIn, to, out.amount, key=f"in {out.book} {out.seq} {is_return} {next(self.keys)}",
            from_book=out.book,
            from_wallet=out.wallet, from_seq=out.seq, grants=grants, is_return=is_return, most_held=most and most * 3,
        )  # fmt: skip

    def entry_of(self, asked: Operation) -> Entry:
        return self.model.keys[asked.book, asked.by, asked.wallet, asked.key][1]

    def stand(self, place: Any, standing: Standing) -> Operation:
        return self.ask(operations.Stand, place, standing=standing, reason="because")

    def adjust(self, place: Any, amount: int, is_gift: bool, until: Any) -> Operation:
        gift = Grant(asset=self.cny, bucket=Bucket.BONUS, amount=amount, source=chart.ADJUSTMENT, expires_at=self.at(until))
        return self.ask(operations.Adjust, place, amount, reason="because", grants=(gift,) if is_gift else ())

    def take_back(self, place: Any, amount: int) -> Operation:
        return self.ask(operations.TakeBack, place, amount, asset=self.points)

    def dispute(self, place: Any, pick: int) -> Operation:
        return self.ask(operations.Dispute, place, top_up=self.earlier(place, pick, 1), clearing=make.CASH)

    def dispute_end(self, place: Any, pick: int, is_won: bool) -> Operation:
        return self.ask(operations.DisputeEnd, place, dispute=self.earlier(place, pick, 12), clearing=make.CASH, won=is_won)

    def again(self, pick: int) -> Operation | None:
        return self.asked[pick % len(self.asked)] if self.asked else None

    def other_body(self, pick: int) -> Operation | None:
        asked = self.again(pick)
        return None if asked is None else replace(asked, amount=asked.amount + 1)


def compare(asked: Operation, answer: Outcome, entry: Entry | None, *, is_known: bool) -> None:
    if entry is None:
        assert answer.refusal is not None
        assert answer.refusal.code == "idempotency.key_reused"
        return
    refusal = (answer.refusal.code, dict(answer.refusal.facts)) if answer.refusal is not None else None
    legs = [(leg.lot, leg.pot, leg.account, leg.amount, leg.held) for leg in answer.legs]
    said = (
        answer.seq,
        int(answer.kind),
        answer.asset,
        answer.amount,
        refusal,
        legs,
        answer.ref_seq,
        answer.balances,
        answer.replayed,
    )
    expected = (
        entry.seq, entry.kind, entry.asset, entry.amount, entry.refusal, entry.written, entry.ref_seq, entry.balances, is_known,
    )  # fmt: skip
    assert said == expected, asked


def run(*, examples: int, steps: int) -> None:
    assets.number("CNY"), assets.number("POINTS")
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # Hypothesis does not type it
        Both,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None
        ),
    )


def test_engine_and_model_give_the_same_answers() -> None:
    run(examples=60, steps=25)


@pytest.mark.soak
def test_engine_and_model_give_the_same_answers_for_long() -> None:
    run(examples=1_500, steps=50)
