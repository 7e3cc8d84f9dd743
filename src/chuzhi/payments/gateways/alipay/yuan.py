"""Amounts and moments as Alipay writes them: decimal yuan, and the clock of China without its zone."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

CURRENCY = "CNY"
CHINA = ZoneInfo("Asia/Shanghai")
_AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?", re.ASCII)
_MOMENT = "%Y-%m-%d %H:%M:%S"


def text(amount: int) -> str:
    """Fen as yuan: 50 is 0.50."""
    return f"{amount // 100}.{amount % 100:02d}"


def fen(written: object) -> int:
    """Yuan as fen, exactly. Raises ValueError for anything that is not a plain decimal of at most two places."""
    found = _AMOUNT.fullmatch(str(written))
    if not found:
        raise ValueError(f"{written!r} is not an amount.")
    sign, whole, part = found.groups()
    amount = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -amount if sign else amount


def moment(at: datetime) -> str:
    return at.astimezone(CHINA).strftime(_MOMENT)


def parsed(written: object) -> datetime | None:
    """Some moments come with thousandths of a second; a missing one is None."""
    given = str(written or "")[:19]
    return datetime.strptime(given, _MOMENT).replace(tzinfo=CHINA) if given else None
