"""Customers by what they hold in all their wallets of a currency together, from their open lots: no move is ever added up."""

import re
from typing import TypedDict

from django.db.models import BooleanField
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
ONE = """
    (SELECT count(DISTINCT w.id) > 0 AND coalesce(sum(l.remaining), 0) BETWEEN %s AND %s FROM wallet w
    JOIN programme p ON p.id = w.programme_id AND p.asset = %s
    LEFT JOIN ledger_lot l ON l.book = w.book AND l.wallet = w.id AND l.open AND l.bucket <> %s
        AND l.asset = (SELECT id FROM ledger_asset WHERE code = %s) AND (l.expires_at IS NULL OR l.expires_at > %s)
    WHERE w.customer_id = customer.id)"""
SOME = ALL.replace("LEFT JOIN", "JOIN")
"""Whoever is to hold anything has an open lot: who has none need not be read."""
LARGEST = 10**18


class Limits(TypedDict):
    currency: str
    least: int | None
    most: int | None


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


def holds(*, currency: str, least: int | None, most: int | None) -> RawSQL:
    """The same as `holders`, asked of each customer who is looked at: quick as long as the next page of them is not far."""
    between = [least or 0, LARGEST if most is None else most]
    facts = [*between, currency, int(Bucket.DEBT), currency, timezone.now()]
    return RawSQL(ONE, facts, output_field=BooleanField())  # noqa: S611 # written above, and every fact is a parameter


def holders(*, currency: str, least: int | None, most: int | None) -> RawSQL:
    """The numbers of customers with a wallet in a currency who hold at least and at most so much, in minor units.

    Principal and bonus count, what is held for somebody too; what has expired and what is owed do not.
    """
    facts = [currency, int(Bucket.DEBT), currency, timezone.now(), least or 0, LARGEST if most is None else most]
    return RawSQL(SOME if least else ALL, facts)  # noqa: S611 # both are written above, and every fact is a parameter
