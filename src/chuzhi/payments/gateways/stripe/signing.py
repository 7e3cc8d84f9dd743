"""The signature of a notice: `t=<seconds>,v1=<hex>[,v1=<hex>…]`, an HMAC-SHA256 over `<seconds>.<body>`."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from chuzhi.payments.gateways.contract import ForgedError

TOLERANCE_SECONDS = 300


def verify(header: str, body: bytes, *, secrets: Sequence[str], now: datetime) -> None:
    """While a secret is rolled Stripe signs with both, and we know both: any pair that agrees is enough. Raises ForgedError."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _equals, value in pairs if name == "t"]
    signatures = [value.encode() for name, _equals, value in pairs if name == "v1"]
    if len(moments) != 1 or not moments[0].isascii() or not moments[0].isdigit() or not signatures:
        raise ForgedError("The notice carries no signature of Stripe.")
    signed = moments[0].encode() + b"." + body
    ours = [hmac.new(secret.encode(), signed, sha256).hexdigest().encode() for secret in secrets]
    if not any(hmac.compare_digest(mine, theirs) for mine in ours for theirs in signatures):
        raise ForgedError("The signature of the notice is wrong.")
    if abs(now.timestamp() - int(moments[0])) > TOLERANCE_SECONDS:
        raise ForgedError("The notice was signed too long ago.")
