"""What an id from outside names: a wallet, or an operation with its wallet."""

from functools import lru_cache

from django.db import connection

from chuzhi.api.auth import ApiRequest
from chuzhi.ledger import queries as journal
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import moves
from chuzhi.wallets.errors import NotYourStore, OperationUnknown, WalletUnknown
from chuzhi.wallets.models import Wallet

KEPT = 100_000
LONGEST_ID = 18
Place = tuple[int, int]
"""A wallet's book and programme. Both are decided when it is opened, and never change."""


def number(given: str) -> int | None:
    """An id out of an address, where anything can stand; None if it cannot be one."""
    return int(given) if 0 < len(given) <= LONGEST_ID and given.isascii() and given.isdigit() else None


def wallet(given: str) -> Wallet:
    """The wallet that a program wants to act on. Whether it may, the command asks; what it holds, only the ledger knows."""
    known = number(given)
    if known is None:
        raise WalletUnknown
    # Inside a transaction, as in a test, what is seen may be rolled back, and its number given out again.
    look_up = _look_up.__wrapped__ if connection.in_atomic_block else _look_up
    book, programme = look_up(str(connection.settings_dict["NAME"]), known)
    return Wallet.from_db(connection.alias, ["id", "book", "programme_id"], [known, book, programme])


def wallets(given: list[str]) -> dict[str, Wallet]:
    """Many at once, in one query. Those that do not exist are missing from the answer."""
    rows = Wallet.objects.only("id", "book", "programme_id").in_bulk({int(each) for each in given})
    return {str(number): row for number, row in rows.items()}


def operation(given: str, request: ApiRequest) -> tuple[Wallet, Entry]:
    """The operation that a program wants to answer, if it was done in a store where the key works."""
    place = moves.place_of(given)
    entry = journal.operation(*place) if place else None
    if entry is None:
        raise OperationUnknown
    if entry.store is not None and not request.auth.works_in(entry.store):
        raise NotYourStore
    return wallet(str(entry.outcome.wallet)), entry


@lru_cache(maxsize=KEPT)
def _look_up(_database: str, number: int) -> Place:
    place = Wallet.objects.filter(pk=number).values_list("book", "programme_id").first()
    if place is None:
        raise WalletUnknown
    return place
