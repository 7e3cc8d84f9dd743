"""The people, places and programs of the tests, made through the real commands."""

import itertools
import time

from allauth.account.internal.flows import login
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from chuzhi.console import access
from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.organization import keys, staff, stores
from chuzhi.organization.models import ApiKey, Staff, Store, Till
from chuzhi.organization.roles import Grant

OWNER = actors.system("test")
PASSWORD = "tea with 3 lumps"
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_numbers = itertools.count(1)


def store(name: str = "南京路店") -> Store:
    return stores.add(code=f"S{next(_numbers)}", name=name, by=OWNER)


def till(at: Store | None = None) -> Till:
    return stores.add_till(store=at or store(), name=f"{next(_numbers)} 号收银台", by=OWNER)


def person(*grants: Grant | str, name: str = "李雷", password: str | None = None, language: str = "en") -> Staff:
    """Somebody with these roles; a role's name alone means in all stores."""
    wanted = [one if isinstance(one, Grant) else Grant(one) for one in grants]
    return staff.add(
        username=f"person{next(_numbers)}", name=name, password=password, grants=wanted, by=OWNER, language=language
    )


def member(*grants: Grant | str) -> Staff:
    """Somebody with the password `PASSWORD`; to hash it takes a while, so only tests that type it ask for it."""
    return person(*grants, password=PASSWORD)


def with_app(somebody: Staff) -> Staff:
    """They have an authenticator app that holds `APP_SECRET`, and the recovery codes that come with it."""
    TOTP.activate(somebody, APP_SECRET)
    RecoveryCodes.activate(somebody)
    return somebody


def app_code(steps: int = 0, secret: str = APP_SECRET) -> str:
    """What an authenticator app shows now, or this many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def actor(role: str, at: Store | None = None) -> Actor:
    return staff.actor_of(person(Grant(role, at.pk if at else None)), at=at)


def key(*scopes: str, at: Store | None = None) -> tuple[ApiKey, str]:
    return keys.create(name="till software", scopes=scopes or ["stores:read"], store=at, by=OWNER)


def has_shown(client: Client, who: Staff, minutes_ago: int = 0) -> None:
    """So long ago this browser saw the password."""
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 60 * minutes_ago}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(who.pk)
    session[access.SEEN] = time.time()
    session.save()


def signed_in(who: Staff, at: Till | None = None) -> Client:
    """A browser in which somebody has signed in, and chosen a till if one is given."""
    client = Client()
    client.force_login(who)
    has_shown(client, who)
    if at is not None:
        client.post("/console/workplace/", {"till": at.pk})
    return client
