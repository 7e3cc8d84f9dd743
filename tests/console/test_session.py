import re
import statistics
import time

import pytest
from django.core.cache import cache
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.organization import invitations, staff
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db

SIGN_IN = "/console/sign-in/"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def sign_in(client: Client, username: str, password: str = cast.PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post(SIGN_IN, {"username": username, "password": password, **more}, headers={"accept-language": "en"})


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


class TestLanguage:
    def test_it_follows_the_person(self) -> None:
        person = cast.person("cashier", language="zh-hans")
        client = cast.signed_in(person)

        client.post("/preferences/language", {"language": "en"})

        assert Staff.objects.get(pk=person.pk).language == "en"
        other = cast.signed_in(person).get("/console/password/", headers={"accept-language": "zh-hans"})
        assert other["Content-Language"] == "en"
