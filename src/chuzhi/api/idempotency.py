"""The `Idempotency-Key` of a request that moves money: the caller's name for this one act, however often it is sent."""

import re

from django.utils.translation import gettext_lazy as _

from chuzhi.api.auth import ApiRequest
from chuzhi.core.errors import Refused

HEADER = "Idempotency-Key"
_PRINTABLE = re.compile(r"[!-~]([ -~]{0,198}[!-~])?")


class KeyMissing(Refused):
    code = "idempotency.missing"
    message = _("A request that moves money needs the header Idempotency-Key.")


class KeyUnusable(Refused):
    code = "idempotency.invalid"
    message = _("An Idempotency-Key is 1 to 200 printable ASCII characters.")


def key_of(request: ApiRequest) -> str:
    """The key, set apart by caller: `key:7:order-1001`. Two programs may use one word for two acts."""
    given = request.headers.get(HEADER, "")
    if not given:
        raise KeyMissing
    if not _PRINTABLE.fullmatch(given):
        raise KeyUnusable
    return f"{request.auth.label}:{given}"
