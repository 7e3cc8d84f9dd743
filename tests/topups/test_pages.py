"""The payer's pages and the staff's, in a browser's place; the provider is a process that is asked."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from api.program import Program
from chuzhi.ledger.chart import Method
from chuzhi.messaging.models import Message
from chuzhi.payments import accounts, believing, intents
from chuzhi.payments.gateways.contract import State, Told
from chuzhi.payments.models import Account, Incident, Payment
from chuzhi.portal import access
from chuzhi.topups import follow_ups
from chuzhi.topups.models import Mandate, Order
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups import offering

pytestmark = pytest.mark.django_db

ENGLISH = {"Accept-Language": "en"}
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """WeChat Pay's stand-in, for tests that ask it instead of being called by it."""
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER, most=50_000_00, fee_rate=60,
    )  # fmt: skip


@pytest.fixture
def wallet(db: None) -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[(500_00, 80_00)]))


@pytest.fixture
def payer() -> Client:
    return Client(headers=PHONE)


def placed(payer: Client, wallet: Wallet, amount: str = "500") -> str:
    """The order's page, reached through the wallet's link."""
    page = f"/pay/top-up/{access.token_of(wallet)}/"
    key = re.search(r'name="key" value="([^"]+)"', payer.get(page).content.decode())
    assert key
    answer = payer.post(page, {"key": key[1], "amount": amount})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_a_customer_without_an_account_here_tops_up_by_a_link(
    payer: Client, wallet: Wallet, way: Account, provider: StandIn
) -> None:
    page = placed(payer, wallet)
    shown = payer.get(page).content.decode()
    assert "*小明" in shown
    assert "王小明" not in shown
    assert "CN¥580.00" in shown or "¥580.00" in shown

    paying = payer.post(page, {"method": int(Method.WECHAT)}, follow=True).content.decode()
    payment = Payment.objects.get()
    assert payment.started["url"] in paying.replace("&amp;", "&")
    provider.control("pay", number=payment.number)
    intents.ask(payment)

    after = payer.get(page).content.decode()
    assert Order.objects.get().stage == Order.Stage.CREDITED
    assert Order.objects.get().number in after
    assert queries.balance(wallet).available == 580_00


def test_at_a_desk_a_code_is_shown(wallet: Wallet, way: Account) -> None:
    desk = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    page = placed(desk, wallet)

    paying = desk.post(page, {"method": int(Method.WECHAT)}, follow=True).content.decode()

    assert "<svg" in paying
    assert "hx-trigger" in paying


def test_the_form_sent_twice_places_one_order(payer: Client, wallet: Wallet, way: Account) -> None:
    page = f"/pay/top-up/{access.token_of(wallet)}/"

    answers = [payer.post(page, {"key": "the-form", "amount": "500"}) for _twice in range(2)]

    assert len({answer["Location"] for answer in answers}) == 1
    assert Order.objects.count() == 1


@pytest.mark.parametrize("amount", ["", "0", "-5", "1e3", "12.345", "NaN", "五百", "99999999999999999999"])
def test_amounts_that_are_none_are_refused_and_leave_nothing(payer: Client, wallet: Wallet, amount: str) -> None:
    answer = payer.post(f"/pay/top-up/{access.token_of(wallet)}/", {"key": "k", "amount": amount})

    assert answer.status_code == 422
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "address", ["/pay/top-up/12.forged/", "/pay/top-up/x/", "/pay/order/TNOSUCHORDER/", "/pay/order/x/state"]
)
def test_an_address_that_is_not_ours_shows_nothing(payer: Client, db: None, address: str) -> None:
    assert payer.get(address).status_code == 404


def test_without_a_way_to_pay_the_page_says_so(payer: Client, wallet: Wallet) -> None:
    page = placed(payer, wallet)

    assert 'name="method"' not in payer.get(page).content.decode()
    assert payer.post(page, {"method": "4"}).status_code == 422


def test_a_failed_payment_says_what_to_do_and_can_be_tried_again(payer: Client, wallet: Wallet, way: Account) -> None:
    page = placed(payer, wallet)
    payer.post(page, {"method": int(Method.WECHAT)})
    number = Payment.objects.get().number
    believing.payment(way, Told(number=number, state=State.FAILED, reason="NOTENOUGH", decline=None))

    shown = payer.get(page).content.decode()

    assert 'role="alert"' in shown
    assert 'name="method"' in shown


def test_staff_make_an_order_and_see_what_came_of_it(wallet: Wallet, way: Account, provider: StandIn) -> None:
    cashier, finance = cast.signed_in(cast.person("cashier")), cast.signed_in(cast.person("finance"))
    page = f"/console/orders/new/{wallet.pk}/"
    key = re.search(r'name="key" value="([^"]+)"', cashier.get(page).content.decode())
    assert key

    made = cashier.post(page, {"key": key[1], "amount": "500", "channel": "agent"})
    order = Order.objects.get()
    assert made["Location"] == f"/console/orders/{order.number}/"
    assert f"/pay/order/{order.number}/" in cashier.get(made["Location"]).content.decode()

    Client(headers=PHONE).post(f"/pay/order/{order.number}/", {"method": int(Method.WECHAT)})
    payment = Payment.objects.get()
    provider.control("pay", number=payment.number)
    finance.post(f"/console/payments/{payment.number}/ask/")
    assert Order.objects.get().stage == Order.Stage.CREDITED
    assert payment.number in finance.get("/console/payments/").content.decode()
    assert order.number in cashier.get("/console/orders/?stage=credited").content.decode()

    back = f"/console/orders/{order.number}/give-back/"
    key = re.search(r'name="key" value="([^"]+)"', cashier.get(back).content.decode())
    assert key
    answer = cashier.post(back, {"key": key[1], "amount": "", "reason": "moves away"})
    assert answer.status_code == 302
    assert queries.balance(wallet).available == 0
    assert payment.refunds.get().amount == 500_00


def test_an_account_at_a_provider_is_set_up_changed_and_paused(provider: StandIn, db: None) -> None:
    owner = cast.signed_in(cast.person("administrator"))
    own = {f"own-{name}": value for name, value in provider.account.items()}
    facts = {
        "name": "微信支付",
        "code": "wechat",
        "currency": "CNY",
        "priority": "1",
        "fee_percent": "0.6",
        "arrives_within_seconds": "60",
    }

    bad = owner.post("/console/payments/accounts/add/wechat/", facts | own | {"own-private_key": "no key"})
    assert bad.status_code == 422
    made = owner.post("/console/payments/accounts/add/wechat/", facts | own)
    account = Account.objects.get()
    assert (made.status_code, account.fee_rate) == (302, 60)

    page = owner.get(f"/console/payments/accounts/{account.pk}/").content.decode()
    assert provider.account["v3_key"] not in page
    assert "/api/notices/wechat" in page
    kept = owner.post(
        f"/console/payments/accounts/{account.pk}/", facts | own | {"own-v3_key": "••••••••", "most": "1000", "name": "WeChat"}
    )
    assert kept.status_code == 302
    account = Account.objects.get()
    assert (account.name, account.most) == ("WeChat", 1000_00)
    assert provider.account["v3_key"] in account.configuration

    owner.post(f"/console/payments/accounts/{account.pk}/stand/")
    assert Account.objects.get().standing == Account.Standing.PAUSED


def test_an_incident_is_closed_with_a_remark(way: Account) -> None:
    finance = cast.signed_in(cast.person("finance"))
    believing.payment(way, Told(number="PSTRANGER", state=State.PAID, amount=5_00, currency="CNY"))
    incident = Incident.objects.get()
    page = f"/console/payments/incidents/{incident.pk}/"
    assert "PSTRANGER" in finance.get("/console/payments/incidents/").content.decode()

    assert finance.post(page, {"remark": " "}).status_code == 422
    assert finance.post(page, {"remark": "returned at the provider"}).status_code == 302

    assert Incident.objects.get().remark == "returned at the provider"
    assert "PSTRANGER" not in finance.get("/console/payments/incidents/").content.decode()


def test_a_program_orders_pays_and_gives_back(wallet: Wallet, way: Account, provider: StandIn) -> None:
    program = Program("topups:write", "payments:read", "refunds:write")
    asked = {"wallet": str(wallet.pk), "amount": 500_00}

    first, again = (program.post("/orders", asked, key="order-1") for _twice in range(2))
    other = program.post("/orders", asked | {"amount": 1_00}, key="order-1")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert first.json()["number"] == again.json()["number"]
    assert first.json()["bonus"] == 80_00
    number = first.json()["number"]

    ways = program.get("/ways?amount=50000&currency=CNY&scene=shown").json()["items"]
    assert [(each["method"], each["fee"], each["advised"]) for each in ways] == [("wechat", 3_00, True)]
    payment = program.post(f"/orders/{number}/payments", {"scene": "shown"})
    assert (payment.status_code, payment.json()["stage"]) == (201, "sent")
    assert payment.json()["go_on"]["code"].startswith("weixin://")

    provider.control("pay", number=payment.json()["number"])
    intents.ask(Payment.objects.get())
    told = program.get(f"/orders/{number}").json()
    assert (told["stage"], told["payments"][0]["stage"]) == ("credited", "paid")

    asked = {"amount": 100_00, "reason": "moves away"}
    back, once_more = (program.post(f"/orders/{number}/refunds", asked, key="back-1") for _twice in range(2))
    assert (back.status_code, back.json()["amount"]) == (201, 100_00)
    assert (once_more.status_code, once_more.json()) == (200, back.json())
    over = program.post(f"/orders/{number}/payments", {"scene": "shown"})
    assert (over.status_code, over.json()["code"]) == (422, "order.over")


def test_what_the_ledger_would_refuse_is_refused_before_anybody_pays(wallet: Wallet) -> None:
    program = Program("topups:write")
    limited = shop.new_wallet(shop.new_programme(most_per_top_up=100_00, most_held=150_00))

    too_much = program.post("/orders", {"wallet": str(limited.pk), "amount": 100_01})
    points = program.post("/orders", {"wallet": "999999", "amount": 1_00})
    nowhere = program.post("/orders", {"wallet": str(wallet.pk), "amount": 1_00, "store": "999999"})

    assert (too_much.status_code, too_much.json()["code"]) == (422, "limit.per_transaction")
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "store.unusable")
    assert points.status_code == 404
    assert Order.objects.count() == 0


def test_a_way_that_does_not_take_the_amount_is_not_offered(wallet: Wallet, way: Account) -> None:
    program = Program("topups:write", "payments:read")
    number = program.post("/orders", {"wallet": str(wallet.pk), "amount": 50_000_01}).json()["number"]

    answer = program.post(f"/orders/{number}/payments", {"scene": "shown"})

    assert (answer.status_code, answer.json()["code"]) == (422, "order.no_way_to_pay")
    assert program.get("/ways?amount=5000001&currency=CNY&scene=shown").json()["items"] == []


def test_the_payer_is_shown_what_is_on_offer_and_what_a_little_more_brings(wallet: Wallet) -> None:
    payer = Client(headers=PHONE | {"Accept-Language": "en"})
    gifts = (offering.bonus(100_00), offering.bonus(60_00, parts=3, every=Every.MONTH), offering.level("gold", 30))
    offering.offer(wallet.programme, (500_00, gifts), channels=["link"])
    offering.offer(wallet.programme, (100_00, offering.bonus(50_00)), channels=["counter"])

    shown = payer.get(f"/pay/top-up/{access.token_of(wallet)}/").content.decode()
    short, enough = (payer.get(placed(payer, wallet, amount)).content.decode() for amount in ("480", "500"))

    assert "Pay CN¥500.00, get CN¥160.00 + level gold for 30 days extra" in shown
    assert "Pay CN¥100.00" not in shown
    assert "CN¥20.00 more brings CN¥160.00 more bonus" in short
    assert "CN¥60.00 bonus in 3 parts, every month" in enough
    assert Order.objects.get(amount=500_00).bonus == 160_00


def test_an_order_left_unpaid_is_told_of_once(payer: Client, wallet: Wallet, way: Account) -> None:
    page = placed(payer, wallet)
    assert follow_ups.remind() == 0
    Order.objects.update(created_at=timezone.now() - timedelta(minutes=16))

    first, second = follow_ups.remind(), follow_ups.remind()

    assert (first, second) == (1, 0)
    message = Message.objects.get(kind="order.unfinished")
    assert message.customer == wallet.customer
    assert str(message.facts["link"]).endswith(page)


def test_a_paid_order_is_not_told_of(payer: Client, wallet: Wallet, way: Account, provider: StandIn) -> None:
    page = placed(payer, wallet)
    payer.post(page, {"method": int(Method.WECHAT)})
    payment = Payment.objects.get()
    provider.control("pay", number=payment.number)
    intents.ask(payment)
    Order.objects.update(created_at=timezone.now() - timedelta(minutes=16))

    assert follow_ups.remind() == 0


def test_a_customer_sets_up_an_automatic_top_up_sees_it_and_stops_it(payer: Client, wallet: Wallet, way: Account) -> None:
    page = f"/pay/top-up/{access.token_of(wallet)}/automatic/"
    shown = payer.get(page).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key
    assert "checked" not in shown.partition('name="agrees"')[2][:40]
    facts = {"key": key[1], "version": "1", "trigger": "low", "floor": "50", "amount": "500", "most_a_month": "1000"}

    unread = payer.post(page, facts | {"account": way.pk})
    wrong = payer.post(page, facts | {"account": way.pk, "agrees": "on", "amount": "-1"})
    made = payer.post(page, facts | {"account": way.pk, "agrees": "on"})

    assert (unread.status_code, wrong.status_code, made.status_code) == (422, 422, 302)
    mandate = Mandate.objects.get()
    assert mandate.agreement
    waiting = payer.get(made["Location"]).content.decode()
    assert Mandate.objects.select_related("agreement").get().agreement.started["url"] in waiting.replace("&amp;", "&")  # type: ignore[union-attr]
    staff = cast.signed_in(cast.person("cashier"))
    assert mandate.number in staff.get("/console/mandates/").content.decode()
    assert staff.get(f"/console/mandates/{mandate.number}/").status_code == 200

    payer.post(f"/pay/automatic/{mandate.number}/stop")

    assert Mandate.objects.get().stage == Mandate.Stage.ENDED


def test_a_program_sets_up_and_stops_an_automatic_top_up(wallet: Wallet, way: Account) -> None:
    program = Program("topups:write", "payments:read")
    text = program.get("/mandate-text").json()
    asked = {
        "wallet": str(wallet.pk), "account": "wechat", "trigger": "monthly", "day": 20, "amount": 300_00, "most_a_month": 300_00,
        "text_version": text["version"],
    }  # fmt: skip

    made, repeated = (program.post("/mandates", asked, key="mandate-1") for _twice in range(2))
    outdated = program.post("/mandates", asked | {"text_version": 99})
    number = made.json()["number"]
    stopped = program.post(f"/mandates/{number}/acts", {"act": "stop"})
    again = program.post(f"/mandates/{number}/acts", {"act": "resume"})

    assert (made.status_code, made.json()["stage"]) == (201, "waiting")
    assert (repeated.status_code, repeated["Idempotency-Replayed"], repeated.json()["number"]) == (200, "true", number)
    assert made.json()["confirm_at"].startswith("http")
    assert (outdated.status_code, outdated.json()["code"]) == (422, "mandate.text_outdated")
    assert stopped.json()["stage"] == "ended"
    assert (again.status_code, again.json()["code"]) == (422, "mandate.over")
    assert [event["kind"] for event in program.get(f"/mandates/{number}").json()["events"]] == ["ended", "agreed"]


def test_a_refusal_is_in_money_and_says_what_to_do(db: None) -> None:
    narrow = shop.new_wallet(shop.new_programme(most_per_top_up=1000_00))

    page = f"/pay/top-up/{access.token_of(narrow)}/"
    said = Client(headers=ENGLISH).post(page, {"key": "k", "amount": "1200"}).content.decode()

    assert "This is over the limit of CN¥1,000.00 at once. Enter a smaller amount." in said


def test_a_link_that_is_not_whole_says_where_to_get_another(wallet: Wallet) -> None:
    answer = Client(headers=ENGLISH).get(f"/pay/top-up/{access.token_of(wallet)[:-3]}/")

    assert answer.status_code == 404
    assert "ask the shop for a new one" in answer.content.decode()
