"""What a code paid goes back by the same payment: by line, never more than was paid, and again where the provider refuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.organization.models import Till
from chuzhi.payments.models import Incident, Payment, Refund
from chuzhi.till import code_refunds, returns, walkins
from chuzhi.till.errors import NothingToSend
from chuzhi.till.models import Basket, CodePayment, Sale
from chuzhi.till.paying import Means
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from till.codes import ask, basket, sent_back
from topups.street import Street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
State = CodePayment.State


@pytest.fixture
def till() -> Till:
    return cast.till(cast.store())  # committed, for the provider calls from outside


@pytest.fixture
def wallet(till: Till) -> Wallet:
    return shop.prepaid(30_00, till.store)


class TestReturns:
    @pytest.fixture
    def sold(self, wechat: Street, till: Till, wallet: Wallet) -> Basket:
        made = basket(till, 60_00, 40_01, wallet=wallet)
        ask(made, Means(wallet=wallet, code=70_01), from_wallet=30_00)
        return made

    def back(self, sold: Basket, wallet: Wallet, line: int, key: str) -> returns.Returned:
        seq = Sale.objects.get(basket=sold.pk).seq
        return returns.give_back(
            wallet=wallet, charge=seq, goods={line: 1000}, reason="torn", key=key, by=cast.OWNER, till=sold.till
        )

    def test_each_line_goes_back_the_way_it_was_paid_and_never_more_than_that(
        self, wechat: Street, sold: Basket, wallet: Wallet
    ) -> None:
        first = self.back(sold, wallet, 1, "a")
        again = self.back(sold, wallet, 1, "a")
        sent_back()
        second = self.back(sold, wallet, 2, "b")
        sent_back()

        assert (first.replayed, again.replayed) == (False, True)
        assert first.split.amount + second.split.amount == 100_01
        wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE).count() == 2, "both are back")
        assert [each["amount"] for each in wechat.provider.books()["orders"][0]["refunds"]] == [
            first.split.tenders[0].amount,
            second.split.tenders[0].amount,
        ]
        assert Payment.objects.get().refunded == 70_01
        assert queries.balance(wallet).available == 30_00

    def test_a_refund_that_is_refused_waits_and_is_tried_again(self, wechat: Street, sold: Basket, wallet: Wallet) -> None:
        wechat.provider.control("outcomes", refunds=["NOT_ENOUGH"])
        self.back(sold, wallet, 1, "a")
        sent_back()
        wait(lambda: Incident.objects.filter(kind=Incident.Kind.REFUND_FAILED).exists(), "somebody is told")
        made = CodePayment.objects.select_related("payment").get()
        owed = code_refunds.unsent(made)
        assert owed > 0
        assert code_refunds.try_all_again() == 0

        Refund.objects.update(done_at=timezone.now() - timedelta(hours=2))
        assert code_refunds.try_all_again() == 1
        refund = Refund.objects.latest("pk")
        with pytest.raises(NothingToSend):
            code_refunds.try_again(made=made, by=cast.OWNER)
        sent_back()

        wait(lambda: Refund.objects.filter(pk=refund.pk, stage=Refund.Stage.DONE).exists(), "it is back")
        assert (refund.amount, Payment.objects.get().refunded) == (owed, owed)

    def test_the_whole_of_nobodys_sale_goes_back(self, wechat: Street, till: Till) -> None:
        made = basket(till, 12_34)
        ask(made, Means(code=12_34))

        number = Basket.objects.get(pk=made.pk).operations[0]
        walkins.take_back(number=number, amount=12_34, reason="torn", key="a", by=cast.OWNER, till=made.till)
        sent_back()

        wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE, amount=12_34).exists(), "it is back")
