import re

import pytest
from django.test import Client

import cast
import shop
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer, Merge
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db
CUSTOMERS = "/console/customers/"


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


@pytest.fixture
def kept(db: None) -> Customer:
    return profiles.register(name="王小明", phone="13800138000", born_on="1990-05-31", tags=["VIP"], by=cast.OWNER)


@pytest.fixture
def gone(db: None) -> Customer:
    return profiles.register(name="王小明", born_on="1990-05-31", email="wang@example.com", tags=["Hair"], by=cast.OWNER)


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("manager"))


def test_a_likeness_is_said_on_both_records_and_leads_to_the_comparison(page: Client, kept: Customer, gone: Customer) -> None:
    for one, other in ((kept, gone), (gone, kept)):
        shown = said(page.get(f"{CUSTOMERS}{one.pk}/"))
        assert "same name and birthday" in shown
        assert f"{CUSTOMERS}{one.pk}/merge/?with={other.pk}" in shown

    assert f"with={gone.pk}" in said(page.get(f"{CUSTOMERS}{kept.pk}/merge/"))
    assert f"with={gone.pk}" in said(page.get(f"{CUSTOMERS}{kept.pk}/merge/", {"find": "wang@example.com"}))
    assert "Nobody else is found" in said(page.get(f"{CUSTOMERS}{kept.pk}/merge/", {"find": "13800138000"}))


def test_compared_made_one_and_two_again(
    page: Client, kept: Customer, gone: Customer, programme: Programme, store: Store
) -> None:
    wallet = shop.new_wallet(programme, gone)
    shop.top_up(wallet, 500_00, store)
    where = f"{CUSTOMERS}{kept.pk}/merge/"

    compared = said(page.get(where, {"with": gone.pk}))
    assert "¥580.00" in compared
    assert "a new wallet" in compared
    assert re.search(r'name="pick-email" value="other" checked', compared)
    assert 'name="pick-phone"' not in compared

    done = page.post(where, {"with": gone.pk, "pick-email": "other", "pick-tags": "mine", "reason": "Same identity card"})
    made = Merge.objects.get()
    assert done.headers["Location"] == f"{CUSTOMERS}merges/{made.pk}/"
    kept.refresh_from_db()
    assert (kept.email, kept.tags) == ("wang@example.com", ["VIP"])

    assert page.get(f"{CUSTOMERS}{gone.pk}/").headers["Location"] == f"{CUSTOMERS}{kept.pk}/"
    record = said(page.get(f"{CUSTOMERS}{kept.pk}/"))
    assert "¥580.00" in record
    assert "Top-up" in record  # of the other record, from before
    assert "is in wallet" in said(page.get(f"/console/wallets/{wallet.pk}/"))
    told = said(page.get(f"{CUSTOMERS}merges/{made.pk}/"))
    assert "Make them two again" in told

    back = page.post(f"{CUSTOMERS}merges/{made.pk}/undo/")
    assert back.headers["Location"] == f"{CUSTOMERS}{gone.pk}/"
    assert queries.balance(wallet).principal == 500_00
    again = page.post(f"{CUSTOMERS}merges/{made.pk}/undo/")
    assert (again.status_code, "has been undone already" in said(again)) == (422, True)


def test_what_stands_in_the_way_is_said_before_and_refused(
    page: Client, kept: Customer, gone: Customer, programme: Programme
) -> None:
    wallet = shop.new_wallet(programme, gone)
    accounts.freeze(wallet=wallet, reason="lost", key="freeze", by=cast.OWNER)
    where = f"{CUSTOMERS}{kept.pk}/merge/"

    assert "is frozen" in said(page.get(where, {"with": gone.pk}))
    answer = page.post(where, {"with": gone.pk, "reason": "same"})

    assert (answer.status_code, Merge.objects.count()) == (422, 0)


@pytest.mark.parametrize("other", ["", "x", "999999999999", "²"])
def test_without_another_record_one_is_looked_for(page: Client, kept: Customer, other: str) -> None:
    assert "Find the other record" in said(page.get(f"{CUSTOMERS}{kept.pk}/merge/", {"with": other}))


def test_a_reason_is_needed_and_choices_stay(page: Client, kept: Customer, gone: Customer) -> None:
    answer = page.post(f"{CUSTOMERS}{kept.pk}/merge/", {"with": gone.pk, "pick-email": "mine", "reason": " "})

    assert answer.status_code == 422
    assert re.search(r'name="pick-email" value="mine" checked', said(answer))


def test_whoever_adds_somebody_like_a_customer_is_asked_first(page: Client, kept: Customer) -> None:
    given = {"name": "王小明", "born_on": "1990-05-31"}

    asked = page.post(f"{CUSTOMERS}add/", given)
    assert (asked.status_code, Customer.objects.count()) == (422, 1)
    assert "same name and birthday" in said(asked)

    page.post(f"{CUSTOMERS}add/", given | {"is_another": "1"})
    assert Customer.objects.count() == 2


def test_a_cashier_can_neither_merge_nor_undo(kept: Customer, gone: Customer) -> None:
    cashier = cast.signed_in(cast.person("cashier"))

    assert cashier.get(f"{CUSTOMERS}{kept.pk}/merge/", {"with": gone.pk}).status_code == 403
    assert f"{kept.pk}/merge/" not in said(cashier.get(f"{CUSTOMERS}{kept.pk}/"))
