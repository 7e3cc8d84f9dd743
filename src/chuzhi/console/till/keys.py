"""Keys made with a form, so that the form can be sent twice and done once."""

import secrets

from django.core.signing import BadSignature, Signer

_signer = Signer(salt="chuzhi.console.till.key")
RANDOM_BYTES = 12


def new(about: str) -> str:
    """A fresh key for one intention, such as `charge.12` (of wallet 12). Only ours are accepted back."""
    return _signer.sign(f"{about}.{secrets.token_urlsafe(RANDOM_BYTES)}")


def is_for(about: str, key: str) -> bool:
    return (known := _opened(key)) is not None and known.rpartition(".")[0] == about


def wallet_of(key: str) -> int | None:
    """The wallet that the key's form was about."""
    known = _opened(key)
    if known is None:
        return None
    number = known.split(".")[1]
    return int(number) if number.isdecimal() else None


def _opened(key: str) -> str | None:
    try:
        return _signer.unsign(key)
    except BadSignature:
        return None
