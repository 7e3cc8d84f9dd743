"""The rest of a basket by the code on a phone: the provider is another process, its answers get lost, and nobody pays twice."""

from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connections

import cast
import shop
from chuzhi.catalogue import products
from chuzhi.finance import comparing
from chuzhi.finance.models import Case, Movement
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import NotEnough
from chuzhi.organization.models import Till
from chuzhi.payments import believing
from chuzhi.payments.counter import tenders
from chuzhi.payments.gateways.contract import State as ProviderState
from chuzhi.payments.gateways.contract import Told
from chuzhi.payments.models import Payment, Refund
from chuzhi.till import baskets, codes, paying
from chuzhi.till.errors import BasketIsOver, BasketPaid, CodeUnusable, NothingByCode
from chuzhi.till.models import Basket, CodePayment, Sale
from chuzhi.till.paying import Asked, Means
from chuzhi.wallets import holds, queries, spending
from chuzhi.wallets.models import Wallet
from till.codes import ask, basket, code, heard, sent_back
from topups.street import Street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
State = CodePayment.State


@pytest.fixture
def till() -> Till:
    return cast.till(cast.store())  # committed, for the provider calls from outside


@pytest.fixture
def wallet(till: Till) -> Wallet:
    return shop.prepaid(30_00, till.store)


def stage(made: Basket) -> tuple[str, str]:
    """Of the basket, and of its last payment by code."""
    last = CodePayment.objects.filter(basket=made).order_by("-pk").first()
    return Basket.objects.get(pk=made.pk).state, last.state if last else ""


def taken(made: Basket) -> list[tuple[str, int]]:
    """What paid its sale, the wallet first."""
    sale = Sale.objects.get(basket=made.pk)
    beside = [(each.method.name.lower(), each.amount) for each in tenders.of(sale.book, sale.seq)]
    return [("wallet", sale.paid), *beside]


def at_wechat(street: Street) -> list[tuple[str, int]]:
    """State and amount of every order there."""
    return [(each["state"], each["amount"]) for each in street.provider.books()["orders"]]


class TestPaidAtOnce:
    def test_the_wallet_cash_and_the_code_pay_it_to_the_cent(self, wechat: Street, till: Till, wallet: Wallet) -> None:
        made = basket(till, 99_99, wallet=wallet)

        paid = ask(made, Means(wallet=wallet, cash=20_00, code=49_99), from_wallet=30_00)

        assert paid.state == State.SOLD
        assert taken(made) == [("wallet", 30_00), ("cash", 20_00), ("wechat", 49_99)]
        assert at_wechat(wechat) == [("SUCCESS", 49_99)]
        assert queries.balance(wallet).available == 0

    def test_nobodys_basket_is_paid_by_the_code_alone(self, wechat: Street, till: Till) -> None:
        made = basket(till, 12_34)

        ask(made, Means(code=12_34))

        assert taken(made) == [("wallet", 0), ("wechat", 12_34)]

    def test_the_same_key_asks_once(self, wechat: Street, till: Till) -> None:
        made = basket(till, 12_34)

        first, again = (ask(made, Means(code=12_34), key="one", shown=code()) for _each in range(2))

        assert (first.pk, again.is_replayed) == (again.pk, True)
        assert len(at_wechat(wechat)) == 1

    def test_what_is_paid_is_not_asked_for_again(self, wechat: Street, till: Till) -> None:
        made = basket(till, 12_34)
        ask(made, Means(code=12_34))

        with pytest.raises(BasketPaid):
            ask(made, Means(code=12_34))


class TestRefusedBeforeAnybodyPays:
    def test_a_code_of_nobody(self, wechat: Street, till: Till) -> None:
        with pytest.raises(CodeUnusable):
            ask(basket(till, 10_00), Means(code=10_00), shown="6901234567892")

    def test_a_wallet_without_its_part(self, wechat: Street, till: Till, wallet: Wallet) -> None:
        made = basket(till, 100_00, wallet=wallet)

        with pytest.raises(NotEnough):
            ask(made, Means(wallet=wallet, code=60_00), from_wallet=40_00)

        assert stage(made) == ("open", "")
        assert not Payment.objects.exists()
        assert queries.balance(wallet).available == 30_00

    def test_nothing_is_left_for_the_code(self, till: Till) -> None:
        made = basket(till, 10_00)

        with pytest.raises(NothingByCode):
            paying.rest_by_code(baskets.bill_of(made), Means(cash=10_00))


class TestWaitingForThePassword:
    @pytest.fixture
    def waiting(self, wechat: Street, till: Till, wallet: Wallet) -> Basket:
        made = basket(till, 100_00, wallet=wallet)
        wechat.provider.control("outcomes", payments=["USERPAYING"])
        ask(made, Means(wallet=wallet, code=70_00), from_wallet=30_00)
        return made

    def test_the_basket_waits_and_the_wallets_part_is_held(self, waiting: Basket, till: Till, wallet: Wallet) -> None:
        assert stage(waiting) == ("paying", "waiting")
        assert queries.balance(wallet).available == 0
        with pytest.raises(BasketIsOver):
            paying.pay(basket=waiting, means=Means(cash=100_00), key=make.key(), by=cast.OWNER, till=waiting.till)
        with pytest.raises(BasketIsOver):
            baskets.drop(basket=waiting, by=cast.OWNER)
        with pytest.raises(NotEnough):
            spending.charge(wallet=wallet, amount=1, store=till.store_id, key=make.key(), by=cast.OWNER)

    def test_entered_it_is_sold_by_the_next_question(self, wechat: Street, waiting: Basket) -> None:
        wechat.provider.control("pay", number=Payment.objects.get().number)

        heard()
        heard()

        assert stage(waiting) == ("paid", "sold")
        assert taken(waiting) == [("wallet", 30_00), ("wechat", 70_00)]

    def test_given_up_it_is_reversed_and_the_basket_can_be_paid_otherwise(
        self, wechat: Street, waiting: Basket, wallet: Wallet
    ) -> None:
        codes.give_up(basket=waiting, by=cast.OWNER)

        assert stage(waiting) == ("open", "over")
        assert at_wechat(wechat) == [("REVOKED", 70_00)]
        assert queries.balance(wallet).available == 30_00
        paying.pay(basket=waiting, means=Means(wallet=wallet, cash=70_00), key=make.key(), by=cast.OWNER, till=waiting.till)
        assert taken(waiting) == [("wallet", 30_00), ("cash", 70_00)]

    def test_paid_in_the_moment_it_is_given_up_it_is_sold(self, wechat: Street, waiting: Basket) -> None:
        wechat.provider.control("pay", number=Payment.objects.get().number)

        codes.give_up(basket=waiting, by=cast.OWNER)

        assert stage(waiting) == ("paid", "sold")

    def test_nobody_enters_it_in_time(self, wechat: Street, waiting: Basket, wallet: Wallet) -> None:
        Payment.objects.update(expires_at="2020-01-01T00:00Z")

        heard()

        assert stage(waiting) == ("open", "over")
        assert queries.balance(wallet).available == 30_00

    def test_the_sale_cannot_be_made_any_more_and_the_money_goes_back(
        self, wechat: Street, waiting: Basket, till: Till, wallet: Wallet
    ) -> None:
        hold = CodePayment.objects.get().hold
        assert hold is not None
        holds.release(wallet=wallet, hold=hold, key="by hand", by=cast.OWNER)
        spending.charge(wallet=wallet, amount=1_00, store=till.store_id, key="elsewhere", by=cast.OWNER)
        wechat.provider.control("pay", number=Payment.objects.get().number)

        heard()
        sent_back()

        assert stage(waiting) == ("open", "returned")
        assert Payment.objects.get().refunded == 70_00
        wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE).exists(), "it is back")
        assert not Sale.objects.filter(basket=waiting.pk).exists()

    def test_a_second_attempt_pays_once(self, wechat: Street, waiting: Basket, wallet: Wallet) -> None:
        codes.give_up(basket=waiting, by=cast.OWNER)

        ask(waiting, Means(wallet=wallet, code=70_00), from_wallet=30_00)

        assert stage(waiting) == ("paid", "sold")
        assert sorted(at_wechat(wechat)) == [("REVOKED", 70_00), ("SUCCESS", 70_00)]


@pytest.mark.parametrize("outcome", ["NOTENOUGH", "AUTHCODEEXPIRE", "PAYERROR"])
def test_a_refusal_leaves_the_basket_and_the_wallet_as_they_were(
    wechat: Street, till: Till, wallet: Wallet, outcome: str
) -> None:
    made = basket(till, 100_00, wallet=wallet)
    wechat.provider.control("outcomes", payments=[outcome])

    ask(made, Means(wallet=wallet, code=70_00), from_wallet=30_00)

    assert stage(made) == ("open", "over")
    assert Payment.objects.get().stage == Payment.Stage.FAILED
    assert queries.balance(wallet).available == 30_00


class TestCutOff:
    """At every step between the till and the money: what nobody knows is asked about before anything is done again."""

    def test_before_the_provider_was_asked(self, wechat: Street, till: Till, wallet: Wallet) -> None:
        made = basket(till, 100_00, wallet=wallet)
        asked = Asked(means=Means(wallet=wallet, code=70_00), key="one", by=cast.OWNER, till=made.till, from_wallet=30_00)
        begun = codes._made(made, asked, Method.WECHAT)
        assert stage(made) == ("paying", "waiting")

        Payment.objects.filter(pk=begun.payment_id).update(expires_at="2020-01-01T00:00Z")
        heard()

        assert stage(made) == ("open", "over")
        assert at_wechat(wechat) == []
        assert queries.balance(wallet).available == 30_00

    def test_before_the_provider_was_asked_and_the_till_sends_it_again(self, wechat: Street, till: Till) -> None:
        made = basket(till, 10_00)
        asked = Asked(means=Means(code=10_00), key="one", by=cast.OWNER, till=made.till, from_wallet=0)
        codes._made(made, asked, Method.WECHAT)

        ask(made, Means(code=10_00), key="one")

        assert stage(made) == ("paid", "sold")
        assert at_wechat(wechat) == [("SUCCESS", 10_00)]

    def test_the_question_did_not_arrive(self, wechat: Street, till: Till) -> None:
        made = basket(till, 10_00)
        wechat.provider.control("next", faults=["refuse_busy"])

        ask(made, Means(code=10_00))
        assert stage(made) == ("paying", "waiting")
        codes.give_up(basket=made, by=cast.OWNER)

        assert stage(made) == ("open", "over")
        assert at_wechat(wechat) == []

    @pytest.mark.parametrize("outcome", ["", "SYSTEMERROR"])
    def test_the_answer_was_lost_and_it_was_paid(self, wechat: Street, till: Till, outcome: str) -> None:
        made = basket(till, 10_00)
        if outcome:
            wechat.provider.control("outcomes", payments=[outcome])
        else:
            wechat.provider.control("next", faults=["lose_answer"])

        ask(made, Means(code=10_00), key="one")
        assert stage(made) == ("paying", "waiting")
        ask(made, Means(code=10_00), key="one")
        with pytest.raises(BasketIsOver):
            ask(made, Means(code=10_00), key="two")
        codes.look(basket=made, by=cast.OWNER)

        assert stage(made) == ("paid", "sold")
        assert at_wechat(wechat) == [("SUCCESS", 10_00)]

    def test_money_that_comes_after_it_was_given_up_goes_back_and_the_second_way_stays(
        self, wechat: Street, till: Till
    ) -> None:
        made = basket(till, 10_00)
        wechat.provider.control("next", faults=["lose_answer"])
        late = ask(made, Means(code=10_00)).payment
        believing.payment(wechat.account, Told(number=late.number, state=ProviderState.CLOSED))
        paying.pay(basket=made, means=Means(cash=10_00), key=make.key(), by=cast.OWNER, till=made.till)

        Payment.objects.filter(pk=late.pk).update(next_ask_at="2020-01-01T00:00Z")
        heard()
        sent_back()

        assert stage(made) == ("paid", "returned")
        assert taken(made) == [("wallet", 0), ("cash", 10_00)]
        wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE, amount=10_00).count() == 1, "it is back, once")


def test_two_codes_at_once_for_one_basket_ask_one_payer(wechat: Street, till: Till) -> None:
    made = basket(till, 10_00)
    shown = [code() for _each in range(6)]

    def one(each: str) -> str:
        try:
            return str(ask(made, Means(code=10_00), shown=each).state)
        except (BasketPaid, BasketIsOver) as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as crowd:
        done = list(crowd.map(one, shown))

    assert done.count("sold") == 1
    assert at_wechat(wechat) == [("SUCCESS", 10_00)]


def test_a_price_that_changed_meanwhile_sends_the_money_back(wechat: Street, till: Till) -> None:
    made = basket(till, 10_00)
    wechat.provider.control("outcomes", payments=["USERPAYING"])
    ask(made, Means(code=10_00))
    product = made.lines.get().product
    described = products.Described(sku=product.sku, name=product.name, prices=[products.Priced(amount=11_00, currency="CNY")])
    products.change(product=product, described=described, by=cast.OWNER)
    wechat.provider.control("pay", number=Payment.objects.get().number)

    heard()

    assert stage(made) == ("open", "returned")
    assert Payment.objects.get().refunded == 10_00


def test_reconciliation_expects_no_entry_of_the_ledger_for_it(wechat: Street, till: Till) -> None:
    ask(basket(till, 10_00), Means(code=10_00))

    comparing.match(wechat.account)

    movement = Movement.objects.get(number=Payment.objects.get().number)
    assert (movement.needs_booking, movement.ours) == (False, 10_00)
    assert not Case.objects.exists()
