"""The browser somebody signs in with: known again by its cookie, and told of when it is new."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.messaging import facts, outbox
from chuzhi.messaging.kinds import Kind
from chuzhi.organization import devices, staff
from chuzhi.organization.models import Device, Staff

COOKIE, COOKIE_SECONDS = "device", 400 * 24 * 60 * 60
"""As long as browsers keep one."""
NEW_DEVICE = Kind(
    "session.new_device",
    _("Sign-in from a new device"),
    _("Your account was opened on a new device"),
    _(
        "{name}, somebody signed in as you.\nDevice: {device}\nAddress: {address}\nWhen: {at}\n"
        "Was it not you? Change your password at once, and sign out everywhere else."
    ),
    ("device", "address", "at"),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def note(request: HttpRequest, response: HttpResponse, person: Staff) -> None:
    """A session has begun. The person hears of a browser that was never here, unless it is their first."""
    token = request.COOKIES.get(COOKIE) or devices.new_token()
    device, is_strange = devices.sign_in(
        staff=person, token=token, agent=request.headers.get("User-Agent", ""), address=get_adapter().get_client_ip(request),
        session_key=request.session.session_key or "", by=staff.actor_of(person),
    )  # fmt: skip
    if is_strange:
        said = {"device": called(device), "address": device.address, "at": facts.moment(timezone.now())}
        outbox.tell(kind=NEW_DEVICE, facts=said, subject=f"device:{device.pk}", by=staff.actor_of(person), staff=person)
    response.set_cookie(COOKIE, token, COOKIE_SECONDS, secure=settings.BEHIND_TLS, httponly=True, samesite="Lax")


def stay(request: HttpRequest, person: Staff) -> None:
    """All sessions of this person have ended; this one goes on, under a new number."""
    before = request.session.session_key or ""
    update_session_auth_hash(request, person)
    devices.renumber(before, request.session.session_key or "")


def called(device: Device) -> str:
    """What people call it: `Chrome · Windows`."""
    parts = [next((name for mark, name in known if mark in device.agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, parts)) or device.agent[:40] or "?"
