"""Customers by what they hold in all their wallets of a currency together, from their open lots: no move is ever added up."""

import re

from django.db.models.expressions import RawSQL
from django.utils import timezone

from chuzhi.core import money
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Bucket
from chuzhi.wallets.models import Programme

ALL = """
    SELECT w.customer_id FROM wallet w
    JOIN programme p ON p.id = w.programme_id AND p.asset = %s
    LEFT JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.id AND l.open AND l.bucket <> %s
        AND l.asset = (SELECT id FROM ledger_asset WHERE code = %s) AND (l.expires_at IS NULL OR l.expires_at > %s)
    WHERE w.customer_id IS NOT NULL
    GROUP BY w.customer_id HAVING coalesce(sum(l.remaining), 0) BETWEEN %s AND %s"""
SOME = ALL.replace("LEFT JOIN", "JOIN")
"""Whoever is to hold anything has an open lot: who has none need not be read."""
LARGEST = 10**18
_NOTHING = re.compile(r"0+([.]0*)?", re.ASCII)


def currencies() -> list[str]:
    """What customers can hold money in, that of the oldest programme first."""
    held = Programme.objects.filter(kind=Programme.Kind.MONEY).order_by("pk").values_list("asset", flat=True)
    return list(dict.fromkeys(held))


def amount(typed: str, currency: str) -> int:
    """Minor units from what a person typed; unlike a payment it may be nothing. Refuses it where no programme holds money."""
    if not currency:
        raise assets.UnknownAsset(given=currency)
    return 0 if _NOTHING.fullmatch(typed.strip()) else money.parse(typed, currency)


def holders(*, currency: str, least: int | None, most: int | None) -> RawSQL:
    """The numbers of customers with a wallet in a currency who hold at least and at most so much, in minor units.

    Principal and bonus count, what is held for somebody too; what has expired and what is owed do not.
    """
    facts = [currency, int(Bucket.DEBT), currency, timezone.now(), least or 0, LARGEST if most is None else most]
    return RawSQL(SOME if least else ALL, facts)  # noqa: S611 # both are written above, and every fact is a parameter
