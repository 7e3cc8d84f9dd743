"""What was left on a bearer card when its time was over: it is activated again for whoever brings the card.

When it expired, what had been paid went to breakage. It comes back from there as paid value, lot by lot, good for as long as
the programme says from today. What was given free stays gone. The journal alone remembers: the entry that brings value back
names the last expiry that it undoes, so nothing comes back twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BREAKAGE, Bucket, Kind, pot
from chuzhi.ledger.errors import KeyReused
from chuzhi.ledger.operations import Adjust, Grant
from chuzhi.ledger.outcomes import Outcome
from chuzhi.organization.authority import require
from chuzhi.wallets import ceilings, counters, moves, queries, rules
from chuzhi.wallets.errors import CardNotShown, NothingExpired, WalletNamed
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

REACTIVATE = "wallets.reactivate"
REASON = "reactivated"

EXPIRED = """
    SELECT leg.lot, -sum(leg.amount)::bigint, max(o.seq)
    FROM ledger_operation o CROSS JOIN LATERAL unnest(o.lots, o.leg_pots, o.accounts, o.amounts) leg(lot, pot, account, amount)
    WHERE o.book = %(book)s AND o.wallet = %(wallet)s AND o.kind = %(expiry)s AND o.refusal IS NULL
      AND leg.account = %(breakage)s AND leg.pot = %(pot)s
      AND o.seq > coalesce((SELECT max(a.ref_seq) FROM ledger_operation a WHERE a.book = o.book AND a.wallet = o.wallet
          AND a.kind = %(adjustment)s AND a.refusal IS NULL AND %(breakage)s = ANY(a.accounts)), 0)
    GROUP BY leg.lot ORDER BY leg.lot"""


@dataclass(frozen=True, slots=True)
class Expired:
    """Paid value of one lot that time has taken, by the entry `seq` at the latest; in minor units."""

    lot: int
    amount: int
    seq: int


def left(wallet: Wallet) -> int:
    """What would come back, in minor units: also what has expired and was not swept yet. Nothing of a named wallet."""
    if wallet.customer_id is not None:
        return 0
    asset, now = moves.programme_of(wallet).asset, timezone.now()
    lapsed = journal.lapsed(wallet.book, wallet.pk, now)
    unswept = sum(
        lot.remaining - lot.held + lapsed.get(lot.id, 0)
        for lot in queries.lots(wallet, limit=1000)
        if lot.asset == asset and lot.bucket == Bucket.PRINCIPAL and lot.has_expired(now)
    )
    return unswept + sum(each.amount for each in _expired(wallet))


def is_one(outcome: Outcome) -> bool:
    """Whether an entry brought expired value back."""
    return outcome.kind is Kind.ADJUSTMENT and any(leg.account == BREAKAGE for leg in outcome.legs)


@transaction.atomic(durable=True)
def reactivate(*, wallet: Wallet, shown: str, key: str, by: Actor, store: int | None = None) -> Moved:
    """Bring back all that was paid and has expired. `shown` says which card was brought. Asking twice with one key does it once.

    In a store its law says how much a card may hold, and for how long value must be good (`PackRefused`).
    """
    require(by, REACTIVATE)
    if known := queries.by_key(by=by, wallet=wallet, key=key):
        if known.outcome.refusal is None and not is_one(known.outcome):
            raise KeyReused
        return moves.made(wallet, replace(known.outcome, replayed=True))
    if wallet.customer_id is not None:
        raise WalletNamed
    if not (evidence := moves.text(shown)):
        raise CardNotShown
    if store is not None and (no := counters.objection(store, None, by)):
        raise no
    # With the book locked nobody spends or brings back between the look and the posting.
    posting.lock(wallet.book)
    posting.wake([(wallet.book, wallet.pk)])
    expired = _expired(wallet)
    if not expired:
        raise NothingExpired
    return moves.make(wallet, _asked(wallet, expired, evidence, key=key, by=by, store=store))


def _asked(wallet: Wallet, expired: list[Expired], evidence: str, *, key: str, by: Actor, store: int | None) -> Adjust:
    programme, amount = moves.programme_of(wallet), sum(each.amount for each in expired)
    held = queries.balance(wallet)
    bounds = ceilings.of(wallet, store=store, by=by)
    if no := ceilings.foreseen(bounds, 0, held=held.principal + held.bonus, coming=amount):
        raise no
    return Adjust(
        **moves.common(wallet, programme, key=key, by=by), store=store, amount=amount, reason=REASON, evidence=evidence,
        grants=_grants(wallet, expired, timezone.now()), reverses=max(each.seq for each in expired),
    )  # fmt: skip


def _grants(wallet: Wallet, expired: list[Expired], now: datetime) -> tuple[Grant, ...]:
    """Each lot keeps the day it was paid and what paid for it; its new time is that of today's terms."""
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    until = rules.valid_until(now, terms.principal_valid_days, shop_zone())
    lots = journal.lots_numbered(wallet.book, wallet.pk, [each.lot for each in expired])
    return tuple(
        Grant(
            asset=programme.asset, bucket=Bucket.PRINCIPAL, amount=each.amount, source=BREAKAGE, expires_at=until,
            granted_at=lots[each.lot].granted_at, terms=terms.id, funding=lots[each.lot].funding,
        )
        for each in expired
    )  # fmt: skip


def _expired(wallet: Wallet) -> list[Expired]:
    """Since value was last brought back: that always brings all of it."""
    facts = {
        "book": wallet.book, "wallet": wallet.pk, "breakage": BREAKAGE, "expiry": int(Kind.EXPIRY),
        "adjustment": int(Kind.ADJUSTMENT), "pot": pot(moves.programme_of(wallet).asset, Bucket.PRINCIPAL),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, facts)
        return [Expired(*row) for row in cursor.fetchall()]
