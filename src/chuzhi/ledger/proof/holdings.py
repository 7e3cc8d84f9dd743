"""What everybody holds, against the journal that made it: lots, holds, the company's accounts."""

from chuzhi.ledger.findings import Check

LEGS = """
        SELECT o.book, o.wallet, o.seq, o.kind, o.time, o.ref_seq, unnest(o.lots) AS lot, unnest(o.leg_pots) AS pot,
            unnest(o.accounts) AS account, unnest(o.amounts) AS amount, unnest(o.promises) AS promise,
            generate_series(1, cardinality(o.lots)) AS place
        FROM ledger_operation o WHERE o.book = ANY(%(books)s)"""
MOVES = """
        SELECT o.book, unnest(o.leg_pots) AS pot, unnest(o.accounts) AS account, unnest(o.amounts) AS amount
        FROM ledger_operation o WHERE o.book = ANY(%(books)s)"""

LOTS = f"""
    WITH moved AS (
        SELECT book, wallet, lot, seq, kind, time, pot, amount, promise, sum(amount) OVER w AS units,
            sum(promise) OVER w AS promised,
            first_value(amount) OVER w AS granted
        FROM ({LEGS}) legs WINDOW w AS (PARTITION BY book, lot ORDER BY seq, place ROWS UNBOUNDED PRECEDING)),
    traced AS (
        SELECT book, lot AS id, min(wallet) AS wallet, max(wallet) AS last_wallet, min(pot) AS pot, max(pot) AS last_pot,
            min(seq) AS made_by, min(granted) AS amount, sum(amount)::bigint AS remaining, sum(promise)::bigint AS held,
            max(units)::bigint AS most, min(seq) FILTER (WHERE units < 0 OR promised < 0 OR promised > units) AS overdrawn_at,
            max(time) FILTER (WHERE amount < 0 AND promise >= 0 AND kind <> 14) AS last_spent_at,
            max(time) FILTER (WHERE promise > 0 AND kind = 3) AS last_promised_at,
            min(time) FILTER (WHERE kind = 14) AS lapsed_at
        FROM moved GROUP BY book, lot),
    compared AS (
        SELECT coalesce(t.book, l.book) AS book, coalesce(t.id, l.id) AS lot, t, l
        FROM traced t
        FULL JOIN (SELECT * FROM ledger_lot WHERE book = ANY(%(books)s)) l ON l.book = t.book AND l.id = t.id
        WHERE (t.wallet, t.last_wallet, t.pot, t.last_pot, t.made_by, t.amount, t.remaining, t.held, t.remaining > 0)
            IS DISTINCT FROM (l.wallet, l.wallet, l.asset * 10 + l.bucket, l.asset * 10 + l.bucket, l.made_by, l.amount,
                l.remaining, l.held, l.open)
            OR t.overdrawn_at IS NOT NULL OR t.most > l.amount OR t.last_spent_at >= l.expires_at
            OR t.last_promised_at >= l.expires_at
            OR (t.lapsed_at IS NOT NULL AND (l.expires_at IS NULL OR t.lapsed_at < l.expires_at)))
    SELECT said.invariant, book, format('lot %%s', lot), said.expected, said.found
    FROM compared CROSS JOIN LATERAL (VALUES
        ('I2', format('wallet %%s', (t).wallet), format('wallet %%s', (l).wallet),
         ((t).wallet, (t).last_wallet) IS NOT DISTINCT FROM ((l).wallet, (l).wallet)),
        ('I2', format('pot %%s', (t).pot), format('pot %%s', (l).asset * 10 + (l).bucket),
         ((t).pot, (t).last_pot) IS NOT DISTINCT FROM ((l).asset * 10 + (l).bucket, (l).asset * 10 + (l).bucket)),
        ('I2', format('made by seq %%s', (t).made_by), format('made by seq %%s', (l).made_by),
         (t).made_by IS NOT DISTINCT FROM (l).made_by),
        ('I2', format('amount %%s', (t).amount), format('amount %%s', (l).amount), (t).amount IS NOT DISTINCT FROM (l).amount),
        ('I2', format('remaining %%s, by its legs', (t).remaining), format('remaining %%s', (l).remaining),
         (t).remaining IS NOT DISTINCT FROM (l).remaining),
        ('I3', format('held %%s, by its legs', (t).held), format('held %%s', (l).held), (t).held IS NOT DISTINCT FROM (l).held),
        ('I2', format('open %%s', (t).remaining > 0), format('open %%s', (l).open), ((t).remaining > 0) IS NOT DISTINCT
            FROM (l).open),
        ('I5', 'never below zero, never promised beyond itself', format('overdrawn at seq %%s', (t).overdrawn_at),
         (t).overdrawn_at IS NULL),
        ('I5', format('never above %%s', (l).amount), format('%%s', (t).most), coalesce((t).most <= (l).amount, true)),
        ('I5', format('spent before %%s', (l).expires_at), format('spent at %%s', (t).last_spent_at),
         coalesce((t).last_spent_at < (l).expires_at, true)),
        ('I5', format('promised before %%s', (l).expires_at), format('promised at %%s', (t).last_promised_at),
         coalesce((t).last_promised_at < (l).expires_at, true)),
        ('I5', format('expired from %%s on', (l).expires_at), format('expired at %%s', (t).lapsed_at),
         (t).lapsed_at IS NULL OR coalesce((t).lapsed_at >= (l).expires_at, false))
    ) said(invariant, expected, found, holds) WHERE NOT said.holds"""

MADE = """
    WITH made AS (
        SELECT o.book, o.wallet, o.seq, (line->>0)::bigint AS id, (line->>1)::int AS asset, (line->>2)::int AS bucket,
            (line->>3)::bigint AS amount, (line->>4)::bigint AS expires, (line->>5)::bigint AS granted,
                (line->>6)::int AS terms,
            line->>7 AS funding
        FROM ledger_operation o CROSS JOIN LATERAL jsonb_array_elements(o.outcome::jsonb) line
        WHERE o.book = ANY(%(books)s) AND o.outcome LIKE '[%%' AND o.refusal IS NULL)
    SELECT 'I2', coalesce(m.book, l.book), format('lot %%s', coalesce(m.id, l.id)),
        format('%%s, as seq %%s made it', to_jsonb(m) - 'seq' - 'book', m.seq), coalesce(l.shown::text, 'no such lot')
    FROM made m
    FULL JOIN (
        SELECT *, jsonb_build_object('id', id, 'wallet', wallet, 'asset', asset, 'bucket', bucket, 'amount', amount,
            'expires_at', expires_at, 'granted_at', granted_at, 'terms', terms, 'funding', funding) AS shown
        FROM ledger_lot WHERE book = ANY(%(books)s)) l ON l.book = m.book AND l.id = m.id AND l.made_by = m.seq
    WHERE (m.wallet, m.asset, m.bucket, m.amount, m.expires, m.granted, m.terms, m.funding) IS DISTINCT FROM (
        l.wallet, l.asset::int, l.bucket::int, l.amount, (extract(epoch FROM l.expires_at) * 1000000)::bigint,
        (extract(epoch FROM l.granted_at) * 1000000)::bigint, l.terms, l.funding::text)"""

HOLDS = f"""
    WITH part AS (
        SELECT book, CASE WHEN kind IN (3, 12) THEN seq ELSE ref_seq END AS hold, lot, min(wallet) AS wallet,
            min(pot) / 10 AS asset,
            min(place) FILTER (WHERE kind IN (3, 12)) AS place, sum(promise) FILTER (WHERE kind IN (3, 12)) AS promised,
            coalesce(-sum(promise) FILTER (WHERE promise < 0 AND amount <> 0), 0) AS captured,
            coalesce(-sum(promise) FILTER (WHERE promise < 0 AND amount = 0), 0) AS released, sum(promise) AS remaining
        FROM ({LEGS} AND NOT 0 = ALL (o.promises)) legs WHERE promise <> 0 GROUP BY 1, 2, 3),
    traced AS (
        SELECT p.book, p.hold AS id, min(p.wallet) AS wallet, max(p.wallet) AS last_wallet, min(p.asset) AS asset,
            sum(promised)::bigint AS amount, sum(captured)::bigint AS captured, sum(released)::bigint AS released,
            array_agg(lot ORDER BY place) AS lots, array_agg(remaining::bigint ORDER BY place) AS parts, min(remaining) AS least
        FROM part p GROUP BY p.book, p.hold),
    compared AS (
        SELECT coalesce(t.book, h.book) AS book, coalesce(t.id, h.id) AS hold, t, h, made.kind,
            CASE WHEN made.kind = 3 THEN (made.details::jsonb->>'expires_at')::timestamptz END AS expires_at,
            CASE WHEN made.kind = 3 THEN made.amount ELSE t.amount END AS asked
        FROM traced t
        FULL JOIN (SELECT * FROM ledger_hold WHERE book = ANY(%(books)s)) h ON h.book = t.book AND h.id = t.id
        LEFT JOIN (SELECT * FROM ledger_operation WHERE book = ANY(%(books)s) AND kind IN (3, 12)) made
            ON made.book = coalesce(t.book, h.book) AND made.seq = coalesce(t.id, h.id))
    SELECT said.invariant, book, format('hold %%s', hold), said.expected, said.found
    FROM compared CROSS JOIN LATERAL (VALUES
        ('I3', format('wallet %%s', (t).wallet), format('wallet %%s', (h).wallet),
         ((t).wallet, (t).last_wallet) IS NOT DISTINCT FROM ((h).wallet, (h).wallet)),
        ('I3', format('asset %%s', (t).asset), format('asset %%s', (h).asset), (t).asset IS NOT DISTINCT FROM (h).asset),
        ('I3', format('amount %%s', (t).amount), format('amount %%s, asked %%s', (h).amount, asked),
         (t).amount IS NOT DISTINCT FROM (h).amount AND asked IS NOT DISTINCT FROM (h).amount),
        ('I3', format('captured %%s', (t).captured), format('captured %%s', (h).captured), (t).captured IS NOT DISTINCT
            FROM (h).captured),
        ('I3', format('released %%s', (t).released), format('released %%s', (h).released), (t).released IS NOT DISTINCT
            FROM (h).released),
        ('I3', format('lots %%s parts %%s', (t).lots, (t).parts), format('lots %%s parts %%s', (h).lots, (h).parts),
         ((t).lots, (t).parts) IS NOT DISTINCT FROM ((h).lots, (h).parts)),
        ('I3', format('expires at %%s', expires_at), format('expires at %%s', (h).expires_at), expires_at IS NOT DISTINCT
            FROM (h).expires_at),
        ('I3', format('open %%s', (t).amount > (t).captured + (t).released), format('open %%s', (h).open),
         ((t).amount > (t).captured + (t).released) IS NOT DISTINCT FROM (h).open),
        ('I6', format('captures and releases of at most %%s', (t).amount), format('%%s', (t).captured + (t).released),
         coalesce((t).least >= 0 AND (t).captured + (t).released <= (t).amount, false))
    ) said(invariant, expected, found, holds) WHERE NOT said.holds"""

PROMISES = """
    SELECT 'I5', o.book, format('seq %%s', o.seq),
        format('%%s the hold of seq %%s ended at %%s', CASE WHEN o.kind = 15 THEN 'not before' ELSE 'before' END, h.id,
            h.expires_at),
        format('at %%s', o.time)
    FROM ledger_operation o JOIN ledger_hold h ON h.book = o.book AND h.id = o.ref_seq
    WHERE o.book = ANY(%(books)s) AND o.kind IN (4, 5, 15) AND o.refusal IS NULL
        AND (h.expires_at IS NULL OR (o.time >= h.expires_at) <> (o.kind = 15))"""

TOTALS = f"""
    WITH derived AS (
        SELECT book, account - account %% 1000000000 AS account, pot,
            -sum(amount * CASE WHEN pot %% 10 = 3 THEN -1 ELSE 1 END)::bigint AS total
        FROM ({MOVES}) legs WHERE amount <> 0 GROUP BY 1, 2, 3)
    SELECT 'I1', coalesce(d.book, t.book), format('account %%s, pot %%s', coalesce(d.account, t.account), coalesce(d.pot,
        t.pot)),
        format('total %%s, by its legs', d.total), format('total %%s', t.total)
    FROM derived d
    FULL JOIN (SELECT * FROM ledger_system_total WHERE book = ANY(%(books)s)) t
        ON t.book = d.book AND t.account = d.account AND t.pot = d.pot
    WHERE d.total IS DISTINCT FROM t.total"""

BALANCE = """
    SELECT 'I1', book, format('pot %%s', pot), 'lots and company accounts sum to zero', format('%%s', sum(total))
    FROM (SELECT book, asset * 10 + bucket AS pot, remaining * CASE WHEN bucket = 3 THEN -1 ELSE 1 END AS total
          FROM ledger_lot WHERE book = ANY(%(books)s)
          UNION ALL SELECT book, pot, total FROM ledger_system_total WHERE book = ANY(%(books)s)) both_sides
    GROUP BY book, pot HAVING sum(total) <> 0"""

CHECKS = (
    Check("lots", LOTS),
    Check("made", MADE),
    Check("holds", HOLDS),
    Check("promises", PROMISES),
    Check("totals", TOTALS),
    Check("balance", BALANCE),
)
