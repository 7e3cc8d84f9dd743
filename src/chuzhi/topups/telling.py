"""What customers are told about their orders and automatic top-ups."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.messaging import facts as said
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

UPCOMING = Kind(
    name="mandate.upcoming",
    label=_("An automatic top-up is coming"),
    title=_("On {day}: automatic top-up of {amount}"),
    body=_(
        "Hello {name},\n\non {day} we will top up your account by {amount}, as you agreed. "
        "You can stop it before at {stop}.\n\n{shop}"
    ),
    facts=("amount", "day", "stop"),
)
DECLINED = Kind(
    name="mandate.declined",
    label=_("An automatic top-up failed"),
    title=_("Your automatic top-up of {amount} did not go through"),
    body=_(
        "Hello {name},\n\nthe top-up of {amount} did not go through; nothing was charged. "
        "You can see why, and stop it, at {stop}.\n\n{shop}"
    ),
    facts=("amount", "stop"),
)
UNFINISHED = Kind(
    name="order.unfinished",
    label=_("A top-up was begun and not paid"),
    title=_("Your top-up of {amount} is waiting"),
    body=_(
        "Hello {name},\n\nyou began to top up {amount} and have not paid yet. "
        "Go on here: {link}\n\nIf you changed your mind, do nothing.\n\n{shop}"
    ),
    facts=("amount", "link"),
)
OVERDUE = Kind(
    name="order.overdue",
    label=_("A top-up is overdue"),
    title=_("Your top-up of {amount} is late"),
    body=_("Hello {name},\n\nyour top-up of {amount} should be here by now. {what}\n\nYour order: {link}\n\n{shop}"),
    facts=("amount", "what", "link"),
)
LESS = Kind(
    name="order.less",
    label=_("A top-up brought less than was shown"),
    title=_("Your top-up of {amount} brought {added}"),
    body=_(
        "Hello {name},\n\nyour payment of {amount} has arrived, and {added} was added to your account. That is not what we "
        "showed you.\n\n{why}\n\nBonus shown and not given: {missed}\nRepaid of what was owed: {repaid}\n\n{shop}"
    ),
    facts=("amount", "added", "why", "missed", "repaid"),
)


def upcoming(*, amount: int, currency: str, day: date, stop: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "day": said.day(day), "stop": stop}


def declined(*, amount: int, currency: str, stop: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "stop": stop}


def overdue(*, amount: int, currency: str, what: Promise, link: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "what": said.word(what), "link": link}


def less(*, amount: int, added: int, missed: int, repaid: int, why: Iterable[Promise], currency: str) -> Mapping[str, Fact]:
    figures = {"amount": amount, "added": added, "missed": missed, "repaid": repaid}
    return {name: said.money(figure, currency) for name, figure in figures.items()} | {"why": said.words(why)}


def unfinished(*, amount: int, currency: str, link: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "link": link}
