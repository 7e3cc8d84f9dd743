"""The messages of the provider's older interface: one level of XML, signed inside by a shared key."""

import hashlib
import hmac
from collections.abc import Mapping
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape


def write(facts: Mapping[str, str], key: str) -> bytes:
    """With its signature."""
    whole = {**facts, "sign": sign(facts, key)}
    return f"<xml>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in whole.items())}</xml>".encode()


def read(body: bytes) -> dict[str, str]:
    """Raises ValueError. A document that declares anything is refused before it is parsed: it could grow without end."""
    written = body.decode()
    if "<!DOCTYPE" in written or "<!ENTITY" in written:
        raise ValueError("a document with declarations")
    try:
        found = ET.fromstring(written)  # noqa: S314 # nothing is declared in it
    except ET.ParseError as fault:
        raise ValueError("not XML") from fault
    return {each.tag: each.text or "" for each in found}


def sign(facts: Mapping[str, str], key: str) -> str:
    """MD5, as the provider wants it for these calls."""
    named = "&".join(f"{name}={facts[name]}" for name in sorted(facts) if facts[name] and name != "sign")
    return hashlib.md5(f"{named}&key={key}".encode(), usedforsecurity=False).hexdigest().upper()


def is_signed(facts: Mapping[str, str], key: str) -> bool:
    return hmac.compare_digest(facts.get("sign", "").encode(), sign(facts, key).encode())
