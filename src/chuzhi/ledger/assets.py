"""Assets by their code: `CNY`, `POINTS`, `VISITS:haircut`. Numbers are given out once and cached in each process."""

import re
from functools import cache

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.ledger.models import Asset

POINTS = "POINTS"
_COUNTED = re.compile(r"POINTS|VISITS:[a-z0-9-]{1,32}")


class UnknownAsset(Refused):
    code = "asset.unknown"
    message = _("“%(given)s” cannot be held in a wallet.")


def number(code: str) -> int:
    """The asset's number, given out at first use; refuses what is neither an ISO 4217 currency, points nor visits."""
    return _numbers().get(code) or _add(code)


def code(number_: int) -> str:
    for known, its in _numbers().items():
        if its == number_:
            return known
    _numbers.cache_clear()
    return next(known for known, its in _numbers().items() if its == number_)


@cache
def _numbers() -> dict[str, int]:
    return dict(Asset.objects.values_list("code", "id"))


def _add(code: str) -> int:
    if not _COUNTED.fullmatch(code):
        try:
            money.exponent(code)
        except money.UnknownCurrency as no:
            raise UnknownAsset(given=code[:40]) from no
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger_asset'))")
        last = Asset.objects.order_by("-id").values_list("id", flat=True).first() or 0
        kept, _made = Asset.objects.get_or_create(code=code, defaults={"id": last + 1})
    _numbers.cache_clear()
    return kept.id
