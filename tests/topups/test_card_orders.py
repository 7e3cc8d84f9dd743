"""Recharge cards bought on line: dead until they are paid, their codes shown once and written once, void when given back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from payments.gateways.standing_in import StandIn, standing_in

import cast
import rechargecards
import shop
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import PackRefused
from chuzhi.customers.errors import EmailInvalid, IdentityNumberInvalid
from chuzhi.ledger.chart import Method
from chuzhi.messaging import delivery
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization import stores
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, believing
from chuzhi.payments.gateways.contract import DisputeState, DisputeTold, RefundState, RefundTold, Scene, State, Told
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.portal import visitors
from chuzhi.topups.cards import delivering, offering, orders
from chuzhi.topups.cards.errors import (
    CodesShown,
    NotOnSale,
    NotPaid,
    OfferUnusable,
    SoldOut,
    TooMany,
    TooManyUnpaid,
)
from chuzhi.topups.cards.models import CardOffer, CardOrder, OrderedCard
from chuzhi.topups.cards.orders import Buyer
from chuzhi.topups.errors import OrderOver, OtherOrder
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.vouchers import looking
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.errors import BuyerIncomplete, CannotBeSold, VoucherUnusable
from chuzhi.wallets.vouchers.models import Voucher
from messaging import post_office
from topups.buying import BUYER, HERE, cards, ordered, paid, put_on_sale

pytestmark = pytest.mark.django_db

IDENTITY = {"name": "王小明", "identity_number": "11010519491231002X"}


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


@pytest.fixture
def office(settings: object) -> Iterator[post_office.PostOffice]:
    with post_office.opened() as (office, address):
        settings.SMTP_URL = address  # type: ignore[attr-defined]  # pytest-django's settings
        yield office


class TestOrdering:
    def test_the_cards_are_reserved_and_worth_nothing(self, offer: CardOffer) -> None:
        order = ordered(offer, 3)

        assert (order.amount, order.currency, order.stage) == (300_00, "CNY", "open")
        assert {(card.status, card.mark, card.wallet) for card in cards(order)} == {("reserved", None, None)}

    def test_the_same_key_orders_once(self, offer: CardOffer) -> None:
        assert ordered(offer, key="mine") == ordered(offer, key="mine")
        with pytest.raises(OtherOrder):
            ordered(offer, 3, key="mine")
        assert Voucher.objects.count() == 2

    def test_what_is_left_is_counted_down_and_up_again(self, programme: Programme, store: Store) -> None:
        offer = put_on_sale(programme, store, left=3)
        order = ordered(offer)
        with pytest.raises(SoldOut):
            ordered(offer)
        CardOrder.objects.update(created_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now() - timedelta(hours=1))

        assert [orders.expire() for _twice in range(2)] == [1, 0]

        order.refresh_from_db()
        offer.refresh_from_db()
        assert (order.stage, offer.left, {card.status for card in cards(order)}) == ("expired", 3, {"void"})

    @pytest.mark.parametrize(
        ("count", "buyer", "no"),
        [
            (6, BUYER, TooMany),
            (0, BUYER, TooMany),
            (1, Buyer(email="nonsense", language="en"), EmailInvalid),
            (1, Buyer(email="a@example.com", language="en", name="王小明"), BuyerIncomplete),
            (1, Buyer(email="a@example.com", language="en", name="王小明", identity_number="1"), IdentityNumberInvalid),
        ],
    )
    def test_what_cannot_be_ordered_leaves_nothing(self, offer: CardOffer, count: int, buyer: Buyer, no: type[Refused]) -> None:
        with pytest.raises(no):
            ordered(offer, count, buyer=buyer)

        assert not Voucher.objects.exists()
        assert not CardOrder.objects.exists()

    def test_an_address_holds_a_few_unpaid_orders_at_most(self, offer: CardOffer) -> None:
        buyer = Buyer(email="a@example.com", language="en", source="192.0.2.1")
        for _each in range(orders.MOST_UNPAID):
            ordered(offer, 1, buyer=buyer)

        with pytest.raises(TooManyUnpaid):
            ordered(offer, 1, buyer=buyer)
        assert ordered(offer, 1)

    def test_what_is_not_sold_any_more_cannot_be_ordered(self, offer: CardOffer) -> None:
        offering.stop(offer=offer, by=cast.OWNER)

        assert not offering.on_sale().exists()
        with pytest.raises(NotOnSale):
            ordered(offer)

    @pytest.mark.parametrize("wrong", [{"price": 101_00}, {"most_at_once": 0}, {"most_at_once": 21}, {"left": -1}])
    def test_an_offer_that_cannot_be(self, programme: Programme, store: Store, wrong: dict[str, object]) -> None:
        with pytest.raises(OfferUnusable):
            put_on_sale(programme, store, **wrong)

    def test_only_who_may_says_what_is_sold(self, programme: Programme, store: Store) -> None:
        with pytest.raises(NotAllowed):
            offering.put_on_sale(programme=programme, store=store, value=1, price=1, most_at_once=1, by=cast.actor("cashier"))


class TestLaw:
    @pytest.fixture
    def chinese(self, store: Store) -> Store:
        return stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)

    def test_a_bearer_card_has_its_ceiling(self, programme: Programme, chinese: Store) -> None:
        assert ordered(put_on_sale(programme, chinese, 1000_00), 1)
        with pytest.raises(PackRefused) as no:
            ordered(put_on_sale(programme, chinese, 1000_01), 1)
        assert no.value.rule.id == "cn.held.bearer"

    def test_whoever_buys_for_much_at_once_is_registered(self, programme: Programme, chinese: Store) -> None:
        offer = put_on_sale(programme, chinese, 1000_00, most_at_once=20)
        assert ordered(offer, 9)
        with pytest.raises(PackRefused) as no:
            ordered(offer, 10)
        assert no.value.rule.id == "cn.identity.bearer"

        known = ordered(offer, 10, buyer=Buyer(email="wang@example.com", language="en", **IDENTITY))

        assert (known.name, known.masked_identity_number) == ("王小明", "110***********002X")

    def test_at_the_counter_too(self, programme: Programme, chinese: Store) -> None:
        lot = rechargecards.sent(programme, chinese, value=1000_01)

        with pytest.raises(PackRefused):
            rechargecards.sell(lot.voucher(), chinese)
        assert lot.voucher().status == "sent"


class TestPaid:
    def test_the_cards_are_alive_and_their_codes_open_them_once(
        self, offer: CardOffer, way: Account, provider: StandIn, wallet: Wallet
    ) -> None:
        order = paid(ordered(offer), provider)

        shown = delivering.reveal(order=order, by=visitors.BUYER)

        assert order.stage == "paid"
        assert [card.status for card in cards(order)] == ["active", "active"]
        with pytest.raises(CodesShown):
            delivering.reveal(order=order, by=visitors.BUYER)
        with pytest.raises(OrderOver):
            orders.pay(order=order, scene=Scene.SHOWN, circumstances=HERE, by=visitors.BUYER)
        assert not OrderedCard.objects.filter(secret__isnull=False).exists()
        assert {len(card.secret) for card in shown} == {8}
        for card in shown:
            rechargecards.redeem(wallet, Printed(1, card.number, card.secret))
        assert queries.balance(wallet).principal == 200_00

    def test_a_card_that_costs_less_than_its_value_brings_the_rest_as_bonus(
        self, programme: Programme, store: Store, way: Account, provider: StandIn, wallet: Wallet
    ) -> None:
        order = paid(ordered(put_on_sale(programme, store, price=95_00), 1), provider)
        card = delivering.reveal(order=order, by=visitors.BUYER)[0]

        assert Payment.objects.get().amount == 95_00
        assert looking.balance(number=card.number, secret=card.secret, by=visitors.ANYBODY).left == 100_00
        rechargecards.redeem(wallet, Printed(1, card.number, card.secret))
        held = queries.balance(wallet)
        assert (held.principal, held.bonus) == (95_00, 5_00)

    def test_told_twice_it_is_paid_once(self, offer: CardOffer, way: Account, provider: StandIn) -> None:
        order = paid(ordered(offer), provider)
        payment = Payment.objects.get()

        believing.payment(way, Told(number=payment.number, state=State.PAID, amount=payment.amount, currency="CNY"))

        assert Message.objects.filter(kind="cards.codes").count() == 1
        assert sum(queries.balance(card.wallet).principal for card in cards(order) if card.wallet) == 200_00

    def test_money_for_an_order_that_is_over_goes_back(self, offer: CardOffer, way: Account, provider: StandIn) -> None:
        order = ordered(offer)
        begun = orders.pay(order=order, scene=Scene.SHOWN, circumstances=HERE, by=visitors.BUYER)
        believing.payment(way, Told(number=begun.number, state=State.CLOSED))
        CardOrder.objects.update(created_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now() - timedelta(hours=1))
        assert orders.expire() == 1

        believing.payment(way, Told(number=begun.number, state=State.PAID, amount=200_00, currency="CNY"))

        refund = Refund.objects.get()
        order.refresh_from_db()
        assert (order.stage, order.refusal, refund.amount) == ("owed", "order.over", 200_00)
        believing.refund(way, RefundTold(number=refund.number, payment=begun.number, state=RefundState.DONE, amount=200_00))
        order.refresh_from_db()
        assert (order.stage, {card.status for card in cards(order)}) == ("returned", {"void"})

    def test_an_order_whose_payment_is_under_way_is_not_given_up(
        self, offer: CardOffer, way: Account, provider: StandIn
    ) -> None:
        orders.pay(order=ordered(offer), scene=Scene.SHOWN, circumstances=HERE, by=visitors.BUYER)
        CardOrder.objects.update(created_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now() - timedelta(hours=1))

        assert orders.expire() == 0

    def test_a_dispute_freezes_what_is_left_on_the_cards(self, offer: CardOffer, way: Account, provider: StandIn) -> None:
        order = paid(ordered(offer), provider)
        shown = delivering.reveal(order=order, by=visitors.BUYER)[0]
        payment = Payment.objects.get()
        told = DisputeTold(
            dispute="D1", number=payment.number, provider_id="", state=DisputeState.OPENED, amount=200_00, currency="CNY"
        )

        believing.dispute(way, told)

        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(shop.new_wallet(offer.programme), Printed(1, shown.number, shown.secret))


class TestTelling:
    def test_the_codes_are_written_to_the_buyer_and_stand_in_no_log(
        self, offer: CardOffer, way: Account, provider: StandIn, office: post_office.PostOffice
    ) -> None:
        order = paid(ordered(offer, 1), provider)
        sent = Delivery.objects.get()
        secret = OrderedCard.objects.get().secret or ""

        delivery.attempt(sent.pk)

        letter = office.mails[0]
        assert secret[:4] + " " + secret[4:] in str(letter.get_payload(decode=True), "utf-8")
        assert letter["To"] == "wang@example.com"
        sent.refresh_from_db()
        assert (sent.state, secret[:4] in (sent.body or ""), "••••" in (sent.body or "")) == ("sent", False, True)
        assert Message.objects.get().secrets is None
        facts = " ".join(str(each) for each in AuditEntry.objects.values_list("facts", flat=True))
        assert secret not in facts + str(Message.objects.get().facts)
        assert delivering.reveal(order=order, by=visitors.BUYER)[0].secret == secret

    def test_a_lost_letter_is_made_good_by_new_codes(self, offer: CardOffer, way: Account, provider: StandIn) -> None:
        order = paid(ordered(offer, 1), provider)
        first = delivering.reveal(order=order, by=visitors.BUYER)[0]

        order = delivering.renew_codes(order=order, by=cast.OWNER)

        fresh = delivering.reveal(order=order, by=visitors.BUYER)[0]
        assert Message.objects.filter(kind="cards.codes").count() == 2
        with pytest.raises(VoucherUnusable):
            looking.balance(number=first.number, secret=first.secret, by=visitors.ANYBODY)
        assert looking.balance(number=fresh.number, secret=fresh.secret, by=visitors.ANYBODY).left == 100_00
        with pytest.raises(NotAllowed):
            delivering.renew_codes(order=order, by=cast.actor("cashier"))


class TestGivenBack:
    def test_an_unredeemed_card_is_void_and_its_price_goes_back(
        self, offer: CardOffer, way: Account, provider: StandIn, wallet: Wallet
    ) -> None:
        order = paid(ordered(offer), provider)
        kept, returned = delivering.reveal(order=order, by=visitors.BUYER)
        card = OrderedCard.objects.get(voucher__number=returned.number)

        refund_ids = {delivering.give_back(card=card, reason="not wanted", key="back", by=cast.OWNER).pk for _twice in range(2)}

        assert len(refund_ids) == 1
        assert Refund.objects.get().amount == 100_00
        card.refresh_from_db()
        assert (card.voucher.status, queries.balance(card.voucher.wallet).available) == ("void", 0)  # type: ignore[arg-type]
        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, Printed(1, returned.number, returned.secret))
        assert rechargecards.redeem(wallet, Printed(1, kept.number, kept.secret)).value == 100_00

    def test_a_redeemed_card_is_not_given_back(self, offer: CardOffer, way: Account, provider: StandIn, wallet: Wallet) -> None:
        order = paid(ordered(offer, 1), provider)
        shown = delivering.reveal(order=order, by=visitors.BUYER)[0]
        rechargecards.redeem(wallet, Printed(1, shown.number, shown.secret))

        with pytest.raises(CannotBeSold):
            delivering.give_back(card=OrderedCard.objects.get(), reason="x", key="k", by=cast.OWNER)
        assert not Refund.objects.exists()

    def test_an_unpaid_one_neither(self, offer: CardOffer) -> None:
        ordered(offer, 1)

        with pytest.raises(NotPaid):
            delivering.give_back(card=OrderedCard.objects.get(), reason="x", key="k", by=cast.OWNER)
