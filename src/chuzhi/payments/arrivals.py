"""What providers say of many payments at one moment: read and written by one statement a table, without a model's ceremony."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, models

from chuzhi.core import vault
from chuzhi.ledger import posting
from chuzhi.ledger.rows import array, texts
from chuzhi.payments.models import Notice, Payment

COLUMNS = [field.attname for field in Payment._meta.concrete_fields if not isinstance(field, models.JSONField)]
LOCKED = f"""
    SELECT {", ".join(COLUMNS)} FROM payment WHERE number = ANY(%s::text[]) ORDER BY id FOR UPDATE"""  # noqa: S608 # names of our own columns
PAID = """
    UPDATE payment p SET stage = 'paid', reason = '', decline = '', next_ask_at = NULL, is_late = u.is_late,
        provider_id = u.provider_id, payer = u.payer, fee = u.fee, paid_at = u.paid_at, ended_at = u.paid_at
    FROM unnest(%s::bigint[], %s::boolean[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
      AS u(id, is_late, provider_id, payer, fee, paid_at)
    WHERE p.id = u.id"""
KNOWN = """
    SELECT n.account_id, n.event FROM unnest(%s::bigint[], %s::text[]) u(account, event)
    JOIN payment_notice n ON n.account_id = u.account AND n.event = u.event AND n.event <> ''"""
KEPT = """
    INSERT INTO payment_notice (account_id, event, kind, number, verdict, remark, body, received_at)
    SELECT account, event, kind, number, verdict, '', body, now()
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[])
      AS u(account, event, kind, number, verdict, body)
    ON CONFLICT DO NOTHING"""
_SEALED_AS = "payment_notice.body"


class Word(NamedTuple):
    """A notice with its verdict, as it is kept."""

    account: int
    event: str
    kind: str
    number: str
    verdict: Notice.Verdict
    body: str


def locked(numbers: Iterable[str]) -> list[Payment]:
    """In the order of their ids, so that two who want the same ones do not wait for each other."""
    with posting.joined() as exchange:
        found = exchange.ask(LOCKED, [texts(sorted(set(numbers)))])
    return [Payment.from_db(DEFAULT_DB_ALIAS, COLUMNS, row) for row in found.rows]


def write(paid: Sequence[Payment]) -> None:
    """Payments that have become paid, and are locked."""
    if not paid:
        return
    with posting.joined() as exchange:
        exchange.ask(
            PAID,
            [
                array(row.pk for row in paid),
                array(row.is_late for row in paid),
                texts(row.provider_id for row in paid),
                texts(row.payer for row in paid),
                array(row.fee for row in paid),
                array(_iso(row.paid_at) for row in paid),
            ],
        )


def known(events: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of these events (account, name) that were kept before."""
    with posting.joined() as exchange:
        found = exchange.ask(KNOWN, [array(account for account, _event in events), texts(event for _account, event in events)])
    return {(row[0], row[1]) for row in found.rows}


def keep(words: Sequence[Word]) -> None:
    """What another process has kept meanwhile stays as it is."""
    if not words:
        return
    keys = vault.latest()
    bodies = [keys.encrypt(word.body, column=_SEALED_AS).hex() for word in words]
    with posting.joined() as exchange:
        exchange.ask(
            KEPT,
            [
                array(word.account for word in words),
                *(texts(column) for column in zip(*(word[1:5] for word in words), strict=True)),
                texts(f"\\x{body}" for body in bodies),
            ],
        )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
