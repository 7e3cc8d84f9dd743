"""A balance is asked back through the real commands: held, decided by another person, paid to the cent."""

from datetime import timedelta

import make
import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind, Method
from chuzhi.ledger.proof import verification
from chuzhi.organization import stores
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.refunds import calculating, requests
from chuzhi.refunds.calculating import Circumstances
from chuzhi.refunds.errors import (
    DocumentMissing,
    FiguresChanged,
    NothingOwed,
    RequestDecided,
    SecondPersonNeeded,
    WordsMissing,
)
from chuzhi.refunds.models import RefundRequest
from chuzhi.refunds.rules import Cause, Step
from chuzhi.wallets import funding, holds, programmes, queries, spending, transfers
from chuzhi.wallets.errors import HeldForRefund, HoldOfRefund
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db

MERCHANT = Circumstances(cause=Cause.MERCHANT)
CONTRACT = ("contract.pdf", b"%PDF-1.7 contract")


@pytest.fixture
def golden(store: Store) -> Wallet:
    """3000 paid a month ago, 1000 given, 3594 spent."""
    stores.choose_pack(store=store, pack="cn-national", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme(bands=[(3000_00, 1000_00)]))
    shop.top_up(wallet, 3000_00, store, effective_at=timezone.now() - timedelta(days=30))
    shop.charge(wallet, 3594_00, store)
    return wallet


def filed(wallet: Wallet, by: Actor, said: Circumstances = MERCHANT, **more: object) -> RefundRequest:
    values: dict[str, object] = {"reason": "the shop moves", "method": "cash", "files": [CONTRACT], "key": make.key()} | more
    return requests.ask(wallet=wallet, said=said, by=by, **values)  # type: ignore[arg-type]  # any request a test asks for


def test_the_worked_example_from_the_ledger_s_own_figures(golden: Wallet) -> None:
    found = calculating.calculate(golden, MERCHANT)

    (part,) = found.parts
    assert (found.amount, found.currency, part.terms, part.pack.id) == (304_50, "CNY", 1, "cn-national")
    assert [(line.step, line.amount) for line in part.owed.lines] == [
        (Step.PAID, 3000_00), (Step.SPENT_IN_PROPORTION, -2695_50),
    ]  # fmt: skip


def test_filing_holds_the_value_and_says_so_to_who_wants_to_spend_it(golden: Wallet, store: Store, cashier: Actor) -> None:
    request = filed(golden, cashier)

    assert (request.amount, request.status, request.asked_by) == (304_50, "asked", cashier.label)
    assert queries.balance(golden) == Balance(0, 406_00, held=406_00)
    with pytest.raises(HeldForRefund) as no:
        shop.charge(golden, 1_00, store)
    assert (no.value.code, no.value.facts["held"]) == ("wallet.held_for_refund", 406_00)
    assert AuditEntry.objects.get(action="refund.asked").facts["amount"] == 304_50


def test_approved_by_another_and_paid_it_is_gone_to_the_cent(golden: Wallet, cashier: Actor, finance: Actor) -> None:
    request = requests.approve(request=filed(golden, cashier), reason="moves in May", by=finance)

    paid = requests.pay(request=request, method="cash", reference="slip 12", by=finance)

    assert (paid.status, paid.paid_with, paid.reference) == ("paid", "cash", "slip 12")
    assert queries.balance(golden) == Balance()
    refund = queries.entries(golden)[0]
    assert (refund.outcome.kind, refund.outcome.amount) == (Kind.TOP_UP_REFUND, 304_50)
    assert [leg.amount for leg in refund.outcome.legs] == [-304_50, -101_50]


def test_paying_twice_pays_once(golden: Wallet, cashier: Actor, finance: Actor) -> None:
    request = requests.approve(request=filed(golden, cashier), reason="fine", by=finance)

    for _twice in range(2):
        requests.pay(request=request, method="cash", reference="slip 12", by=finance)

    kinds = [entry.outcome.kind for entry in queries.entries(golden)]
    assert kinds.count(Kind.TOP_UP_REFUND) == 1


def test_asking_twice_with_one_key_files_one(golden: Wallet, cashier: Actor) -> None:
    first, again = (filed(golden, cashier, key="one") for _twice in range(2))

    assert first == again
    assert RefundRequest.objects.count() == 1


def test_refused_or_withdrawn_it_can_be_spent_again(golden: Wallet, store: Store, cashier: Actor, finance: Actor) -> None:
    requests.refuse(request=filed(golden, cashier), reason="not so", by=finance)
    assert queries.balance(golden) == Balance(0, 406_00)

    requests.withdraw(request=filed(golden, cashier), by=cashier)
    shop.charge(golden, 406_00, store)

    assert queries.balance(golden) == Balance()


def test_an_approved_one_can_be_withdrawn_until_it_is_paid(golden: Wallet, cashier: Actor, finance: Actor) -> None:
    request = requests.approve(request=filed(golden, cashier), reason="fine", by=finance)

    requests.withdraw(request=request, by=cashier)

    assert queries.balance(golden) == Balance(0, 406_00)
    with pytest.raises(RequestDecided):
        requests.pay(request=request, method="cash", reference="slip", by=finance)


def test_who_asked_cannot_decide(golden: Wallet, manager: Actor) -> None:
    request = filed(golden, manager)

    for decide in (requests.approve, requests.refuse):
        with pytest.raises(SecondPersonNeeded):
            decide(request=request, reason="me", by=manager)

    assert queries.balance(golden).held == 406_00
    with pytest.raises(IntegrityError, match="refund_needs_two_people"):
        RefundRequest.objects.update(status="approved", decided_by=manager.label)


def test_what_is_held_for_it_is_not_for_the_till(golden: Wallet, store: Store, cashier: Actor) -> None:
    request = filed(golden, cashier)
    assert request.hold

    with pytest.raises(HoldOfRefund):
        holds.release(wallet=golden, hold=request.hold, key=make.key(), by=cashier)
    with pytest.raises(HoldOfRefund):
        holds.capture(wallet=golden, hold=request.hold, amount=1, store=store.pk, key=make.key(), by=cashier)

    assert queries.balance(golden).held == 406_00


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"reason": " "}, WordsMissing),
        ({"files": []}, DocumentMissing),
        ({"method": "shells"}, WordsMissing),
        ({"method": "bank"}, WordsMissing),
        ({"expected": 304_51}, FiguresChanged),
        ({"said": Circumstances(cause=Cause.CUSTOMER, had_it_before=True)}, NothingOwed),
    ],
)
def test_what_is_not_whole_changes_nothing(
    golden: Wallet, cashier: Actor, wrong: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        filed(golden, cashier, **wrong)  # type: ignore[arg-type]  # wrong on purpose

    assert not RefundRequest.objects.exists()
    assert queries.balance(golden) == Balance(0, 406_00)


def test_each_step_needs_its_permission(golden: Wallet, cashier: Actor, finance: Actor, auditor: Actor) -> None:
    with pytest.raises(NotAllowed):
        filed(golden, finance)
    request = filed(golden, cashier)
    with pytest.raises(NotAllowed):
        requests.approve(request=request, reason="x", by=auditor)
    requests.approve(request=request, reason="fine", by=finance)
    with pytest.raises(NotAllowed):
        requests.pay(request=request, method="cash", reference="x", by=cashier)


def test_several_top_ups_each_under_the_pack_of_its_store(store: Store, cashier: Actor, finance: Actor) -> None:
    here, there = (cast.store() for _each in range(2))
    stores.choose_pack(store=here, pack="cn-beijing", by=cast.OWNER)
    wallet = shop.new_wallet(shop.new_programme(bands=[(500_00, 100_00)]))
    shop.top_up(wallet, 500_00, here)
    shop.top_up(wallet, 500_00, there)
    shop.charge(wallet, 300_00, here)

    found = calculating.calculate(wallet, Circumstances(had_it_before=True))
    request = filed(wallet, cashier, Circumstances(had_it_before=True))

    assert [(part.pack.id, part.owed.amount) for part in found.parts] == [("none", 500_00), ("cn-beijing", 200_00)]
    assert request.due_on == timezone.localdate() + timedelta(days=5)
    requests.approve(request=request, reason="fine", by=finance)
    requests.pay(request=request, method="bank", reference="bank 7", by=finance)
    assert queries.balance(wallet) == Balance()
    assert sorted(leg.amount for entry in queries.entries(wallet)[:2] for leg in entry.outcome.legs) == [
        -500_00, -200_00, -100_00, -100_00,
    ]  # fmt: skip


def test_one_top_up_alone_leaves_the_other_to_spend(wallet: Wallet, store: Store, cashier: Actor) -> None:
    first = shop.top_up(wallet, 500_00, store)
    shop.top_up(wallet, 500_00, store)

    request = filed(wallet, cashier, Circumstances(top_ups=frozenset({first.seq})))

    assert request.amount == 500_00
    assert queries.balance(wallet) == Balance(1000_00, 160_00, held=580_00)


def test_a_ledger_refund_before_is_deducted(wallet: Wallet, store: Store) -> None:
    sold = shop.top_up(wallet, 1000_00, store)
    funding.refund_top_up(
        wallet=wallet, top_up=sold.seq, amount=400_00, method=Method.CASH, reason="part", key="r", by=cast.OWNER
    )

    (part,) = calculating.calculate(wallet, MERCHANT).parts

    assert (part.purchase.given_back, part.owed.amount) == (400_00, 600_00)


def test_a_charge_that_came_back_was_not_spent(golden: Wallet, store: Store) -> None:
    charge = next(entry for entry in queries.entries(golden) if entry.outcome.kind is Kind.CHARGE)
    spending.refund(
        wallet=golden, charge=charge.outcome.seq, amount=594_00, reason="returned", key="b", by=cast.OWNER, store=store.pk
    )

    assert calculating.calculate(golden, MERCHANT).amount == 750_00


def test_value_that_was_moved_in_is_not_paid_here(wallet: Wallet, store: Store) -> None:
    giver = shop.new_wallet(wallet.programme)
    shop.top_up(giver, 200_00, store)
    transfers.send(wallet=giver, to=wallet, amount=50_00, reason="gift", key="t", by=cast.OWNER)

    found, left = calculating.calculate(wallet, MERCHANT), calculating.calculate(giver, MERCHANT)

    assert (found.amount, found.other) == (0, 50_00)
    assert left.amount == 150_00


def test_visits_are_paid_at_what_each_was_bought_for(store: Store, cashier: Actor, finance: Actor) -> None:
    wallet = shop.new_wallet(shop.new_programme(asset="VISITS:haircut", bands=[(10, 2)]))
    shop.top_up(wallet, 10, store)
    shop.charge(wallet, 3, store)
    said = Circumstances(cause=Cause.MERCHANT, unit_price=50_00, list_price=60_00)

    request = filed(wallet, cashier, said)
    requests.approve(request=request, reason="fine", by=finance)
    requests.pay(request=request, method="cash", reference="slip", by=finance)

    assert (request.amount, request.currency) == (375_00, "CNY")
    assert queries.balance(wallet) == Balance()


def test_a_time_card_is_paid_for_the_days_that_remain(store: Store) -> None:
    programme = shop.new_programme(asset="VISITS:gym", principal_valid_days=99)
    wallet = shop.new_wallet(programme)
    shop.top_up(wallet, 30, store)

    found = calculating.calculate(wallet, Circumstances(unit_price=10_00, is_time_card=True, cause=Cause.MERCHANT))

    assert found.amount == 300_00, "no day is over"
    assert found.parts[0].purchase.days == 100


def test_the_terms_that_were_accepted_are_told(golden: Wallet, cashier: Actor) -> None:
    programmes.revise(programme=golden.programme, by=cast.OWNER)

    request = filed(golden, cashier)

    part = request.parts.get()
    assert (part.terms, part.pack, part.amount, part.units) == (1, "cn-national", 304_50, 406_00)
    assert part.lines[1][:3] == ["spent_in_proportion", -2695_50, "cn.refund.merchant"]


def test_overdue_is_seen(golden: Wallet, cashier: Actor, finance: Actor) -> None:
    request = filed(golden, cashier)
    assert not request.is_overdue

    RefundRequest.objects.update(due_on=timezone.localdate() - timedelta(days=1))

    request.refresh_from_db()
    assert request.is_overdue
    assert not requests.refuse(request=request, reason="no", by=finance).is_overdue


def test_the_books_are_in_order_afterwards(golden: Wallet, cashier: Actor, finance: Actor) -> None:
    request = requests.approve(request=filed(golden, cashier), reason="fine", by=finance)
    requests.pay(request=request, method="cash", reference="slip", by=finance)

    assert verification.verify(connection.connection, deep=True).findings == []
    assert journal.kept(golden.book, golden.pk) == []
