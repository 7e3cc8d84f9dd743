"""Money that is paid and has not cleared is credited and cannot be spent; a dispute takes exactly what is left of it."""

import re
from datetime import timedelta

import make
import pytest
from django.test import Client
from django.utils import timezone
from payments.bank import statements

import cast
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.finance import tasks
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.payments import believing
from chuzhi.payments.gateways.contract import DisputeState, DisputeTold, Scene, State, Told
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Account, Payment
from chuzhi.topups import clearing, orders
from chuzhi.topups.errors import NotHeld
from chuzhi.topups.models import Order, Uncleared
from chuzhi.wallets import queries
from chuzhi.wallets.errors import HoldKept, NotCleared
from chuzhi.wallets.holds import capture
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
SLOW = {"clears": Account.Clears.AFTER_DAYS, "clears_after_days": 5}
SETTLED = {"clears": Account.Clears.SETTLED}


def begun(wallet: Wallet, amount: int, account: Account) -> Payment:
    order = orders.place(wallet=wallet, amount=amount, channel=Order.Channel.WEB, key=make.key(), by=cast.OWNER)
    return orders.pay(order=order, scene=Scene.PAGE, account=account, circumstances=Circumstances(), by=cast.OWNER)


def paid(wallet: Wallet, amount: int = 500_00, **clears: object) -> Order:
    """An order that was paid by direct debit, or the like."""
    payment = begun(wallet, amount, statements.account(**clears))
    told = Told(number=payment.number, state=State.PAID, amount=amount, currency="CNY", paid_at=timezone.now())
    believing.payment(payment.account, told)
    return Order.objects.select_related("wallet").get(pk=payment.subject_id)


def disputed(order: Order) -> None:
    payment = Payment.objects.get(subject_id=order.pk, stage=Payment.Stage.PAID)
    told = DisputeTold(
        number=payment.number, provider_id="", dispute=f"D{payment.pk}", state=DisputeState.OPENED, amount=order.amount,
        currency="CNY",
    )  # fmt: skip
    believing.dispute(payment.account, told)


def test_it_is_credited_and_cannot_be_spent(wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 100_00, store)
    order = paid(wallet, **SLOW)

    balance = queries.balance(wallet)
    assert (balance.principal, balance.bonus, balance.held, balance.available) == (600_00, 80_00, 580_00, 100_00)
    shop.charge(wallet, 100_00, store)
    with pytest.raises(NotCleared) as no:
        shop.charge(wallet, 1, store)
    assert no.value.facts["held"] == 580_00
    held = clearing.of(order)
    assert held is not None
    assert held.until is not None
    assert timedelta(days=4, hours=23) < held.until - timezone.now() <= timedelta(days=5)


def test_by_an_account_that_clears_at_once_nothing_is_held(wallet: Wallet) -> None:
    order = paid(wallet)

    assert queries.balance(wallet).held == 0
    assert not Uncleared.objects.exists()
    assert clearing.of(order) is None


def test_when_its_days_are_over_it_is_free_by_itself(wallet: Wallet) -> None:
    paid(wallet, **SLOW)

    make.post(make.charge_asked(wallet.pk, 580_00, book=wallet.book), now=timezone.now() + timedelta(days=5, minutes=1))

    assert queries.balance(wallet).principal == queries.balance(wallet).held == 0


def test_what_repaid_a_debt_is_not_held_twice(wallet: Wallet, store: Store) -> None:
    first = paid(wallet, 200_00)
    shop.charge(wallet, 150_00, store)
    disputed(first)
    owed = queries.balance(wallet).debt

    paid(wallet, 400_00, **SLOW)

    balance = queries.balance(wallet)
    assert (owed, balance.debt) == (150_00, 0)
    assert balance.held == 50_00 + 250_00
    assert balance.available == 0


def test_a_dispute_on_one_of_five_freezes_exactly_what_is_left_of_it(wallet: Wallet, store: Store) -> None:
    others = [paid(wallet, 100_00, **SLOW) for _each in range(4)]
    order = paid(wallet, 100_00, **SLOW)
    clearing.clear(order=others[0], key="1", by=cast.OWNER)
    shop.charge(wallet, 30_00, store)

    disputed(order)

    balance = queries.balance(wallet)
    assert (balance.held, balance.available, balance.debt) == (400_00, 70_00, 0)
    assert clearing.of(order) is None
    assert [clearing.of(each) is not None for each in others] == [False, True, True, True]


class TestCleared:
    def test_somebody_says_so_once(self, wallet: Wallet, store: Store, finance: Actor) -> None:
        order = paid(wallet, **SETTLED)
        held = clearing.of(order)

        clearing.clear(order=order, key="1", by=finance)
        clearing.clear(order=order, key="1", by=finance)

        assert held is not None
        assert held.until is None
        assert queries.balance(wallet).available == 580_00
        row = Uncleared.objects.get()
        assert (row.cleared_by, row.cleared_at is not None) == (finance.label, True)

    def test_what_is_not_held_cannot_clear(self, wallet: Wallet, finance: Actor) -> None:
        order = paid(wallet, **SETTLED)
        disputed(order)

        with pytest.raises(NotHeld):
            clearing.clear(order=order, key="1", by=finance)
        assert Uncleared.objects.get().cleared_at is None

    def test_a_cashier_does_not_say_so(self, wallet: Wallet, cashier: Actor, manager: Actor) -> None:
        order = paid(wallet, **SETTLED)

        for nobody in (cashier, manager):
            with pytest.raises(NotAllowed):
                clearing.clear(order=order, key="1", by=nobody)
        assert queries.balance(wallet).available == 0

    def test_no_till_takes_it_or_lets_it_go(self, wallet: Wallet, store: Store) -> None:
        paid(wallet, **SETTLED)

        with pytest.raises(HoldKept):
            capture(wallet=wallet, hold=Uncleared.objects.get().hold, amount=1, store=store.pk, key="1", by=cast.OWNER)
        assert queries.balance(wallet).held == 580_00


class TestSettled:
    def test_the_bill_that_names_it_lets_it_go(self, wallet: Wallet) -> None:
        payment = begun(wallet, 500_00, statements.account(**SETTLED))
        statements.take_in(payment.account, statements.row("500.00", statements.reference(payment), "王小明", "S1"))
        waiting = queries.balance(wallet)

        tasks.reconcile()
        tasks.reconcile()

        assert (waiting.held, waiting.available) == (580_00, 0)
        assert queries.balance(wallet).available == 580_00
        assert Uncleared.objects.get().cleared_by == clearing.US.label

    def test_what_is_disputed_meanwhile_stays_frozen(self, wallet: Wallet) -> None:
        order = paid(wallet, **SETTLED)
        number = Payment.objects.get(subject_id=order.pk).number
        disputed(order)

        assert clearing.settled([number]) == 0
        assert clearing.settled([number]) == 0
        assert queries.balance(wallet).held == 580_00


class TestPages:
    def test_staff_see_it_and_say_that_it_has_cleared(self, wallet: Wallet) -> None:
        order, finance = paid(wallet, **SLOW), cast.signed_in(cast.person("finance"))
        page, mine = f"/console/orders/{order.number}/", f"/console/wallets/{wallet.pk}/"

        shown, held = finance.get(page).content.decode(), finance.get(mine).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', shown)
        assert key
        after = finance.post(f"{page}clear/", {"key": key[1]}, follow=True).content.decode()

        assert "580.00 of it is held until the payment has cleared" in shown
        assert "the payment has not cleared yet" in held
        assert "It can be spent now." in after
        assert "is held" not in finance.get(mine).content.decode()
        assert cast.signed_in(cast.person("manager")).post(f"{page}clear/").status_code == 403

    def test_the_payer_reads_when_it_can_be_spent(self, wallet: Wallet) -> None:
        order = paid(wallet, **SLOW)

        page = Client().get(f"/pay/order/{order.number}/").content.decode()

        assert str((timezone.localdate() + timedelta(days=5)).day) in page
        assert any(said in page for said in ("It can be spent from", "起可用"))

    def test_an_account_says_when_its_payments_clear(self) -> None:
        account, owner = statements.account(), cast.signed_in(cast.person("administrator"))
        page = f"/console/payments/accounts/{account.pk}/"
        given = {
            "name": account.name, "priority": "1", "most": "", "fee_percent": "0", "arrives_within_seconds": "60",
            **{f"own-{name}": value for name, value in statements.FACTS.items()},
        }  # fmt: skip

        missing = owner.post(page, given | {"clears": "after_days", "clears_after_days": ""})
        owner.post(page, given | {"clears": "after_days", "clears_after_days": "7"})
        kept = Account.objects.get(pk=account.pk)
        owner.post(page, given | {"clears": "settled", "clears_after_days": "7"})

        assert missing.status_code == 422
        assert (kept.clears, kept.clears_after_days) == (Account.Clears.AFTER_DAYS, 7)
        assert Account.objects.get(pk=account.pk).clears_after_days == 0

    def test_a_program_reads_it_and_says_so(self, wallet: Wallet) -> None:
        order, program = paid(wallet, **SLOW), Program("payments:read", "payments:clear")
        before = program.get(f"/orders/{order.number}").json()["held"]

        cleared = program.post(f"/orders/{order.number}/clear", {})
        again = program.post(f"/orders/{order.number}/clear", {}, key="another")

        assert before["amount"] == 580_00
        assert before["until"] > timezone.now().isoformat()
        assert cleared.json()["held"] is None
        assert again.status_code == 200
