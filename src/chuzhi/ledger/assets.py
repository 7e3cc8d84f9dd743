"""Assets by their code: `CNY`, `POINTS`, `VISITS:haircut`. Numbers are given out once and cached in each process."""

import re

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


_known: dict[str, int] = {}


def number(code: str) -> int:
    """The asset's number, given out at first use; refuses what is neither an ISO 4217 currency, points nor visits."""
    return _known.get(code) or _look_up(code)


def known(code: str) -> int:
    """The number of an asset that is held already; refuses any other, for who only looks."""
    found = _known.get(code) or Asset.objects.filter(code=code).values_list("id", flat=True).first()
    if not found:
        raise UnknownAsset(given=code[:40])
    return found


def code(number_: int) -> str:
    for code_, known in _known.items():
        if known == number_:
            return code_
    found = Asset.objects.values_list("code", flat=True).get(id=number_)
    if not connection.in_atomic_block:
        _known[found] = number_
    return found


def currency(number_: int) -> str:
    """The asset's code if it is money, else nothing."""
    return "" if not number_ or _COUNTED.fullmatch(known := code(number_)) else known


def _look_up(code: str) -> int:
    """Remembered only outside transactions: a number that is rolled back may become another asset's."""
    found = Asset.objects.filter(code=code).values_list("id", flat=True).first() or _add(code)
    if not connection.in_atomic_block:
        _known[code] = found
    return found


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
    return kept.id
