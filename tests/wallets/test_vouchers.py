"""Recharge cards from the order to the stock of a store, and alive once they are paid."""

import make
import pytest

import agents
import cast
import rechargecards
import shop
from agents import Agent
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.chart import Method
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store, Till
from chuzhi.organization.partners import contracts, floats
from chuzhi.organization.partners.errors import FloatTooSmall, PartnerSuspended
from chuzhi.wallets import agency, queries
from chuzhi.wallets.errors import MethodUnusable, NotYourStore, ReasonMissing
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.vouchers import batches, custody, online, selling
from chuzhi.wallets.vouchers.errors import (
    BatchCodeTaken,
    BatchPrinted,
    BatchUnusable,
    CannotBeSold,
    NothingToRenew,
    NotInStock,
    PlaceUnusable,
    RunUnusable,
    VoucherUnknown,
    VoucherUnusable,
)
from chuzhi.wallets.vouchers.models import Voucher, VoucherBatch
from chuzhi.wallets.vouchers.online import Paid
from rechargecards import FORM

pytestmark = pytest.mark.django_db


class TestBatches:
    def test_codes_are_shown_once_and_nothing_kept_tells_them(self, programme: Programme) -> None:
        made = rechargecards.printed(programme, count=50)

        with pytest.raises(BatchPrinted):
            batches.print_once(batch=made.batch, by=cast.OWNER)
        kept = [
            " ".join(str(bytes(value) if isinstance(value, memoryview) else value) for value in row)
            for row in Voucher.objects.values_list()
        ]
        told = " ".join(kept) + " ".join(str(facts) for facts in AuditEntry.objects.values_list("facts", flat=True))
        assert [card.secret for card in made.cards if card.secret in told] == []
        assert len({card.number for card in made.cards}) == len({bytes(row.mark) for row in Voucher.objects.all()}) == 50

    @pytest.mark.parametrize(("form", "length"), [(FORM.SECRET, 16), (FORM.PIN, 8)])
    def test_a_code_is_long_enough_for_its_form(self, programme: Programme, form: VoucherBatch.Form, length: int) -> None:
        cards = rechargecards.printed(programme, count=20, form=form).cards

        assert {len(card.secret) for card in cards} == {length}
        assert len({card.secret for card in cards}) == 20

    def test_a_lost_file_is_answered_by_new_codes(self, programme: Programme, store: Store, wallet: Wallet) -> None:
        old = rechargecards.printed(programme, count=2)
        custody.send(batch=old.batch, first=1, last=1, store=store, by=cast.OWNER)

        renewed = batches.renew(batch=old.batch, reason="file lost", by=cast.OWNER)

        assert [card.serial for card in renewed] == [2]
        custody.send(batch=old.batch, first=2, last=2, store=store, by=cast.OWNER)
        for place in range(2):
            rechargecards.sell(old.voucher(place), store)
        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, old.cards[1])
        rechargecards.redeem(wallet, renewed[0])
        rechargecards.redeem(wallet, old.cards[0])
        with pytest.raises(NothingToRenew):
            batches.renew(batch=old.batch, reason="again", by=cast.OWNER)

    def test_what_cannot_be_ordered_is_refused(self, programme: Programme) -> None:
        points = shop.new_programme(asset="POINTS", bands=[])
        asked = {"code": "B", "programme": programme, "value": 1, "count": 1, "form": FORM.PIN, "by": cast.OWNER}

        for wrong in ({"count": 0}, {"count": batches.MOST + 1}, {"programme": points}):
            with pytest.raises(BatchUnusable):
                batches.order(**asked | wrong)  # type: ignore[arg-type]  # wrong on purpose
        batches.order(**asked)  # type: ignore[arg-type]  # as above
        with pytest.raises(BatchCodeTaken):
            batches.order(**asked)  # type: ignore[arg-type]  # as above

    def test_a_manager_sees_batches_and_orders_none(self, programme: Programme) -> None:
        made = rechargecards.printed(programme)
        manager = cast.actor("manager")

        assert batches.visible_to(manager).get() == made.batch
        with pytest.raises(NotAllowed):
            batches.print_once(batch=made.batch, by=manager)


class TestCustody:
    def test_every_card_is_counted_where_it_is(self, programme: Programme, store: Store, wallet: Wallet) -> None:
        made, partner = rechargecards.printed(programme, count=100), agents.partner()
        custody.send(batch=made.batch, first=1, last=40, store=store, by=cast.OWNER)
        custody.send(batch=made.batch, first=41, last=60, partner=partner, by=cast.OWNER)
        rechargecards.sell(made.voucher(0), store)
        rechargecards.sell(made.voucher(1), store)
        rechargecards.redeem(wallet, made.cards[0])

        custody.void(batch=made.batch, first=31, last=45, reason="carton lost", by=cast.OWNER)

        figures = {
            (one.store, one.partner): (one.received, one.in_stock, one.active, one.used, one.void)
            for one in custody.stocks(made.batch)
        }
        assert figures == {
            (None, None): (40, 40, 0, 0, 0),
            (store, None): (40, 28, 1, 1, 10),
            (None, partner): (20, 15, 0, 0, 5),
        }
        assert sum(batches.by_status(made.batch).values()) == 100

    def test_a_lost_carton_is_void_in_one_act_and_sold_cards_stay_their_buyers(
        self, programme: Programme, store: Store, wallet: Wallet
    ) -> None:
        made = rechargecards.sent(programme, store, count=5)
        rechargecards.sell(made.voucher(2), store)

        move = custody.void(batch=made.batch, first=1, last=5, reason="carton lost", by=cast.OWNER)

        assert move.count == 4
        with pytest.raises(CannotBeSold):
            rechargecards.sell(made.voucher(0), store)
        assert rechargecards.redeem(wallet, made.cards[2]).value == 100_00
        with pytest.raises(ReasonMissing):
            custody.void(batch=made.batch, first=1, last=5, reason=" ", by=cast.OWNER)

    def test_what_is_sold_is_not_sent_and_a_run_lies_within_its_batch(self, programme: Programme, store: Store) -> None:
        made = rechargecards.sent(programme, store, count=5)
        rechargecards.sell(made.voucher(4), store)

        with pytest.raises(NotInStock):
            custody.send(batch=made.batch, first=1, last=5, store=cast.store(), by=cast.OWNER)
        for first, last in ((0, 1), (3, 2), (1, 6)):
            with pytest.raises(RunUnusable):
                custody.take_back(batch=made.batch, first=first, last=last, reason="x", by=cast.OWNER)
        with pytest.raises(PlaceUnusable):
            custody.send(batch=made.batch, first=1, last=1, by=cast.OWNER)
        custody.take_back(batch=made.batch, first=1, last=4, reason="shop closes", by=cast.OWNER)
        assert batches.by_status(made.batch)["printed"] == 4

    def test_a_count_is_kept_with_what_there_should_be(self, programme: Programme, store: Store) -> None:
        made, manager = rechargecards.sent(programme, store, count=5), cast.actor("manager", store)

        counted = custody.count_stock(batch=made.batch, store=store, counted=4, by=manager)

        assert (counted.expected, counted.counted) == (5, 4)
        assert custody.stocks(made.batch)[0].counted == counted
        with pytest.raises(NotYourStore):
            custody.count_stock(batch=made.batch, store=cast.store(), counted=0, by=manager)


class TestSelling:
    def test_the_liability_is_born_when_the_card_is_sold(
        self, programme: Programme, store: Store, till: Till, cashier: Actor
    ) -> None:
        made = rechargecards.sent(programme, store)
        assert made.voucher().wallet is None

        moved = rechargecards.sell(made.voucher(), store, cashier, till=till.pk)

        card = made.voucher()
        assert (card.status, card.wallet, card.sold_by) == ("active", moved.wallet, cashier.label)
        assert queries.balance(moved.wallet) == Balance(principal=100_00)
        lot = queries.lots(moved.wallet)[0]
        assert (lot.amount, lot.funding) == (100_00, f"voucher:{made.batch.code}-000001")

    def test_offers_are_for_top_ups_and_not_for_cards(self, programme: Programme, store: Store) -> None:
        made = rechargecards.sold(programme, store, value=500_00)

        assert made.voucher().wallet
        assert queries.balance(made.voucher().wallet) == Balance(principal=500_00)  # type: ignore[arg-type]  # asserted above

    def test_the_same_key_sells_once_and_another_is_refused(self, programme: Programme, store: Store) -> None:
        made = rechargecards.sent(programme, store)

        first, again = (rechargecards.sell(made.voucher(), store, key="sale-1") for _twice in range(2))

        assert (first.id, again.replayed) == (again.id, True)
        with pytest.raises(CannotBeSold):
            rechargecards.sell(made.voucher(), store)
        assert queries.balance(first.wallet).principal == 100_00

    def test_a_card_is_sold_where_it_was_sent_and_nowhere_else(
        self, programme: Programme, store: Store, cashier: Actor
    ) -> None:
        here, printed = rechargecards.sent(programme, store), rechargecards.printed(programme)

        for card, at in ((here.voucher(), cast.store()), (printed.voucher(), store)):
            with pytest.raises(CannotBeSold):
                rechargecards.sell(card, at)
        with pytest.raises(NotYourStore):
            rechargecards.sell(here.voucher(), store, cast.actor("cashier", cast.store()))
        with pytest.raises(MethodUnusable):
            rechargecards.sell(here.voucher(), store, method=Method.WECHAT)
        with pytest.raises(NotAllowed):
            rechargecards.sell(here.voucher(), store, cast.actor("finance"))
        assert not Wallet.objects.exists()

    def test_an_unknown_number_is_no_card(self, programme: Programme) -> None:
        with pytest.raises(VoucherUnknown):
            selling.find("9157 0000 0000 0000")


class TestPartners:
    @pytest.fixture
    def agent(self, db: None) -> Agent:
        return agents.agent(250_00, commission=100)

    def test_a_partner_sells_its_own_stock_out_of_its_float(self, agent: Agent, programme: Programme) -> None:
        made = rechargecards.sent(programme, agent.partner)

        for _twice in range(2):
            selling.sell_for_partner(voucher=made.voucher(), key="sale-1", by=agent.by)

        assert (floats.left_of(agent.partner), made.voucher().status) == (150_00, "active")
        assert agent.partner.entries.get(kind="top_up").earned == 1_00
        assert agency.differences() == []

    def test_what_it_has_not_or_may_not_is_refused(self, agent: Agent, programme: Programme, store: Store) -> None:
        of_a_store, of_another = rechargecards.sent(programme, store), rechargecards.sent(programme, agents.partner())
        for card in (of_a_store.voucher(), of_another.voucher()):
            with pytest.raises(CannotBeSold):
                selling.sell_for_partner(voucher=card, key=make.key(), by=agent.by)
        own = rechargecards.sent(programme, agent.partner)
        for place in range(2):
            selling.sell_for_partner(voucher=own.voucher(place), key=make.key(), by=agent.by)

        with pytest.raises(FloatTooSmall):
            selling.sell_for_partner(voucher=own.voucher(2), key=make.key(), by=agent.by)
        contracts.suspend(partner=agent.partner, reason="x", by=cast.OWNER)
        with pytest.raises(PartnerSuspended):
            selling.sell_for_partner(voucher=own.voucher(2), key=make.key(), by=agent.by)
        assert own.voucher(2).status == "sent"


def activate(card: Voucher, price: int = 50_00, **more: object) -> Paid:
    values: dict[str, object] = {"by": cast.OWNER} | more
    return online.activate_paid(vouchers=[card], price=price, **values)[0]  # type: ignore[arg-type]  # any


class TestOnline:
    def test_a_card_is_dead_until_it_is_paid(self, programme: Programme, wallet: Wallet) -> None:
        reserved = [online.reserve(programme=programme, value=50_00, key="order-1", by=cast.OWNER) for _twice in range(2)]
        assert reserved[0] == reserved[1]
        assert (reserved[0].status, reserved[0].mark, reserved[0].wallet) == ("reserved", None, None)

        paid = activate(reserved[0], method=Method.WECHAT, reference="wx-1", key="order-1", by=cast.OWNER)
        again = activate(reserved[0], method=Method.WECHAT, reference="wx-1", key="order-1", by=cast.OWNER)

        assert paid.secret
        assert (again.secret, again.moved.id) == (None, paid.moved.id)
        card = batches.Printed(paid.voucher.serial, paid.voucher.number, paid.secret)
        assert rechargecards.redeem(wallet, card).value == 50_00

    def test_an_order_that_was_given_up_brings_nothing(self, programme: Programme) -> None:
        reserved = online.reserve(programme=programme, value=50_00, key="order-1", by=cast.OWNER)
        online.release(voucher=reserved, by=cast.OWNER)

        with pytest.raises(CannotBeSold):
            activate(reserved, method=Method.WECHAT, reference="wx-1", key="order-1", by=cast.OWNER)

    def test_a_lost_message_is_answered_by_a_new_code(self, programme: Programme, wallet: Wallet) -> None:
        reserved = online.reserve(programme=programme, value=50_00, key="order-1", by=cast.OWNER)
        paid = activate(reserved, method=Method.ALIPAY, reference="a", key="order-1", by=cast.OWNER)

        fresh = online.renew_code(voucher=reserved, by=cast.OWNER)

        with pytest.raises(VoucherUnusable):
            rechargecards.redeem(wallet, batches.Printed(1, reserved.number, paid.secret or ""))
        rechargecards.redeem(wallet, batches.Printed(1, reserved.number, fresh))
