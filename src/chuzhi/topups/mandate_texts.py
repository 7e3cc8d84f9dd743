"""What a customer agrees to, word for word. A version that somebody agreed to is never changed: add the next one."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXTS: Mapping[int, Promise] = {
    1: _(
        "I allow this shop to top up this account automatically as set above, with the payment means that I confirm next, "
        "and never for more than the monthly ceiling. Before each scheduled charge I am told the amount and the day. "
        "A charge that fails is not repeated on the same day. I can stop this at any time, at once and without giving a reason; "
        "what is on my account stays mine."
    ),
}
CURRENT = max(TEXTS)
