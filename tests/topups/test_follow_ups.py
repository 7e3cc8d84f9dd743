"""Orders that nobody has paid, and money that should be here by now."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import make
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
from api.program import Program
from chuzhi.core import working_days
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.payments import accounts, believing, intents, rules
from chuzhi.payments.gateways.contract import Scene, State, Told
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account, Incident, Payment, Refund
from chuzhi.topups import follow_ups, orders, overdue, speed
from chuzhi.topups.errors import OrderOver, ScheduleUnusable
from chuzhi.topups.models import Channel, FollowUp, Order
from chuzhi.wallets import accounts as wallets
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
BANK = {"holder": "储值有限公司", "number": "6222020200001234567", "bank": "招商银行上海分行"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def wechat(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def bank(db: None) -> Account:
    return accounts.open_account(
        code="bank", name="银行转账", gateway="bank", method=Method.BANK, currency="CNY", configuration=BANK, by=cast.OWNER,
        arrives_within_seconds=3 * rules.DAY_SECONDS,
    )  # fmt: skip


def placed(wallet: Wallet, **more: object) -> Order:
    values: dict[str, object] = {"amount": 500_00, "channel": Channel.LINK, "key": make.key(), "by": cast.OWNER} | more
    return orders.place(wallet=wallet, **values)  # type: ignore[arg-type]  # any order a test asks for


def begun(order: Order, account: Account) -> Payment:
    scene = Scene.PAGE if account.method == Method.BANK else Scene.SHOWN
    return orders.pay(order=order, scene=scene, account=account, circumstances=Circumstances(), by=cast.OWNER)


def paid(order: Order, account: Account) -> None:
    payment = begun(order, account)
    told = Told(number=payment.number, state=State.PAID, amount=order.amount, currency="CNY", provider_id=payment.number)
    believing.payment(account, told)


def aged(order: Order, **ago: float) -> None:
    Order.objects.filter(pk=order.pk).update(created_at=timezone.now() - timedelta(**ago))


def reminders(order: Order) -> int:
    return Message.objects.filter(kind="order.unfinished", customer=order.wallet.customer).count()


class TestReminders:
    def test_one_after_another_on_the_shops_own_schedule(self, wallet: Wallet) -> None:
        follow_ups.change(remind_after=[1440, 60], asked_open_hours=72, by=cast.OWNER)
        order = placed(wallet, open_for=follow_ups.asked_open_for())
        counts = []
        for hours in (0.5, 1.1, 1.2, 25, 26):
            aged(order, hours=hours)
            follow_ups.remind()
            counts.append(reminders(order))

        assert counts == [0, 1, 1, 2, 2]
        assert Order.objects.get().reminded_times == 2

    def test_missed_ones_are_made_good_by_one(self, wallet: Wallet) -> None:
        follow_ups.change(remind_after=[15, 60, 1440], asked_open_hours=72, by=cast.OWNER)
        order = placed(wallet, open_for=timedelta(days=3))
        aged(order, hours=25)

        assert (follow_ups.remind(), follow_ups.remind(), reminders(order)) == (1, 0, 1)

    def test_whoever_paid_cancelled_or_transfers_is_left_alone(self, wallet: Wallet, wechat: Account, bank: Account) -> None:
        settled, cancelled, transferring = (placed(wallet) for _each in range(3))
        paid(settled, wechat)
        orders.cancel(order=cancelled, by=cast.OWNER)
        begun(transferring, bank)
        Order.objects.update(created_at=timezone.now() - timedelta(minutes=20))

        assert follow_ups.remind() == 0

    def test_without_a_schedule_nobody_is_reminded(self, wallet: Wallet) -> None:
        follow_ups.change(remind_after=[], asked_open_hours=72, by=cast.OWNER)
        aged(placed(wallet), minutes=100)

        assert follow_ups.remind() == 0

    @pytest.mark.parametrize(("after", "hours"), [([0], 72), ([43_201], 72), (range(1, 12), 72), ([15], 0), ([15], 721)])
    def test_a_schedule_that_cannot_be_is_refused(self, db: None, after: list[int], hours: int) -> None:
        with pytest.raises(ScheduleUnusable):
            follow_ups.change(remind_after=after, asked_open_hours=hours, by=cast.OWNER)
        with pytest.raises(NotAllowed):
            follow_ups.change(remind_after=[15], asked_open_hours=72, by=cast.actor("cashier"))

        assert not FollowUp.objects.exists()

    def test_the_schedule_is_set_on_a_page_and_by_a_program(self, db: None) -> None:
        owner = cast.signed_in(cast.person("administrator"))
        page = "/console/orders/reminders/"

        answer = owner.post(page, {"remind_after": ["15", "1440"], "asked_open_hours": "168"})
        wrong = owner.post(page, {"remind_after": ["16"], "asked_open_hours": "168"})

        assert (answer.status_code, wrong.status_code) == (302, 422)
        program = Program("notices:write")
        assert program.get("/order-follow-up").json() == {"remind_after": [15, 1440], "asked_open_hours": 168}
        program.post("/order-follow-up", {"remind_after": [60], "asked_open_hours": 24})
        assert 'value="60" ' in owner.get(page).content.decode()
        assert follow_ups.asked_open_for() == timedelta(days=1)


class TestCancelling:
    def test_money_that_still_comes_goes_back(self, wallet: Wallet, wechat: Account) -> None:
        order = placed(wallet)
        payment = begun(order, wechat)

        orders.cancel(order=order, by=cast.OWNER)
        orders.cancel(order=order, by=cast.OWNER)
        told = Told(number=payment.number, state=State.PAID, amount=500_00, currency="CNY", provider_id="4200001")
        believing.payment(wechat, told)

        assert Order.objects.get().stage == Order.Stage.CANCELLED
        assert Refund.objects.get().amount == 500_00
        assert queries.balance(wallet).available == 0

    def test_what_is_credited_cannot_be_cancelled(self, wallet: Wallet, wechat: Account) -> None:
        order = placed(wallet)
        paid(order, wechat)

        with pytest.raises(OrderOver):
            orders.cancel(order=order, by=cast.OWNER)
        assert Program("topups:write").post(f"/orders/{order.number}/cancel", {}).json()["code"] == "order.over"

    def test_staff_cancel_on_the_orders_page_and_the_payer_reads_it(self, wallet: Wallet) -> None:
        order = placed(wallet)

        cast.signed_in(cast.person("cashier")).post(f"/console/orders/{order.number}/cancel/")

        page = Client(headers={"Accept-Language": "en"}).get(f"/pay/order/{order.number}/").content.decode()
        assert "You need not pay it any more." in page


class TestOverdue:
    @pytest.mark.parametrize(
        ("sent", "by"),
        [
            ("2026-03-02T10:00+08:00", "2026-03-06T00:00+08:00"),
            ("2026-03-05T23:30+08:00", "2026-03-11T00:00+08:00"),
            ("2026-02-13T10:00+08:00", "2026-02-26T00:00+08:00"),  # Spring Festival, with the Saturday before it worked
            ("2026-09-30T10:00+08:00", "2026-10-11T00:00+08:00"),  # National Day, with the Saturday after it worked
        ],
    )
    def test_days_of_a_transfer_are_working_days(self, sent: str, by: str) -> None:
        works_on = partial(working_days.works_on, currency="CNY")

        expected = rules.expected_by(datetime.fromisoformat(sent), 3 * rules.DAY_SECONDS, SHANGHAI, works_on)

        assert expected == datetime.fromisoformat(by)

    def test_a_provider_is_expected_in_seconds(self) -> None:
        noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

        assert rules.expected_by(noon, 60, SHANGHAI, lambda _day: True) == noon + timedelta(minutes=1)

    def test_a_late_transfer_is_a_task_once_and_the_customer_hears_once(self, wallet: Wallet, bank: Account) -> None:
        order = placed(wallet)
        payment = begun(order, bank)
        assert overdue.look() == 0
        Payment.objects.update(sent_at=timezone.now() - timedelta(days=8))

        first, second = overdue.look(), overdue.look()

        assert (first, second) == (1, 0)
        incident = Incident.objects.get()
        assert (incident.kind, incident.payment, incident.facts["order"]) == ("overdue", payment, order.number)
        message = Message.objects.get(kind="order.overdue")
        assert (message.customer, message.facts["link"]) == (wallet.customer, orders.address_of(order))
        finance = cast.signed_in(cast.person("finance"))
        assert "Should be here by now" in finance.get("/console/payments/incidents/").content.decode()
        assert "The money should be here by now" in finance.get(f"/console/orders/{order.number}/").content.decode()
        told = Program("payments:read").get("/payment-incidents?kind=overdue").json()["items"]
        assert [each["payment"] for each in told] == [payment.number]

    def test_many_late_ones_are_found_in_as_many_reads_as_one(self, wallet: Wallet, bank: Account) -> None:
        reads = []
        for count in (1, 4):
            for _each in range(count):
                begun(placed(wallet), bank)
            Payment.objects.update(sent_at=timezone.now() - timedelta(days=8))
            with CaptureQueriesContext(connection) as asked:
                assert overdue.look() == count
            reads.append(sum('FROM "top_up_order"' in each["sql"] for each in asked))

        assert reads == [3, 3]

    def test_it_closes_by_itself_when_the_money_comes(self, wallet: Wallet, bank: Account) -> None:
        payment = begun(placed(wallet), bank)
        Payment.objects.update(sent_at=timezone.now() - timedelta(days=8))
        overdue.look()
        told = Told(number=payment.number, state=State.PAID, amount=500_00, currency="CNY", provider_id="line-1")
        believing.payment(bank, told)

        overdue.look()

        assert Incident.objects.get().remark == "paid, credited"
        assert queries.balance(wallet).available == 580_00

    def test_money_that_could_not_be_credited_and_does_not_go_back_is_a_task(self, wallet: Wallet, wechat: Account) -> None:
        order = placed(wallet)
        wallets.freeze(wallet=wallet, reason="lost", key=make.key(), by=cast.OWNER)
        paid(order, wechat)
        assert overdue.look() == 0
        Payment.objects.update(paid_at=timezone.now() - timedelta(hours=25))

        assert (overdue.look(), overdue.look()) == (1, 0)
        assert Incident.objects.get().facts["order"] == order.number
        program = Program("incidents:write", "payments:read")
        number = program.get("/payment-incidents").json()["items"][0]["id"]
        assert program.post(f"/payment-incidents/{number}/close", {"remark": "paid by hand"}).json()["remark"] == "paid by hand"
        assert program.get("/payment-incidents").json()["items"] == []
        assert len(program.get("/payment-incidents?state=closed").json()["items"]) == 1

    def test_a_payer_who_never_paid_at_a_provider_is_no_task(self, wallet: Wallet, wechat: Account) -> None:
        payment = begun(placed(wallet), wechat)
        Payment.objects.update(sent_at=timezone.now() - timedelta(hours=1))

        assert overdue.look() == 0
        Payment.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        intents.ask(Payment.objects.select_related("account").get(pk=payment.pk))
        assert overdue.look() == 0

    def test_a_transfer_keeps_its_order_open_and_says_when_it_should_be_here(self, wallet: Wallet, bank: Account) -> None:
        order = placed(wallet)
        payment = begun(order, bank)

        assert payment.expires_at > timezone.now() + timedelta(days=8)
        assert Order.objects.get().expires_at == payment.expires_at
        page = Client(headers={"Accept-Language": "en"}).get(f"/pay/order/{order.number}/").content.decode()
        assert "It should be here before" in page
        told = Program("payments:read").get(f"/orders/{order.number}").json()["payments"][0]
        expected = overdue.expected(payment)
        assert expected
        assert (datetime.fromisoformat(told["expected_by"]), told["expected_is_sure"]) == (expected.by, expected.is_sure)

    def test_where_holidays_are_not_published_yet_it_says_so(self, wallet: Wallet, bank: Account) -> None:
        payment = begun(placed(wallet), bank)
        payment.sent_at = datetime(2098, 3, 2, tzinfo=UTC)

        expected = overdue.expected(payment)

        assert expected
        assert not expected.is_sure


class TestSpeed:
    def test_time_to_credit_by_way_beside_its_target(self, wallet: Wallet, wechat: Account, bank: Account) -> None:
        for account, seconds in ((wechat, 2), (wechat, 4), (wechat, 90), (bank, 3600)):
            order = placed(wallet)
            paid(order, account)
            done = Order.objects.get(pk=order.pk)
            assert done.ended_at
            Payment.objects.filter(subject_id=order.pk).update(paid_at=done.ended_at - timedelta(seconds=seconds))
        begun(placed(wallet), wechat)

        fast, slow = speed.of(days=30, by=cast.OWNER)

        assert (fast.account, fast.credited, fast.within, fast.median_seconds, fast.is_met) == ("微信支付", 3, 2, 4, False)
        assert (slow.account, slow.target_seconds, slow.is_met, slow.share) == ("银行转账", 3 * 86_400, True, 10_000)
        assert speed.of(days=30, by=cast.actor("cashier")) == []
        page = cast.signed_in(cast.person("finance")).get("/console/orders/speed/?days=7").content.decode()
        assert "Too slow" in page
        assert "Target met" in page
        told = Program("payments:read").get("/time-to-credit?days=7").json()["items"]
        assert [(each["method"], each["credited"], each["is_met"]) for each in told] == [
            ("wechat", 3, False),
            ("bank", 1, True),
        ]
