"""What an id from outside names: a wallet, its holder, or an operation with its wallet."""

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections

from chuzhi.api.auth import ApiRequest
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.ledger import queries as journal
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import moves, queries
from chuzhi.wallets.errors import NotYourStore, OperationUnknown, WalletUnknown
from chuzhi.wallets.models import Wallet

LONGEST_ID = 18
BLOCK = 1024
BLOCKS_KEPT = 4096
"""Six bytes a wallet: 25 MB in each process, at the most, for the four million wallets that were last asked for."""


def number(given: str) -> int | None:
    """An id out of an address, where anything can stand; None if it cannot be one."""
    return int(given) if 0 < len(given) <= LONGEST_ID and given.isascii() and given.isdigit() else None


def wallet(given: str) -> Wallet:
    """The wallet that a program wants to act on. Whether it may, the command asks; what it holds, only the ledger knows.

    Its book and programme are decided when it is opened and never change, so that a charge need not ask the database for them.
    """
    known = number(given)
    if known is None:
        raise WalletUnknown
    here = connections[DEFAULT_DB_ALIAS]
    # Inside a transaction, as in a test, what is seen may be rolled back, and its number given out again.
    place = None if here.in_atomic_block else _remembered(str(here.settings_dict["NAME"]), known)
    if place is None:
        place = Wallet.objects.filter(pk=known).values_list("book", "programme_id").first()
    if place is None:
        raise WalletUnknown
    return Wallet.from_db(DEFAULT_DB_ALIAS, ["id", "book", "programme_id"], [known, *place])


def visible_wallet(request: ApiRequest, given: str) -> Wallet:
    """The wallet that a program wants to read."""
    known = number(given)
    found = None if known is None else queries.visible_to(request.auth).filter(pk=known).first()
    if found is None:
        raise WalletUnknown
    return found


def holder(request: ApiRequest, given: str) -> int:
    """A customer with a wallet that the program may read. Raises CustomerUnknown."""
    known = number(given)
    if known is None or not queries.visible_to(request.auth).filter(customer=known).exists():
        raise CustomerUnknown
    return known


def wallets(given: Iterable[str]) -> dict[str, Wallet]:
    """Many at once. Those that do not exist are missing from the answer."""
    found: dict[str, Wallet] = {}
    for each in set(given):
        try:
            found[each] = wallet(each)
        except WalletUnknown:
            continue
    return found


def operation(given: str, request: ApiRequest) -> tuple[Wallet, Entry]:
    """The operation that a program wants to answer, if it was done in a store where the key works."""
    place = moves.place_of(given)
    entry = journal.operation(*place) if place else None
    if entry is None:
        raise OperationUnknown
    if entry.store is not None and not request.auth.works_in(entry.store):
        raise NotYourStore
    return wallet(str(entry.outcome.wallet)), entry


def _remembered(database: str, known: int) -> tuple[int, int] | None:
    """Book and programme. A look-up brings its neighbours; a wallet opened after them is not among them yet."""
    block, place = divmod(known, BLOCK)
    books, programmes = _block(database, block)
    return (books[place], programmes[place]) if programmes[place] else None


@lru_cache(maxsize=BLOCKS_KEPT)
def _block(_database: str, block: int) -> tuple[Sequence[int], Sequence[int]]:
    first, books, programmes = block * BLOCK, array("h", [0]) * BLOCK, array("i", [0]) * BLOCK
    rows = Wallet.objects.filter(pk__range=(first, first + BLOCK - 1)).values_list("pk", "book", "programme_id")
    for pk, book, programme in rows:
        books[pk - first], programmes[pk - first] = book, programme
    return books, programmes
