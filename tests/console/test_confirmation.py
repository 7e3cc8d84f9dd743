import re

import pytest
from django.core.cache import cache
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.organization import confirmations
from chuzhi.organization.confirmations import ACTS
from chuzhi.organization.models import ApiKey, Staff
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

ASKS = "Confirm that it is you"
KEY = {"name": "记账软件 <b>", "scopes": ["stores:read", "wallets:read"]}
CREATE = "/console/keys/create/"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def owner() -> Staff:
    return cast.member("administrator")


@pytest.fixture
def browser(owner: Staff) -> Client:
    """Signed in long ago: nothing has been shown for a while."""
    return long_ago(owner)


def long_ago(who: Staff) -> Client:
    client = cast.signed_in(who)
    cast.has_shown(client, who, minutes_ago=60)
    return client


def kept(page: object) -> dict[str, list[str]]:
    """What the page would send with the password."""
    form = next(part for part in page.content.decode().split("<form ") if 'value="password"' in part)  # type: ignore[attr-defined]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value.replace("&lt;", "<").replace("&gt;", ">"))
    return found


def test_the_form_is_kept_and_done_once_after_the_password(browser: Client, owner: Staff) -> None:
    page = browser.post(CREATE, KEY)
    assert ASKS in page.content.decode()
    assert not ApiKey.objects.exists()

    answer = browser.post(CREATE, kept(page) | {"password-proof": cast.PASSWORD})

    made = ApiKey.objects.get()
    assert (answer.status_code, made.name, sorted(made.scopes)) == (200, KEY["name"], KEY["scopes"])
    entry = AuditEntry.objects.get(action="session.confirmed")
    assert (entry.subject, entry.facts) == (f"staff:{owner.pk}", {"act": "keys", "proof": "password"})


def test_once_shown_it_is_good_for_a_while(browser: Client, owner: Staff) -> None:
    page = browser.post(CREATE, KEY)
    browser.post(CREATE, kept(page) | {"password-proof": cast.PASSWORD})

    assert ASKS not in browser.post(CREATE, KEY).content.decode()

    cast.has_shown(browser, owner, minutes_ago=15)
    assert ASKS in browser.post(CREATE, KEY).content.decode()


def test_signing_in_by_password_counts(owner: Staff) -> None:
    fresh = Client()
    fresh.post("/console/sign-in/", {"username": owner.username, "password": cast.PASSWORD})

    assert ASKS not in fresh.post(CREATE, KEY).content.decode()


def test_a_wrong_password_does_nothing_and_keeps_the_form(browser: Client) -> None:
    page = browser.post(CREATE, KEY)

    again = browser.post(CREATE, kept(page) | {"password-proof": "not the password"})

    assert again.status_code == 422
    assert kept(again)["scopes"] == KEY["scopes"]
    assert not ApiKey.objects.exists()


def test_guessing_at_an_open_screen_is_stopped(browser: Client) -> None:
    sent = kept(browser.post(CREATE, KEY))
    for _try in range(5):
        browser.post(CREATE, sent | {"password-proof": "not the password"})

    answer = browser.post(CREATE, sent | {"password-proof": cast.PASSWORD})

    assert "Too many attempts" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_a_code_of_the_app_is_as_good(browser: Client, owner: Staff) -> None:
    cast.with_app(owner)
    sent = kept(browser.post(CREATE, KEY)) | {"confirming": "code"}

    wrong = browser.post(CREATE, sent | {"code-proof": "000000"})
    browser.post(CREATE, sent | {"code-proof": cast.app_code()})

    assert wrong.status_code == 422
    assert ApiKey.objects.count() == 1


def test_whoever_has_nothing_to_show_is_not_asked() -> None:
    assert ASKS not in long_ago(cast.person("administrator")).post(CREATE, KEY).content.decode()


def test_a_file_is_asked_for_again_after_it() -> None:
    browser = long_ago(cast.member("auditor"))
    page = browser.get("/console/audit/audit.csv?area=store")

    answer = browser.post("/console/audit/audit.csv?area=store", kept(page) | {"password-proof": cast.PASSWORD})

    assert ASKS in page.content.decode()
    assert answer["Location"] == "/console/audit/audit.csv?area=store"
    assert browser.get(answer["Location"])["Content-Type"].startswith("text/csv")
    again = browser.post("/console/audit/audit.csv?area=store", kept(page))
    assert again["Location"] == "/console/audit/audit.csv?area=store"


def test_a_correction_asks_from_an_amount_on(wallet: Wallet) -> None:
    confirmations.set_rule(act="correction", least=50_00, minutes=5, by=cast.OWNER)
    browser, where = long_ago(cast.member("administrator")), f"/console/wallets/{wallet.pk}/correct/"

    def sent(amount: str) -> dict[str, str]:
        key = re.search(r'name="key" value="([^"]+)"', browser.get(where).content.decode())[1]  # type: ignore[index]
        return {"way": "give", "amount": amount, "reason": "多扣", "evidence": "小票 1", "key": key}

    small, large = browser.post(where, sent("49.99")), browser.post(where, sent("50.00"))

    assert ASKS not in small.content.decode()
    assert ASKS in large.content.decode()
    done = [browser.post(where, kept(large) | {"password-proof": cast.PASSWORD}) for _twice in "ab"]
    assert {answer.status_code for answer in done} == {302}
    assert AuditEntry.objects.filter(action="session.confirmed").count() == 1
    assert queries.balance(wallet).available == 50_00 + (49_99 if small.status_code == 302 else 0)


def test_many_looks_at_phone_numbers_ask_and_lead_back() -> None:
    confirmations.set_rule(act="reveal", least=2, minutes=5, by=cast.OWNER)
    browser, customer = long_ago(cast.member("manager")), profiles.register(name="王", phone="13800138000", by=cast.OWNER)
    where, script = f"/console/customers/{customer.pk}/phone/", {
        "hx-request": "true", "hx-current-url": f"http://testserver/console/customers/{customer.pk}/",
    }  # fmt: skip

    answers = [browser.post(where, headers=script) for _look in range(3)]

    assert [("13800138000" in one.content.decode().replace(" ", ""), "HX-Redirect" in one) for one in answers[:2]] == [
        (True, False), (True, False),
    ]  # fmt: skip
    asking = browser.get(answers[2]["HX-Redirect"])
    back = browser.post(answers[2]["HX-Redirect"], kept(asking) | {"password-proof": cast.PASSWORD})
    assert browser.get(back["Location"])["Location"] == f"/console/customers/{customer.pk}/"
    assert "HX-Redirect" not in browser.post(where, headers=script)


def test_the_shop_says_from_when_on(browser: Client) -> None:
    where = "/console/team/confirmations/"
    page = browser.post(where, {"act": "correction", "least": "1000", "minutes": "30"})
    browser.post(where, kept(page) | {"password-proof": cast.PASSWORD})
    browser.post(where, {"act": "export", "least": "", "minutes": "15"})
    wrong = [
        browser.post(where, {"act": act, "least": least, "minutes": minutes}).status_code
        for act, least, minutes in [
            ("correction", "-1", "15"), ("correction", "１e3", "15"), ("reveal", "1.5", "15"), ("nothing", "0", "15"),
            ("export", "0", "0"), ("export", "0", "99999"),
        ]
    ]  # fmt: skip

    assert wrong == [422] * 6
    assert confirmations.rule_of("correction") == confirmations.Rule(1000_00, 30)
    assert not confirmations.rule_of("export").holds(0)
    assert AuditEntry.objects.filter(action="confirmation.set").count() == 2


def test_every_act_has_its_rule() -> None:
    assert {act: confirmations.rule_of(act).minutes for act in ACTS} == dict.fromkeys(ACTS, 15)
