"""Who shares a wallet, on pages and at the till."""

import re
from urllib.parse import urlencode

import make
import pytest
from django.test import Client

import cast
import shop
from chuzhi.customers import profiles
from chuzhi.ledger import spenders
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import accounts, cards, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing import members
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import Allowance

pytestmark = pytest.mark.django_db
DAYS = {"weekdays": [str(day) for day in range(7)]}


@pytest.fixture
def manager_page() -> Client:
    return cast.signed_in(cast.person("manager"))


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier"), till)


@pytest.fixture
def child(funded: Wallet) -> Member:
    person = profiles.register(name="王小朋", phone="13700001111", by=cast.OWNER)
    return members.add(wallet=funded, customer=person, allowance=Allowance(a_week=100_00), by=cast.OWNER)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


class TestPages:
    def test_somebody_found_by_phone_is_added_changed_stopped_and_ended(self, manager_page: Client, wallet: Wallet) -> None:
        profiles.register(name="王小朋", phone="13700001111", by=cast.OWNER)
        where = f"/console/wallets/{wallet.pk}/members/"

        manager_page.post(
            f"{where}add/", DAYS | {"who": "13700001111", "a_week": "200", "from_time": "08:00", "to_time": "18:00"}
        )
        made = Member.objects.get()
        page = said(manager_page.get(where))
        manager_page.post(f"/console/wallets/members/{made.pk}/", {"weekdays": ["0"], "a_week": "50.50"})
        manager_page.post(f"/console/wallets/members/{made.pk}/stop/")
        stopped = said(manager_page.get(where))
        manager_page.post(f"/console/wallets/members/{made.pk}/end/")

        assert "王小朋" in page
        assert "CN¥0.00 of CN¥200.00" in page
        assert "08:00 to 18:00" in page
        assert "Stopped" in stopped
        made.refresh_from_db()
        assert (made.a_week, made.weekdays, made.from_time) == (50_50, [0], None)
        assert made.ended_at is not None

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({"who": "13700009999"}, "Nobody is found"),
            ({"a_week": "0"}, "amount"),
            ({"from_time": "08:00"}, "This allowance cannot be"),
            ({"weekdays": []}, "required"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(
        self, manager_page: Client, wallet: Wallet, given: dict[str, str], wrong: str
    ) -> None:
        profiles.register(name="王小朋", phone="13700001111", by=cast.OWNER)

        answer = manager_page.post(f"/console/wallets/{wallet.pk}/members/add/", DAYS | {"who": "13700001111"} | given)

        assert answer.status_code == 422
        assert wrong in said(answer)
        assert not Member.objects.exists()

    def test_a_cashier_reads_and_does_not_change(self, counter: Client, child: Member) -> None:
        assert counter.get(f"/console/wallets/{child.wallet_id}/members/").status_code == 200
        assert counter.post(f"/console/wallets/members/{child.pk}/stop/").status_code == 403

    def test_the_customer_s_page_says_what_they_share(self, manager_page: Client, child: Member) -> None:
        assert "May spend from" in said(manager_page.get(f"/console/customers/{child.customer_id}/"))


class TestTill:
    def charge(self, counter: Client, child: Member, amount: str) -> object:
        """Found by the phone, the only match leads on; then both steps."""
        found = counter.get("/console/till/?find=13700001111")
        address = found["Location"].partition("?")[0]
        key = re.search(r'name="key" value="([^"]+)"', said(counter.get(found["Location"])))
        assert key
        given = {"amount": amount, "member": str(child.pk), "key": key[1]}
        foreseen = counter.get(f"{address}?{urlencode(given)}")
        return counter.post(address, given, follow=True) if foreseen.status_code == 200 else foreseen

    def test_the_child_s_phone_leads_to_the_shared_wallet_and_the_receipt_names_the_child(
        self, counter: Client, child: Member
    ) -> None:
        receipt = said(self.charge(counter, child, "60"))

        assert "王小朋" in receipt
        assert spenders.named_in(queries.entries(child.wallet, limit=1)[0].details) == child.spender

    def test_over_the_cap_it_is_refused_readably_before_anything_happens(self, counter: Client, child: Member) -> None:
        self.charge(counter, child, "60")

        answer = self.charge(counter, child, "60")

        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "Weekly allowance of CN¥100.00: CN¥60.00 used, resets Monday." in said(answer)
        assert queries.balance(child.wallet).available == 520_00

    def test_the_child_s_own_card_offers_the_shared_wallet_too(self, counter: Client, child: Member) -> None:
        own = accounts.open_wallet(programme=child.wallet.programme, customer=child.customer, key=make.key(), by=cast.OWNER)
        card = cards.issue(wallet=own, key=make.key(), by=cast.OWNER)

        page = said(counter.get(f"/console/till/?find={card.number}", follow=True))

        assert f"/console/till/wallets/{child.wallet_id}/charge/?member={child.pk}" in page

    def test_a_stranger_s_number_is_not_found(self, counter: Client, child: Member, store: Store) -> None:
        other = shop.new_wallet(child.wallet.programme)
        shop.top_up(other, 100_00, store)

        assert counter.get(f"/console/till/wallets/{other.pk}/charge/?member={child.pk}").status_code == 404

    def test_a_stopped_member_is_not_offered(self, counter: Client, child: Member) -> None:
        members.stop(member=child, by=cast.OWNER)

        assert "member=" not in said(counter.get("/console/till/?find=13700001111", follow=True))

    def test_the_statement_names_who_spent(self, counter: Client, manager_page: Client, child: Member) -> None:
        self.charge(counter, child, "60")

        assert "Charge · 王小朋" in said(manager_page.get(f"/console/wallets/{child.wallet_id}/statement/"))
        assert "Charge · 王小朋" in said(manager_page.get(f"/console/wallets/{child.wallet_id}/"))
