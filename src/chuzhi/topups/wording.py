"""What offers give, and why they are not given, in words; amounts as the page at hand tells them."""

from collections.abc import Callable, Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuzhi.topups.offer_models import OfferGift
from chuzhi.topups.offer_rules import Gift, Kind, Why
from chuzhi.topups.offers import Yield
from chuzhi.wallets import programmes

Amounts = Callable[[int, str], str]
"""Tells an amount of an asset: `¥80.00`, `300 points`."""

WHY: dict[Why, Promise] = {
    Why.STOPPED: gettext_lazy("it was stopped"),
    Why.BUDGET: gettext_lazy("its budget is used up"),
    Why.NOT_YET: gettext_lazy("it has not begun"),
    Why.OVER: gettext_lazy("it is over"),
    Why.STORE: gettext_lazy("not in this store"),
    Why.CHANNEL: gettext_lazy("not by this way of paying in"),
    Why.BEARER: gettext_lazy("only for named customers"),
    Why.TIER: gettext_lazy("only for other levels"),
    Why.NOT_FIRST: gettext_lazy("only for the first top-up"),
    Why.USED_UP: gettext_lazy("this customer has used it as often as allowed"),
    Why.BELOW: gettext_lazy("the amount is too small"),
    Why.OUTDONE: gettext_lazy("another offer gives more, or comes first"),
    Why.WAITING: gettext_lazy("too many unpaid orders of this customer hold it already"),
}


def gifts(given: Iterable[Gift], asset: str, amounts: Amounts) -> tuple[str, ...]:
    return tuple(_rhythm(what(gift, asset, amounts), gift) for gift in given)


def what(gift: Gift, asset: str, amounts: Amounts) -> str:
    match gift.kind:
        case Kind.BONUS:
            return _("%(amount)s bonus") % {"amount": amounts(gift.amount, asset)}
        case Kind.LOT:
            held = programmes.known(gift.programme or 0)
            return f"{amounts(gift.amount, held.asset_code)} ({held.name})"
        case Kind.COUPON:
            return ngettext("%(count)s coupon %(code)s", "%(count)s coupons %(code)s", gift.amount) % {
                "count": gift.amount, "code": gift.code,
            }  # fmt: skip
        case _ if gift.valid_days is None:
            return _("level %(code)s") % {"code": gift.code}
        case _:
            said = ngettext("level %(code)s for %(days)s day", "level %(code)s for %(days)s days", gift.valid_days)
            return said % {"code": gift.code, "days": gift.valid_days}


def _rhythm(said: str, gift: Gift) -> str:
    if gift.every is None:
        return said
    every = str(OfferGift.Every(gift.every).label)
    return _("%(what)s in %(parts)s parts, %(every)s") % {"what": said, "parts": gift.parts, "every": every.lower()}


def ahead(found: Yield, asset: str, amounts: Amounts) -> str:
    """“Add 20 to get 80 more”, or what else the next band gives."""
    step = found.ahead
    if step is None:
        return ""
    more = step.won.band.bonus - found.bonus
    add = amounts(step.add, asset)
    if more > 0:
        return _("%(add)s more brings %(more)s more bonus") % {"add": add, "more": amounts(more, asset)}
    return _("%(add)s more brings %(gifts)s") % {"add": add, "gifts": join(gifts(step.won.band.gifts, asset, amounts))}


def join(parts: Sequence[str]) -> str:
    return _(", ").join(parts)
