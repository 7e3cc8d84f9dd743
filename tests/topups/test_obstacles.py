"""What stands in the way of a top-up, and what an agent clears of it."""

import make
import pytest
from payments.bank import statements

import agents as partners
import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.organization.partners import contracts
from chuzhi.payments import believing
from chuzhi.payments.gateways.contract import Scene, State, Told
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account
from chuzhi.refunds import calculating
from chuzhi.refunds import requests as refunds
from chuzhi.refunds.models import RefundRequest
from chuzhi.risk import cases
from chuzhi.risk.models import Case
from chuzhi.topups import orders
from chuzhi.topups.assisted import fulfilling, remedies, witnesses
from chuzhi.topups.assisted.models import AssistedStep
from chuzhi.topups.models import Order
from chuzhi.wallets import accounts, agency, cards, disputes, programmes, queries
from chuzhi.wallets.models import Programme, Wallet
from risk import watched
from topups import asking

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet(programme: Programme) -> Wallet:
    return asking.known_wallet(programme)


def codes(wallet: Wallet, amount: int = 500_00) -> list[str]:
    return [each.code for each in witnesses.heard(wallet=wallet, amount=amount)]


class TestObstacles:
    def test_there_are_none(self, wallet: Wallet) -> None:
        assert codes(wallet) == ["order.no_way_to_pay"]

    def test_frozen_with_who_and_why(self, wallet: Wallet, manager: Actor) -> None:
        accounts.freeze(wallet=wallet, reason="phone stolen", key="k", by=manager)

        [first, *_rest] = witnesses.heard(wallet=wallet, amount=1)

        assert (first.code, first.blocks, first.permission) == ("wallet.frozen", True, "wallets.freeze")
        assert "phone stolen" in first.what
        assert "李雷" in first.what

    def test_closed_for_good(self, wallet: Wallet, manager: Actor) -> None:
        accounts.close(wallet=wallet, reason="moved away", key="k", by=manager)

        [first, *_rest] = witnesses.heard(wallet=wallet, amount=1)

        assert (first.code, first.blocks, first.remedy) == ("wallet.closed", True, None)

    def test_a_programme_that_is_not_sold_any_more(self, wallet: Wallet) -> None:
        programmes.close(programme=wallet.programme, by=cast.OWNER)

        assert "programme.closed" in codes(wallet)

    def test_every_limit_that_would_be_passed_with_what_is_left_of_it(self, store: Store) -> None:
        tight = shop.new_programme(most_per_top_up=400_00, most_topped_up_a_day=600_00, most_held=700_00)
        wallet = shop.new_wallet(tight)
        shop.top_up(wallet, 300_00, store)

        found = {each.code: each.what for each in witnesses.heard(wallet=wallet, amount=500_00) if each.blocks}

        assert set(found) == {"limit.per_transaction", "limit.per_day", "limit.balance"}
        assert "300.00" in found["limit.per_day"]
        assert "400.00" in found["limit.balance"]
        assert not [each for each in witnesses.heard(wallet=wallet, amount=300_00) if each.blocks]

    def test_the_law_s_ceiling_is_told_with_its_rule_and_nobody_raises_it(self, wallet: Wallet) -> None:
        here = cast.store()
        stores.choose_pack(store=here, pack="cn-shanghai", by=cast.OWNER)

        laws = [each for each in witnesses.heard(wallet=wallet, amount=6000_00, store=here.pk) if each.code == "pack.refused"]

        assert "cn.held.named" in laws[0].what
        assert laws[0].permission == ""

    def test_an_order_that_waits_for_its_payment_but_not_the_request_s_own(self, wallet: Wallet, cashier: Actor) -> None:
        orders.place(wallet=wallet, amount=100_00, channel=Order.Channel.WEB, key="k", by=cast.OWNER)
        row = asking.asked(wallet, cashier)
        assert "order.unpaid" in [each.code for each in remedies.of(row)]
        remedies.clear(
            request=row,
            obstacle=f"order.unpaid:order:{Order.objects.get().number}",
            reason="wants it here",
            key="c",
            by=cashier,
        )

        row = fulfilling.send_link(request=row, key="l", by=cashier)

        assert "order.unpaid" not in [each.code for each in remedies.of(row)]
        assert Order.objects.earliest("pk").stage == "cancelled"

    def test_a_dispute_its_debt_and_their_end(self, wallet: Wallet, store: Store) -> None:
        paid = shop.top_up(wallet, 100_00, store)
        shop.charge(wallet, 40_00, store)
        opened = disputes.begin(wallet=wallet, top_up=paid.seq, key="d", by=cast.OWNER)
        assert {"wallet.disputed", "wallet.owes"} <= set(codes(wallet))

        disputes.end(wallet=wallet, dispute=opened.seq, won=True, key="e", by=cast.OWNER)

        assert not {"wallet.disputed", "wallet.owes"} & set(codes(wallet))

    def test_a_lost_card_is_found_again_with_a_reason(self, wallet: Wallet, cashier: Actor) -> None:
        card = cards.issue(wallet=wallet, key="k", by=cast.OWNER)
        cards.report_lost(card=card, by=cast.OWNER)
        row = asking.asked(wallet, cashier)

        remedies.clear(request=row, obstacle=f"card.lost:card:{card.pk}", reason="was in the coat", key="c", by=cashier)

        card.refresh_from_db()
        assert card.status == "active"
        cleared = AssistedStep.objects.get(kind="cleared")
        assert (cleared.about, cleared.reason, cleared.by) == (f"card:{card.pk}", "was in the coat", cashier.label)

    def test_a_refund_under_way_and_the_money_that_it_holds(self, wallet: Wallet, store: Store, cashier: Actor) -> None:
        shop.top_up(wallet, 100_00, store)
        refunds.ask(
            wallet=wallet, said=calculating.Circumstances(), reason="moves away", method="cash", payee="", files=[asking.PDF], key="k",
            by=cashier,
        )  # fmt: skip

        [told] = [each for each in witnesses.heard(wallet=wallet, amount=500_00) if each.code == "refund.under_way"]

        assert (told.subject, told.permission) == (f"refund:{RefundRequest.objects.get().pk}", "refunds.decide")

    def test_an_open_case_until_it_is_closed(self, wallet: Wallet, store: Store, manager: Actor) -> None:
        case = watched.case_of(wallet, store)
        assert "risk.open_case" in codes(wallet)

        cases.close(case=case, verdict=Case.Verdict.FALSE, remark="a wedding", by=manager)

        assert "risk.open_case" not in codes(wallet)

    def test_customers_of_a_suspended_partner(self, wallet: Wallet) -> None:
        theirs = partners.agent()
        agency.top_up(wallet=wallet, amount=100_00, key="k", by=theirs.by)
        assert "partner.suspended" not in codes(wallet)

        contracts.suspend(partner=theirs.partner, reason="complaints", by=cast.OWNER)

        assert "partner.suspended" in codes(wallet)


class TestClearing:
    def test_money_that_has_not_cleared_is_said_to_be_here(self, wallet: Wallet, administrator: Actor) -> None:
        order = orders.place(wallet=wallet, amount=500_00, channel=Order.Channel.WEB, key="k", by=cast.OWNER)
        account = statements.account(clears=Account.Clears.AFTER_DAYS, clears_after_days=5)
        payment = orders.pay(order=order, scene=Scene.PAGE, account=account, circumstances=Circumstances(), by=cast.OWNER)
        believing.payment(account, Told(number=payment.number, state=State.PAID, amount=500_00, currency="CNY"))
        assert queries.balance(wallet).available == 0
        row = asking.asked(wallet, administrator)

        remedies.clear(
            request=row,
            obstacle=f"order.not_cleared:order:{order.number}",
            reason="seen at the bank",
            key="c",
            by=administrator,
        )

        assert queries.balance(wallet).available == 580_00
        assert "order.not_cleared" not in codes(wallet)

    def frozen(self, wallet: Wallet, manager: Actor) -> str:
        accounts.freeze(wallet=wallet, reason="stolen", key=make.key(), by=manager)
        return f"wallet.frozen:wallet:{wallet.pk}"

    def test_who_may_not_unfreeze_may_not_here_either(self, wallet: Wallet, cashier: Actor, manager: Actor) -> None:
        obstacle = self.frozen(wallet, manager)

        with pytest.raises(Refused) as no:
            remedies.clear(request=asking.asked(wallet, cashier), obstacle=obstacle, reason="asks", key="c", by=cashier)
        assert no.value.code == "permission.missing"
        assert "wallet.frozen" in codes(wallet)

    @pytest.mark.parametrize(
        ("more", "reason", "code"),
        [({"verified": "no"}, "asks", "assisted.not_verified"), ({}, " ", "reason.missing")],
    )
    def test_nothing_is_cleared_for_strangers_or_without_a_reason(
        self, wallet: Wallet, manager: Actor, more: dict[str, object], reason: str, code: str
    ) -> None:
        obstacle, row = self.frozen(wallet, manager), asking.asked(wallet, manager, **more)

        with pytest.raises(Refused) as no:
            remedies.clear(request=row, obstacle=obstacle, reason=reason, key="c", by=manager)
        assert no.value.code == code
        assert "wallet.frozen" in codes(wallet)

    @pytest.mark.parametrize("obstacle", ["", "x", "wallet.frozen:wallet:0", "order.no_way_to_pay:accounts"])
    def test_what_does_not_stand_there_is_not_cleared(self, wallet: Wallet, manager: Actor, obstacle: str) -> None:
        with pytest.raises(Refused) as no:
            remedies.clear(request=asking.asked(wallet, manager), obstacle=obstacle, reason="r", key="c", by=manager)
        assert no.value.code == "assisted.nothing_to_clear"
