"""What givers are told about their gifts."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging import facts as said
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

MADE = Kind(
    name="gift_link.made",
    label=_("A gift by link is ready"),
    title=_("Your gift of {amount} is ready to be sent"),
    body=_(
        "Hello {name},\n\n{amount} of your account is set aside as a gift. Send this link to whom it is for: {link}\n\n"
        "Whoever opens it first can take it, until {until}. What is not taken stays yours.\n\n"
        "If you did not ask for this, call us at once.\n\n{shop}"
    ),
    facts=("amount", "until"),
    secrets=("link",),
)
TAKEN = Kind(
    name="gift_link.taken",
    label=_("A gift by link was taken"),
    title=_("Your gift of {amount} has arrived"),
    body=_("Hello {name},\n\nyour gift of {amount} was taken.\n\n{shop}"),
    facts=("amount",),
)
RETURNED = Kind(
    name="gift_link.returned",
    label=_("A gift by link was not taken"),
    title=_("Your gift of {amount} was not taken"),
    body=_("Hello {name},\n\nnobody took your gift of {amount} in time. It is yours to spend again.\n\n{shop}"),
    facts=("amount",),
)

HANDED_OUT = Kind(
    name="handout.received",
    label=_("Somebody was given a part of a list"),
    title=_("{amount} from {sender}"),
    body=_("Hello {name},\n\n{sender} gave you {amount}: {purpose}. It is in your account.\n\n{shop}"),
    facts=("amount", "sender", "purpose"),
)


def handed_out(*, amount: int, currency: str, sender: str, purpose: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "sender": sender, "purpose": purpose}


def made(*, amount: int, currency: str, until: datetime) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "until": said.moment(until)}


def ended(*, amount: int, currency: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency)}
