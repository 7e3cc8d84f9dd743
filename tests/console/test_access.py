import inspect
import re
import statistics
import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import cast
from chuzhi.console import access
from chuzhi.core.audit import AuditEntry
from chuzhi.organization import invitations, staff
from chuzhi.organization.models import ApiKey, Invitation, Staff, Store, Till
from chuzhi.organization.roles import ROLES, Grant

pytestmark = pytest.mark.django_db

SIGN_IN = "/console/sign-in/"
MINE = ("session", "team", "stores", "keys")


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


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


def sign_in(client: Client, username: str, password: str = cast.PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post(SIGN_IN, {"username": username, "password": password, **more}, headers={"accept-language": "en"})


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


class TestSignIn:
    def test_it_works_and_the_session_gets_a_new_number(self, client: Client) -> None:
        person = cast.member("cashier")
        client.get(SIGN_IN)
        session = client.session
        session["before"] = True
        session.save()
        before = session.session_key

        answer = sign_in(client, person.username.upper(), next="/console/password/")

        assert (answer.status_code, answer["Location"]) == (302, "/console/password/")
        assert client.session.session_key != before
        assert AuditEntry.objects.filter(action="session.opened", subject=f"staff:{person.pk}").exists()

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_it_leads_nowhere_else(self, client: Client, elsewhere: str) -> None:
        assert sign_in(client, cast.member("cashier").username, next=elsewhere)["Location"] == "/console/"

    def test_a_wrong_name_a_wrong_password_and_a_leaver_get_one_answer(self, client: Client) -> None:
        present, left = cast.member("cashier"), cast.member("cashier")
        staff.deactivate(staff=left, by=cast.OWNER)

        answers = [
            sign_in(client, "nobody.at.all"),
            sign_in(client, present.username, "not the password"),
            sign_in(client, left.username),
            sign_in(client, left.username, "not the password"),
            sign_in(client, cast.person("cashier").username),
        ]

        assert {answer.status_code for answer in answers} == {422}
        varying = r'name="csrfmiddlewaretoken" value="\w+"|value="[\w.]+"|X-CSRFToken[^}]*'
        said = {re.sub(varying, "", answer.content.decode()) for answer in answers}
        assert len(said) == 1
        assert "The username or the password is wrong." in said.pop()

    def test_the_answers_take_the_same_time(self, client: Client, settings: pytest.FixtureRequest) -> None:
        settings.ACCOUNT_RATE_LIMITS = {}  # type: ignore[attr-defined]
        present = cast.member("cashier")

        def took(username: str) -> float:
            start = time.process_time()
            sign_in(client, username, "not the password")
            return time.process_time() - start

        took(present.username)
        known, unknown = (statistics.median(took(name) for _ in range(5)) for name in (present.username, "nobody.at.all"))

        assert 0.6 < known / unknown < 1.6

    def test_guessing_one_account_is_stopped_whether_it_exists_or_not(self, client: Client) -> None:
        person = cast.member("cashier")

        for username in (person.username, "nobody.at.all"):
            codes = [sign_in(client, username, "not the password").status_code for _ in range(6)]
            assert codes == [422] * 5 + [429]

        assert sign_in(Client(REMOTE_ADDR="10.9.8.7"), person.username).status_code == 429

    def test_guessing_many_accounts_from_one_address_is_stopped(self, client: Client) -> None:
        codes = [sign_in(client, f"guess{number}", "x").status_code for number in range(22)]

        assert codes[:20] == [422] * 20
        assert codes[20:] == [429, 429]

    def test_signing_out_needs_a_post(self) -> None:
        client = cast.signed_in(cast.member("cashier"))

        assert client.get("/console/sign-out/").status_code == 405
        client.post("/console/sign-out/")

        assert client.get("/console/password/").status_code == 302

    def test_pages_for_staff_are_not_kept_by_browsers(self) -> None:
        assert "no-store" in cast.signed_in(cast.member("cashier")).get("/console/password/")["Cache-Control"]


class TestSessionsDie:
    def test_at_a_change_of_role(self) -> None:
        person = cast.member("cashier")
        client = cast.signed_in(person)

        staff.assign(staff=person, grants=[Grant("manager")], by=cast.OWNER)

        assert client.get("/console/password/").status_code == 302

    def test_when_somebody_leaves_and_stay_dead_when_they_return(self) -> None:
        person = cast.member("cashier")
        client = cast.signed_in(person)

        left = staff.deactivate(staff=person, by=cast.OWNER)
        assert client.get("/console/password/").status_code == 302
        staff.reactivate(staff=left, by=cast.OWNER)

        assert client.get("/console/password/").status_code == 302

    def test_at_a_new_password_on_other_devices(self) -> None:
        person = cast.member("cashier")
        here, elsewhere = cast.signed_in(person), cast.signed_in(person)
        new = "coffee with 2 lumps"

        answer = here.post("/console/password/", {"current": cast.PASSWORD, "password": new, "again": new})

        assert answer.status_code == 302
        assert here.get("/console/password/").status_code == 200
        assert elsewhere.get("/console/password/").status_code == 302

    @pytest.mark.parametrize(
        ("current", "password", "again"),
        [
            ("wrong", "coffee with 2 lumps", "coffee with 2 lumps"),
            (cast.PASSWORD, "a", "a"),
            (cast.PASSWORD, "coffee with 2 lumps", "other"),
        ],
    )
    def test_a_refused_new_password_changes_nothing(self, current: str, password: str, again: str) -> None:
        person = cast.member("cashier")

        answer = cast.signed_in(person).post("/console/password/", {"current": current, "password": password, "again": again})

        assert answer.status_code == 422
        assert Staff.objects.get(pk=person.pk).check_password(cast.PASSWORD)


class TestLinks:
    def test_the_first_administrator_comes_in_by_a_link(self, client: Client) -> None:
        link = invitations.create_admin_link(base_url="http://testserver")
        assert client.get(link).status_code == 200
        answers = {"name": "韩梅梅", "username": "hmm", "password": cast.PASSWORD, "again": cast.PASSWORD}

        answer = client.post(link, answers)

        assert answer.status_code == 302
        assert client.get("/console/team/").status_code == 200
        assert Client().post(link, answers).status_code == 410

    def test_a_link_refuses_and_stays_good(self, client: Client) -> None:
        link = invitations.create_admin_link(base_url="http://testserver")

        weak = client.post(link, {"name": "x", "username": "hmm", "password": "123456", "again": "123456"})
        differ = client.post(link, {"name": "x", "username": "hmm", "password": cast.PASSWORD, "again": "y"})

        assert (weak.status_code, differ.status_code) == (422, 422)
        assert client.get(link).status_code == 200

    def test_looking_at_a_sign_in_link_does_not_use_it(self, client: Client) -> None:
        link = invitations.create_sign_in_link(staff=cast.person("administrator"), base_url="http://testserver")

        client.get(link)
        client.get(link)

        assert client.post(link).status_code == 302
        assert client.get("/console/team/").status_code == 200
        assert Client().post(link).status_code == 410

    def test_an_unknown_link_is_gone(self, client: Client) -> None:
        assert client.get("/console/welcome/nothing/").status_code == 410


class TestWorkplace:
    def test_a_till_is_chosen_and_remembered(self) -> None:
        till = cast.till()
        client = cast.signed_in(cast.person(Grant("cashier", till.store_id)), at=till)

        assert till.name in client.get("/console/").content.decode()

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


class TestLanguage:
    def test_it_follows_the_person(self) -> None:
        person = cast.person("cashier", language="zh-hans")
        client = cast.signed_in(person)

        client.post("/preferences/language", {"language": "en"})

        assert Staff.objects.get(pk=person.pk).language == "en"
        other = cast.signed_in(person).get("/console/password/", headers={"accept-language": "zh-hans"})
        assert other["Content-Language"] == "en"


class TestPages:
    """Each page once by its happy way and once refused."""

    @pytest.fixture
    def boss(self) -> Client:
        return cast.signed_in(cast.person("administrator"))

    def test_team(self, boss: Client) -> None:
        person, store = cast.person("cashier", name="王小明"), cast.store()
        where = f"/console/team/{person.pk}/"

        assert "王小明" in boss.get("/console/team/").content.decode()
        assert boss.get(where).status_code == 200
        assert boss.post(where, {"keep": [], "role": "manager", "store": store.code}).status_code == 302
        assert staff.grants_of(Staff.objects.get(pk=person.pk)) == [Grant("manager", store.pk)]
        assert boss.post(where, {"keep": [f"manager@{store.pk}"], "role": "cashier", "store": ""}).status_code == 302
        assert len(staff.grants_of(Staff.objects.get(pk=person.pk))) == 2
        assert boss.post(where, {"keep": []}).status_code == 422
        assert boss.post(where, {"keep": [], "role": "administrator", "store": store.code}).status_code == 422

    def test_leaving_and_coming_back(self, boss: Client) -> None:
        person = cast.person("cashier")

        boss.post(f"/console/team/{person.pk}/deactivate/")
        assert not Staff.objects.get(pk=person.pk).is_active
        boss.post(f"/console/team/{person.pk}/reactivate/")
        assert Staff.objects.get(pk=person.pk).is_active

    def test_invite(self, boss: Client) -> None:
        assert boss.get("/console/team/invite/").status_code == 200
        assert boss.post("/console/team/invite/", {"role": ""}).status_code == 422

        shown = boss.post("/console/team/invite/", {"role": "cashier", "store": ""}).content.decode()

        link = re.search(r"http://testserver(/console/welcome/[\w-]+/)", shown)
        assert link
        assert Client().get(link[1]).status_code == 200
        assert Invitation.objects.get().promised == [["cashier", None]]

    def test_stores(self, boss: Client) -> None:
        given = {"code": "NJ-1", "name": "南京路店", "address": "", "time_zone": "Asia/Shanghai"}

        assert boss.get("/console/stores/add/").status_code == 200
        assert boss.post("/console/stores/add/", given).status_code == 302
        store = Store.objects.get(code="NJ-1")
        assert boss.post("/console/stores/add/", given).status_code == 422
        assert "南京路店" in boss.get("/console/stores/?find=南京").content.decode()
        assert boss.get(f"/console/stores/{store.pk}/").status_code == 200
        assert boss.post(f"/console/stores/{store.pk}/", given | {"time_zone": "Mars"}).status_code == 422
        assert boss.post(f"/console/stores/{store.pk}/", given | {"name": "新店"}).status_code == 302
        store.refresh_from_db()
        assert (store.name, store.is_open) == ("新店", False)

    def test_tills(self, boss: Client) -> None:
        store = cast.store()
        add = f"/console/stores/{store.pk}/tills/add/"

        assert boss.post(add, {"name": "一号"}).status_code == 302
        assert boss.post(add, {"name": "一号"}).status_code == 422
        till = store.tills.get()
        assert boss.get(f"/console/stores/tills/{till.pk}/").status_code == 200
        assert boss.post(f"/console/stores/tills/{till.pk}/", {"name": "二号"}).status_code == 302
        till.refresh_from_db()
        assert (till.name, till.is_open) == ("二号", False)
        assert boss.post(f"/console/stores/tills/{till.pk}/", {"name": ""}).status_code == 422

    def test_keys(self, boss: Client) -> None:
        assert boss.get("/console/keys/create/").status_code == 200
        assert boss.post("/console/keys/create/", {"name": "x"}).status_code == 422
        assert (
            boss.post("/console/keys/create/", {"name": "x", "scopes": "stores:read", "last_day": "2020-01-01"}).status_code
            == 422
        )

        shown = boss.post("/console/keys/create/", {"name": "收银软件", "scopes": ["charges:write"]}).content.decode()

        secret = re.search(r"cz_live_[\w-]{43}", shown)
        assert secret
        listed = boss.get("/console/keys/").content.decode()
        assert "收银软件" in listed
        assert secret[0] not in listed
        key = ApiKey.objects.get()
        assert "cz_live_" in boss.post(f"/console/keys/{key.pk}/rotate/").content.decode()
        boss.post(f"/console/keys/{key.pk}/revoke/")
        key.refresh_from_db()
        assert key.revoked_at
        assert boss.post(f"/console/keys/{key.pk}/rotate/").status_code == 302

    @pytest.mark.parametrize("where", ["/console/team/0/", "/console/stores/0/", "/console/stores/tills/0/"])
    def test_what_is_not_there_is_not_found(self, boss: Client, where: str) -> None:
        assert boss.get(where).status_code == 404

    def test_a_name_is_text_and_never_markup(self, boss: Client) -> None:
        cast.person("cashier", name="<script>alert(1)</script>{{7*7}}")

        shown = boss.get("/console/team/").content.decode()

        assert "<script>alert" not in shown
        assert "{{7*7}}" in shown
