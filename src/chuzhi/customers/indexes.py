"""The columns by which a customer is found, computed from the values that are kept."""

from typing import NamedTuple

from chuzhi.core import vault
from chuzhi.customers import names, tokens


class Index(NamedTuple):
    """Named as the columns of `customer` are."""

    written: str
    pinyin: str
    initials: str
    sort_key: str
    name_keys: tuple[str, ...]
    phone_mark: bytes | None
    email_mark: bytes | None
    identity_mark: bytes | None
    blind_tokens: list[int]
    index_key: int


def of(*, name: str, phone: str | None, email: str | None, identity_number: str | None, keys: vault.Keys) -> Index:
    """Under the current index key."""
    spelling = names.spell(name)
    return Index(
        spelling.written,
        spelling.pinyin,
        spelling.initials,
        spelling.sort_key,
        spelling.keys,
        keys.mark(phone, kind="phone") if phone else None,
        keys.mark(email, kind="email") if email else None,
        keys.mark(identity_number, kind="identity") if identity_number else None,
        tokens.of(phone=phone, email=email, keys=keys),
        keys.index.current,
    )
