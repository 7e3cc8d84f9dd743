"""What the law of a place and the limits of the shop say against selling cards that belong to whoever holds them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from chuzhi.core.errors import Refused
from chuzhi.core.packs import reading, rules
from chuzhi.core.packs.errors import PackRefused
from chuzhi.core.packs.rules import Load
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import LedgerRefused, OverBalanceLimit, OverTransactionLimit
from chuzhi.limits import bounds
from chuzhi.limits.rules import Channel, Kind, Situation, strictest
from chuzhi.wallets import ceilings, programmes
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers import purchases
from chuzhi.wallets.vouchers.models import Voucher, VoucherPurchase

_OVER: dict[Kind, Callable[..., LedgerRefused]] = {Kind.HELD: OverBalanceLimit, Kind.AT_ONCE: OverTransactionLimit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Cards worth `value` each that somebody buys at once for `paid` together, under the rules of a store (None: of none)."""

    programme: Programme
    value: int
    paid: int
    store: int | None
    channel: Channel
    method: Method | None = None
    is_identified: bool = False


def sale_of(
    card: Voucher, *, store: int | None, channel: Channel, method: Method | None = None, purchase: VoucherPurchase | None = None
) -> Sale:
    """One card more of a purchase: what was paid for the others counts with it."""
    value, programme = card.batch.value, card.batch.programme
    before = purchases.paid(purchase, programme.asset, besides=card) if purchase else 0
    return Sale(
        programme=programme, value=value, paid=before + value, store=store, method=method, channel=channel,
        is_identified=purchase is not None and purchase.is_identified,
    )  # fmt: skip


def objection(sale: Sale) -> Refused | None:
    """Ceilings of a bearer card, who must be known, what is not taken in cash, and value that would end too soon."""
    today, asset = timezone.localdate(), sale.programme.asset
    situation = Situation(
        asset=asset, channel=sale.channel, method=sale.method.name.lower() if sale.method else "", holder=rules.BEARER,
        pack=ceilings.pack_of(sale.store),
    )  # fmt: skip
    allowed = [*bounds.of_the_law(situation, today), *bounds.of_the_shop(situation, bounds.read([], asset, today))]
    for kind, reached in ((Kind.HELD, sale.value), (Kind.AT_ONCE, sale.paid)):
        bound = strictest(allowed, kind)
        if bound is not None and reached > bound.amount:
            return PackRefused(bound.rule) if bound.rule else _told(_OVER[kind](limit=bound.amount), asset)
    pack = reading.pack(situation.pack)
    load = Load(
        holder=rules.BEARER, currency=asset, held=0, coming=sale.value, paid=sale.paid, in_cash=sale.method is Method.CASH,
        is_identified=sale.is_identified,
    )  # fmt: skip
    days = programmes.known(sale.programme.pk).terms().principal_valid_days
    ends = rules.to_expiry(pack, holder=rules.BEARER, valid_days=days, on=today)
    broken = [*rules.objections_to_load(pack, load, today), *([ends] if ends else [])]
    return PackRefused(broken[0]) if broken else None


def identity_from(sale: Sale) -> int | None:
    """From how much on, in minor units, whoever buys cards at once has to say who they are."""
    pack = reading.pack(ceilings.pack_of(sale.store))
    rule = pack.about(rules.Topic.IDENTITY_FROM, timezone.localdate(), of=rules.BEARER, currency=sale.programme.asset)
    return rule.number if rule else None


def must_be_identified(sale: Sale) -> bool:
    """Whether the buyer has to say who they are before this is sold, and has not yet."""
    threshold = identity_from(sale)
    return threshold is not None and sale.paid >= threshold and not sale.is_identified


def _told(no: LedgerRefused, asset: str) -> LedgerRefused:
    no.currency = partial(str, asset)
    return no
