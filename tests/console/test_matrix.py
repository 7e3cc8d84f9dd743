"""Every page of the console, for every role: walked from the addresses themselves, so that no page is forgotten."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import cast
from chuzhi.organization.roles import PERMISSIONS, ROLES, Grant

pytestmark = pytest.mark.django_db
SIGN_IN = "/console/sign-in/"
STRICTER = {f"/console/customers/1/{of}/": "customers.edit" for of in ("notes", "relations", "consents", "tasks")}
STRICTER |= {"/console/tasks/1/": "customers.edit", "/console/tasks/cadence/": "cadence.manage"}
"""Pages on which more is needed to send something than to look."""
FILLED = {"int": "1", "slug": "x1", "str": "x1"}
"""What stands for an argument: a page is refused or not before anybody asks whether its row exists."""


def walked(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
    """Each address with the permission it names."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from walked(one.url_patterns, before + filled(one))
        else:
            yield before + filled(one), getattr(one.callback, "permission", "")


def filled(one: URLPattern | URLResolver) -> str:
    text = str(one.pattern)
    for name, converter in one.pattern.converters.items():
        kind = {"IntConverter": "int", "SlugConverter": "slug"}.get(type(converter).__name__, "str")
        text = text.replace(f"<{kind}:{name}>", FILLED[kind])
    return text


EVERY = list(walked(get_resolver("chuzhi.console.urls").url_patterns, "/console/"))
GUARDED = [(where, asked) for where, asked in EVERY if asked in PERMISSIONS]


def test_the_walk_finds_the_console() -> None:
    assert len(GUARDED) >= 280
    assert not [where for where, _asked in GUARDED if "<" in where]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_the_pages_of_its_permissions_and_no_other(role: str) -> None:
    client = cast.signed_in(cast.person(role))
    wrong = []

    for where, asked in GUARDED:
        looked, sent = client.get(where).status_code, client.post(where).status_code
        may_look, may_send = (asked in ROLES[role].permissions, STRICTER.get(where, asked) in ROLES[role].permissions)
        if (looked == 403) is may_look or (sent == 403) is may_send:
            wrong.append((where, asked, looked, sent))

    assert wrong == []


def test_whoever_is_one_thing_here_and_another_there_is_only_what_they_are_where_they_work() -> None:
    here, there = cast.till(), cast.till()
    person = cast.person(Grant("manager", here.store_id), Grant("cashier", there.store_id))
    wrong = []

    for role, till in (("manager", here), ("cashier", there)):
        client = cast.signed_in(person, at=till)
        for where, asked in GUARDED:
            if (client.get(where).status_code == 403) is (asked in ROLES[role].permissions):
                wrong.append((role, where, asked))

    assert wrong == []


def test_a_stranger_is_sent_to_sign_in_and_a_fragment_takes_the_page_there(client: Client) -> None:
    for where in [where for where, asked in EVERY if asked]:
        plain, fragment = client.get(where), client.post(where, headers={"hx-request": "true"})
        assert (plain.status_code, plain["Location"].split("?")[0]) == (302, SIGN_IN)
        assert (fragment.status_code, fragment["HX-Redirect"].split("?")[0]) == (401, SIGN_IN)
