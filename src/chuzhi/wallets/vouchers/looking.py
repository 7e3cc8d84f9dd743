"""What is on a card, for whoever has its code. Tries are counted with those to redeem, so that looking is no way to guess."""

from dataclasses import dataclass
from datetime import datetime

from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Standing
from chuzhi.wallets import queries, withholding
from chuzhi.wallets.vouchers import guarding, recognizing, rules
from chuzhi.wallets.vouchers.errors import VoucherUnusable
from chuzhi.wallets.vouchers.guarding import Side
from chuzhi.wallets.vouchers.models import Voucher
from chuzhi.wallets.withholding import Cause

Status = Voucher.Status


@dataclass(frozen=True, slots=True)
class Seen:
    """`left` minor units of `asset`: the value of a card that is alive, nothing of one that was redeemed. What of it is
    `uncleared` can be redeemed once the payment for the card has."""

    left: int
    asset: str
    expires_at: datetime | None = None
    redeemed_at: datetime | None = None
    uncleared: int = 0


def balance(*, secret: str, by: Actor, number: str = "", source: str = "", device: str = "", store: int | None = None) -> Seen:
    """Holding the code is what allows it. Raises VoucherUnusable for all else, as redeeming does, and TooManyTries.

    A card that is not sold yet is as unknown as a code that does not exist: whoever copied it must not learn when it comes alive.
    """
    code = rules.read(number, secret)
    attempt = guarding.begin(code, Side(source or by.label, device, store=store), by)
    found = Voucher.objects.select_related("batch__programme", "wallet").filter(pk=recognizing.card_of(code)).first()
    seen = _seen(found) if found is not None and not attempt.is_locked else None
    if seen is None:
        guarding.wrong(attempt)
        raise VoucherUnusable
    guarding.right(attempt)
    return seen


def _seen(card: Voucher) -> Seen | None:
    asset = card.batch.programme.asset
    if card.status == Status.USED:
        return Seen(0, asset, redeemed_at=card.redeemed_at)
    if card.status != Status.ACTIVE or card.wallet is None:
        return None
    held = queries.standing(card.wallet)
    if held.standing is not Standing.OPEN:
        return None
    ends = [lot.expires_at for lot in queries.lots(card.wallet) if lot.expires_at]
    uncleared = sum(each.amount for each in withholding.kept(card.wallet) if each.cause == Cause.UNCLEARED)
    return Seen(held.balance.available + uncleared, asset, expires_at=min(ends, default=None), uncleared=uncleared)
