import inspect

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import cast
from chuzhi.console import access
from chuzhi.core.audit import AuditEntry
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.organization.roles import ROLES, Grant

pytestmark = pytest.mark.django_db

SIGN_IN = "/console/sign-in/"
MINE = ("session", "team", "stores", "keys")


def pages() -> list[tuple[str, str]]:
    """Each address of these contexts with the permission it names."""
    found = []

    def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                walk(one.url_patterns, f"{one.namespace}:" if one.namespace else namespace)
            elif getattr(inspect.unwrap(one.callback), "__module__", "").split(".")[2:3] in [[name] for name in MINE]:
                found.append((f"{namespace}{one.name}", getattr(one.callback, "permission", "public")))

    walk(get_resolver("chuzhi.console.urls").url_patterns, "console:")
    return found


def address(name: str) -> str:
    """Where a page is, for rows that exist."""
    rows = {
        "store_id": lambda: cast.store().pk,
        "till_id": lambda: cast.till().pk,
        "staff_id": lambda: cast.person("cashier").pk,
        "key_id": lambda: cast.key()[0].pk,
        "token": lambda: "nothing",
    }
    ways = get_resolver("chuzhi.console.urls").reverse_dict.getlist(name.partition(":")[2])
    return reverse(name, kwargs={argument: rows[argument]() for argument in ways[0][0][0][1]})


GUARDED = [(name, permission) for name, permission in pages() if permission not in {"public", access.SIGNED_IN}]


class TestGate:
    def test_every_page_is_listed(self) -> None:
        assert len(GUARDED) >= 14

    @pytest.mark.parametrize(("name", "permission"), GUARDED)
    def test_a_page_opens_for_the_roles_that_have_its_permission_and_no_other(self, name: str, permission: str) -> None:
        where = address(name)

        for role, has in ROLES.items():
            client = cast.signed_in(cast.person(role))
            refused = {client.get(where).status_code == 403, client.post(where).status_code == 403}
            assert refused == {permission not in has.permissions}, role

    @pytest.mark.parametrize("name", [name for name, permission in pages() if permission != "public"])
    def test_a_stranger_is_sent_to_sign_in(self, name: str, client: Client) -> None:
        where = address(name)

        plain, fragment = client.get(where), client.post(where, headers={"hx-request": "true"})

        assert (plain.status_code, plain["Location"].split("?")[0]) == (302, SIGN_IN)
        assert (fragment.status_code, fragment["HX-Redirect"].split("?")[0]) == (401, SIGN_IN)

    def test_a_refused_attempt_is_recorded_and_explained(self) -> None:
        cashier = cast.person("cashier")

        answer = cast.signed_in(cashier).get("/console/team/")

        assert "Invite staff and change their roles" in answer.content.decode()
        entry = AuditEntry.objects.get(action="access.refused")
        assert (entry.actor, entry.subject) == (f"staff:{cashier.pk}", "page:console:team")

    def test_power_ends_at_the_door_of_the_store(self) -> None:
        here = cast.till()
        person = cast.person(Grant("administrator"))
        client = cast.signed_in(person, at=here)
        Staff.objects.get(pk=person.pk).assignments.all().delete()

        assert client.get("/console/team/").status_code == 403


class TestWorkplace:
    def test_a_till_is_chosen_and_remembered(self) -> None:
        till = cast.till()
        client = cast.signed_in(cast.person(Grant("cashier", till.store_id)), at=till)

        assert till.name in client.get("/console/", follow=True).content.decode()

    def test_a_cashier_cannot_work_elsewhere(self) -> None:
        mine, other = cast.till(), cast.till()
        client = cast.signed_in(cast.person(Grant("cashier", mine.store_id)))

        assert client.post("/console/workplace/", {"till": other.pk}).status_code == 422
        assert client.post("/console/workplace/", {"store": other.store_id}).status_code == 422

    def test_a_till_out_of_use_is_forgotten(self) -> None:
        till = cast.till()
        client = cast.signed_in(cast.person("cashier"), at=till)

        Till.objects.filter(pk=till.pk).update(is_open=False)

        assert till.name not in client.get("/console/").content.decode()

    def test_nobody_signs_in_to_a_closed_store(self) -> None:
        till = cast.till()
        Store.objects.filter(pk=till.store_id).update(is_open=False)

        assert cast.signed_in(cast.person("cashier")).post("/console/workplace/", {"till": till.pk}).status_code == 422

    def test_a_store_is_found_by_a_few_letters(self) -> None:
        cast.store("南京路店")
        cast.store("人民广场店")

        shown = cast.signed_in(cast.person("cashier")).get("/console/workplace/?find=人民").content.decode()

        assert "人民广场店" in shown
        assert "南京路店" not in shown
