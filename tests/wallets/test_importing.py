from datetime import date, timedelta

import make
import pytest
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.customers import importing as files
from chuzhi.customers import profiles, sheets
from chuzhi.customers.importing import Plan
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.ledger.chart import OPENING, Bucket
from chuzhi.ledger.models import Operation, SystemTotal
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, cards, importing, intake_steps, queries, reversing, spending
from chuzhi.wallets.errors import ImportOfAnotherCurrency
from chuzhi.wallets.importing import Totals
from chuzhi.wallets.models import Card, Opening, Programme, Wallet
from chuzhi.wallets.moves import Balance
from customers.checked import kept

TODAY = date(2026, 5, 1)
FILE = """姓名,手机,卡号,本金,赠送金,充值日期,赠送金到期日
王小明,13800000001,OLD-1,500.00,80.00,2025-01-31,2099-12-31
李雷,13800000002,,12.34,,,
韩梅梅,13800000003,OLD-3,,20,,
张三,13800000004,,,,,
"""


def read(text: str = FILE, currency: str = "CNY") -> Plan:
    return files.plan(sheets.read(text.encode()), currency=currency, today=TODAY, card_holders=importing.card_holders)


def take_in(programme: Programme, by: Actor, text: str = FILE) -> tuple[ImportBatch, Totals]:
    plan = read(text)
    batch = kept(plan, by)
    importing.begin(batch=batch, plan=plan, programme=programme, by=by)
    return batch, importing.post(batch=batch)


def holder(name: str) -> Wallet:
    return Wallet.objects.get(customer=Customer.objects.get(name=name))


def in_openings() -> int:
    return sum(SystemTotal.objects.filter(account=OPENING).values_list("total", flat=True))


def test_a_file_becomes_customers_wallets_cards_and_lots_with_their_dates(programme: Programme, finance: Actor) -> None:
    _batch, brought = take_in(programme, finance)

    assert brought == Totals(lots=4, principal=512_34, bonus=100_00)
    paid, given = queries.lots(holder("王小明"))
    assert timezone.localdate(paid.granted_at) == date(2025, 1, 31)
    assert given.expires_at is not None
    assert timezone.localdate(given.expires_at) == date(2100, 1, 1)
    assert queries.by_card("ＯＬＤ-1", finance) == holder("王小明")
    assert [queries.balance(holder(name)) for name in ("李雷", "韩梅梅")] == [Balance(12_34), Balance(0, 20_00)]
    assert not Wallet.objects.filter(customer__name="张三").exists()
    assert in_openings() == -612_34


SEVERAL = """姓名,手机,卡号,本金,赠送金,充值日期
王小明,13800000001,GIFT-1,100.00,,2025-01-31
王小明,13800000001,GIFT-2,200.00,50,2025-02-28
李雷,13800000002,GIFT-3,7.00,,
王小明,13800000001,GIFT-3,1.00,,
"""


def test_gift_cards_of_one_holder_are_lots_of_one_wallet(programme: Programme, finance: Actor) -> None:
    batch, brought = take_in(programme, finance, SEVERAL)

    assert (brought, batch.further, batch.new, batch.refused) == (Totals(lots=4, principal=307_00, bonus=50_00), 1, 2, 1)
    wallet = holder("王小明")
    assert {queries.by_card(number, finance) for number in ("GIFT-1", "GIFT-2")} == {wallet}
    paid = {lot.amount: timezone.localdate(lot.granted_at) for lot in queries.lots(wallet) if lot.bucket == Bucket.PRINCIPAL}
    assert paid == {100_00: date(2025, 1, 31), 200_00: date(2025, 2, 28)}

    back = reversing.reverse(batch=batch, by=finance)

    assert (back.principal, back.bonus, back.staying) == (307_00, 50_00, frozenset())
    assert in_openings() == 0


def test_who_spent_from_several_balances_keeps_them_all(programme: Programme, finance: Actor, store: Store) -> None:
    batch, _brought = take_in(programme, finance, SEVERAL)
    wallet = holder("王小明")
    spending.charge(wallet=wallet, amount=10_00, store=store.pk, key=make.key(), by=cast.OWNER)

    back = reversing.reverse(batch=batch, by=finance)

    assert (back.principal, back.staying) == (7_00, frozenset({wallet.customer_id}))
    assert queries.balance(wallet).available == 340_00


def test_a_further_balance_of_somebody_here_joins_theirs(programme: Programme, finance: Actor) -> None:
    profiles.register(name="王小明", phone="13800000001", by=finance)

    batch, brought = take_in(programme, finance, SEVERAL)

    assert (batch.new, batch.updated, batch.further, brought.principal) == (1, 1, 1, 307_00)
    assert queries.balance(holder("王小明")).available == 350_00


def test_what_the_old_system_gave_no_end_to_is_good_from_today(programme: Programme, finance: Actor) -> None:
    take_in(programme, finance)

    (given,) = queries.lots(holder("韩梅梅"))

    assert given.expires_at is not None
    assert given.expires_at > timezone.now() + timedelta(days=365)


def test_an_interrupted_import_goes_on_where_it_stopped(programme: Programme, finance: Actor) -> None:
    plan = read()
    batch = kept(plan, finance)
    importing.begin(batch=batch, plan=plan, programme=programme, by=finance)
    assert importing.totals(batch) == Totals(0, 0, 0)

    intake_steps.go_on(batch.pk)

    assert importing.post(batch=batch) == Totals(lots=4, principal=512_34, bonus=100_00)
    assert Operation.objects.filter(actor=f"import:{batch.pk}").count() == 3


def test_an_import_adds_to_the_wallet_that_is_there(programme: Programme, store: Store, finance: Actor) -> None:
    take_in(programme, finance)
    more = "姓名,卡号,本金\n王小明,OLD-1,1.00\n"

    take_in(programme, finance, more)

    assert queries.balance(holder("王小明")) == Balance(501_00, 80_00)


def test_a_file_in_another_currency_changes_nothing(programme: Programme, finance: Actor) -> None:
    plan = read(currency="HKD")
    batch = kept(plan, finance)

    with pytest.raises(ImportOfAnotherCurrency):
        importing.begin(batch=batch, plan=plan, programme=programme, by=finance)

    assert not Customer.objects.exists()


class TestCardsAlone:
    """A file of customers who are here, with the numbers of cards that they are handed."""

    CARDS = "手机,卡号\n13800000002,NEW-2\n13800000001,OLD-1\n"

    def test_each_gets_the_number_and_nothing_else_happens(self, programme: Programme, finance: Actor) -> None:
        take_in(programme, finance)
        plan = read(self.CARDS)

        assert ([one.row.line for one in plan.updates], len(plan.skipped), len(plan.with_cards())) == ([2], 1, 1)
        batch, brought = take_in(programme, finance, self.CARDS)
        assert (batch.cards, brought) == (1, Totals(0, 0, 0))
        assert queries.by_card("NEW-2", finance) == holder("李雷")
        assert Card.objects.filter(wallet=holder("王小明")).count() == 1
        assert not read(self.CARDS).updates, "the second time there is nothing to do"

    def test_who_has_no_wallet_gets_one(self, programme: Programme, finance: Actor) -> None:
        take_in(programme, finance)

        take_in(programme, finance, "手机,卡号\n13800000004,NEW-4\n")

        assert queries.by_card("NEW-4", finance) == holder("张三")

    def test_numbers_that_are_somebody_elses_or_a_bearers_are_refused(
        self, programme: Programme, finance: Actor, cashier: Actor
    ) -> None:
        take_in(programme, finance)
        bearer = accounts.open_wallet(programme=programme, customer=None, key=make.key(), by=cashier)
        taken = cards.issue(wallet=bearer, key=make.key(), by=cashier)

        plan = read(f"手机,卡号\n13800000002,OLD-1\n13800000003,{taken.number}\n13899999999,{taken.number}9\n")

        assert [reasons[0][1].code for one in plan.rejected for reasons in [one.reasons]] == [
            "import.keys_disagree", "import.card_taken", "import.name_missing",
        ]  # fmt: skip

    def test_given_back_the_number_finds_nothing_unless_its_wallet_was_used_since(
        self, programme: Programme, store: Store, finance: Actor, cashier: Actor
    ) -> None:
        take_in(programme, finance)
        batch, _brought = take_in(programme, finance, "手机,卡号\n13800000001,NEW-1\n13800000002,NEW-2\n")
        spending.charge(wallet=holder("王小明"), amount=1_00, store=store.pk, key=make.key(), by=cashier)

        back = reversing.reverse(batch=batch, by=finance)

        assert back.staying == {holder("王小明").customer_id}
        assert dict(Card.objects.filter(brought_by=batch).values_list("number", "status")) == {
            "NEW-1": "active",
            "NEW-2": "dead",
        }
        assert queries.by_card("OLD-1", finance) == holder("王小明")
        assert queries.balance(holder("李雷")) == Balance(12_34)


def test_an_import_is_given_back_whole(programme: Programme, finance: Actor) -> None:
    batch, _brought = take_in(programme, finance)

    back = reversing.reverse(batch=batch, by=finance)

    assert (back.principal, back.bonus, back.staying) == (512_34, 100_00, frozenset())
    assert in_openings() == 0
    assert not Customer.objects.filter(withdrawn_at=None).exists()
    assert not Card.objects.filter(status=Card.Status.ACTIVE).exists()
    reversals = Operation.objects.filter(ref_seq__isnull=False).values_list("book", "ref_seq")
    assert set(reversals) == set(Opening.objects.values_list("book", "seq"))


def test_who_has_spent_since_stays_and_is_named(programme: Programme, store: Store, finance: Actor, cashier: Actor) -> None:
    batch, _brought = take_in(programme, finance)
    wallet = holder("王小明")
    spending.charge(wallet=wallet, amount=1_00, store=store.pk, key=make.key(), by=cashier)

    back = reversing.reverse(batch=batch, by=finance)

    assert back.staying == {wallet.customer_id}
    assert (back.principal, back.bonus) == (12_34, 20_00)
    assert queries.balance(wallet) == Balance(499_00, 80_00)
    assert queries.by_card("OLD-1", cashier) == wallet


def test_who_bought_since_stays_even_if_the_file_brought_them_nothing(
    programme: Programme, store: Store, finance: Actor
) -> None:
    batch, _brought = take_in(programme, finance)
    customer = Customer.objects.get(name="张三")
    wallet = shop.new_wallet(programme, customer)
    shop.top_up(wallet, 10_00, store)
    shop.charge(wallet, 10_00, store)

    assert reversing.reverse(batch=batch, by=finance).staying == {customer.pk}


def test_a_cashier_imports_and_reverses_nothing(programme: Programme, cashier: Actor, finance: Actor) -> None:
    with pytest.raises(NotAllowed):
        take_in(programme, cashier)
    batch, _brought = take_in(programme, finance)
    with pytest.raises(NotAllowed):
        reversing.reverse(batch=batch, by=cashier)
