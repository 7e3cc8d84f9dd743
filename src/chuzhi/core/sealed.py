"""Files on our disk that only we can read: sealed with the vault's keys, and written whole or not at all."""

import base64
import secrets
from pathlib import Path

from chuzhi.core import vault


def write(path: Path, content: bytes, *, column: str) -> None:
    """Seal `content` for `column`. Of two who write the same file at the same moment, each writes one of their own first."""
    fresh = path.with_suffix(f".{secrets.token_hex(8)}.new")
    fresh.write_bytes(vault.latest().encrypt(base64.b85encode(content).decode(), column=column))
    fresh.replace(path)


def read(path: Path, *, column: str) -> bytes | None:
    """What was sealed there for `column`, if it is still there."""
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return None
    return base64.b85decode(vault.decrypt(kept, column=column))
