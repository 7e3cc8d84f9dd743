"""Value is promised, then taken in one or more parts, or let go."""

from datetime import datetime, timedelta

from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import chart
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import System
from chuzhi.ledger.operations import Capture, Hold, Release
from chuzhi.organization.authority import require
from chuzhi.wallets import counters, moves, scopes
from chuzhi.wallets.errors import HoldKept, HoldOfRefund, HoldTooLong, OperationUnknown
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

HOLD = "till.hold"
USUAL_SECONDS = 7 * 86_400
MOST_DAYS = 30


def place(
    *,
    wallet: Wallet,
    amount: int,
    store: int,
    key: str,
    by: Actor,
    till: int | None = None,
    expires_in_seconds: int = USUAL_SECONDS,
    reference: str = "",
) -> Moved:
    """Promise `amount` minor units of these very lots until they are captured, released or the time is over.

    The answer's `seq` is the hold's number.
    """
    require(by, HOLD)
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    asked = Hold(
        **moves.common(wallet, programme, key=key, by=by),
        amount=money.check(amount),
        store=store,
        till=till,
        expires_at=_until(expires_in_seconds),
        order=terms.order,
        reference=moves.text(reference),
        most_at_once=terms.most_per_charge,
    )
    objection = moves.not_here(terms, store, till, by) or scopes.objection(terms, asked.amount)
    return moves.make(wallet, asked, objection=objection)


def capture(
    *,
    wallet: Wallet,
    hold: int,
    amount: int,
    key: str,
    by: Actor,
    final: bool = False,
    store: int | None = None,
    till: int | None = None,
) -> Moved:
    """Take part of a hold (its number); `final` lets the rest go. Without a store, for the one that placed it."""
    require(by, HOLD)
    programme = moves.programme_of(wallet)
    store = store if store is not None else _store_of(wallet, hold)
    asked = Capture(
        **moves.common(wallet, programme, key=key, by=by),
        amount=money.check(amount),
        store=store,
        till=till,
        hold=hold,
        into=chart.account(System.SALES, store),
        final=final,
    )
    objection = counters.objection(store, till, by) or _kept(wallet, hold)
    return moves.make(wallet, asked, objection=objection)


def release(*, wallet: Wallet, hold: int, key: str, by: Actor, store: int | None = None, till: int | None = None) -> Moved:
    """Let go of what is left of a hold."""
    require(by, HOLD)
    programme = moves.programme_of(wallet)
    asked = Release(**moves.common(wallet, programme, key=key, by=by), hold=hold, store=store, till=till)
    return moves.make(wallet, asked, objection=_kept(wallet, hold))


def _kept(wallet: Wallet, hold: int) -> Refused | None:
    """What is asked back, or kept for a cause, is neither taken nor let go at a till."""
    cause = journal.kept_for(wallet.book, hold)
    return None if cause is None else HoldKept() if cause else HoldOfRefund()


def _until(seconds: int) -> datetime:
    if type(seconds) is not int or not 0 < seconds <= MOST_DAYS * 86_400:
        raise HoldTooLong(days=MOST_DAYS)
    return timezone.now() + timedelta(seconds=seconds)


def _store_of(wallet: Wallet, hold: int) -> int:
    store = moves.entry_of(wallet, hold).store
    if store is None:
        raise OperationUnknown
    return store
