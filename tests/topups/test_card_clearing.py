"""Cards whose payment may still fail: alive, shown and given away, and worth nothing to anybody until the money has cleared."""

import re
from collections.abc import Iterator
from datetime import timedelta

import make
import pytest
from django.test import Client
from django.utils import timezone
from payments.bank import statements
from payments.gateways.standing_in import StandIn, standing_in

import cast
import rechargecards
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.finance import tasks
from chuzhi.ledger.chart import Method
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.payments import accounts, believing, intents
from chuzhi.payments.gateways.contract import DisputeState, DisputeTold, Scene
from chuzhi.payments.models import Account, Payment
from chuzhi.portal import visitors
from chuzhi.topups.cards import clearing, delivering, orders
from chuzhi.topups.cards.errors import NotClearedYet
from chuzhi.topups.cards.models import CardOffer, CardOrder, OrderedCard, UnclearedCards
from chuzhi.topups.errors import NotHeld
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.vouchers import looking
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.errors import VoucherNotCleared, VoucherUnusable
from topups.buying import HERE, ordered, paid, put_on_sale

pytestmark = pytest.mark.django_db
DAYS = 5


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("wechat", tmp_path_factory.mktemp("wechat")) as running:
        yield running


@pytest.fixture
def slow(db: None, provider: StandIn) -> Account:
    """An account at a provider whose payments clear after five days."""
    return accounts.open_account(
        code="wechat", name="微信支付", gateway="wechat", method=Method.WECHAT, currency="CNY", configuration=provider.account,
        clears=Account.Clears.AFTER_DAYS, clears_after_days=DAYS, by=cast.OWNER,
    )  # fmt: skip


@pytest.fixture
def offer(programme: Programme, store: Store) -> CardOffer:
    return put_on_sale(programme, store, price=95_00)


@pytest.fixture
def order(offer: CardOffer, slow: Account, provider: StandIn) -> CardOrder:
    """Two cards of 100, paid."""
    return paid(ordered(offer), provider)


def shown(order: CardOrder) -> list[Printed]:
    return [Printed(1, card.number, card.secret) for card in delivering.reveal(order=order, by=visitors.BUYER)]


def test_a_card_is_alive_and_cannot_be_redeemed_before_it_has_cleared(order: CardOrder, wallet: Wallet) -> None:
    card = shown(order)[0]

    for _twice in range(2):
        with pytest.raises(VoucherNotCleared):
            rechargecards.redeem(wallet, card)

    seen = looking.balance(number=card.number, secret=card.secret, by=visitors.ANYBODY)
    assert (seen.left, seen.uncleared) == (100_00, 100_00)
    assert queries.balance(wallet).available == 0
    held = clearing.of(order)
    assert held is not None
    assert held.until is not None
    assert held.amount == 200_00  # bonus too
    assert timedelta(days=DAYS - 1) < held.until - timezone.now() <= timedelta(days=DAYS)


def test_a_wrong_code_is_told_nothing_of_it(order: CardOrder, wallet: Wallet) -> None:
    card = shown(order)[0]

    with pytest.raises(VoucherUnusable):
        rechargecards.redeem(wallet, Printed(1, card.number, "000000000000"))


def test_an_account_that_clears_at_once_holds_nothing(
    offer: CardOffer, slow: Account, provider: StandIn, wallet: Wallet
) -> None:
    Account.objects.update(clears=Account.Clears.AT_ONCE, clears_after_days=0)
    order = paid(ordered(offer), provider)

    assert clearing.of(order) is None
    assert rechargecards.redeem(wallet, shown(order)[0]).value == 100_00


def test_when_its_days_are_over_the_value_is_free_by_itself(order: CardOrder) -> None:
    card = orders.cards_of(order)[0].voucher.wallet
    assert card is not None

    make.post(make.charge_asked(card.pk, 100_00, book=card.book), now=timezone.now() + timedelta(days=DAYS, minutes=1))

    assert queries.balance(card).available == 0


def test_somebody_says_that_it_has_cleared_once(order: CardOrder, wallet: Wallet, finance: Actor) -> None:
    cards = shown(order)
    with pytest.raises(NotAllowed):
        clearing.clear(order=order, key="1", by=cast.actor("manager"))

    for _twice in range(2):
        clearing.clear(order=order, key="1", by=finance)

    assert [rechargecards.redeem(wallet, card).value for card in cards] == [100_00, 100_00]
    assert clearing.of(order) is None
    with pytest.raises(NotHeld):
        clearing.clear(order=order, key="2", by=cast.OWNER)


def test_it_is_not_given_back_before_it_has_cleared(order: CardOrder) -> None:
    card = OrderedCard.objects.order_by("pk")[0]

    with pytest.raises(NotClearedYet):
        delivering.give_back(card=card, reason="not wanted", key="back", by=cast.OWNER)

    card.refresh_from_db()
    assert card.voucher.status == "active"


def test_a_dispute_has_it_and_it_does_not_clear_any_more(order: CardOrder, slow: Account, wallet: Wallet) -> None:
    payment, card = Payment.objects.get(), shown(order)[0]
    told = DisputeTold(
        dispute="D1", number=payment.number, provider_id="", state=DisputeState.OPENED, amount=190_00, currency="CNY"
    )
    believing.dispute(slow, told)

    with pytest.raises(NotHeld):
        clearing.clear(order=order, key="1", by=cast.OWNER)
    with pytest.raises(VoucherUnusable):
        rechargecards.redeem(wallet, card)


def test_the_statement_that_names_it_lets_it_go(offer: CardOffer, wallet: Wallet) -> None:
    bank = statements.account(clears=Account.Clears.SETTLED)
    order = ordered(offer)
    payment = orders.pay(order=order, scene=Scene.PAGE, circumstances=HERE, method=Method.BANK, by=visitors.BUYER)
    statements.take_in(bank, statements.row("190.00", statements.reference(payment), "王小明", "S1"))
    order.refresh_from_db()
    cards, held = shown(order), clearing.of(order)

    for _twice in range(2):
        tasks.reconcile()

    assert held is not None
    assert (held.amount, held.until) == (200_00, None)
    assert UnclearedCards.objects.get().cleared_by == orders.US.label
    assert rechargecards.redeem(wallet, cards[0]).value == 100_00


class TestPages:
    def test_staff_see_it_and_say_that_it_has_cleared(self, order: CardOrder) -> None:
        finance, page = cast.signed_in(cast.person("finance")), f"/console/vouchers/online/{order.number}/"
        before = finance.get(page).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', before)
        assert key

        after = finance.post(f"{page}clear/", {"key": key[1]}, follow=True).content.decode()

        assert "CN¥200.00 on these cards is held until the payment has cleared" in before
        assert "The cards can be redeemed now." in after
        assert "on these cards is held" not in after
        assert cast.signed_in(cast.person("manager")).post(f"{page}clear/").status_code == 403

    def test_buyers_and_holders_read_when_it_can_be_redeemed(self, order: CardOrder) -> None:
        visitor = Client(headers={"accept-language": "en"})
        card = shown(order)[0]

        mine = visitor.get(f"/pay/cards/order/{order.number}/").content.decode()
        looked = visitor.post("/pay/card-balance/", {"number": card.number, "secret": card.secret}).content.decode()

        assert "The cards can be redeemed from" in mine
        assert "The payment for this card has not cleared yet" in looked
        assert "CN¥100.00" in looked

    def test_a_program_reads_it_and_says_so(self, order: CardOrder) -> None:
        program = Program("vouchers:sell", "payments:clear", "vouchers:redeem")
        card = shown(order)[0]
        looked = program.post("/voucher-balances", {"number": card.number, "secret": card.secret}).json()
        before = program.get(f"/voucher-orders/{order.number}").json()["held"]
        redeeming = {"wallet": str(shop.new_wallet(order.offer.programme).pk), "number": card.number, "secret": card.secret}
        refused = program.post("/voucher-redemptions", redeeming)

        cleared = program.post(f"/voucher-orders/{order.number}/clear", {}).json()

        assert (looked["left"], looked["uncleared"], before["amount"]) == (100_00, 100_00, 200_00)
        assert (refused.status_code, refused.json()["code"]) == (422, "voucher.not_cleared")
        assert cleared["held"] is None
        assert program.post("/voucher-redemptions", redeeming).status_code == 201


def test_the_provider_s_word_comes_over_its_socket_twice_and_holds_once(
    offer: CardOffer, slow: Account, provider: StandIn
) -> None:
    order = ordered(offer)
    begun = orders.pay(order=order, scene=Scene.SHOWN, circumstances=HERE, by=visitors.BUYER)
    provider.control("pay", number=begun.number)

    for _twice in range(2):
        intents.ask(Payment.objects.get(pk=begun.pk))

    assert UnclearedCards.objects.count() == 1
    assert {queries.balance(card.voucher.wallet).held for card in orders.cards_of(order) if card.voucher.wallet} == {100_00}
