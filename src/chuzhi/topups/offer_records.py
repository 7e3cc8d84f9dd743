"""What a top-up was given, as rows that belong to the same fact: written with it, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Exchange, array, texts

USES = """
    INSERT INTO topup_offer_use
        (book, seq, offer_id, band_id, wallet, customer_id, store, channel, paid, bonus, worth, used_at)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[],
        %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])"""
PARTS = """
    INSERT INTO topup_gift_part
        (book, seq, gift_id, number, amount, due_at, released_at, wallet, released_seq, tries, taken_back)
    SELECT u.*, 0, 0 FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[],
        %s::timestamptz[], %s::bigint[], %s::bigint[]) u"""
COUNTED = """
    UPDATE topup_offer o SET given = o.given + u.worth, reserved = o.reserved - u.freed, uses = o.uses + u.uses,
        stopped_at = CASE WHEN o.budget - o.given - u.worth < u.least THEN u.at ELSE o.stopped_at END,
        stopped_because = CASE WHEN o.budget - o.given - u.worth < u.least THEN 'budget' ELSE o.stopped_because END
    FROM (
        SELECT offer, sum(worth)::bigint AS worth, sum(freed)::bigint AS freed, count(*)::int AS uses, max(least) AS least, max(at) AS at
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) r(offer, worth, freed, least, at)
        GROUP BY offer
    ) u WHERE o.id = u.offer"""
"""An offer whose budget does not reach for its smallest gift any more stops by itself; a budget passed over is refused by the
table."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of one gift. Bonus that comes with the top-up itself `is_in_it`: there is nothing left to release."""

    gift: int
    number: int
    amount: int
    due_at: datetime
    is_in_it: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGiven:
    """The use of an offer by a top-up. `least` is the worth of the offer's smallest gift; `freed` what was reserved for it."""

    offer: int
    band: int
    wallet: int
    customer: int | None
    store: int | None
    channel: str
    paid: int
    bonus: int
    worth: int
    least: int
    freed: int
    shares: tuple[Share, ...]

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        facts, given = [fact for fact, _use in rows], [use for _fact, use in rows]
        times = array([fact.time for fact in facts])
        exchange.ask(
            USES,
            [
                array([fact.book for fact in facts]),
                array([fact.seq for fact in facts]),
                array([use.offer for use in given]),
                array([use.band for use in given]),
                array([use.wallet for use in given]),
                array([use.customer for use in given]),
                array([use.store for use in given]),
                texts([use.channel for use in given]),
                array([use.paid for use in given]),
                array([use.bonus for use in given]),
                array([use.worth for use in given]),
                times,
            ],
        )
        cls._write_parts(exchange, [(fact, use, share) for fact, use in rows for share in use.shares])
        exchange.ask(
            COUNTED,
            [
                array([use.offer for use in given]),
                array([use.worth for use in given]),
                array([use.freed for use in given]),
                array([use.least for use in given]),
                times,
            ],
        )

    @staticmethod
    def _write_parts(exchange: Exchange, parts: Sequence[tuple[Fact, "OfferGiven", Share]]) -> None:
        exchange.ask(
            PARTS,
            [
                array([fact.book for fact, _use, _share in parts]),
                array([fact.seq for fact, _use, _share in parts]),
                array([share.gift for _fact, _use, share in parts]),
                array([share.number for _fact, _use, share in parts]),
                array([share.amount for _fact, _use, share in parts]),
                array([share.due_at for _fact, _use, share in parts]),
                array([fact.time if share.is_in_it else None for fact, _use, share in parts]),
                array([use.wallet if share.is_in_it else None for _fact, use, share in parts]),
                array([fact.seq if share.is_in_it else None for fact, _use, share in parts]),
            ],
        )
