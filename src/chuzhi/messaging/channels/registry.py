"""The channels there are, and what an address is to each. A further channel is a folder and two lines here."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.messaging.channels.email import channel as email
from chuzhi.messaging.channels.inbox import channel as inbox
from chuzhi.messaging.letters import Letter

EMAIL, INBOX = "email", "inbox"
SENDING: Mapping[str, Callable[[Letter], str]] = {EMAIL: email.send, INBOX: inbox.send}
LABELS: Mapping[str, Promise] = {EMAIL: _("E-mail"), INBOX: _("Inbox")}
