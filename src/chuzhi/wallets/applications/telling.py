"""What applicants are told."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

APPROVED = Kind(
    name="application.approved",
    label=_("An application for a card was approved"),
    title=_("Your card is ready"),
    body=_(
        "Hello {name},\n\nyour application was approved. The number of your card in “{programme}” is {card}. "
        "It stands in your name: report it at once if you lose it.\n\n{shop}"
    ),
    facts=("programme", "card"),
)
REJECTED = Kind(
    name="application.rejected",
    label=_("An application for a card was rejected"),
    title=_("Your application for a card"),
    body=_(
        "Hello,\n\nyour application for a card in “{programme}” was not approved: {reason}\n\n"
        "You can apply again, here or in a store.\n\n{shop}"
    ),
    facts=("programme", "reason"),
    channels=(EMAIL,),
)


def approved(*, programme: str, card: str) -> Mapping[str, Fact]:
    return {"programme": programme, "card": card}


def rejected(*, programme: str, reason: str) -> Mapping[str, Fact]:
    return {"programme": programme, "reason": reason}
