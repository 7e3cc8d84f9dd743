"""Cards bought on the portal, looked after in the console, and both by programs."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from payments.gateways.standing_in import StandIn, standing_in

import cast
from api.program import Program
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, intents
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.topups.cards import offering, orders
from chuzhi.topups.cards.models import CardOffer, CardOrder, OrderedCard
from chuzhi.wallets.models import Programme
from topups.buying import ordered, paid, put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def way(db: None, provider: StandIn) -> Account:
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def offer(programme: Programme, store: Store) -> CardOffer:
    return put_on_sale(programme, store)


class TestPages:
    def test_bought_without_signing_in(self, offer: CardOffer, way: Account, provider: StandIn) -> None:
        visitor = Client(headers={"accept-language": "en", "User-Agent": "X11"})
        page = visitor.get("/pay/cards/").content.decode()
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key
        asked = {"key": key[1], "offer": offer.pk, "count": "2", "email": "wang@example.com"}

        placed = [visitor.post("/pay/cards/", asked) for _twice in range(2)]

        assert {answer.status_code for answer in placed} == {302}
        assert CardOrder.objects.count() == 1
        where = placed[0]["Location"]
        assert "w***@example.com" in visitor.get(where).content.decode()
        assert visitor.post(f"{where}codes").status_code == 422
        assert visitor.post(where, {"method": int(Method.WECHAT)}).status_code == 302
        payment = Payment.objects.get()
        assert "<svg" in visitor.get(where).content.decode()
        provider.control("pay", number=payment.number)
        intents.ask(payment)
        secret = OrderedCard.objects.order_by("pk").first().secret or ""  # type: ignore[union-attr]  # two
        assert secret not in visitor.get(where).content.decode().replace(" ", "")
        codes = visitor.post(f"{where}codes")
        assert secret in codes.content.decode().replace(" ", "")
        assert "no-store" in codes["Cache-Control"]
        assert visitor.post(f"{where}codes").status_code == 422

    def test_what_is_wrong_is_said_on_the_form(self, offer: CardOffer) -> None:
        visitor = Client(headers={"accept-language": "en"})
        right = {"key": "k", "offer": offer.pk, "count": "1", "email": "wang@example.com"}

        answers = [
            visitor.post("/pay/cards/", right | wrong)
            for wrong in ({"count": "99"}, {"email": "x"}, {"offer": "0"}, {"phone": "12"}, {"name": "王小明"})
        ]

        assert [answer.status_code for answer in answers] == [422] * 5
        assert all(
            'aria-invalid="true"' in answer.content.decode() or 'role="alert"' in answer.content.decode() for answer in answers
        )
        assert not CardOrder.objects.exists()

    def test_nothing_on_sale_says_so(self, db: None) -> None:
        assert "No cards are sold on line" in Client(headers={"accept-language": "en"}).get("/pay/cards/").content.decode()

    @pytest.mark.parametrize("path", ["", "state"])
    def test_an_order_that_is_not_there(self, db: None, path: str) -> None:
        assert Client().get(f"/pay/cards/order/CNOSUCH/{path}").status_code == 404


class TestConsole:
    def test_put_on_sale_seen_renewed_and_given_back(
        self, programme: Programme, store: Store, way: Account, provider: StandIn
    ) -> None:
        finance, manager = cast.signed_in(cast.person("finance")), cast.signed_in(cast.person("manager"))
        asked = {"programme": programme.pk, "store": store.pk, "value": "100", "price": "95", "most_at_once": "3", "left": "9"}
        assert finance.post("/console/vouchers/online/", asked | {"price": "101"}).status_code == 422
        assert finance.post("/console/vouchers/online/", asked).status_code == 302
        order = paid(ordered(CardOffer.objects.get()), provider)
        where = f"/console/vouchers/online/{order.number}/"
        assert order.number in manager.get("/console/vouchers/online/?stage=paid").content.decode()
        assert "w***@example.com" in manager.get(where).content.decode()

        assert finance.post(f"{where}new-codes/").status_code == 302
        card = orders.cards_of(order)[0]
        back = f"{where}cards/{card.pk}/give-back/"
        key = re.search(r'name="key" value="([^"]+)"', manager.get(back).content.decode())
        assert key
        assert manager.post(back, {"key": key[1], "reason": ""}).status_code == 422
        given = [manager.post(back, {"key": key[1], "reason": "not wanted"}).status_code for _twice in range(2)]

        assert given == [302, 302]
        assert Refund.objects.get().amount == 95_00
        page = manager.get(where).content.decode()
        assert not any(each and each in page for each in OrderedCard.objects.values_list("secret", flat=True))
        assert finance.post(f"/console/vouchers/online/{order.offer_id}/stop/").status_code == 302
        assert not offering.on_sale().exists()


class TestPrograms:
    def test_from_the_offer_to_the_refund(self, programme: Programme, store: Store, way: Account, provider: StandIn) -> None:
        program = Program("vouchers:write", "vouchers:sell", "refunds:write")
        asked = {"programme": str(programme.pk), "store": str(store.pk), "value": 100_00, "price": 95_00}
        offer = program.post("/voucher-offers", asked).json()["id"]
        assert program.get("/voucher-offers").json()["items"][0]["left"] is None

        wanted = {"offer": offer, "count": 2, "email": "wang@example.com"}
        told = [program.post("/voucher-orders", wanted, key="mine") for _twice in range(2)]
        assert [answer.status_code for answer in told] == [201, 201]
        where = f"/voucher-orders/{told[0].json()['number']}"
        assert told[0].json()["number"] == told[1].json()["number"]
        assert program.post(f"{where}/codes", {}).json()["code"] == "voucher_order.not_paid"
        assert program.post(f"{where}/payments", {"scene": "shown"}).json()["stage"] == "sent"
        payment = Payment.objects.get()
        provider.control("pay", number=payment.number)
        intents.ask(payment)
        codes = program.post(f"{where}/codes", {}).json()["items"]
        assert program.post(f"{where}/codes", {}).json()["code"] == "voucher_order.codes_shown"
        assert program.post(f"{where}/new-codes", {}).json()["codes_shown"] is False
        back = program.post(f"{where}/refunds", {"card": codes[0]["number"], "reason": "not wanted"})

        assert (back.status_code, back.json()["amount"]) == (201, 95_00)
        assert sorted(card["status"] for card in program.get(where).json()["cards"]) == ["active", "void"]
        unknown = program.post(f"{where}/refunds", {"card": "9157000000000018", "reason": "x"})
        assert unknown.json()["code"] == "voucher.unknown"
        assert program.post(f"/voucher-offers/{offer}/stop", {}).json()["is_on_sale"] is False
        assert program.post("/voucher-orders", wanted).json()["code"] == "voucher_order.not_on_sale"
