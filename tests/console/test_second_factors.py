import base64
import json
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.core import vault
from chuzhi.core.audit import AuditEntry
from chuzhi.organization import second_factors
from chuzhi.organization.errors import NoFactor, ReasonMissing, Yourself
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import Grant
from chuzhi.organization.staff import actor_of

pytestmark = pytest.mark.django_db

SIGN_IN, SECOND, SECURITY = "/console/sign-in/", "/console/sign-in/second/", "/console/security/"
CLIENT_DATA = base64.urlsafe_b64encode(b'{"type":"webauthn.get","challenge":"AAAA","origin":"https://testserver"}').decode()
NONSENSE = [
    "", "[]", "7", "null", "{}", '{"id": "x", "response": {}}', '{"id": "AA", "rawId": "AA", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": "AA"}}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": CLIENT_DATA.rstrip("="), "authenticatorData": "A" * 50, "signature": "AA", "userHandle": "MQ"}}),
    "{" * 100_000,
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def half_way(person: Staff, client: Client | None = None, **more: str) -> Client:
    """A browser in which the password was right, and nothing else was shown yet."""
    browser = client or Client(headers={"accept-language": "en"})
    answer = browser.post(SIGN_IN, {"username": person.username, "password": cast.PASSWORD, **more})
    assert (answer.status_code, answer["Location"]) == (302, SECOND)
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/console/workplace/").status_code == 200


class TestSigningIn:
    def test_the_password_alone_opens_nothing(self) -> None:
        browser = half_way(cast.with_app(cast.member("cashier")))

        assert not is_in(browser)
        assert not AuditEntry.objects.filter(action="session.opened").exists()

    def test_a_code_completes_it_and_leads_where_one_was_going(self) -> None:
        browser = half_way(cast.with_app(cast.member("cashier")), next="/console/password/")

        answer = browser.post(SECOND, {"code": cast.app_code()})

        assert (answer.status_code, answer["Location"]) == (302, "/console/password/")
        assert is_in(browser)

    @pytest.mark.parametrize("steps", [-1, 1])
    def test_a_phone_may_be_half_a_minute_off(self, steps: int) -> None:
        browser = half_way(cast.with_app(cast.member("cashier")))

        browser.post(SECOND, {"code": cast.app_code(steps)})

        assert is_in(browser)

    def test_the_code_of_another_minute_opens_nothing(self) -> None:
        browser = half_way(cast.with_app(cast.member("cashier")))

        assert browser.post(SECOND, {"code": cast.app_code(5)}).status_code == 422
        assert not is_in(browser)

    @pytest.mark.parametrize("wrong", ["000000", "", "12345678901234567890123", "绿茶绿茶绿茶"])
    def test_a_wrong_code_opens_nothing(self, wrong: str) -> None:
        browser = half_way(cast.with_app(cast.member("cashier")))

        assert browser.post(SECOND, {"code": wrong}).status_code == 422
        assert not is_in(browser)

    def test_a_code_is_good_once_however_it_is_written(self) -> None:
        person, shown = cast.with_app(cast.member("cashier")), cast.app_code(1)
        half_way(person).post(SECOND, {"code": shown})
        cache.delete(totp.TOTP(Authenticator.objects.get(user=person, type="totp"))._get_used_cache_key(shown))

        again = half_way(person)

        assert again.post(SECOND, {"code": f"{shown[:3]} {shown[3:]}"}).status_code == 422
        assert not is_in(again)

    def test_a_recovery_code_is_good_once(self) -> None:
        person = cast.with_app(cast.member("cashier"))
        first = Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()[0]
        browser, again = half_way(person), half_way(person)

        browser.post(SECOND, {"code": f"{first[:4]} {first[4:]}"})

        assert is_in(browser)
        assert again.post(SECOND, {"code": first}).status_code == 422

    def test_guessing_codes_is_stopped_from_any_address(self) -> None:
        person = cast.with_app(cast.member("cashier"))
        browser = half_way(person)
        for _try in range(5):
            assert browser.post(SECOND, {"code": "000000"}).status_code == 422

        elsewhere = half_way(person, Client(REMOTE_ADDR="10.9.8.7"))

        assert "Too many attempts" in browser.post(SECOND, {"code": "000000"}).content.decode()
        elsewhere.post(SECOND, {"code": cast.app_code()})
        assert not is_in(elsewhere)

    def test_the_page_is_for_nobody_else(self, client: Client) -> None:
        assert client.get(SECOND)["Location"] == SIGN_IN
        assert client.post(SECOND, {"code": cast.app_code()})["Location"] == SIGN_IN

    def test_who_leaves_on_the_way_does_not_arrive(self) -> None:
        person = cast.with_app(cast.member("cashier"))
        browser = half_way(person)
        Staff.objects.filter(pk=person.pk).update(is_active=False)

        assert browser.post(SECOND, {"code": cast.app_code()})["Location"] == SIGN_IN
        assert not is_in(browser)

    def test_a_link_asks_for_it_too(self) -> None:
        from chuzhi.organization import invitations

        person = cast.with_app(cast.member("cashier"))
        link = invitations.create_sign_in_link(staff=person, base_url="http://testserver")

        assert Client().post(link)["Location"] == SECOND

    def test_a_passkey_is_asked_for_finger_face_or_pin(self, client: Client) -> None:
        options = client.get("/console/sign-in/passkey/").json()["publicKey"]

        assert (options["userVerification"], options["rpId"]) == ("required", "testserver")

    @pytest.mark.parametrize("sent", NONSENSE)
    def test_what_is_no_passkey_is_refused(self, client: Client, sent: str) -> None:
        client.get("/console/sign-in/passkey/")

        assert client.post("/console/sign-in/passkey/", {"credential": sent})["Location"] == SIGN_IN
        assert not is_in(client)

    def test_passkeys_are_not_tried_without_end(self, client: Client) -> None:
        answers = [client.post("/console/sign-in/passkey/", {"credential": "{}"}).status_code for _try in range(11)]

        assert answers == [302] * 10 + [429]


class TestOnesOwn:
    def test_an_app_is_set_up_and_its_secret_is_readable_nowhere(self) -> None:
        person = cast.member("cashier")
        browser = cast.signed_in(person)
        page = browser.get(f"{SECURITY}app/").content.decode()
        secret = re.search(r'id="secret" readonly value="([A-Z2-7 ]+)"', page)[1].replace(" ", "")  # type: ignore[index]

        answer = browser.post(f"{SECURITY}app/", {"code": cast.app_code(secret=secret)})

        assert answer["Location"] == f"{SECURITY}codes/"
        assert half_way(person).post(SECOND, {"code": cast.app_code(1, secret)}).status_code == 302
        entry = AuditEntry.objects.get(action="second_factor.added")
        assert (entry.subject, entry.facts) == (f"staff:{person.pk}", {"kind": "totp"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
            kept = cursor.fetchone()[0]
        assert secret not in kept + str(browser.session.items())

    def test_its_secret_follows_to_a_new_key(self) -> None:
        person = cast.with_app(cast.member("cashier"))
        vault.add_key("encryption")

        assert second_factors.reseal() == 2

        kept = Authenticator.objects.get(user=person, type="totp").data["secret"]
        assert vault.key_of(base64.b64decode(kept)) == vault.latest().encryption.current
        assert second_factors.unseal(kept) == cast.APP_SECRET
        assert second_factors.reseal() == 0

    def test_the_secret_stays_the_same_until_the_code_is_right(self) -> None:
        browser = cast.signed_in(cast.person("cashier"))
        pages = [browser.get(f"{SECURITY}app/"), browser.post(f"{SECURITY}app/", {"code": "1"}), browser.get(f"{SECURITY}app/")]

        assert [page.status_code for page in pages] == [200, 422, 200]
        assert len({re.search(r'readonly value="([^"]+)"', page.content.decode())[1] for page in pages}) == 1  # type: ignore[index]

    def test_recovery_codes_are_shown_once_and_new_ones_kill_the_old(self) -> None:
        person = cast.with_app(cast.person("cashier"))
        browser = cast.signed_in(person)
        held = Authenticator.objects.get(user=person, type="recovery_codes").wrap().generate_codes()

        first, second = (browser.get(f"{SECURITY}codes/").content.decode() for _look in "ab")
        browser.post(f"{SECURITY}codes/")

        written = f"{held[0][:4]} {held[0][4:]}"
        assert written in first
        assert written not in second
        assert Authenticator.objects.get(user=person, type="recovery_codes").wrap().generate_codes() != held
        assert AuditEntry.objects.filter(action="second_factor.renewed").exists()

    @pytest.mark.parametrize("sent", NONSENSE)
    def test_what_is_no_passkey_is_not_added(self, sent: str) -> None:
        browser = cast.signed_in(cast.person("cashier"))
        browser.get(f"{SECURITY}passkeys/add/")

        assert browser.post(f"{SECURITY}passkeys/add/", {"name": "x", "credential": sent}).status_code == 422
        assert not Authenticator.objects.exists()

    def test_without_a_factor_there_are_no_codes(self) -> None:
        browser = cast.signed_in(cast.person("cashier"))

        assert browser.post(f"{SECURITY}codes/")["Location"] == SECURITY
        assert not Authenticator.objects.exists()

    def test_the_last_one_takes_the_codes_with_it(self) -> None:
        person = cast.with_app(cast.person("cashier"))

        cast.signed_in(person).post(f"{SECURITY}factors/{second_factors.of(person).get().pk}/remove/")

        assert not Authenticator.objects.exists()
        assert AuditEntry.objects.filter(action="second_factor.removed", subject=f"staff:{person.pk}").exists()

    def test_another_s_is_not_there(self) -> None:
        other = cast.with_app(cast.person("cashier"))

        answer = cast.signed_in(cast.person("cashier")).post(f"{SECURITY}factors/{second_factors.of(other).get().pk}/remove/")

        assert answer.status_code == 404
        assert second_factors.has_one(other)


class TestNeeded:
    def test_whoever_lacks_one_can_do_nothing_but_set_it_up(self) -> None:
        person = cast.member("manager")
        browser = cast.signed_in(person)
        second_factors.need(role="manager", starts_on=timezone.localdate(), by=cast.OWNER)

        for shut in ("/console/", "/console/customers/", "/console/workplace/"):
            assert browser.get(shut)["Location"] == SECURITY
        assert browser.post("/console/customers/add/", headers={"hx-request": "true"})["HX-Redirect"] == SECURITY
        assert "Your role needs a second factor" in browser.get(SECURITY).content.decode()
        assert browser.get(f"{SECURITY}app/").status_code == 200

        cast.with_app(person)
        assert is_in(browser)

    def test_before_the_day_they_are_reminded(self) -> None:
        browser = cast.signed_in(cast.person("manager"))
        second_factors.need(role="manager", starts_on=timezone.localdate() + timedelta(days=7), by=cast.OWNER)

        assert is_in(browser)
        assert "your role needs a second factor" in browser.get(SECURITY).content.decode()

    def test_other_roles_and_programs_are_not_concerned(self) -> None:
        second_factors.need(role="manager", starts_on=timezone.localdate(), by=cast.OWNER)
        _key, secret = cast.key("stores:read")

        assert is_in(cast.signed_in(cast.person("cashier")))
        assert Client().get("/api/v1/stores", headers={"authorization": f"Bearer {secret}"}).status_code == 200

    def test_the_last_one_cannot_be_removed(self) -> None:
        person = cast.with_app(cast.person("manager"))
        second_factors.need(role="manager", starts_on=timezone.localdate(), by=cast.OWNER)

        cast.signed_in(person).post(f"{SECURITY}factors/{second_factors.of(person).get().pk}/remove/")

        assert second_factors.has_one(person)

    def test_an_administrator_says_so_role_by_role(self) -> None:
        browser, day = cast.signed_in(cast.person("administrator")), timezone.localdate() + timedelta(days=14)
        cast.person("finance")

        browser.post("/console/team/second-factors/", {"role": "finance", "starts_on": day.isoformat()})
        said = {one.role: one for one in second_factors.standings()}
        over = browser.post("/console/team/second-factors/", {"role": "finance", "starts_on": "2020-01-01"})
        browser.post("/console/team/second-factors/finance/")

        assert (said["finance"].starts_on, said["finance"].without) == (day, 1)
        assert over.status_code == 422
        assert {one.starts_on for one in second_factors.standings()} == {None}
        assert set(AuditEntry.objects.filter(subject="role:finance").values_list("action", flat=True)) == {
            "second_factor.needed", "second_factor.not_needed",
        }  # fmt: skip


class TestLost:
    def test_an_administrator_takes_it_off_with_a_reason(self) -> None:
        person, browser = cast.with_app(cast.member("cashier")), cast.signed_in(cast.person("administrator"))
        theirs = cast.signed_in(person)

        browser.post(f"/console/team/{person.pk}/factors/", {"reason": "手机丢了，视频核实"})

        assert not Authenticator.objects.filter(user=person).exists()
        assert not is_in(theirs)
        entry = AuditEntry.objects.get(action="second_factor.taken_off")
        assert (entry.subject, entry.facts["reason"]) == (f"staff:{person.pk}", "手机丢了，视频核实")

    def test_never_one_s_own_nor_without_a_reason_nor_where_there_is_none(self) -> None:
        person, other = cast.with_app(cast.person("administrator")), cast.with_app(cast.person("cashier"))

        with pytest.raises(Yourself):
            second_factors.take_off(staff=person, reason="lost", by=actor_of(person))
        with pytest.raises(ReasonMissing):
            second_factors.take_off(staff=other, reason="  ", by=cast.OWNER)
        with pytest.raises(NoFactor):
            second_factors.take_off(staff=cast.person(Grant("cashier")), reason="lost", by=cast.OWNER)
        assert second_factors.has_one(person)
        assert second_factors.has_one(other)
