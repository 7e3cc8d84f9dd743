"""Which card somebody means by a code, without telling by the time it takes how near they were."""

import hmac

from chuzhi.core import vault
from chuzhi.wallets.vouchers import codes
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.vouchers.rules import Code


def card_of(code: Code) -> int:
    """The key of the card that has exactly this code; 0: none has. One statement whatever is typed."""
    wanted = list(codes.marks(code))
    cards = Voucher.objects.filter(number=code.number) if code.number else Voucher.objects.filter(mark__in=wanted)
    number, kept = cards.values_list("pk", "mark").first() or (0, None)
    same = [hmac.compare_digest(bytes(kept or bytes(vault.MARK_BYTES)), mark) for mark in wanted]
    return number if any(same) else 0
