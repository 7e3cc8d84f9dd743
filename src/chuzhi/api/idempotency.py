"""The `Idempotency-Key` of a request that moves money: the caller's name for this one act, however often it is sent.

The ledger remembers it together with who called and which wallet it was for: two programs may use one word for two acts.
"""

import re
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from chuzhi.api.auth import ApiRequest
from chuzhi.core.errors import Refused

HEADER = "Idempotency-Key"
_IN_META = "HTTP_IDEMPOTENCY_KEY"
FORM = "[!-~]([ -~]{0,198}[!-~])?"
_PRINTABLE = re.compile(FORM)
Key = Annotated[
    str,
    Field(pattern=f"^{FORM}$", max_length=200, description="As the header Idempotency-Key", examples=["order-1001"]),
]

_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "pattern": f"^{FORM}$", "minLength": 1, "maxLength": 200},
    "description": "Your name for this one act. The same key with the same body does it once, however often it is sent.",
    "example": "order-1001",
}
NEEDED: dict[str, Any] = {"parameters": [_PARAMETER | {"required": True}]}
WELCOME: dict[str, Any] = {"parameters": [_PARAMETER | {"required": False}]}


class KeyMissing(Refused):
    code = "idempotency.missing"
    message = _("A request that moves money needs the header Idempotency-Key.")


class KeyUnusable(Refused):
    code = "idempotency.invalid"
    message = _("An Idempotency-Key is 1 to 200 printable ASCII characters.")


def key_of(request: ApiRequest) -> str:
    given = key_if_any(request) if request.META.get(_IN_META) else None
    if given is None:
        raise KeyMissing
    return given


def key_if_any(request: ApiRequest) -> str | None:
    given: str | None = request.META.get(_IN_META)
    if given is not None and not _PRINTABLE.fullmatch(given):
        raise KeyUnusable
    return given
