"""Opening balances: the second half of an import. Customers come first, in one step; their value follows in small batches.

Posting a hundred thousand lots in the transaction that registers the customers would stop every till until it ends. So that
transaction writes down what is to be posted, and the ledger takes it a few hundred at a time, each keyed by import and line:
an import that is interrupted goes on where it stopped, and nothing is posted twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers import imports
from chuzhi.customers.importing import NOBODYS, Plan
from chuzhi.customers.models import ImportBatch
from chuzhi.customers.rows import Row
from chuzhi.ledger import assets, posting
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import OPENING, Bucket
from chuzhi.ledger.operations import Grant, Operation, TopUp
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, programmes, rules
from chuzhi.wallets.errors import ControlTotalsDiffer, ImportOfAnotherCurrency
from chuzhi.wallets.models import Card, Opening, Programme, Wallet
from chuzhi.wallets.records import OpeningPosted
from chuzhi.wallets.rules import Terms

RUN = "imports.run"
POSTED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Totals:
    """What an import has brought, summed over the lots it made. Minor units."""

    lots: int
    principal: int
    bonus: int


class Said(NamedTuple):
    """An opening balance as it was written down: `models.Opening` without the weight of a model."""

    book: int
    batch: int
    line: int
    wallet: int
    principal: int
    principal_at: datetime
    principal_expires_at: datetime | None
    bonus: int
    bonus_at: datetime
    bonus_expires_at: datetime | None
    terms: int


def begin(*, batch: ImportBatch, plan: Plan, programme: Programme, by: Actor) -> None:
    """Customers, wallets, cards, and what is to be posted, all or none.

    Refuses what `imports.apply` refuses, and a file in another currency than the programme's.
    """
    require(by, RUN)
    if programme.asset != plan.currency:
        raise ImportOfAnotherCurrency(currency=plan.currency, programme=programme.name)
    with transaction.atomic():
        customers = imports.apply(batch, plan, by=by)
        worth, carded = [row for row in plan.rows() if row.opening.principal or row.opening.bonus], plan.with_cards()
        wallets = _wallets(programme, {row.line: customers[row.line] for row in (*worth, *carded)})
        _give_cards(batch, [(row.card_number, wallets[row.line]) for row in carded if row.card_number])
        _write_down(batch, programme, [(row, wallets[row.line]) for row in worth])
        ImportBatch.objects.filter(pk=batch.pk).update(step=ImportBatch.Step.CREDIT, done=0, total=len(worth))
        audit.record("import.openings", f"import:{batch.pk}", by=by, principal=plan.principal, bonus=plan.bonus)


def post(*, batch: ImportBatch) -> Totals:
    """Post what is not posted yet of an import, and compare the control totals. Safe to run again and side by side."""
    asset = assets.number(batch.currency)
    for first, last in _parts(batch):
        waiting = Opening.objects.filter(batch=batch.pk, line__range=(first, last), seq=None)
        asked = [_top_up(Said(*row), asset) for row in waiting.values_list(*Said._fields)]
        for outcome in posting.post(asked):
            outcome.raise_if_refused()
        left = Opening.objects.filter(batch=batch.pk, seq=None).count()
        ImportBatch.objects.filter(pk=batch.pk).update(done=F("total") - left)
    posted = totals(batch)
    if (posted.principal, posted.bonus) != (batch.principal, batch.bonus):
        raise ControlTotalsDiffer(f"import {batch.pk}: file {batch.principal}+{batch.bonus}, posted {posted}")
    ImportBatch.objects.filter(pk=batch.pk, step=ImportBatch.Step.CREDIT).update(step=ImportBatch.Step.NONE)
    return posted


def _parts(batch: ImportBatch) -> list[tuple[int, int]]:
    """Stretches of the file that are not posted yet. In its order each falls on many books, which keeps all lanes busy."""
    lines = list(Opening.objects.filter(batch=batch.pk, seq=None).order_by("line").values_list("line", flat=True))
    parts = [lines[start : start + POSTED_AT_ONCE] for start in range(0, len(lines), POSTED_AT_ONCE)]
    return [(part[0], part[-1]) for part in parts]


def totals(batch: ImportBatch) -> Totals:
    """Control totals of an import from the lots themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), coalesce(sum(l.amount) FILTER (WHERE l.bucket = %s), 0)::bigint,
                   coalesce(sum(l.amount) FILTER (WHERE l.bucket = %s), 0)::bigint
               FROM opening o JOIN ledger_lot l ON l.book = o.book AND l.wallet = o.wallet AND l.made_by = o.seq
               WHERE o.batch = %s""",
            [int(Bucket.PRINCIPAL), int(Bucket.BONUS), batch.pk],
        )
        return Totals(*cursor.fetchone())


def card_holders(numbers: Collection[str]) -> Mapping[str, int]:
    """Whose cards these are, for `customers.importing.plan`."""
    held = "SELECT c.number, w.customer_id FROM card c JOIN wallet w ON w.id = c.wallet_id WHERE c.number = ANY(%s)"
    return {number: customer or NOBODYS for number, customer in _asked(held, list(numbers))}


def _wallets(programme: Programme, customers: Mapping[int, int]) -> dict[int, Wallet]:
    """By line: the customer's first wallet of the programme, opened where there is none."""
    held = "SELECT * FROM wallet WHERE programme_id = %s AND customer_id = ANY(%s) AND NOT is_joined ORDER BY id DESC"
    known = {wallet.customer_id or 0: wallet for wallet in Wallet.objects.raw(held, [programme.pk, list(customers.values())])}
    without = sorted(set(customers.values()) - known.keys())
    books = dict(_asked("SELECT id, book FROM customer WHERE id = ANY(%s)", without))
    numbers = accounts.reserve_ids(len(without)) if without else []
    fresh = [
        Wallet(id=number, book=books[customer], customer_id=customer, programme=programme)
        for number, customer in zip(numbers, without, strict=True)
    ]
    _copy("wallet", ("id", "book", "customer_id", "programme_id", "created_at"), [
        (wallet.pk, wallet.book, wallet.customer_id, programme.pk, wallet.created_at) for wallet in fresh
    ])  # fmt: skip
    known |= {wallet.customer_id or 0: wallet for wallet in fresh}
    return {line: known[customer] for line, customer in customers.items()}


def _give_cards(batch: ImportBatch, cards: Sequence[tuple[str, Wallet]]) -> None:
    """Numbers from the old system go on finding their holders; those that are here already stay as they are."""
    known = {
        held for (held,) in _asked("SELECT number FROM card WHERE number = ANY(%s)", [number for number, _wallet in cards])
    }
    now = timezone.now()
    _copy("card", ("book", "wallet_id", "number", "kind", "status", "brought_by_id", "issued_at"), [
        (wallet.book, wallet.pk, number, Card.Kind.NAMED.value, Card.Status.ACTIVE.value, batch.pk, now)
        for number, wallet in cards
        if number not in known
    ])  # fmt: skip


def _write_down(batch: ImportBatch, programme: Programme, rows: Iterable[tuple[Row, Wallet]]) -> None:
    terms, now = programmes.known(programme.pk).terms(), timezone.now()
    columns = (
        "book", "batch", "line", "wallet", "principal", "principal_at", "principal_expires_at", "bonus", "bonus_at",
        "bonus_expires_at", "terms",
    )  # fmt: skip
    _copy("opening", columns, [_opening(batch, row, wallet, terms, now) for row, wallet in rows])


def _opening(batch: ImportBatch, row: Row, wallet: Wallet, terms: Terms, now: datetime) -> tuple[object, ...]:
    """What the old system gave no end to is given the programme's, counted from today."""
    said, zone = row.opening, shop_zone()
    principal_end = _midnight_after(said.principal_expires_on) or rules.valid_until(now, terms.principal_valid_days, zone)
    bonus_end = _midnight_after(said.bonus_expires_on) or rules.valid_until(now, terms.bonus_valid_days, zone)
    return (
        wallet.book, batch.pk, row.line, wallet.pk, said.principal, _midnight(said.principal_on) or now, principal_end,
        said.bonus, _midnight(said.bonus_on) or now, bonus_end, terms.id,
    )  # fmt: skip


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, shop_zone()) if day else None


def _midnight_after(day: date | None) -> datetime | None:
    return _midnight(day + timedelta(days=1)) if day else None


def _top_up(opening: Said, asset: int) -> Operation:
    funding = f"import:{opening.batch}:{opening.line}"
    paid = Grant(
        asset=asset, bucket=Bucket.PRINCIPAL, amount=opening.principal, source=OPENING, granted_at=opening.principal_at,
        expires_at=opening.principal_expires_at, terms=opening.terms, funding=funding,
    )  # fmt: skip
    given = Grant(
        asset=asset, bucket=Bucket.BONUS, amount=opening.bonus, source=OPENING, granted_at=opening.bonus_at,
        expires_at=opening.bonus_expires_at, terms=opening.terms, funding=funding,
    )  # fmt: skip
    return TopUp(
        book=opening.book, wallet=opening.wallet, key=funding, by=f"import:{opening.batch}", asset=asset,
        amount=opening.principal, grants=tuple(grant for grant in (paid, given) if grant.amount), reference=funding,
        documents=(OpeningPosted(opening.batch, opening.line),),
    )  # fmt: skip


def _asked(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Rows about very many values: one array, where Django's `in` would write out and parse a parameter for each."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values)])
        return list(cursor.fetchall())


def _copy(table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
