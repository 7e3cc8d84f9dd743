"""The ways to pay for an order: what each costs, how soon it arrives, how much it takes, how safe it is, and which we advise."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account
from chuzhi.payments.rules import DAY_SECONDS

LARGE = 5_000_00
"""Minor units from which the fee weighs more than the wait."""
MOMENT_SECONDS = 60


class Why(StrEnum):
    """The reason that comes with our advice."""

    FASTEST = "fastest"
    CHEAPEST = "cheapest"
    ONLY = "only"


REASONS: dict[Why, Promise] = {
    Why.FASTEST: _("Arrives soonest"),
    Why.CHEAPEST: _("Lowest fee for a large amount"),
}
SAFETY: dict[int, Promise] = {
    Method.WECHAT: _("Confirmed in WeChat with your own password or face"),
    Method.ALIPAY: _("Confirmed in Alipay with your own password or face"),
    Method.STRIPE: _("Your bank may ask you to confirm; we never see the card number"),
    Method.CRYPTO: _("Cannot be called back, and its value changes by the hour"),
    Method.BANK: _("From your own bank; the payee is the merchant"),
    Method.CASH: _("Paid at the counter against a receipt"),
    Method.TERMINAL: _("Paid at the counter by card"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way for one amount. `fee` is what the merchant pays for it, in minor units."""

    account: Account
    scene: Scene
    fee: int
    arrives_within_seconds: int
    most: int | None
    safety: str | Promise
    advice: Why | None = None

    @property
    def arrival(self) -> str:
        if self.arrives_within_seconds <= MOMENT_SECONDS:
            return gettext("arrives at once")
        if not self.account.is_slow:
            minutes = -(-self.arrives_within_seconds // 60)
            return ngettext("arrives within %(count)s minute", "arrives within %(count)s minutes", minutes) % {"count": minutes}
        days = -(-self.arrives_within_seconds // DAY_SECONDS)
        return ngettext("arrives within %(count)s working day", "arrives within %(count)s working days", days) % {"count": days}

    @property
    def reason(self) -> str | Promise:
        return REASONS.get(self.advice, "") if self.advice else ""


def accounts_for(*, scene: Scene, amount: int, currency: str, method: Method | None = None) -> list[Account]:
    return accounts.routes(scene=scene, amount=amount, currency=currency, method=method)


def compare(*, scenes: Iterable[Scene], amount: int, currency: str) -> list[Way]:
    """One way a method, the advised one first. Empty: nothing takes this amount here."""
    found: dict[int, Way] = {}
    for scene in scenes:
        for account in accounts_for(scene=scene, amount=amount, currency=currency):
            found.setdefault(account.method, _way(account, scene, amount))
    return _advised(list(found.values()), amount)


def _way(account: Account, scene: Scene, amount: int) -> Way:
    return Way(
        account=account, scene=scene, fee=account.fee_of(amount), arrives_within_seconds=account.arrives_within_seconds,
        most=account.most, safety=SAFETY.get(account.method, ""),
    )  # fmt: skip


def _advised(ways: list[Way], amount: int) -> list[Way]:
    """Small sums by what arrives first, large ones by what costs least; what takes days is no advice for a small one."""
    if not ways:
        return []
    if len(ways) == 1:
        order, why = ways, Why.ONLY
    elif amount >= LARGE:
        order, why = sorted(ways, key=lambda way: (way.fee, way.arrives_within_seconds)), Why.CHEAPEST
    else:
        order, why = sorted(ways, key=lambda way: (way.arrives_within_seconds, way.fee)), Why.FASTEST
    first, *rest = order
    return [replace(first, advice=why), *rest]
