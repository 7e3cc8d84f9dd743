"""What colleagues are told of tickets, and customers of codes."""

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging.channels.registry import EMAIL
from chuzhi.messaging.kinds import Kind

HANDED = Kind(
    "ticket.handed",
    _("A ticket is handed to you"),
    _("{who} hands you ticket {ticket}"),
    _("{who} hands you ticket {ticket}: {subject}\n\nWhat was said stands in the ticket.\n\n{shop}"),
    ("who", "ticket", "subject"),
)

MENTIONED = Kind(
    "ticket.mentioned",
    _("A ticket that mentions you"),
    _("{who} mentions you in ticket {ticket}"),
    _("{who} mentions you in ticket {ticket}: {subject}\n\nWhat was said stands in the ticket.\n\n{shop}"),
    ("who", "ticket", "subject"),
)

CODE = Kind(
    name="customer.code",
    label=_("The code that verifies a customer’s e-mail address"),
    title=_("Your code"),
    body=_(
        "Hello {name},\n\nyour code is {code}. Tell it to our colleague within {minutes} minutes: it shows that this address is"
        " yours.\n\nIf you are not with us just now, do nothing.\n\n{shop}"
    ),
    facts=("minutes",),
    channels=(EMAIL,),
    secrets=("code",),
)
