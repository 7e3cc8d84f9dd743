"""Keys made with a form, so that the form can be sent twice and done once."""

import secrets

from django.core.signing import BadSignature, Signer

_signer = Signer(salt="chuzhi.console.formkeys")
RANDOM_BYTES = 12


def new(about: str) -> str:
    """A fresh key for one intention, such as `charge.12.0` (of wallet 12). Only ours are accepted back."""
    return _signer.sign(f"{about}.{secrets.token_urlsafe(RANDOM_BYTES)}")


def is_for(about: str, key: str) -> bool:
    return (known := _opened(key)) is not None and known.rpartition(".")[0] == about


def kept(key: str, about: str) -> str:
    """The form's key if it is one of ours for this, or else a new one."""
    return key if is_for(about, key) else new(about)


def parts(key: str) -> tuple[str, int, int] | None:
    """What the key's form was about: the act, the wallet, and the earlier operation or 0."""
    match (_opened(key) or "").split("."):
        case [act, wallet, seq, _random] if wallet.isdecimal() and seq.isdecimal():
            return act, int(wallet), int(seq)
    return None


def _opened(key: str) -> str | None:
    try:
        return _signer.unsign(key)
    except BadSignature:
        return None
