"""What the payer's browser can do, as far as it says, and whether it was here before."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from chuzhi.payments.gateways.contract import Scene

_COOKIE, _REMEMBERED = "device", timedelta(days=365)
_PHONES = ("android", "iphone", "ipad", "mobile", "harmony")


def scenes(request: HttpRequest) -> tuple[Scene, ...]:
    """How this payer can be asked to pay, the most convenient first."""
    said = request.headers.get("User-Agent", "").lower()
    if any(word in said for word in _PHONES):
        return (Scene.PHONE, Scene.PAGE, Scene.SHOWN)
    return (Scene.PAGE, Scene.SHOWN)


def known(request: HttpRequest) -> str:
    """The browser's own name, or a fresh one."""
    return request.COOKIES.get(_COOKIE, "")[:40] or secrets.token_urlsafe(16)


def mark(name: str) -> str:
    """What is kept of it: enough to know it again."""
    return salted_hmac("chuzhi.portal.devices", name, algorithm="sha256").hexdigest()[:32]


def remember(response: HttpResponse, name: str) -> HttpResponse:
    response.set_cookie(
        _COOKIE, name, max_age=_REMEMBERED, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response
