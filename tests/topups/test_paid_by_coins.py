"""Orders paid in virtual currency: what comes is seldom exactly what was asked."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import cast
import shop
from api.program import Program
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, tasks
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Incident, Notice, Payment, Refund
from chuzhi.topups import orders
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from topups.street import Street, stage_of, street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]

LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("btcpay")


@pytest.fixture
def server(keys: Path, settings: object) -> Iterator[Street]:
    with street("btcpay", Method.CRYPTO, keys, settings) as made:
        made.provider.control("endpoint", url=accounts.notify_url(made.account))
        yield made


@pytest.fixture
def wallet() -> Wallet:
    return shop.new_wallet(shop.new_programme(bands=[]))


def sent_back() -> None:
    Refund.objects.exclude(next_ask_at=None).update(next_ask_at=LONG_AGO)
    tasks.send_refunds()


def asked() -> bool:
    """As the clock asks. A payment that a message speaks of at this moment is left for the next time."""
    tasks.ask_about_payments()
    return True


def test_coins_are_credited_once_they_are_confirmed(server: Street, wallet: Wallet) -> None:
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)
    server.provider.control("faults", double_notice=1.0)
    server.provider.control("pay", number=payment.number, share=1.2, confirm=False)
    before = stage_of(order)

    server.provider.control("confirm", number=payment.number)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    assert before == "open"
    assert queries.balance(wallet).principal == 500_00


def test_coins_that_come_late_are_credited_late(server: Street, wallet: Wallet) -> None:
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)
    Payment.objects.update(expires_at=LONG_AGO, next_ask_at=LONG_AGO)
    wait(lambda: asked() and Payment.objects.get().stage == Payment.Stage.CLOSED, "it is closed")

    server.provider.control("pay", number=payment.number)

    wait(lambda: Notice.objects.filter(verdict=Notice.Verdict.ASKED).exists(), "it is told")
    wait(lambda: asked() and stage_of(order) == "credited", "the order is credited")
    assert Payment.objects.get().is_late


def test_too_few_coins_credit_nothing_and_are_an_incident(server: Street, wallet: Wallet) -> None:
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)
    server.provider.control("pay", number=payment.number, share=0.4)

    server.provider.control("clock", ahead_seconds=3 * 3600)
    server.provider.books()
    Payment.objects.update(expires_at=LONG_AGO, next_ask_at=LONG_AGO)

    wait(lambda: asked() and Payment.objects.get().stage == Payment.Stage.CLOSED, "it is over")
    assert Incident.objects.get().facts["amount"] == 200_00
    assert queries.balance(wallet).principal == 0


def test_more_coins_than_asked_are_credited_as_asked_and_the_rest_lies_in_front_of_somebody(
    server: Street, wallet: Wallet
) -> None:
    """Also those that come afterwards."""
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)

    server.provider.control("pay", number=payment.number, share=1.2)
    wait(lambda: surpluses() == [100_00], "the first is seen")
    server.provider.control("pay", number=payment.number, share=0.1)
    wait(lambda: surpluses() == [100_00, 150_00], "the second is seen")

    assert (queries.balance(wallet).principal, Payment.objects.get().surplus) == (500_00, 150_00)


def surpluses() -> list[int]:
    found = Incident.objects.filter(kind=Incident.Kind.SURPLUS).order_by("pk")
    return [incident.facts["surplus"] for incident in found]


def test_a_message_that_cannot_be_looked_into_now_comes_again(
    server: Street, wallet: Wallet, caplog: pytest.LogCaptureFixture
) -> None:
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)
    server.provider.control("next", faults=["refuse_busy"])

    server.pay(payment)

    wait(lambda: stage_of(order) == "credited", "the order is credited")
    assert [record.levelname for record in caplog.records if record.levelname == "ERROR"] == []
    assert any("comes again" in record.message for record in caplog.records)


def test_where_coins_are_claimed_is_told_to_whoever_has_to_know(server: Street, wallet: Wallet) -> None:
    order = server.order(wallet)
    payment = server.begin(order, Scene.PAGE)
    server.provider.control("pay", number=payment.number, share=1.2)
    wait(lambda: stage_of(order) == "credited", "the order is credited")
    orders.give_back(order=order, amount=100_00, reason="moves away", key="back", by=cast.OWNER)
    sent_back()
    staff, program = cast.signed_in(cast.person("finance")), Program("payments:read")

    link = f"{server.provider.address}/pull-payments/{Refund.objects.get().provider_id}"

    pages = [f"/console/orders/{order.number}/", f"/console/payments/{payment.number}/", f"/pay/order/{order.number}/"]
    assert [page for page in pages if f'href="{link}"' not in staff.get(page).content.decode()] == []
    told = program.get(f"/orders/{order.number}").json()["payments"][0]
    assert (told["surplus"], told["refunds"][0]["claim_url"]) == (100_00, link)
    assert httpx.get(link).status_code == 200


def test_what_goes_back_waits_until_the_payer_has_it(server: Street, wallet: Wallet) -> None:
    order = server.order(wallet)
    server.pay(server.begin(order, Scene.PAGE))
    wait(lambda: stage_of(order) == "credited", "the order is credited")

    refund = orders.give_back(order=order, amount=100_00, reason="moves away", key="back", by=cast.OWNER)
    sent_back()
    before = Refund.objects.get().stage
    server.provider.control("claim", number=refund.number)
    sent_back()

    assert before == Refund.Stage.PROCESSING
    assert Refund.objects.get().stage == Refund.Stage.DONE
