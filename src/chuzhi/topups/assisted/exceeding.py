"""Every limit that a wished top-up would break, with what is used of it and whose it is."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.errors import OverBalanceLimit, OverDayLimit, OverTransactionLimit
from chuzhi.limits.models import LimitKind
from chuzhi.limits.rules import Bound, Kind, Origin
from chuzhi.topups.assisted.obstacles import Wish
from chuzhi.topups.channels import Channel
from chuzhi.wallets import ceilings, queries
from chuzhi.wallets.ceilings import Ceilings
from chuzhi.wallets.errors import OverRollingLimit

CODES = {
    Kind.AT_ONCE: OverTransactionLimit.code,
    Kind.A_DAY: OverDayLimit.code,
    Kind.ROLLING: OverRollingLimit.code,
    Kind.HELD: OverBalanceLimit.code,
}


def limits(wish: Wish, *, bonus: int) -> Iterator[tuple[str, str, bool]]:
    """Code, sentence, and whether it is the law's, which nobody can raise. Of limits of one kind, the one with least room."""
    allowed = ceilings.of(wish.wallet, store=wish.store, channel=Channel.AGENT)
    for kind in Kind:
        rooms = [(_room(wish, allowed, bound), bound) for bound in allowed.bounds if bound.kind is kind]
        if not rooms:
            continue
        room, bound = min(rooms, key=lambda each: (each[0], each[1].origin is not Origin.LAW))
        coming = max(0, wish.amount - wish.held.balance.debt) + bonus if kind is Kind.HELD else wish.amount
        if coming > room:
            yield _told(wish, bound, room)
    if no := ceilings.objection(allowed, wish.amount):
        yield no.code, str(no), True


def _room(wish: Wish, allowed: Ceilings, bound: Bound) -> int:
    """How much may still come in under it."""
    balance = wish.held.balance
    if bound.kind is Kind.AT_ONCE:
        return bound.amount
    if bound.kind is Kind.HELD:
        return max(0, bound.amount - balance.principal - balance.bonus)
    used = ceilings.used_of(allowed, bound, timezone.now()) if bound.is_total else queries.used_today(wish.wallet)[0]
    return max(0, bound.amount - used)


def _told(wish: Wish, bound: Bound, room: int) -> tuple[str, str, bool]:
    if bound.rule is not None:
        no: Refused = PackRefused(bound.rule)
        return no.code, str(no), True
    said = {"limit": LimitKind(bound.kind).label, "amount": wish.said(bound.amount), "left": wish.said(room)}
    whose = {
        Origin.TERMS: _("“%(limit)s” is %(amount)s by the programme’s terms; %(left)s of it is left."),
        Origin.RAISE: _("“%(limit)s” is %(amount)s, raised for this customer; %(left)s of it is left."),
    }.get(bound.origin, _("“%(limit)s” is %(amount)s by the shop’s own rule; %(left)s of it is left."))
    return CODES[bound.kind], whose % said, False
