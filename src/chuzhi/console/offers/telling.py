"""Offers in a list, on their page, and at the till."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuzhi.console import values
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import offers, wording
from chuzhi.topups.channels import Channel
from chuzhi.topups.costs import Cost
from chuzhi.topups.offer_models import Offer, OfferTerms
from chuzhi.topups.offer_rules import Gift, Kind, Why
from chuzhi.topups.offers import OF_THE_TERMS, RUNNING, Yield
from chuzhi.ui.templatetags import ui

Fact = tuple[str | Promise, str]

WRONG: dict[str, Promise] = {
    "bands": gettext_lazy("Who pays more must not get less: let what is given rise from band to band."),
    "gifts": gettext_lazy("One of the gifts cannot be: look at amounts, parts and codes once more."),
    "budget": gettext_lazy("The budget is smaller than what was promised already."),
    "ends_at": gettext_lazy("The last day is before the first one."),
    "tiers": gettext_lazy("Codes of levels are letters, digits and hyphens."),
    "programme": gettext_lazy("Offers are for open programmes of money."),
}
"""What to do about an offer that cannot be, by what is wrong."""
STATES: dict[str, tuple[Promise, str]] = {
    RUNNING: (gettext_lazy("Running"), "good"),
    Why.NOT_YET: (gettext_lazy("To come"), "info"),
    Why.OVER: (gettext_lazy("Over"), "plain"),
    Why.STOPPED: (gettext_lazy("Stopped"), "plain"),
    Why.BUDGET: (gettext_lazy("Budget used up"), "warn"),
}
"""What each state is called, and its tone."""


@dataclass(frozen=True, slots=True)
class Line:
    """An offer in a list. Figures as they are read; `spent` and `budget` for a bar."""

    offer: Offer
    state: Promise
    tone: str
    period: str
    bands: tuple[tuple[str, tuple[str, ...]], ...]
    uses: int
    paid: str
    worth: str
    rate: str
    bonus_given: str
    bonus_waiting: str
    left: str
    reserved: str
    """For orders that are not paid yet, if there are any."""


def line(offer: Offer, terms: OfferTerms, cost: Cost, now: datetime) -> Line:
    ruled, asset = offers.ruled(offer, terms), offer.programme.asset
    state, tone = STATES[offers.state_of(ruled, now)]
    return Line(
        offer=offer,
        state=state,
        tone=tone,
        period=period(terms),
        bands=tuple((values.text(band.pay, asset), gifts(band.gifts, asset)) for band in ruled.bands),
        uses=cost.uses,
        paid=values.text(cost.paid, asset),
        worth=values.text(offer.given, asset),
        rate=percent(cost.rate),
        bonus_given=values.text(cost.released, asset),
        bonus_waiting=values.text(cost.waiting, asset) if cost.waiting else "",
        left="" if offer.left is None else values.text(offer.left, asset),
        reserved=values.text(offer.reserved, asset) if offer.reserved else "",
    )


def period(terms: OfferTerms) -> str:
    first = ui.when(terms.starts_at, "date")
    if terms.ends_at is None:
        return _("from %(day)s") % {"day": first}
    return f"{first} – {ui.when(terms.ends_at - timedelta(seconds=1), 'date')}"


def percent(rate: int) -> str:
    """From hundredths of a percent: `16%`, `16.25%`."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def conditions(terms: OfferTerms, stores: Mapping[int, str]) -> list[Fact]:
    """Only those that there are; `stores` are names by number."""
    found: list[tuple[object, Promise, str]] = [
        (terms.stores, gettext_lazy("Stores"), wording.join([stores.get(store, str(store)) for store in terms.stores])),
        (terms.channels, gettext_lazy("Ways"), wording.join([str(Channel(each).label) for each in terms.channels])),
        (terms.tiers, gettext_lazy("Levels"), wording.join(terms.tiers)),
        (terms.is_first_only, gettext_lazy("Who"), _("First top-up of a customer only")),
        (terms.most_uses, gettext_lazy("One customer"), _times(terms.most_uses)),
        (terms.priority, gettext_lazy("Priority"), str(terms.priority)),
    ]
    return [(gettext_lazy("Period"), period(terms)), *((label, said) for holds, label, said in found if holds)]


def _times(most: int | None) -> str:
    return ngettext("%(count)s time at most", "%(count)s times at most", most or 0) % {"count": most}


@dataclass(frozen=True, slots=True)
class Told:
    """What an amount yields, as it is read. `ahead` says what a little more would bring."""

    amount: str
    offer: str
    gifts: tuple[str, ...]
    short: str
    """On a button: the bonus, or what else there is."""
    bonus_at_once: str
    ahead: str
    ahead_amount: str
    """As it is typed into the field of the amount."""
    others: tuple[tuple[str, str | Promise], ...]


def told(found: Yield, asset: str) -> Told:
    ahead = found.ahead
    return Told(
        amount=values.text(found.amount, asset),
        offer=name(found.won.offer) if found.won else "",
        gifts=gifts(found.gifts, asset),
        short=_short(found, asset),
        bonus_at_once=values.signed(found.bonus_at_once, asset) if found.bonus_at_once else "",
        ahead=wording.ahead(found, asset, values.text),
        ahead_amount=values.plain(found.amount + ahead.add, asset) if ahead else "",
        others=tuple((name(offer), wording.WHY[why]) for offer, why in found.others if offer.id != OF_THE_TERMS),
    )


def facts(found: Yield, asset: str) -> list[Fact]:
    """For the confirmation at the till: what comes, under which offer, and what a little more would bring."""
    if found.won is None:
        return [(_("Next band"), ahead)] if (ahead := wording.ahead(found, asset, values.text)) else []
    lines: list[Fact] = [(_("Bonus"), values.signed(found.bonus_at_once, asset))] if found.bonus_at_once else []
    if found.won.offer.id != OF_THE_TERMS:
        lines.insert(0, (_("Offer"), name(found.won.offer)))
    lines += [(_("And"), each) for each in gifts([gift for gift in found.gifts if _comes_apart(gift)], asset)]
    if ahead := wording.ahead(found, asset, values.text):
        lines.append((_("Next band"), ahead))
    return lines


def name(offer: rules.Offer) -> str:
    return _("Terms of %(programme)s") % {"programme": offer.name} if offer.id == OF_THE_TERMS else offer.name


def gifts(given: Iterable[Gift], asset: str) -> tuple[str, ...]:
    return wording.gifts(given, asset, values.text)


def _short(found: Yield, asset: str) -> str:
    others = [gift for gift in found.gifts if gift.kind is not Kind.BONUS]
    bonus = [values.text(found.bonus, asset)] if found.bonus else []
    return " + ".join([*bonus, *(wording.what(gift, asset, values.text) for gift in others)])


def _comes_apart(gift: Gift) -> bool:
    """Not simply bonus that is there at once."""
    return gift.kind is not Kind.BONUS or gift.parts > 1
