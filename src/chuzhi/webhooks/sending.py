"""One POST to an address that somebody else chose: never to our own network, never further than it was told.

The name is looked up once, every answer is checked, and the connection goes to what was checked: a name that means another
machine a moment later gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from chuzhi.webhooks.errors import AddressUnusable

TIMEOUT_SECONDS = 10
LONGEST_URL = 500


class Unreachable(Exception):
    """Nothing was answered. `args[0]` is a short code that names nobody."""


def check(url: str) -> str:
    """The address as it is kept. Raises AddressUnusable for what can never be called; where its name leads is seen each time."""
    given = url.strip()
    try:
        parts = urlsplit(given)
        is_whole = bool(parts.hostname and parts.port != 0)
    except ValueError:
        raise AddressUnusable from None
    plain = parts.scheme == "http" and settings.WEBHOOKS_PRIVATE
    if (
        not is_whole
        or not (parts.scheme == "https" or plain)
        or parts.username
        or len(given) > LONGEST_URL
        or not given.isascii()
    ):
        raise AddressUnusable
    if any(each.isspace() or not each.isprintable() for each in given) or _is_inside_as_written(str(parts.hostname)):
        raise AddressUnusable
    return given


def post(url: str, *, headers: Mapping[str, str], body: bytes) -> int:
    """The status that is answered. Raises Unreachable."""
    parts = urlsplit(url)
    connection = _connection(parts)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status
    except ssl.SSLError as fault:
        raise Unreachable("tls") from fault
    except TimeoutError as fault:
        raise Unreachable("timeout") from fault
    except (OSError, http.client.HTTPException) as fault:
        raise Unreachable(type(fault).__name__[:40]) from fault
    finally:
        connection.close()


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _looked_up(host, port)
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    )
    # The library's own hook: it connects where we looked, and still names and verifies the host.
    connection._create_connection = lambda _where, *more: socket.create_connection((address, port), *more)  # type: ignore[attr-defined]
    return connection


def _looked_up(host: str, port: int) -> str:
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as fault:
        raise Unreachable("name_unknown") from fault
    if not found or any(_is_inside(address) for address in found):
        raise Unreachable("address_inside")
    return found[0]


def _is_inside_as_written(host: str) -> bool:
    try:
        return _is_inside(host)
    except ValueError:  # a name: where it leads is seen when it is called
        return False


def _is_inside(address: str) -> bool:
    """Loopback, private, link-local and the like, also as IPv6 writes an IPv4 address."""
    if settings.WEBHOOKS_PRIVATE:
        return False
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return not found.is_global or found.is_multicast or (inner is not None and not inner.is_global)
