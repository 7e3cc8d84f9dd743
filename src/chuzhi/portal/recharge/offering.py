"""What top-ups yield, as their payers read it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import ngettext

from chuzhi.organization.models import Store
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import offers, wording
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Order
from chuzhi.topups.offer_rules import Gift
from chuzhi.topups.offers import Yield
from chuzhi.ui.templatetags import ui
from chuzhi.wallets import moves
from chuzhi.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Step:
    """An amount on offer, and what it brings."""

    pay: int
    gets: str


def steps(wallet: Wallet, *, store: Store | None = None, channel: Channel = Channel.LINK) -> list[Step]:
    asset = moves.programme_of(wallet).asset_code
    found = offers.steps(wallet=wallet, store=store.pk if store else None, channel=channel)
    return [Step(each.amount, " + ".join(_gifts(each, asset))) for each in found]


def gifts_of(order: Order) -> tuple[str, ...]:
    """What would come beside plain bonus, which the order names itself."""
    return others_of(order, _yield(order).gifts)


def others_of(order: Order, gifts: Iterable[Gift]) -> tuple[str, ...]:
    """Of these gifts, those that are more than plain bonus."""
    apart = [gift for gift in gifts if gift.kind is not rules.Kind.BONUS or gift.parts > 1]
    return wording.gifts(apart, order.currency, worth)


def ahead_of(order: Order) -> str:
    """What a little more would bring."""
    return wording.ahead(_yield(order), order.currency, worth)


def _yield(order: Order) -> Yield:
    return offers.preview(
        wallet=order.wallet, amount=order.amount, store=order.store_id, channel=Channel(order.channel), now=order.created_at
    )


def _gifts(found: Yield, asset: str) -> list[str]:
    bonus = [worth(found.bonus, asset)] if found.bonus else []
    others = [gift for gift in found.gifts if gift.kind is not rules.Kind.BONUS]
    return [*bonus, *(wording.what(gift, asset, worth) for gift in others)]


def worth(amount: int, asset: str) -> str:
    """Units of anything a wallet holds, as people say them."""
    if asset == "POINTS":
        return ngettext("%(figure)s point", "%(figure)s points", amount) % {"figure": amount}
    if asset.startswith("VISITS:"):
        return ngettext("%(figure)s visit", "%(figure)s visits", amount) % {"figure": amount}
    return ui.money(amount, asset)
