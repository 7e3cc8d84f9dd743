"""The people, places and programs of the tests, made through the real commands."""

import itertools

from django.test import Client

from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.organization import keys, staff, stores
from chuzhi.organization.models import ApiKey, Staff, Store, Till
from chuzhi.organization.roles import Grant

OWNER = actors.system("test")
PASSWORD = "tea with 3 lumps"

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


def actor(role: str, at: Store | None = None) -> Actor:
    return staff.actor_of(person(Grant(role, at.pk if at else None)), at=at)


def key(*scopes: str, at: Store | None = None) -> tuple[ApiKey, str]:
    return keys.create(name="till software", scopes=scopes or ["stores:read"], store=at, by=OWNER)


def signed_in(who: Staff, at: Till | None = None) -> Client:
    """A browser in which somebody has signed in, and chosen a till if one is given."""
    client = Client()
    client.force_login(who)
    if at is not None:
        client.post("/console/workplace/", {"till": at.pk})
    return client
