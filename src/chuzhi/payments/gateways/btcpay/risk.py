"""What a merchant must have read before they take virtual currency, and a payer before they send it. A-17 of the requirements."""

from django.utils.translation import gettext_lazy as _

METHOD = "crypto"
"""The code that rule packs know this way of paying by. China's pack refuses it."""

VERSION = "2026-11"
"""Of the text below: an acceptance names it."""

TEXT = (
    _(
        "The value of virtual currency can fall or rise by a large part within hours. What you are credited is fixed when you pay."
    ),
    _("A transfer cannot be called back. Coins sent to a wrong address, or by somebody who took your keys, are gone."),
    _(
        "A payment counts once the network has confirmed it, which can take an hour. Too little, too much or too late needs a person."
    ),
    _("A refund is paid in coins at the rate of its day, to an address that you name. You bear the fee of the network."),
    _(
        "No deposit insurance and no card network protects you. In some countries, mainland China among them, this is not allowed."
    ),
)
