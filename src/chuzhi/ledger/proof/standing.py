"""What is written beside the journal and must agree with it: references, wallets' standing, transit, closed periods."""

from chuzhi.ledger.findings import Check
from chuzhi.ledger.proof.holdings import LEGS

REFERENCES = """
    SELECT 'I6', o.book, format('seq %%s', o.seq), 'an earlier, done operation of the same wallet and of the right kind',
        format('ref_seq %%s (kind %%s, wallet %%s, refusal %%s)', o.ref_seq, a.kind, a.wallet, a.refusal)
    FROM ledger_operation o LEFT JOIN ledger_operation a ON a.book = o.book AND a.seq = o.ref_seq
    WHERE o.book = ANY(%(books)s) AND o.refusal IS NULL AND o.kind IN (4, 5, 6, 7, 12, 13, 15) AND NOT coalesce(
        a.seq < o.seq AND a.wallet = o.wallet AND a.refusal IS NULL AND a.kind = ANY (CASE o.kind
            WHEN 6 THEN '{2,4}'::int[] WHEN 7 THEN '{1}' WHEN 12 THEN '{1}' WHEN 13 THEN '{12}' ELSE '{3}' END), false)"""

TOP_UP_REFUNDS = """
    SELECT 'I6', o.book, format('seq %%s', o.seq), format('refunds of at most %%s', o.amount), format('%%s', sum(r.amount))
    FROM ledger_operation r JOIN ledger_operation o ON o.book = r.book AND o.seq = r.ref_seq
    WHERE r.book = ANY(%(books)s) AND r.kind = 7 AND r.refusal IS NULL
    GROUP BY o.book, o.seq, o.amount HAVING sum(r.amount) > o.amount"""

STATES = """
    WITH acts AS (
        SELECT book, wallet, seq, kind, amount, details, (time AT TIME ZONE %(zone)s)::date AS day
        FROM ledger_operation
        WHERE book = ANY(%(books)s) AND refusal IS NULL
            AND (kind = 10 OR (kind IN (1, 2) AND amount > 0 AND details LIKE '%%"most_a_day":%%'))),
    last AS (SELECT *, max(day) OVER (PARTITION BY book, wallet) AS last_day FROM acts),
    traced AS (
        SELECT book, wallet, last_day AS day,
            coalesce((array_agg(coalesce((details::jsonb->>'standing')::int, 0) ORDER BY seq DESC)
                FILTER (WHERE kind = 10))[1], 0) AS standing,
            coalesce(sum(amount) FILTER (WHERE kind = 1 AND day = last_day), 0)::bigint AS topped_up,
            coalesce(sum(amount) FILTER (WHERE kind = 2 AND day = last_day), 0)::bigint AS charged
        FROM last GROUP BY book, wallet, last_day)
    SELECT 'I2', coalesce(t.book, s.book), format('standing of wallet %%s', coalesce(t.wallet, s.wallet)),
        format('standing %%s, on %%s topped up %%s and charged %%s', t.standing, t.day, t.topped_up, t.charged),
        format('standing %%s, on %%s topped up %%s and charged %%s', s.standing, s.day, s.topped_up, s.charged)
    FROM traced t
    FULL JOIN (SELECT * FROM ledger_wallet_state WHERE book = ANY(%(books)s)) s ON s.book = t.book AND s.wallet = t.wallet
    WHERE (t.standing, t.day, t.topped_up, t.charged) IS DISTINCT FROM (s.standing::int, s.day, s.topped_up, s.charged)"""

SENT = """
    moved AS MATERIALIZED (
        SELECT o.book, o.seq, o.kind, o.time, o.details, leg.pot / 10 AS asset,
            leg.amount * CASE WHEN leg.pot %% 10 = 3 THEN -1 ELSE 1 END AS units
        FROM ledger_operation o CROSS JOIN LATERAL unnest(o.leg_pots, o.accounts, o.amounts) AS leg(pot, account, amount)
        WHERE o.book = ANY(%(books)s) AND (o.kind = 8 OR o.kind = 9 AND o.refusal IS NULL) AND leg.account = 6000000000),
    sent AS (
        SELECT book, seq, asset, min(time) AS time, -sum(units) AS units FROM moved WHERE kind = 8 GROUP BY 1, 2, 3),
    arrived AS (
        SELECT (details::jsonb->>'from_book')::smallint AS book, (details::jsonb->>'from_seq')::bigint AS seq, asset,
            sum(units) AS units, count(DISTINCT (o.book, o.seq)) AS times, min(o.book) AS at_book, min(o.seq) AS at_seq
        FROM moved o WHERE kind = 9 GROUP BY 1, 2, 3)"""

TRANSIT = f"""
    WITH {SENT}
    SELECT 'I10', a.at_book, format('seq %%s', a.at_seq),
        format('one arrival of %%s, as book %%s seq %%s sent', s.units, a.book, a.seq), format('%%s in %%s arrivals', a.units,
            a.times)
    FROM arrived a LEFT JOIN sent s ON s.book = a.book AND s.seq = a.seq AND s.asset = a.asset
    WHERE s.units IS DISTINCT FROM a.units OR a.times > 1"""

UNDER_WAY = f"""
    WITH {SENT}
    SELECT s.book, s.seq, s.asset, s.units, s.time FROM sent s
    WHERE NOT EXISTS (SELECT 1 FROM arrived a WHERE a.book = s.book AND a.seq = s.seq AND a.asset = s.asset) ORDER BY s.time"""

CLOSED = f"""
    WITH closed AS (SELECT id, closed_until, row_number() OVER (ORDER BY closed_until) AS nth FROM ledger_period),
    bounds AS (SELECT array_agg(closed_until ORDER BY closed_until) AS at FROM ledger_period),
    moved AS (
        SELECT legs.book, legs.account, legs.pot, width_bucket(o.effective_at, (SELECT at FROM bounds)) + 1 AS nth,
            legs.amount, -legs.amount * CASE WHEN legs.pot %% 10 = 3 THEN -1 ELSE 1 END AS worth
        FROM ({LEGS}) legs JOIN ledger_operation o ON o.book = legs.book AND o.seq = legs.seq
        WHERE legs.amount <> 0 AND EXISTS (SELECT 1 FROM ledger_period)),
    sums AS (
        SELECT book, 0::bigint AS account, pot, nth, sum(amount) AS total FROM moved GROUP BY book, pot, nth
        UNION ALL SELECT book, account, pot, nth, sum(worth) FROM moved GROUP BY book, account, pot, nth),
    derived AS (
        SELECT s.book, c.id AS period, s.account, s.pot, sum(s.total)::bigint AS total
        FROM sums s JOIN closed c ON c.nth >= s.nth GROUP BY s.book, c.id, s.account, s.pot)
    SELECT 'I11', coalesce(d.book, s.book),
        format('period %%s, account %%s, pot %%s', coalesce(d.period, s.period), coalesce(d.account, s.account),
            coalesce(d.pot, s.pot)),
        format('%%s, by replay to the cut', d.total), format('%%s', s.total)
    FROM derived d
    FULL JOIN (SELECT * FROM ledger_snapshot WHERE book = ANY(%(books)s)) s
        ON s.book = d.book AND s.period = d.period AND s.account = d.account AND s.pot = d.pot
    WHERE d.total IS DISTINCT FROM s.total"""

LATE = """
    WITH cut AS (
        SELECT b.book, b.period, b.last_seq, p.closed_until,
            lag(b.last_seq, 1, 0::bigint) OVER (PARTITION BY b.book ORDER BY p.closed_until) AS before
        FROM ledger_period_book b JOIN ledger_period p ON p.id = b.period WHERE b.book = ANY(%(books)s))
    SELECT 'I11', o.book, format('seq %%s', o.seq), format('nothing more before %%s: period %%s is closed', c.closed_until,
        c.period),
        format('effective at %%s', o.effective_at)
    FROM cut c JOIN ledger_operation o ON o.book = c.book AND o.seq > c.last_seq AND o.effective_at < c.closed_until
        AND o.refusal IS NULL
    UNION ALL
    SELECT 'I11', c.book, format('period %%s', c.period), format('a cut after a batch, from seq %%s on', before),
        format('last_seq %%s', c.last_seq)
    FROM cut c
    WHERE c.last_seq < c.before OR (c.last_seq > 0 AND NOT EXISTS (
        SELECT 1 FROM ledger_batch b WHERE b.book = c.book AND b.last_seq = c.last_seq))
    UNION ALL
    SELECT 'I11', h.book, format('period %%s', p.id), 'a cut', 'none'
    FROM ledger_period p CROSS JOIN ledger_book_head h
    WHERE h.book = ANY(%(books)s) AND NOT EXISTS (SELECT 1 FROM ledger_period_book b WHERE b.book = h.book
        AND b.period = p.id)"""

STRAY = """
    SELECT 'I11', b.book, format('period %%s', b.period), 'a period of that number', 'none'
    FROM (SELECT book, period FROM ledger_period_book UNION SELECT book, period FROM ledger_snapshot) b
    LEFT JOIN ledger_period p ON p.id = b.period WHERE p.id IS NULL
    UNION ALL
    SELECT 'I11', NULL, format('period %%s', id), 'closed after its end', format('%%s closed at %%s', closed_until, closed_at)
    FROM ledger_period WHERE closed_at < closed_until"""

ASSETS = """
    SELECT 'I1', NULL, format('asset %%s', used.asset), 'a code', 'none'
    FROM (SELECT DISTINCT asset FROM ledger_lot) used LEFT JOIN ledger_asset a ON a.id = used.asset WHERE a.id IS NULL"""

FOLLOWERS = """
    SELECT 'I8', f.book, format('follower %%s', f.name), format('seq up to %%s', h.last_seq), format('seq %%s', f.seq)
    FROM ledger_follower f LEFT JOIN ledger_book_head h USING (book)
    WHERE f.book = ANY(%(books)s) AND (f.seq < 0 OR h.last_seq IS NULL OR f.seq > h.last_seq)"""

CHECKS = (
    Check("references", REFERENCES),
    Check("top_up_refunds", TOP_UP_REFUNDS),
    Check("states", STATES),
    Check("transit", TRANSIT, is_whole=True),
    Check("closed", CLOSED),
    Check("late", LATE),
    Check("stray", STRAY, is_whole=True),
    Check("assets", ASSETS, is_whole=True),
    Check("followers", FOLLOWERS),
)
