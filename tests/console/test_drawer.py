import re
from urllib.parse import urlencode

import pytest
from django.test import Client

import cast
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.organization.roles import ROLES
from chuzhi.payments.counter import drawer, models, shifts
from chuzhi.payments.counter.models import Shift
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
DRAWER, SHIFTS = "/console/drawer/", "/console/shifts/"


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier"), till)


@pytest.fixture
def manager_page(db: None) -> Client:
    return cast.signed_in(cast.person("manager"))


@pytest.fixture
def shift(counter: Client, till: Till) -> Shift:
    assert counter.post(DRAWER, {"opened_with": "200"}).status_code == 302
    found = shifts.open_at(till)
    assert found
    return found


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_shift_at_the_till_from_float_to_report(
    counter: Client, shift: Shift, wallet: Wallet, till: Till, manager_page: Client
) -> None:
    shop.top_up(wallet, 300_00, till.store, till=till.pk)
    key = key_in(said(counter.get(DRAWER)))
    for _twice in range(2):
        counter.post(f"{DRAWER}move/", {"way": "out", "amount": "100", "reason": "To the safe", "key": key})
    assert "To the safe" in said(counter.get(DRAWER))

    counter.post(f"{DRAWER}count/", {"do": "begin"})
    counting = said(counter.get(f"{DRAWER}count/"))
    refused = counter.post(f"{DRAWER}count/", {"of_10000": "3"})
    report = counter.post(f"{DRAWER}count/", {"of_10000": "3", "reason": "a torn note"}, follow=True)

    assert "¥400" not in counting
    assert "300" not in counting
    assert (refused.status_code, "¥400.00" in said(refused)) == (422, False)
    for part in ("Short", "¥400.00", "¥300.00", "a torn note", "Z report"):
        assert part in said(report)
    assert "a torn note" in said(manager_page.get(f"{SHIFTS}?off=1"))
    assert "Z report" in said(counter.get(f"{SHIFTS}{shift.pk}/print/"))


def test_a_form_that_is_wrong_moves_nothing(counter: Client, shift: Shift) -> None:
    key = key_in(said(counter.get(DRAWER)))
    given = {"way": "out", "amount": "100", "reason": "x", "key": key}

    for wrong in ({"amount": "-1"}, {"reason": ""}, {"way": "up"}, {"key": "made-up"}):
        assert counter.post(f"{DRAWER}move/", given | wrong).status_code == 422

    assert not shift.moves.exists()
    assert counter.get(f"{DRAWER}count/").status_code == 302


def test_a_float_that_is_no_amount_opens_nothing(counter: Client, till: Till) -> None:
    assert counter.post(DRAWER, {"opened_with": "lots"}).status_code == 422
    assert shifts.open_at(till) is None


def test_a_count_begun_too_early_goes_on(counter: Client, shift: Shift) -> None:
    counter.post(f"{DRAWER}count/", {"do": "begin"})

    counter.post(f"{DRAWER}go-on/")

    shift.refresh_from_db()
    assert shift.counting_since is None
    assert "Put in or take out" in said(counter.get(DRAWER))


def test_an_open_shift_shows_no_figures_of_the_books(manager_page: Client, shift: Shift) -> None:
    assert "This shift goes on" in said(manager_page.get(f"{SHIFTS}{shift.pk}/"))
    assert "Shift" in said(manager_page.get(f"{SHIFTS}"))


def test_a_store_is_made_strict_and_the_till_says_so(
    manager_page: Client, counter: Client, store: Store, wallet: Wallet
) -> None:
    where = f"{SHIFTS}stores/{store.pk}/"
    assert manager_page.post(where, {"currency": "xx", "tolerance": "5"}).status_code == 422

    answer = manager_page.post(where, {"needs_shift": "on", "currency": "cny", "tolerance": "5", "usual_float": "200"})

    assert answer.status_code == 302
    assert (drawer.keeping_of(store).tolerance, drawer.keeping_of(store).needs_shift) == (5_00, True)
    assert 'value="200.00"' in said(counter.get(DRAWER))
    refused = top_up(counter, wallet, method="CASH")
    assert refused.status_code == 422  # type: ignore[attr-defined]  # the test client's own answers
    assert "only while a shift is open" in said(refused)


def top_up(counter: Client, wallet: Wallet, **given: str) -> object:
    address = f"/console/till/wallets/{wallet.pk}/top-up/"
    typed = {"amount": "100"} | given | {"key": key_in(said(counter.get(address)))}
    asked = counter.get(f"{address}?{urlencode(typed)}")
    return asked if asked.status_code == 422 else counter.post(address, typed, follow=True)


def test_a_card_payment_at_the_till_names_its_slip(counter: Client, wallet: Wallet) -> None:
    without = top_up(counter, wallet, method="TERMINAL")
    paid = top_up(counter, wallet, method="TERMINAL", terminal="T-01", slip="000123", last_four="4242")
    again = top_up(counter, wallet, method="TERMINAL", terminal="T-01", slip="000123")
    whole = top_up(counter, wallet, method="TERMINAL", terminal="T-01", slip="4242 4242 4242 4242")

    assert "number of its slip" in said(without)
    assert "T-01 000123" in said(paid)
    assert "has been recorded today already" in said(again)
    assert "whole card number" in said(whole)
    assert queries.balance(wallet).principal == 100_00
    assert models.Slip.objects.get().last_four == "4242"
    assert 'value="T-01"' in said(counter.get(f"/console/till/wallets/{wallet.pk}/top-up/"))


def test_pages_open_for_the_roles_that_have_their_permission(shift: Shift, till: Till) -> None:
    places = {
        f"{SHIFTS}": "drawer.review",
        f"{SHIFTS}{shift.pk}/": "drawer.view",
        f"{SHIFTS}stores/{till.store_id}/": "drawer.manage",
        DRAWER: "drawer.use",
    }

    for role, has in ROLES.items():
        client = cast.signed_in(cast.person(role), till)
        for place, permission in places.items():
            assert (client.get(place).status_code == 200) == (permission in has.permissions), (role, place)


def test_a_shift_of_another_store_is_not_there(shift: Shift) -> None:
    elsewhere = cast.till()
    client = cast.signed_in(cast.person(cast.Grant("manager", elsewhere.store_id)), elsewhere)

    assert client.get(f"{SHIFTS}{shift.pk}/").status_code == 404
