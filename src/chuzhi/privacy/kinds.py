"""The kinds of personal data that have a time of their own: what is forgotten, and from when the time counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.customers import forgetting as histories
from chuzhi.desk import forgetting as tickets
from chuzhi.messaging import forgetting as messages
from chuzhi.privacy import records
from chuzhi.topups.cards import forgetting as buyers_online
from chuzhi.wallets.applications import forgetting as applications
from chuzhi.wallets.vouchers import forgetting as buyers
from chuzhi.workforce import forgetting as notes

Past = Callable[[datetime], QuerySet[Any]]
Forget = Callable[[QuerySet[Any], datetime], int]


@dataclass(frozen=True, slots=True)
class Kind:
    """`past` finds what was over before a moment, `forget` lets those rows go and answers how many; each package has its own.

    `is_register`: law may want it kept, as the register of who holds and buys cards.
    """

    label: Promise
    what: Promise
    counted_from: Promise
    past: Past
    forget: Forget
    is_register: bool = False


def _all(forget: Callable[[QuerySet[Any]], int]) -> Forget:
    """For rows that go whenever they are past, whatever the moment was."""
    return lambda rows, _before: forget(rows)


KINDS: Mapping[str, Kind] = {
    "customers": Kind(
        _("Customers who no longer come"),
        _(
            "The whole record with its history, notes, tickets and messages. Empty wallets are closed. Bookings stay, without a name."
        ),
        _("the last booking or change, with nothing left in any wallet and nothing open"),
        records.past,
        records.forget,
        is_register=True,
    ),
    "histories": Kind(
        _("Earlier values of customers’ fields"),
        _("What the fields said before. What they say now stays."),
        _("the change"),
        histories.past,
        _all(histories.forget),
    ),
    "messages": Kind(
        _("Messages"),
        _("The words, and addresses of people who are no customers. That somebody was told, when and how, stays."),
        _("the sending"),
        messages.past,
        _all(messages.forget),
    ),
    "tickets": Kind(
        _("Tickets"),
        _("Subject and words. What was done from a ticket stays."),
        _("the last step, once resolved"),
        tickets.past,
        _all(tickets.forget),
    ),
    "notes": Kind(
        _("Notes of colleagues"),
        _("Notes that are not pinned, and follow-ups that are done."),
        _("the writing"),
        notes.past,
        _all(notes.forget),
    ),
    "applications": Kind(
        _("Card applications"),
        _("Name, contacts, identity number and documents. That somebody applied, and what came of it, stays."),
        _("the decision"),
        applications.past,
        _all(applications.forget),
        is_register=True,
    ),
    "buyers": Kind(
        _("Buyers of recharge cards in a store"),
        _("Name and identity number."),
        _("the sale"),
        buyers.past,
        _all(buyers.forget),
        is_register=True,
    ),
    "buyers_online": Kind(
        _("Buyers of recharge cards on line"),
        _("E-mail address, phone, name and identity number."),
        _("the order"),
        buyers_online.past,
        _all(buyers_online.forget),
        is_register=True,
    ),
}
