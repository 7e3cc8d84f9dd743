"""What stands in the way of a request, as it is shown to somebody who may resolve it, or is told who may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.core.actors import Actor
from chuzhi.limits import raises
from chuzhi.organization import roles
from chuzhi.topups.assisted import remedies
from chuzhi.topups.assisted.models import AssistedStep, AssistedTopUp
from chuzhi.topups.assisted.obstacles import Obstacle, Remedy
from chuzhi.topups.assisted.requests import ASSIST, Verified
from chuzhi.wallets.models import Wallet

VERBS: Mapping[Remedy, Promise] = {
    Remedy.UNFREEZE: gettext_lazy("Unfreeze"),
    Remedy.CARD_FOUND: gettext_lazy("Found again"),
    Remedy.CANCEL_ORDER: gettext_lazy("Cancel the order"),
    Remedy.MONEY_CLEARED: gettext_lazy("It has cleared"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page where something is resolved: its name, what it is called, and who may open it."""

    url_name: str
    label: Promise
    permission: str = "wallets.view"
    arguments: Callable[[Wallet, str], list[object]] = lambda _wallet, number: [number]


PLACES: Mapping[str, Place] = {
    "wallet": Place("console:wallet", gettext_lazy("See the wallet")),
    "card": Place("console:wallet_cards", gettext_lazy("See its cards"), arguments=lambda wallet, _number: [wallet.pk]),
    "operation": Place("console:till_receipt", gettext_lazy("See the receipt")),
    "limits": Place("console:wallet_limits", gettext_lazy("See its limits")),
    "order": Place("console:order", gettext_lazy("See the order")),
    "dispute": Place("console:wallet_dispute", gettext_lazy("See the dispute"), "wallets.dispute"),
    "programme": Place("console:programme", gettext_lazy("See the programme"), "programmes.manage"),
    "customer": Place("console:customer", gettext_lazy("See the customer"), "customers.view"),
    "refund": Place("console:refund_request", gettext_lazy("See the refund")),
    "risk_case": Place("console:risk_case", gettext_lazy("See the case"), "risk.view"),
    "partner": Place("console:partner", gettext_lazy("See the partner"), "partners.view"),
    "accounts": Place(
        "console:payment_accounts", gettext_lazy("See the ways of paying"), "payments.manage", lambda _wallet, _number: []
    ),
}
ICONS: Mapping[str, str] = {"taken_down": "phone", "cleared": "lock-open", "tendered": "banknote", "closed": "ban"}


@dataclass(frozen=True, slots=True)
class Row:
    """An obstacle in a list. `who` names the roles that may resolve it, where this person may not; `verb` is on the button."""

    obstacle: Obstacle
    href: str
    label: str
    who: str
    verb: str


def rows(request: AssistedTopUp, by: Actor) -> list[Row]:
    """What blocks it first."""
    return [_row(request, obstacle, by) for obstacle in remedies.of(request)]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a request's story, with the page of what it was done to."""

    step: AssistedStep
    icon: str
    href: str
    label: str


def steps(request: AssistedTopUp, by: Actor) -> list[Told]:
    """Newest first."""
    return [
        Told(step, ICONS.get(step.kind, "mail"), *_place(request.wallet, step.about, by))
        for step in request.steps.order_by("-pk")
    ]


def _row(request: AssistedTopUp, obstacle: Obstacle, by: Actor) -> Row:
    may = not obstacle.permission or by.may(obstacle.permission)
    clears = may and obstacle.remedy is not None and by.may(ASSIST) and request.verified != Verified.NO
    href, label = _place(request.wallet, obstacle.subject, by)
    if obstacle.permission == raises.APPLY and may and request.wallet.customer_id:
        href, label = reverse("console:raise_apply", args=[request.wallet_id]), _("Ask for a higher limit")
    return Row(
        obstacle=obstacle,
        href=href,
        label=label,
        who="" if may else _(", ").join(str(role) for role in roles.holders(obstacle.permission)),
        verb=str(VERBS[obstacle.remedy]) if clears and obstacle.remedy else "",
    )


def _place(wallet: Wallet, subject: str, by: Actor) -> tuple[str, str]:
    """Where it is seen, if this person may go there."""
    kind, _colon, number = subject.partition(":")
    place = PLACES.get(kind)
    if place is None or not by.may(place.permission):
        return "", ""
    return reverse(place.url_name, args=place.arguments(wallet, number)), str(place.label)
