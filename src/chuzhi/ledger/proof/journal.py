"""The journal by itself: numbered without gaps, sealed by its chain, each row whole and each wallet's story unbroken."""

from chuzhi.ledger.findings import Check

HEADS = """
    WITH journal AS (
        SELECT book, count(*) AS operations, min(seq) AS first, max(seq) AS last
        FROM ledger_operation WHERE book = ANY(%(books)s) GROUP BY book),
    lots AS (SELECT book, count(*) AS lots, max(id) AS last FROM ledger_lot WHERE book = ANY(%(books)s) GROUP BY book),
    sealed AS (
        SELECT DISTINCT ON (book) book, batch_no, last_seq, time, hash
        FROM ledger_batch WHERE book = ANY(%(books)s) ORDER BY book, batch_no DESC),
    closed AS (
        SELECT b.book, max(p.closed_until) AS until FROM ledger_period_book b JOIN ledger_period p ON p.id = b.period
        WHERE b.book = ANY(%(books)s) GROUP BY b.book)
    SELECT 'I8', books.book, 'head', said.expected, said.found
    FROM (SELECT book FROM journal UNION SELECT book FROM lots UNION SELECT book FROM sealed
          UNION SELECT book FROM ledger_book_head WHERE book = ANY(%(books)s)) books
    LEFT JOIN ledger_book_head h USING (book) LEFT JOIN journal j USING (book) LEFT JOIN lots l USING (book)
    LEFT JOIN sealed s USING (book) LEFT JOIN closed c USING (book)
    CROSS JOIN LATERAL (VALUES
        (format('last_seq %%s', coalesce(j.last, 0)), format('last_seq %%s', h.last_seq)),
        (format('%%s operations', coalesce(j.last, 0)), format('%%s operations', coalesce(j.operations, 0))),
        (format('last_lot %%s', coalesce(l.last, 0)), format('last_lot %%s', h.last_lot)),
        (format('%%s lots', coalesce(l.last, 0)), format('%%s lots', coalesce(l.lots, 0))),
        (format('last_batch %%s', coalesce(s.batch_no, 0)), format('last_batch %%s', h.last_batch)),
        (format('batches up to seq %%s', coalesce(j.last, 0)), format('batches up to seq %%s', coalesce(s.last_seq, 0))),
        (format('last_time %%s', greatest(s.time, c.until, 'epoch')), format('last_time %%s', h.last_time)),
        (format('head_hash %%s', coalesce(encode(s.hash, 'hex'), repeat('00', 32))),
         format('head_hash %%s', encode(h.head_hash, 'hex')))
    ) said(expected, found) WHERE said.expected <> said.found"""

NUMBERS = """
    SELECT 'I8', book, format('seq %%s', seq), format('seq %%s', before + 1), format('seq %%s', seq)
    FROM (SELECT book, seq, lag(seq, 1, 0::bigint) OVER (PARTITION BY book ORDER BY seq) AS before
          FROM ledger_operation WHERE book = ANY(%(books)s)) numbered
    WHERE seq <> before + 1"""

BATCHES = """
    WITH linked AS (
        SELECT b.*, lag(batch_no, 1, 0::bigint) OVER w AS no_before, lag(last_seq, 1, 0::bigint) OVER w AS seq_before,
            lag(time, 1, 'epoch') OVER w AS time_before, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS hash_before
        FROM ledger_batch b WHERE book = ANY(%(books)s) WINDOW w AS (PARTITION BY book ORDER BY batch_no))
    SELECT said.invariant, book, format('batch %%s', batch_no), said.expected, said.found
    FROM linked CROSS JOIN LATERAL (VALUES
        ('I8', format('batch_no %%s', no_before + 1), format('batch_no %%s', batch_no), batch_no = no_before + 1),
        ('I8', format('first_seq %%s', seq_before + 1), format('first_seq %%s', first_seq), first_seq = seq_before + 1),
        ('I8', 'at least one operation', format('last_seq %%s', last_seq), last_seq >= first_seq),
        ('I8', format('time from %%s on', time_before), format('time %%s', time), time >= time_before),
        ('I9', 'format 1', format('format %%s', format), format = 1),
        ('I9', format('prev_hash %%s', encode(hash_before, 'hex')), format('prev_hash %%s', encode(prev_hash, 'hex')),
         prev_hash = hash_before)
    ) said(invariant, expected, found, holds)
    WHERE ((batch_no, first_seq, prev_hash, format) <> (no_before + 1, seq_before + 1, hash_before, 1)
        OR last_seq < first_seq OR time < time_before) AND NOT said.holds"""

MICROSECONDS = "(extract(epoch FROM {0}) * 1000000)::bigint"
CHAIN = f"""
    SELECT said.invariant, b.book, format('batch %%s (seq %%s to %%s)', b.batch_no, b.first_seq, b.last_seq), said.expected,
        said.found
    FROM (SELECT *, {MICROSECONDS.format("time")} AS at FROM ledger_batch WHERE book = ANY(%(books)s)) b
    CROSS JOIN LATERAL (
        SELECT bool_and(o.time = b.time) AS is_of_one_time, sha256(b.prev_hash || convert_to(concat(
            b.book, '|', b.batch_no, '|', b.first_seq, '|', b.last_seq, '|', b.at, E'\\n',
            string_agg(concat(
                o.seq, '|', o.wallet, '|', o.kind, '|', o.asset, '|', o.amount, '|', o.refusal, '|', o.lots, '|', o.leg_pots,
                    '|',
                o.accounts, '|', o.amounts, '|', o.promises, '|', o.pots, '|', o.balances, '|', o.helds, '|', o.ref_seq, '|',
                CASE WHEN o.effective_at = b.time THEN b.at ELSE {MICROSECONDS.format("o.effective_at")} END, '|',
                CASE WHEN o.time = b.time THEN b.at ELSE {MICROSECONDS.format("o.time")} END, '|',
                o.actor, '|', o.store, '|', o.till, '|', encode(uuid_send(o.key_hash), 'hex'), '|',
                encode(uuid_send(o.fingerprint), 'hex'), '|', length(o.details), '|', o.details, '|', o.outcome, E'\\n'), ''
                ORDER BY o.seq)),
                    'UTF8')) AS hash
        FROM ledger_operation o WHERE o.book = b.book AND o.seq BETWEEN b.first_seq AND b.last_seq) derived
    CROSS JOIN LATERAL (VALUES
        ('I9', format('hash %%s', encode(derived.hash, 'hex')), format('hash %%s', encode(b.hash, 'hex')),
            derived.hash = b.hash),
        ('I8', format('operations at %%s', b.time), 'another time', derived.is_of_one_time)
    ) said(invariant, expected, found, holds)
    WHERE (derived.hash = b.hash AND derived.is_of_one_time) IS NOT TRUE AND said.holds IS NOT TRUE"""

SHAPES = """
    SELECT said.invariant, book, format('seq %%s', seq), said.expected, said.found
    FROM ledger_operation CROSS JOIN LATERAL (VALUES
        ('I8', 'a known kind', format('kind %%s', kind), kind BETWEEN 1 AND 16),
        ('I8', 'an amount of 0 or more', format('amount %%s', amount), amount >= 0),
        ('I8', 'legs of equal length', format('%%s %%s %%s %%s %%s', lots, leg_pots, accounts, amounts, promises),
         cardinality(lots) = ALL (ARRAY[cardinality(leg_pots), cardinality(accounts), cardinality(amounts),
             cardinality(promises)])),
        ('I8', 'balances of equal length', format('%%s %%s %%s', pots, balances, helds),
         cardinality(pots) = ALL (ARRAY[cardinality(balances), cardinality(helds)])),
        ('I8', 'no legs on a refusal', format('%%s with legs %%s', refusal, lots), refusal IS NULL OR cardinality(lots) = 0),
        ('I7', 'a key, unless time acted', format('kind %%s, key %%s', kind, key_hash),
         (key_hash IS NULL) = (kind IN (14, 15)) AND (fingerprint IS NULL) = (kind IN (14, 15))),
        ('I9', 'an actor that ends where it ends', format('actor %%s', actor), actor ~ '^[^|\\n]+$'),
        ('I9', 'texts that are JSON', format('details %%s, outcome %%s', details, outcome),
         details ~ '^({[^\\n]*})?$' AND outcome ~ '^({[^\\n]*}|\\[[^\\n]*\\])?$'),
        ('I4', 'nothing below zero', format('balances %%s, held %%s', balances, helds), 0 <= ALL (balances)
            AND 0 <= ALL (helds))
    ) said(invariant, expected, found, holds)
    WHERE book = ANY(%(books)s) AND NOT (
        kind BETWEEN 1 AND 16 AND amount >= 0 AND (key_hash IS NULL) = (kind IN (14, 15))
        AND (fingerprint IS NULL) = (kind IN (14, 15)) AND (refusal IS NULL OR cardinality(lots) = 0)
        AND cardinality(lots) = ALL (ARRAY[cardinality(leg_pots), cardinality(accounts), cardinality(amounts),
            cardinality(promises)])
        AND cardinality(pots) = ALL (ARRAY[cardinality(balances), cardinality(helds)])
        AND 0 <= ALL (balances) AND 0 <= ALL (helds) AND actor ~ '^[^|\\n]+$'
        AND details ~ '^({[^\\n]*})?$' AND outcome ~ '^({[^\\n]*}|\\[[^\\n]*\\])?$')
    AND NOT said.holds"""

PRIME = 2_147_483_629
WEIGHED = f"""sum((units %% {PRIME}) * (hashint8extended(pot, %(salt)s) & 2147483647)
                + (held %% {PRIME}) * (hashint8extended(pot, %(salt)s + 1) & 2147483647))"""
STORIES = f"""
    WITH weighed AS MATERIALIZED (
        SELECT book, wallet, seq, (SELECT {WEIGHED} FROM unnest(pots, balances, helds) AS figure(pot, units, held)) AS now,
            (SELECT {WEIGHED} FROM unnest(leg_pots, amounts, promises) AS leg(pot, units, held)) AS moved
        FROM ledger_operation WHERE book = ANY(%(books)s)),
    told AS (
        SELECT *, lag(seq) OVER w AS seq_before, lag(now) OVER w AS before
        FROM weighed WINDOW w AS (PARTITION BY book, wallet ORDER BY seq))
    SELECT 'I2', t.book, format('seq %%s (wallet %%s, pot %%s)', t.seq, t.wallet, off.pot),
        format('%%s held %%s, by the operation before and its own legs', off.units, off.held),
        format('%%s held %%s', off.now_units, off.now_held)
    FROM told t JOIN ledger_operation o ON o.book = t.book AND o.seq = t.seq
    LEFT JOIN ledger_operation b ON b.book = t.book AND b.seq = t.seq_before
    CROSS JOIN LATERAL (
        SELECT pot, coalesce(sum(units) FILTER (WHERE place > cardinality(o.pots)), 0) AS units,
            coalesce(sum(held) FILTER (WHERE place > cardinality(o.pots)), 0) AS held,
            coalesce(sum(units) FILTER (WHERE place <= cardinality(o.pots)), 0) AS now_units,
            coalesce(sum(held) FILTER (WHERE place <= cardinality(o.pots)), 0) AS now_held
        FROM unnest(o.pots || b.pots || o.leg_pots, o.balances || b.balances || o.amounts, o.helds || b.helds || o.promises)
            WITH ORDINALITY AS figure(pot, units, held, place)
        GROUP BY pot
        HAVING sum(CASE WHEN place <= cardinality(o.pots) THEN units ELSE -units END) <> 0
            OR sum(CASE WHEN place <= cardinality(o.pots) THEN held ELSE -held END) <> 0) off
    WHERE (coalesce(t.now, 0) - coalesce(t.before, 0) - coalesce(t.moved, 0)) %% {PRIME} <> 0"""
"""Each wallet's figures are weighed by random numbers, a new salt a run, so that a row is one number, modulo a prime, to
compare with the one before; a mistake goes unseen once in 2^31 runs. Where weights differ, the figures are compared."""

KEYS = """
    SELECT 'I7', book, format('key %%s', key_hash), 'one result', format('%%s results', count(*))
    FROM ledger_operation WHERE book = ANY(%(books)s) AND key_hash IS NOT NULL
    GROUP BY book, key_hash HAVING count(*) > 1"""

FUNDINGS = """
    SELECT 'I7', min(l.book), format('funding %%s', l.funding), 'one top-up',
        format('%%s: %%s', count(DISTINCT (l.book, l.made_by)), array_agg(DISTINCT format('book %%s seq %%s', l.book,
            l.made_by)))
    FROM ledger_lot l JOIN ledger_operation o ON o.book = l.book AND o.seq = l.made_by
    WHERE l.funding <> '' AND o.kind = 1 AND l.bucket = 1
        AND o.accounts[array_position(o.lots, l.id)] BETWEEN 1000000000 AND 1999999999
    GROUP BY l.funding HAVING count(DISTINCT (l.book, l.made_by)) > 1"""

CHECKS = (
    Check("heads", HEADS),
    Check("numbers", NUMBERS),
    Check("batches", BATCHES),
    Check("chain", CHAIN),
    Check("shapes", SHAPES),
    Check("stories", STORIES),
    Check("keys", KEYS),
    Check("fundings", FUNDINGS, is_whole=True),
)
