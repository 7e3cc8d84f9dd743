"""Closing the books up to a moment: nothing effective before it can be written any more, and what stood then is kept."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger.models import Period

OPEN_ALL = """
    INSERT INTO ledger_book_head (book, last_seq, last_lot, last_batch, last_time, head_hash)
    SELECT book, 0, 0, 0, 'epoch', decode(repeat('00', 32), 'hex') FROM generate_series(0, %s - 1) AS book
        ON CONFLICT DO NOTHING"""
LOCK_ALL = "SELECT book FROM ledger_book_head ORDER BY book FOR UPDATE"
CUT = "INSERT INTO ledger_period_book (book, period, last_seq) SELECT book, %s, last_seq FROM ledger_book_head"
NO_EARLIER = "UPDATE ledger_book_head SET last_time = %s WHERE last_time < %s"
WITHOUT_TOTALS = """
    SELECT p.id FROM ledger_period p WHERE NOT EXISTS (SELECT 1 FROM ledger_snapshot s WHERE s.period = p.id) ORDER BY p.id"""
TOTALS = """
    WITH legs AS (
        SELECT o.book, leg.pot, leg.account, leg.amount
        FROM ledger_operation o CROSS JOIN LATERAL unnest(o.leg_pots, o.accounts, o.amounts) AS leg(pot, account, amount)
        WHERE o.effective_at < %(until)s AND leg.amount <> 0)
    INSERT INTO ledger_snapshot (book, period, account, pot, total)
    SELECT book, %(period)s, 0, pot, sum(amount) FROM legs GROUP BY book, pot
    UNION ALL
    SELECT book, %(period)s, account, pot, -sum(amount * CASE WHEN pot %% 10 = 3 THEN -1 ELSE 1 END)
    FROM legs GROUP BY book, account, pot"""


class PeriodNotOver(Refused):
    code = "period.not_over"
    message = _("A period can be closed only when it is over.")


class PeriodClosedAlready(Refused):
    code = "period.closed_already"
    message = _("The books are closed until %(until)s already.")


def close(*, until: datetime, by: Actor) -> Period:
    """Close everything effective before `until`. Refuses a moment to come, and one that is closed already.

    All books stand still only while the cut is made. Their totals are counted afterwards: nothing can change them any more.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OPEN_ALL, [settings.LEDGER_BOOKS])
        cursor.execute(LOCK_ALL)
        now = datetime.now(UTC)
        if until > now:
            raise PeriodNotOver
        last = Period.objects.order_by("-closed_until").first()
        if last is not None and until <= last.closed_until:
            raise PeriodClosedAlready(until=last.closed_until.isoformat())
        period = Period.objects.create(closed_until=until, closed_at=now, closed_by=by.label)
        cursor.execute(CUT, [period.id])
        cursor.execute(NO_EARLIER, [until, until])
        audit.record("ledger.period_closed", f"period:{period.id}", by=by, until=until.isoformat())
    count()
    return period


def count() -> None:
    """Take the totals of closed periods that have none yet: an earlier closing may have been interrupted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger_snapshot'))")
        cursor.execute(WITHOUT_TOTALS)
        for (number,) in cursor.fetchall():
            cursor.execute(TOTALS, {"period": number, "until": Period.objects.get(pk=number).closed_until})
