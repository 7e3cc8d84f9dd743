"""What customers are told who asked an agent for a top-up."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging import facts as said
from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

LINK = Kind(
    name="assisted.link",
    label=_("The pay link that a customer asked an agent for"),
    title=_("Your link to top up {amount}"),
    body=_(
        "Hello,\n\nyou asked us to top up {amount}. Pay here until {until}: {link}\n\n"
        "Nothing is charged before you pay. If you did not ask for this, do nothing.\n\n{shop}"
    ),
    facts=("amount", "until", "link"),
    channels=(EMAIL,),
)


def link(*, amount: int, currency: str, until: datetime, address: str) -> Mapping[str, Fact]:
    return {"amount": said.money(amount, currency), "until": said.moment(until), "link": address}
