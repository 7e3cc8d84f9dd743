"""What a kiosk does for a card: balance, statement, top-up, and the report of its loss."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
from chuzhi.customers.models import Customer
from chuzhi.kiosk import kiosks
from chuzhi.kiosk.models import Kiosk, Visit
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Staff, Store
from chuzhi.payments import accounts, intents
from chuzhi.payments.models import Account, Payment
from chuzhi.topups.models import Order
from chuzhi.wallets import queries
from chuzhi.wallets.models import Card, CardReport, Wallet
from kiosk import terminal

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER, most=50_000_00, fee_rate=60,
    )  # fmt: skip


@pytest.fixture
def kiosk(store: Store) -> Kiosk:
    return terminal.set_up(store)


@pytest.fixture
def browser(kiosk: Kiosk) -> Client:
    return terminal.opened(kiosk)


@pytest.fixture
def card(funded: Wallet) -> Card:
    return terminal.card_of(funded)


def key_on(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


class TestAccount:
    def test_balance_parts_and_movements_are_shown(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)

        shown = browser.get("/kiosk/account/").content.decode()

        for word in ("You can spend", "Principal", "Bonus", "579.00", "Top-up", "Charge", store.name):
            assert word in shown

    def test_whoever_looks_after_them_is_named_while_they_work_here(self, browser: Client, card: Card, store: Store) -> None:
        colleague = cast.person("manager", name="韩梅梅")
        Customer.objects.filter(pk=card.wallet.customer_id).update(owner=colleague)
        terminal.proven(browser, card, store)
        named = browser.get("/kiosk/account/").content.decode()
        Staff.objects.filter(pk=colleague.pk).update(is_active=False)

        assert "韩梅梅" in named
        assert "韩梅梅" not in browser.get("/kiosk/account/").content.decode()

    def test_it_is_read_in_chinese_too(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)
        browser.post("/kiosk/language", {"language": "zh-hans"})

        shown = browser.get("/kiosk/account/").content.decode()

        assert "本金" in shown
        assert "You can spend" not in shown


class TestStatement:
    def test_it_adds_up_and_prints(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store, "statement")

        shown = browser.get("/kiosk/statement/").content.decode()

        assert "data-print" in shown
        for word in ("Opening balance", "Closing balance", "579.00", "Charge"):
            assert word in shown

    @pytest.mark.parametrize(
        "days", ["since=2020-01-01&until=2026-01-01", "since=2026-02-01&until=2026-01-01", "since=soon", "until=9999-99-99"]
    )
    def test_days_that_are_none_are_refused(self, browser: Client, card: Card, store: Store, days: str) -> None:
        terminal.proven(browser, card, store, "statement")

        assert browser.get(f"/kiosk/statement/?{days}").status_code == 422

    def test_days_without_movements_say_so(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store, "statement")
        before = (timezone.localdate() - timedelta(days=60)).isoformat()

        assert "Nothing moved" in browser.get(f"/kiosk/statement/?since={before}&until={before}").content.decode()


class TestTopUp:
    def test_a_code_is_scanned_and_the_screen_says_when_it_is_paid(
        self, browser: Client, card: Card, way: Account, provider: StandIn
    ) -> None:
        browser.post("/kiosk/card/top_up/", {"number": card.number})
        key = key_on(browser.get("/kiosk/top-up/").content.decode())
        assert browser.post("/kiosk/top-up/", {"key": key, "amount": "50"})["Location"] == "/kiosk/order/"
        waiting = browser.post("/kiosk/order/", {"method": int(Method.WECHAT)}, follow=True).content.decode()
        assert "<svg" in waiting
        assert "order/state" in waiting
        assert 'href="weixin' not in waiting

        payment = Payment.objects.get()
        assert browser.get("/kiosk/order/state", headers={"HX-Request": "true"}).status_code == 200
        provider.control("pay", number=payment.number)
        intents.ask(payment)

        told = browser.get("/kiosk/order/state", headers={"HX-Request": "true"})
        assert told["HX-Redirect"] == "/kiosk/order/"
        after = browser.get("/kiosk/order/").content.decode()
        assert "50.00 has been added" in after
        assert "630.00" not in after  # what there is in all was not proven to be theirs
        assert queries.balance(card.wallet).available == 630_00
        order = Order.objects.get()
        assert (order.channel, order.store_id, order.made_by) == (
            "kiosk",
            card.wallet and Kiosk.objects.get().store_id,
            kiosks.actor_of(Kiosk.objects.get()).label,
        )

    def test_the_form_sent_twice_places_one_order(self, browser: Client, card: Card, way: Account) -> None:
        browser.post("/kiosk/card/top_up/", {"number": card.number})

        for _twice in range(2):
            browser.post("/kiosk/top-up/", {"key": "the-form", "amount": "50"})

        assert Order.objects.count() == 1

    @pytest.mark.parametrize("amount", ["", "0", "-5", "1e3", "12.345", "NaN", "99999999999999999999"])
    def test_amounts_that_are_none_leave_nothing(self, browser: Client, card: Card, amount: str) -> None:
        browser.post("/kiosk/card/top_up/", {"number": card.number})

        assert browser.post("/kiosk/top-up/", {"key": "k", "amount": amount}).status_code == 422
        assert not Order.objects.exists()

    def test_paying_waits_longer_and_asking_for_the_state_is_no_touch(self, browser: Client, card: Card, way: Account) -> None:
        browser.post("/kiosk/card/top_up/", {"number": card.number})
        browser.post("/kiosk/top-up/", {"key": "k", "amount": "50"})
        browser.post("/kiosk/order/", {"method": int(Method.WECHAT)}, follow=True)
        until = Visit.objects.get(ended_at=None).ends_at

        browser.get("/kiosk/order/state", headers={"HX-Request": "true"})

        assert until > timezone.now() + timedelta(seconds=240)
        assert Visit.objects.get(ended_at=None).ends_at == until

    def test_the_next_one_does_not_see_the_order_of_the_former(self, browser: Client, card: Card, way: Account) -> None:
        browser.post("/kiosk/card/top_up/", {"number": card.number})
        browser.post("/kiosk/top-up/", {"key": "k", "amount": "50"})
        browser.post("/kiosk/finish")
        browser.post("/kiosk/card/top_up/", {"number": card.number})

        assert browser.get("/kiosk/order/")["Location"] == "/kiosk/top-up/"

    def test_a_kiosk_without_it_takes_no_order(self, store: Store, card: Card) -> None:
        browser = terminal.opened(terminal.set_up(store, services=("balance", "loss")))
        browser.post("/kiosk/card/loss/", {"number": card.number})

        assert browser.post("/kiosk/top-up/", {"key": "k", "amount": "50"})["Location"] == "/kiosk/"
        assert not Order.objects.exists()


class TestLoss:
    def test_it_is_asked_once_more_and_blocks_the_card_everywhere(self, browser: Client, card: Card, store: Store) -> None:
        browser.post("/kiosk/card/loss/", {"number": card.number})
        assert "Block the card ending in" in browser.get("/kiosk/loss/").content.decode()
        assert Card.objects.get(pk=card.pk).status == "active"

        done = browser.post("/kiosk/loss/", follow=True).content.decode()

        assert "is blocked" in done
        assert "What to do next" in done
        assert Card.objects.get(pk=card.pk).status == "lost"
        assert queries.by_card(card.number, cast.OWNER) is None
        report = CardReport.objects.get()
        assert (report.channel, report.verified, report.made_by.partition(":")[0]) == ("kiosk", "no", "kiosk")
        other = terminal.opened(terminal.set_up(cast.store("人民广场店")))
        assert other.post("/kiosk/card/balance/", {"number": card.number}).status_code == 422

    def test_it_is_kept_how_whoever_reported_it_was_known(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)

        browser.get("/kiosk/card/loss/")
        browser.post("/kiosk/loss/")

        assert CardReport.objects.get().verified == "receipt"

    def test_reported_twice_it_is_reported_once(self, browser: Client, card: Card) -> None:
        for _twice in range(2):
            browser.post("/kiosk/card/loss/", {"number": card.number})
            browser.post("/kiosk/loss/")

        assert CardReport.objects.count() == 1

    def test_the_money_stays(self, browser: Client, card: Card) -> None:
        before = queries.balance(card.wallet)

        browser.post("/kiosk/card/loss/", {"number": card.number})
        browser.post("/kiosk/loss/")

        assert queries.balance(card.wallet) == before
