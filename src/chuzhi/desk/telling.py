"""What colleagues are told of tickets."""

from django.utils.translation import gettext_lazy as _

from chuzhi.messaging.kinds import Kind

HANDED = Kind(
    "ticket.handed",
    _("A ticket is handed to you"),
    _("{who} hands you ticket {ticket}"),
    _("{who} hands you ticket {ticket}: {subject}\n\nWhat was said stands in the ticket.\n\n{shop}"),
    ("who", "ticket", "subject"),
)
