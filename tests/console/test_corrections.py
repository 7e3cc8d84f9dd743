import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

import cast
from chuzhi.organization import second_factors
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from shop import new_wallet, top_up

pytestmark = pytest.mark.django_db
GIVEN = {"way": "give", "amount": "10", "reason": "道歉", "evidence": "小票 1-1"}


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


def at(wallet: Wallet) -> str:
    return f"/console/wallets/{wallet.pk}/correct/"


def key_of(client: Client, wallet: Wallet) -> str:
    found = re.search(r'name="key" value="([^"]+)"', client.get(at(wallet)).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(("way", "bonus"), [("give", 90_00), ("take", 70_00)])
def test_a_correction_is_made_once(finance_page: Client, funded: Wallet, way: str, bonus: int) -> None:
    given = GIVEN | {"way": way, "key": key_of(finance_page, funded)}

    for _time in range(2):
        assert finance_page.post(at(funded), given).status_code == 302

    balance = queries.balance(funded)
    assert (balance.principal, balance.bonus) == (500_00, bonus)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "1000.01"}, "needs a second person"),
        ({"way": "take", "amount": "600"}, "CN¥580.00 available"),
        ({"amount": "-5"}, "id_amount_error"),
        ({"reason": ""}, "id_reason_error"),
        ({"evidence": ""}, "id_evidence_error"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    finance_page: Client, funded: Wallet, wrong: dict[str, str], said: str
) -> None:
    answer = finance_page.post(at(funded), GIVEN | wrong | {"key": key_of(finance_page, funded)})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert queries.balance(funded).available == 580_00


def test_a_form_without_our_key_changes_nothing(finance_page: Client, funded: Wallet) -> None:
    assert finance_page.post(at(funded), GIVEN | {"key": "made-up"}).status_code == 422
    assert queries.balance(funded).available == 580_00


@pytest.mark.parametrize("role", ["cashier", "manager", "auditor"])
def test_nobody_else_may(funded: Wallet, role: str) -> None:
    client = cast.signed_in(cast.person(role))

    assert client.get(at(funded)).status_code == 403
    assert client.post(at(funded), GIVEN).status_code == 403


def test_a_large_correction_is_approved_by_somebody_else_on_the_spot(finance_page: Client, funded: Wallet) -> None:
    second = cast.member("administrator")
    large = GIVEN | {"amount": "1000.01", "key": key_of(finance_page, funded)}
    asked = finance_page.post(at(funded), large)
    assert (asked.status_code, 'name="password"' in asked.content.decode()) == (422, True)

    done = finance_page.post(at(funded), large | {"username": second.username, "password": cast.PASSWORD})

    assert done.status_code == 302
    assert queries.balance(funded).bonus == 80_00 + 1000_01
    assert f'"approved_by":"staff:{second.pk}"' in queries.entries(funded)[0].details


@pytest.mark.parametrize(
    ("role", "password", "said"),
    [("administrator", "wrong", "username or the password is wrong"), ("cashier", None, "needs a second person")],
)
def test_who_may_not_approve_does_not(finance_page: Client, funded: Wallet, role: str, password: str | None, said: str) -> None:
    second = cast.member(role)
    given = GIVEN | {"amount": "1000.01", "username": second.username, "password": password or cast.PASSWORD}

    answer = finance_page.post(at(funded), given | {"key": key_of(finance_page, funded)})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert queries.balance(funded).bonus == 80_00


def test_the_second_person_is_asked_for_again_whatever_else_was_wrong(finance_page: Client, funded: Wallet) -> None:
    second = cast.member("administrator")
    given = GIVEN | {"way": "take", "amount": "1000.01", "username": second.username, "password": cast.PASSWORD}

    answer = finance_page.post(at(funded), given | {"key": key_of(finance_page, funded)})

    assert answer.status_code == 422
    assert "CN¥580.00 available" in answer.content.decode()
    assert 'name="password"' in answer.content.decode()


def test_a_second_persons_password_is_not_kept_while_the_first_shows_who_they_are(funded: Wallet) -> None:
    first, second = cast.member("finance"), cast.member("administrator")
    page = cast.signed_in(first)
    given = GIVEN | {"amount": "1000.01", "username": second.username, "password": "of-the-second-person"}
    given |= {"key": key_of(page, funded)}
    cast.has_shown(page, first, minutes_ago=60)

    asked = page.post(at(funded), given)
    assert "of-the-second-person" not in asked.content.decode()
    assert f'value="{second.username}"' in asked.content.decode()

    del given["password"]
    again = page.post(at(funded), given | {"confirming": "password", "password-proof": cast.PASSWORD})
    assert (again.status_code, "id_password_error" in again.content.decode()) == (422, True)
    assert queries.balance(funded).bonus == 80_00


def test_whoever_signs_in_with_an_app_signs_with_its_code_too(finance_page: Client, funded: Wallet) -> None:
    second = cast.with_app(cast.member("administrator"))
    given = GIVEN | {"amount": "1000.01", "username": second.username, "password": cast.PASSWORD}
    given |= {"key": key_of(finance_page, funded)}
    code = cast.app_code()

    refused = [finance_page.post(at(funded), given | {"password_code": wrong}) for wrong in ("", "000000")]
    done = finance_page.post(at(funded), given | {"password_code": code})
    other = GIVEN | {"amount": "1000.02", "username": second.username, "password": cast.PASSWORD}
    again = finance_page.post(at(funded), other | {"password_code": code, "key": key_of(finance_page, funded)})

    assert [(answer.status_code, "of their authenticator app" in answer.content.decode()) for answer in refused] == [
        (422, True)
    ] * 2
    assert (done.status_code, again.status_code) == (302, 422)
    assert code not in again.content.decode()
    assert queries.balance(funded).bonus == 80_00 + 1000_01


def test_whoever_has_only_a_passkey_signs_on_their_own_screen(finance_page: Client, funded: Wallet) -> None:
    second = cast.member("administrator")
    Authenticator.objects.create(user=second, type=second_factors.PASSKEY, data={})
    given = GIVEN | {"amount": "1000.01", "username": second.username, "password": cast.PASSWORD}

    answer = finance_page.post(at(funded), given | {"key": key_of(finance_page, funded)})

    assert (answer.status_code, "Send it for approval" in answer.content.decode()) == (422, True)
    assert queries.balance(funded).bonus == 80_00


def test_nobody_approves_their_own(funded: Wallet) -> None:
    me = cast.member("finance")
    page = cast.signed_in(me)
    given = GIVEN | {"amount": "1000.01", "username": me.username, "password": cast.PASSWORD}

    answer = page.post(at(funded), given | {"key": key_of(page, funded)})

    assert answer.status_code == 422
    assert queries.balance(funded).bonus == 80_00


def test_a_correction_and_what_it_puts_right_show_each_other(finance_page: Client, funded: Wallet) -> None:
    wrong = queries.entries(funded)[-1].outcome
    number = f"{wrong.book}-{wrong.seq}"
    shown = finance_page.get(f"{at(funded)}?entry={number}").content.decode()
    assert f'<option value="{number}" selected>' in shown

    finance_page.post(at(funded), GIVEN | {"corrects": number, "key": key_of(finance_page, funded)})

    made = queries.entries(funded)[0].outcome
    assert made.ref_seq == wrong.seq
    assert f"/console/till/receipts/{made.book}-{made.seq}/" in entry_page(finance_page, number)
    assert f"/console/till/receipts/{number}/" in entry_page(finance_page, f"{made.book}-{made.seq}")


def test_only_an_entry_of_this_wallet_can_be_put_right(finance_page: Client, funded: Wallet) -> None:
    elsewhere = top_up(new_wallet(funded.programme), 10_00, cast.store())

    for given in (elsewhere.id, "9-9", "nothing"):
        answer = finance_page.post(at(funded), GIVEN | {"corrects": given, "key": key_of(finance_page, funded)})
        assert answer.status_code == 422

    assert queries.balance(funded).bonus == 80_00


def entry_page(client: Client, number: str) -> str:
    return client.get(f"/console/till/receipts/{number}/").content.decode()
