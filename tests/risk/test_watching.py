from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
from chuzhi.customers import profiles
from chuzhi.ledger.chart import Method
from chuzhi.ledger.errors import Frozen
from chuzhi.organization import staff
from chuzhi.organization.models import Store, Till
from chuzhi.risk import cases, rules, thresholds, watching
from chuzhi.risk.models import Case, Noted
from chuzhi.risk.rules import Thresholds, What
from chuzhi.wallets import accounts, funding, gifts, spending
from chuzhi.wallets.models import Programme, Wallet
from risk.watched import CODE, THREE, case_of, only, three_top_ups
from shop import charge, top_up

pytestmark = pytest.mark.django_db


def test_a_hit_raises_a_case_with_its_evidence(wallet: Wallet, store: Store) -> None:
    only()
    three_top_ups(wallet, store)

    watching.follow()

    case = Case.objects.get()
    assert (case.rule, case.subject, case.amount, case.customer, case.store) == (
        CODE,
        str(wallet.pk),
        300_00,
        wallet.customer,
        store,
    )
    assert [each.noted.what for each in case.evidence.all()] == [What.TOP_UP] * 3
    assert case.version == thresholds.in_force()[CODE].version
    assert case.raised_after_seconds < 60


def test_what_goes_on_is_added_to_the_open_case(wallet: Wallet, store: Store) -> None:
    case = case_of(wallet, store)
    top_up(wallet, 50_00, store)

    watching.follow()

    again = Case.objects.get()
    assert (again.pk, again.amount, again.evidence.count()) == (case.pk, 350_00, 4)


def test_read_again_nothing_is_raised_again(wallet: Wallet, store: Store) -> None:
    case_of(wallet, store)

    assert watching.follow() == 0
    assert Noted.objects.count() == 3


def test_after_it_was_judged_it_takes_a_whole_new_one(wallet: Wallet, store: Store, finance: cast.Actor) -> None:
    cases.close(case=case_of(wallet, store), verdict=Case.Verdict.FALSE, remark="a raffle", by=finance)

    top_up(wallet, 100_00, store)
    watching.follow()
    after_one = Case.objects.count()
    top_up(wallet, 100_00, store)
    top_up(wallet, 100_00, store)
    watching.follow()

    assert after_one == 1
    assert Case.objects.filter(closed_at=None).count() == 1


def test_history_is_known_and_raises_nothing(wallet: Wallet, store: Store) -> None:
    only()
    for _each in range(3):
        top_up(wallet, 100_00, store, effective_at=timezone.now() - timedelta(days=3))

    watching.follow()

    assert Noted.objects.count() == 3
    assert not Case.objects.exists()
    assert thresholds.preview(CODE, THREE) == 1


def test_refusals_and_openings_are_no_acts(wallet: Wallet, store: Store) -> None:
    top_up(wallet, 100_00, store)
    accounts.freeze(wallet=wallet, reason="lost", key="f", by=cast.OWNER)
    with pytest.raises(Frozen):
        charge(wallet, 1_00, store)

    watching.follow()

    assert [each.what for each in Noted.objects.all()] == [What.TOP_UP]


def test_what_was_done_is_read_with_who_did_it_where(wallet: Wallet, store: Store, till: Till, manager: cast.Actor) -> None:
    sold = funding.top_up(wallet=wallet, amount=500_00, method=Method.CASH, store=store.pk, till=till.pk, key="1", by=manager)
    spent = charge(wallet, 100_00, store, manager, till=till.pk)
    spending.refund(wallet=wallet, charge=spent.seq, amount=40_00, reason="cold", key="2", by=manager)
    gifts.give(wallet=wallet, amount=5_00, cause="complaint", ticket="T1", key="3", by=manager)
    funding.refund_top_up(wallet=wallet, top_up=sold.seq, method=Method.CASH, reason="asked", key="4", by=manager, amount=10_00)

    watching.follow()

    told = [(each.what, each.amount, each.staff, each.till) for each in Noted.objects.order_by("seq")]
    assert told == [
        (What.TOP_UP, 500_00, manager.label, till.pk),
        (What.CHARGE, 100_00, manager.label, till.pk),
        (What.REFUND, 40_00, manager.label, None),
        (What.GIFT, 5_00, manager.label, None),
        (What.PAID_BACK, 10_00, manager.label, None),
    ]


def test_staff_with_the_address_of_the_holder_serve_themselves(programme: Programme, store: Store) -> None:
    person = cast.person("cashier")
    staff.be_reached_at(staff=person, email="li@shop.example", by=cast.OWNER)
    customer = profiles.register(by=cast.OWNER, name="李雷", email="Li@shop.example")
    own = accounts.open_wallet(programme=programme, customer=customer, key=make.key(), by=cast.OWNER)
    only("for_oneself", Thresholds(minutes=60, count=1))

    top_up(own, 100_00, store, staff.actor_of(person))
    watching.follow()

    case = Case.objects.get()
    assert (case.kind, case.subject) == ("staff", f"staff:{person.pk}")


def test_books_read_one_after_the_other_make_one_case(programme: Programme, store: Store, manager: cast.Actor) -> None:
    only("top_ups_by_staff")
    wallets = [accounts.open_wallet(programme=programme, key=make.key(), by=cast.OWNER) for _each in range(3)]
    assert len({wallet.book for wallet in wallets}) > 1
    for wallet in reversed(wallets):
        top_up(wallet, 10_00, store, manager)

    watching.follow()

    assert Case.objects.get().evidence.count() == 3


def test_a_rule_that_is_off_raises_nothing(wallet: Wallet, store: Store) -> None:
    only()
    thresholds.change(code=CODE, limits=THREE, is_on=False, action="", by=cast.OWNER)
    three_top_ups(wallet, store)

    watching.follow()

    assert not Case.objects.exists()


def test_old_acts_are_forgotten_and_evidence_is_not(wallet: Wallet, store: Store) -> None:
    case = case_of(wallet, store)
    charge(wallet, 1_00, store)
    watching.follow()
    Noted.objects.update(at=timezone.now() - rules.KEPT - timedelta(days=1))

    watching.forget_old()

    assert Noted.objects.count() == case.evidence.count() == 3
