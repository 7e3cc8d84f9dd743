"""What customers are sent who stand before a kiosk."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind

CODE = Kind(
    name="kiosk.code",
    label=_("The code for a self-service screen"),
    title=_("Your code for the screen in {store}"),
    body=_(
        "Hello {name},\n\nyour code is {code}. Type it at the self-service screen in {store} within {minutes} minutes.\n\n"
        "Nobody who works here will ever ask you for it. If you are not there now, do nothing: your card stays as it is.\n\n{shop}"
    ),
    facts=("store", "minutes"),
    channels=(EMAIL,),
    secrets=("code",),
)


def facts(store: str, lifetime: timedelta) -> Mapping[str, Fact]:
    return {"store": store, "minutes": str(lifetime // timedelta(minutes=1))}
