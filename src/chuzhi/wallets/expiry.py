"""What time takes: lots that expire and holds that lapse in wallets that nobody touches.

Nothing depends on this being on time: a wallet that is touched expires by itself first. It keeps the figures of the day right.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from chuzhi.ledger import posting

WALLETS_AT_ONCE = 250
"""A batch holds its book for a few hundredths of a second, so a till hardly feels the sweeper."""

DUE = """
    SELECT DISTINCT book, wallet FROM (
        SELECT book, wallet FROM ledger_lot WHERE open AND expires_at <= now() AND remaining > held
        UNION ALL
        SELECT book, wallet FROM ledger_hold WHERE open AND expires_at <= now()
    ) due ORDER BY book, wallet LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did: wallets looked at, records written."""

    wallets: int
    records: int


def sweep(*, most: int = 200_000) -> Swept:
    """Let time act on every wallet that it is due for, a few hundred of one book in each transaction.

    Running it twice, or two of it at once, changes nothing twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, [most])
        due: list[tuple[int, int]] = cursor.fetchall()
    records = 0
    for places in _by_book(due):
        with transaction.atomic():
            records += posting.wake(places)
    return Swept(len(due), records)


def _by_book(due: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    groups: list[list[tuple[int, int]]] = []
    for place in due:
        if not groups or groups[-1][0][0] != place[0] or len(groups[-1]) == WALLETS_AT_ONCE:
            groups.append([])
        groups[-1].append(place)
    return groups
