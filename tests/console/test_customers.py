import re

import pytest
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Till
from chuzhi.topups import orders
from chuzhi.topups.channels import Channel
from chuzhi.wallets import cards, queries
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db
CUSTOMERS = "/console/customers/"


@pytest.fixture
def manager_page() -> Client:
    return cast.signed_in(cast.person("manager"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


class TestList:
    def test_pages_keep_their_place(self, manager_page: Client) -> None:
        for number in range(30):
            profiles.register(name=f"客户{number:02}", by=cast.OWNER)

        first = manager_page.get(CUSTOMERS)
        second = manager_page.get(CUSTOMERS + re.findall(r'href="(\?[^"]*after=\d+)"', said(first))[0])

        shown = [set(re.findall(r"客户\d\d", said(page))) for page in (first, second)]
        assert (len(shown[0]), len(shown[1])) == (25, 5)
        assert not shown[0] & shown[1]
        back = manager_page.get(CUSTOMERS + re.findall(r'href="(\?[^"]*before=\d+)"', said(second))[0])
        assert set(re.findall(r"客户\d\d", said(back))) == shown[0]

    def test_empty_and_nothing_found(self, manager_page: Client) -> None:
        assert "No customers yet" in said(manager_page.get(CUSTOMERS))
        assert "Nobody is like that" in said(manager_page.get(CUSTOMERS, {"find": "zzz"}))
        assert "Nobody is like that" in said(manager_page.get(CUSTOMERS, {"tag": "VIP"}))

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, manager_page: Client, django_assert_max_num_queries: object
    ) -> None:
        for number in range(20):
            profiles.register(name=f"客户{number:02}", by=cast.OWNER)

        with django_assert_max_num_queries(15):  # type: ignore[operator]  # pytest-django's fixture is not typed
            manager_page.get(CUSTOMERS)


class TestRecord:
    def test_added_once(self, manager_page: Client) -> None:
        page = manager_page.get(f"{CUSTOMERS}add/")
        given = {"name": "王小明", "phone": "13800138000", "tags": "VIP，老客", "key": key_in(said(page))}

        manager_page.post(f"{CUSTOMERS}add/", given)
        manager_page.post(f"{CUSTOMERS}add/", given)

        person = Customer.objects.get()
        assert (person.phone, person.tags) == ("+8613800138000", ["VIP", "老客"])

    @pytest.mark.parametrize(("field", "wrong"), [("phone", "12"), ("email", "x"), ("born_on", "2999-01-01"), ("name", "")])
    def test_a_refusal_stands_at_its_field(self, manager_page: Client, field: str, wrong: str) -> None:
        answer = manager_page.post(f"{CUSTOMERS}add/", {"name": "王小明", field: wrong})

        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in said(answer)
        assert not Customer.objects.exists()

    def test_a_masked_field_left_empty_stays(self, manager_page: Client) -> None:
        person = profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)

        manager_page.post(f"{CUSTOMERS}{person.pk}/edit/", {"name": "王明", "phone": "", "version": person.version})

        person.refresh_from_db()
        assert (person.name, person.phone) == ("王明", "+8613800138000")

    def test_a_change_in_between_is_not_overwritten(self, manager_page: Client) -> None:
        person = profiles.register(name="王小明", by=cast.OWNER)
        profiles.change(customer=person, name="王中明", by=cast.OWNER)

        answer = manager_page.post(f"{CUSTOMERS}{person.pk}/edit/", {"name": "王大明", "version": 1})

        assert answer.status_code == 422
        assert "Somebody else changed this customer" in said(answer)
        assert Customer.objects.get().name == "王中明"

    def test_everything_on_one_screen(self, manager_page: Client, funded: Wallet) -> None:
        shown = said(manager_page.get(f"{CUSTOMERS}{funded.customer_id}/"))

        assert "¥580.00" in shown
        assert "Top-up" in shown

    def test_the_phone_is_shown_to_who_may_and_each_look_is_kept(self, manager_page: Client) -> None:
        person = profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)
        where = f"{CUSTOMERS}{person.pk}/"

        assert "13800138000" not in said(manager_page.get(where))
        assert "13800138000" in said(manager_page.post(f"{where}phone/"))
        assert "13800138000" in said(manager_page.post(f"{where}phone/", headers={"HX-Request": "true"}))
        assert cast.signed_in(cast.person("cashier")).post(f"{where}phone/").status_code == 403
        assert AuditEntry.objects.filter(action="customer.phone_revealed").count() == 2

    def test_its_changes_say_who_when_and_from_where(self, manager_page: Client, django_assert_max_num_queries: object) -> None:
        person = profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)
        where = f"{CUSTOMERS}{person.pk}/changes/"
        assert "Nothing has been changed yet" in said(manager_page.get(where))
        for number in range(30):
            profiles.change(customer=person, name=f"王{number}", phone=f"138001380{number:02}", by=cast.OWNER)

        with django_assert_max_num_queries(10):  # type: ignore[operator]  # pytest-django's fixture is not typed
            shown = said(manager_page.get(where))

        assert "138****8028" in shown
        assert "13800138028" not in shown
        assert len(re.findall(r"<tr>", shown)) == 51
        further = said(manager_page.get(where + re.findall(r'href="(\?[^"]*after=\d+)"', shown)[0]))
        assert "王小明" in further

    def test_preferences_are_typed_and_shown_at_the_till(self, manager_page: Client, funded: Wallet, till: Till) -> None:
        given = {"name": "王小明", "favourite": "手冲咖啡", "preferred_method": "wechat", "till_note": "靠窗", "version": "1"}
        where = f"{CUSTOMERS}{funded.customer_id}/"

        manager_page.post(f"{where}edit/", given)

        for page in (where, f"/console/till/wallets/{funded.pk}/"):
            shown = said(cast.signed_in(cast.person("cashier"), till).get(page))
            assert all(text in shown for text in ("手冲咖啡", "WeChat Pay", "靠窗")), page
        assert manager_page.post(f"{where}edit/", given | {"preferred_method": "shells", "version": "2"}).status_code == 422

    def test_a_wallet_is_opened_once(self, manager_page: Client, programme: Programme) -> None:
        person = profiles.register(name="王小明", by=cast.OWNER)
        page = manager_page.get(f"{CUSTOMERS}{person.pk}/")
        given = {"programme": programme.pk, "key": key_in(said(page))}

        for _again in range(2):
            manager_page.post(f"{CUSTOMERS}{person.pk}/wallets/add/", given)

        assert Wallet.objects.filter(customer=person).count() == 1

    def test_a_name_is_text_and_never_markup(self, manager_page: Client) -> None:
        person = profiles.register(name="<script>alert(1)</script>{{7*7}}", by=cast.OWNER)

        for page in (CUSTOMERS, f"{CUSTOMERS}{person.pk}/", f"{CUSTOMERS}{person.pk}/edit/", "/console/search/?q=script"):
            shown = said(manager_page.get(page))
            assert "<script>alert" not in shown
            assert "{{7*7}}" in shown or "search" in page


class TestWallet:
    def test_statement_lots_and_cards(self, manager_page: Client, funded: Wallet) -> None:
        where = f"/console/wallets/{funded.pk}/"

        assert "¥580.00" in said(manager_page.get(where))
        assert "+CN¥500.00" in said(manager_page.get(where))
        assert "¥80.00" in said(manager_page.get(f"{where}lots/"))
        assert "No card" in said(manager_page.get(f"{where}cards/"))
        assert "王小明" in said(manager_page.get("/console/wallets/"))

    def test_a_card_is_given_out_lost_and_found(self, manager_page: Client, funded: Wallet) -> None:
        where = f"/console/wallets/{funded.pk}/cards/"
        given = {"key": key_in(said(manager_page.get(where)))}
        for _again in range(2):
            manager_page.post(f"{where}issue/", given)
        card = funded.cards.get()

        page = f"/console/wallets/cards/{card.pk}/"
        told = {"channel": "phone", "verified": "no", "reason": "left on the bus"}
        assert manager_page.post(page, told | {"act": "lost"}).status_code == 302
        assert queries.by_card(card.number, cast.OWNER) is None
        assert "Make sure first" in said(manager_page.post(page, told | {"act": "found"}))
        assert manager_page.post(page, told | {"act": "found", "verified": "answers"}).status_code == 302
        assert queries.by_card(card.number, cast.OWNER) == funded
        shown = said(manager_page.get(page))
        assert "left on the bus" in shown
        assert "Knew what only the customer knows" in shown
        assert "¥580.00" in shown

    def test_a_card_is_replaced_once_for_a_fee(self, funded: Wallet, till: Till) -> None:
        clerk = cast.signed_in(cast.person("cashier"), till)
        card = cards.issue(wallet=funded, key="card", by=cast.OWNER)
        page = f"/console/wallets/cards/{card.pk}/"
        told = {"channel": "store", "verified": "document", "reason": "broken", "act": "replace", "fee": "10"}
        told["key"] = key_in(said(clerk.get(page)))

        answers = [clerk.post(page, told) for _twice in range(2)]

        fresh = cards.of(funded)[0]
        assert {answer.headers.get("Location") for answer in answers} == {f"/console/wallets/cards/{fresh.pk}/"}
        assert queries.balance(funded).available == 570_00
        assert card.number in said(clerk.get(f"/console/wallets/cards/{fresh.pk}/"))
        assert clerk.post(page, told | {"key": "another"}).status_code == 422

    def test_freeze_needs_a_reason_and_a_manager(self, manager_page: Client, funded: Wallet) -> None:
        where = f"/console/wallets/{funded.pk}/"

        assert manager_page.post(f"{where}freeze/", {"reason": ""}).status_code == 422
        assert cast.signed_in(cast.person("cashier")).post(f"{where}freeze/", {"reason": "x"}).status_code == 403
        assert manager_page.post(f"{where}freeze/", {"reason": "挂失"}).status_code == 302
        assert queries.standing(funded).standing == 1
        assert "Unfreeze" in said(manager_page.get(where))
        manager_page.post(f"{where}unfreeze/", {"reason": "找到了"})
        assert queries.standing(funded).standing == 0

    @pytest.mark.parametrize("page", ["", "lots/", "cards/"])
    def test_nobody_sees_one_without_signing_in(self, client: Client, funded: Wallet, page: str) -> None:
        assert client.get(f"/console/wallets/{funded.pk}/{page}")["Location"].startswith("/console/sign-in/")


class TestPalette:
    def test_finds_people_cards_and_receipts(self, funded: Wallet, manager_page: Client) -> None:
        operation = f"{funded.book}-{queries.entries(funded)[0].outcome.seq}"

        assert "王小明" in said(manager_page.get("/console/search/", {"q": "wxm"}))
        assert operation in said(manager_page.get("/console/search/", {"q": operation}))
        assert said(manager_page.get("/console/search/", {"q": ""})).strip() == ""

    def test_finds_an_order_by_its_number(self, funded: Wallet, manager_page: Client) -> None:
        number = orders.place(wallet=funded, amount=100_00, channel=Channel.LINK, key="o", by=cast.OWNER).number

        assert f"/console/orders/{number}/" in said(manager_page.get("/console/search/", {"q": number}))
        assert "/console/orders/" not in said(manager_page.get("/console/search/", {"q": number[:-1]}))

    def test_finds_nothing_for_a_stranger(self, client: Client, funded: Wallet) -> None:
        assert client.get("/console/search/", {"q": "王小明"}).status_code == 302
        assert funded.customer

    def test_a_verb_and_a_name_lead_to_what_may_be_done(self, funded: Wallet) -> None:
        store = cast.store()
        at_till = cast.signed_in(cast.person("manager"), at=cast.till(store))
        cashier, auditor = cast.signed_in(cast.person("cashier")), cast.signed_in(cast.person("auditor"))

        for typed, address in (
            ("freeze wxm", f"/console/wallets/{funded.pk}/"),
            ("冻结 王小明", f"/console/wallets/{funded.pk}/"),
            ("charge wxm", f"/console/till/wallets/{funded.pk}/"),
            ("cz 王小明", f"/console/till/wallets/{funded.pk}/top-up/"),
            ("statement wxm", f"/console/wallets/{funded.pk}/statement/"),
        ):
            assert f'href="{address}"' in said(at_till.get("/console/search/", {"q": typed})), typed
        assert "Freeze" not in said(cashier.get("/console/search/", {"q": "freeze wxm"}))
        assert "Charge" not in said(cashier.get("/console/search/", {"q": "charge wxm"}))
        assert said(auditor.get("/console/search/", {"q": "gift wxm"})).strip() == ""
        assert said(at_till.get("/console/search/", {"q": "freeze"})).strip() == ""

    def test_what_may_be_done_from_anywhere_is_in_the_palette(self, manager_page: Client) -> None:
        page, of_auditor = said(manager_page.get(CUSTOMERS)), said(cast.signed_in(cast.person("auditor")).get(CUSTOMERS))

        assert 'role="option"' in page
        assert page.count("/console/customers/add/") > of_auditor.count("/console/customers/add/")
        assert "Invite somebody" not in page
