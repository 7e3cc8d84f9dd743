"""Wallets are opened, frozen, unfrozen and closed."""

import hashlib
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.ledger import books
from chuzhi.ledger.chart import Standing
from chuzhi.ledger.operations import Stand
from chuzhi.organization.authority import require
from chuzhi.wallets import moves
from chuzhi.wallets.errors import KeyMissing, ProgrammeClosed
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved

OPEN = "wallets.open"
FREEZE = "wallets.freeze"


@transaction.atomic
def open_wallet(
    *, programme: Programme, key: str, by: Actor, customer: Customer | None = None, created_at: datetime | None = None
) -> Wallet:
    """A new, empty wallet in the customer's book, or (no customer) a bearer's. Asking twice with one key opens one."""
    require(by, OPEN)
    asked_for = mark(by, key)
    known = Wallet.objects.filter(asked_for=asked_for).first()
    if known is not None:
        return known
    if not programme.is_open:
        raise ProgrammeClosed(programme=programme.name)
    return opened(programme=programme, customer=customer, asked_for=asked_for, by=by, created_at=created_at)


def opened(
    *, programme: Programme, customer: Customer | None, asked_for: bytes, by: Actor, created_at: datetime | None = None
) -> Wallet:
    """The wallet as part of another act, which has asked for its own permission."""
    number = reserve_ids(1)[0]
    book = customer.book if customer else books.book_for(number)
    wallet, made = Wallet.objects.get_or_create(
        asked_for=asked_for,
        defaults={
            "id": number, "book": book, "customer": customer, "programme": programme,
            "created_at": created_at or timezone.now(),
        },
    )  # fmt: skip
    if made:
        audit.record("wallet.opened", f"wallet:{wallet.pk}", by=by, programme=programme.code, bearer=customer is None)
    return wallet


def freeze(*, wallet: Wallet, reason: str, key: str, by: Actor) -> Moved:
    """Nothing goes in or out until it is unfrozen; holds placed before keep their promise."""
    return _stand(wallet, Standing.FROZEN, reason, key, by)


def unfreeze(*, wallet: Wallet, reason: str, key: str, by: Actor) -> Moved:
    return _stand(wallet, Standing.OPEN, reason, key, by)


def close(*, wallet: Wallet, reason: str, key: str, by: Actor) -> Moved:
    """For good. Refuses while it holds anything, owes anything or has a promise to keep."""
    return _stand(wallet, Standing.CLOSED, reason, key, by)


def _stand(wallet: Wallet, standing: Standing, reason: str, key: str, by: Actor) -> Moved:
    require(by, FREEZE)
    programme = moves.programme_of(wallet)
    asked = Stand(**moves.common(wallet, programme, key=key, by=by), standing=standing, reason=moves.reason(reason))
    return moves.make(wallet, asked)


def mark(by: Actor, key: str) -> bytes:
    """What a key is remembered by on a row that it made."""
    if not key:
        raise KeyMissing
    return hashlib.sha256(f"{by.label}\0{key}".encode()).digest()[:16]


def reserve_ids(count: int) -> list[int]:
    """Ids for rows that must know theirs before they are written: a bearer wallet's book follows from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('wallet', 'id')) FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]
