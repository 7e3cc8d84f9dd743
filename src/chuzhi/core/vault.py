"""Personal values, unreadable without keys that the database never holds.

Two rings of 32-byte keys. `encryption` seals values (AES-256-GCM, a fresh nonce each, bound to the column they belong to).
`index` makes blind indexes (HMAC-SHA256): equal values give equal marks, and a mark says nothing to whoever lacks the key.

The keys are files in `settings.VAULT_FOLDER`, or come from the environment as `id:hex,id:hex`. The last is the current one:
it writes, the others still read. A key file added while the product runs is seen at the next write, without a restart.
"""

import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _TextField = models.TextField[str | None, str | None]
    _DateField = models.DateField[date | str | None, date | None]
else:  # Django's fields take type arguments only in the stubs
    _Field, _TextField, _DateField = models.Field, models.TextField, models.DateField

KEY_BYTES = 32
NONCE_BYTES = 12
MARK_BYTES = 16
"""Length of a blind index. 128 bits: two of a thousand million values share one with a chance of 10^-21."""


class KeyMissingError(LookupError):
    """A stored value names a key that is not in the ring: the keys were not restored with the data."""


class UnreadableError(ValueError):
    """A stored value was changed, moved to another column, or sealed by another key of the same number."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys by number, in the order they came into use."""

    keys: dict[int, bytes]

    @property
    def current(self) -> int:
        return next(reversed(self.keys))

    def __getitem__(self, number: int) -> bytes:
        try:
            return self.keys[number]
        except KeyError:
            raise KeyMissingError(f"Key {number} is not in the ring; restore it from the backup of the data folder.") from None


@dataclass(frozen=True, slots=True)
class Keys:
    """Both rings at one moment. Take it once for many values; `latest()` for the next batch."""

    encryption: Ring
    index: Ring

    def encrypt(self, text: str, *, column: str) -> bytes:
        number, nonce = self.encryption.current, os.urandom(NONCE_BYTES)
        sealed = _cipher(self.encryption[number]).encrypt(nonce, text.encode(), column.encode())
        return number.to_bytes(2) + nonce + sealed

    def decrypt(self, sealed: bytes, *, column: str) -> str:
        number = key_of(sealed)
        nonce, body = sealed[2 : 2 + NONCE_BYTES], sealed[2 + NONCE_BYTES :]
        try:
            return _cipher(self.encryption[number]).decrypt(nonce, body, column.encode()).decode()
        except InvalidTag as fault:
            raise UnreadableError(f"A value of {column} cannot be opened with key {number}.") from fault

    def mark(self, text: str, *, kind: str, key: int | None = None) -> bytes:
        """The blind index of a value. `kind` keeps equal texts of different meaning apart."""
        return mark(self.index[self.index.current if key is None else key], text, kind=kind)

    def marks(self, text: str, *, kind: str) -> list[bytes]:
        """The value's blind index under each key in the ring: what to look for while an index is being rebuilt."""
        return [self.mark(text, kind=kind, key=number) for number in self.index.keys]

    def imprint(self, text: str, *, kind: str, key: int | None = None) -> bytes:
        """A keyed hash of a secret that is not kept. Its key follows from an encryption key, for those are never retired."""
        number = self.encryption.current if key is None else key
        return mark(hmac.digest(self.encryption[number], b"imprint", "sha256"), text, kind=kind)


def mark(secret: bytes, text: str, *, kind: str) -> bytes:
    return hmac.digest(secret, f"{kind}\0{text}".encode(), "sha256")[:MARK_BYTES]


def key_of(sealed: bytes) -> int:
    """The number of the key that sealed the value."""
    return int.from_bytes(sealed[:2])


def latest() -> Keys:
    """Both rings as they are now."""
    return Keys(encryption=_ring("encryption"), index=_ring("index"))


def decrypt(sealed: bytes, *, column: str) -> str:
    """One stored value. Looks for new keys only when the value names one that is not known yet: lists open many values."""
    try:
        return _known(settings.VAULT_KEYS, settings.VAULT_FOLDER).decrypt(sealed, column=column)
    except KeyMissingError:
        _known.cache_clear()
        return _known(settings.VAULT_KEYS, settings.VAULT_FOLDER).decrypt(sealed, column=column)


@lru_cache(maxsize=8)
def _known(_written: str | None, _folder: Path) -> Keys:
    return latest()


def is_given(ring: str) -> bool:
    """Whether the ring comes from the environment: its keys are then added and dropped there, not here."""
    return bool(_given(ring))


def add_key(ring: str) -> int:
    """Make the next key of a ring kept in files, and with it the current one. Returns its number."""
    folder = Path(settings.VAULT_FOLDER) / ring
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = max(_numbers(folder), default=0) + 1
    fresh = folder / f"{number}.{os.getpid()}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(KEY_BYTES), encoding="ascii")
    try:
        os.link(fresh, folder / str(number))
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return number


def retire_index_keys() -> None:
    """Drop all index keys but the current one, once nothing is indexed by them. Encryption keys stay: backups need them."""
    folder = Path(settings.VAULT_FOLDER) / "index"
    for number in _numbers(folder)[:-1]:
        (folder / str(number)).unlink()


def _given(ring: str) -> str | None:
    written: str | None = settings.VAULT_KEYS if ring == "encryption" else settings.VAULT_INDEX_KEYS
    return written


def _ring(name: str) -> Ring:
    if written := _given(name):
        return _parse(written)
    folder = Path(settings.VAULT_FOLDER) / name
    if not (numbers := _numbers(folder)):
        add_key(name)
        numbers = _numbers(folder)
    return _read(folder, tuple(numbers))


def _numbers(folder: Path) -> list[int]:
    try:
        return sorted(int(name) for name in os.listdir(folder) if name.isdecimal())  # noqa: PTH208 # runs at every write
    except FileNotFoundError:
        return []


@cache
def _read(folder: Path, numbers: tuple[int, ...]) -> Ring:
    return Ring({number: _key(number, (folder / str(number)).read_text(encoding="ascii").strip()) for number in numbers})


@cache
def _parse(written: str) -> Ring:
    keys: dict[int, bytes] = {}
    for part in written.split(","):
        number, _colon, key = part.strip().partition(":")
        if not number.isdecimal() or int(number) in keys:
            raise ImproperlyConfigured("Vault keys read `number:hex,number:hex`, each number once, the newest last.")
        keys[int(number)] = _key(int(number), key)
    return Ring(keys)


def _key(number: int, written: str) -> bytes:
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or not 0 < number < 2**16:
        raise ImproperlyConfigured(f"Vault key {number} is not {KEY_BYTES} bytes in hexadecimal with a number below 65536.")
    return key


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


class Sealed(_Field):
    """A column that the database stores sealed. It can be asked for, but never filtered or sorted by."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def sealed_as(self) -> str:
        """What the ciphertext is bound to: `customer.phone`."""
        return f"{self.model._meta.db_table}.{self.column}"

    def opened(self, text: str) -> object:
        """The value from the text that was sealed."""
        return text

    def get_db_prep_value(self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False) -> bytes | None:  # noqa: FBT001, FBT002 # Django's signature
        plain = self.get_prep_value(value)
        return None if plain is None else latest().encrypt(str(plain), column=self.sealed_as)

    def from_db_value(self, value: bytes | memoryview | None, _expression: object, _connection: object) -> object:
        return None if value is None else self.opened(decrypt(bytes(value), column=self.sealed_as))

    def get_lookup(self, lookup_name: str) -> "type[models.Lookup[Any]] | None":
        if lookup_name != "isnull":
            raise FieldError(f"{self.sealed_as} is encrypted; look it up by its blind index.")
        found: type[models.Lookup[Any]] | None = super().get_lookup(lookup_name)
        return found


class EncryptedTextField(Sealed, _TextField):
    pass


class EncryptedDateField(Sealed, _DateField):
    def opened(self, text: str) -> date:
        return date.fromisoformat(text)
