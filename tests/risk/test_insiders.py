"""What colleagues do, through the real commands: read, raised, and kept from those it is about."""

from datetime import timedelta

import make
import pytest
from django.utils import timezone

import cast
from api.program import Program
from chuzhi.core import audit
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.ledger.chart import Method
from chuzhi.organization import keys, staff
from chuzhi.organization.models import Store
from chuzhi.risk import cases, queries, watching
from chuzhi.risk.errors import AboutYou
from chuzhi.risk.models import Case, Noted
from chuzhi.risk.rules import Thresholds, What
from chuzhi.wallets import adjustments, funding, gifts
from chuzhi.wallets.models import Wallet
from risk.watched import only
from shop import new_customer, top_up

pytestmark = pytest.mark.django_db
ONCE = Thresholds(minutes=1440, count=1)


def reveal(by: cast.Actor, times: int = 1) -> None:
    for _each in range(times):
        profiles.reveal_phone(customer=new_customer(), by=by, reason="call back")


def wrote(action: str, subject: str, by: cast.Actor, ago: timedelta) -> None:
    """A line of the log whose transaction began so long ago."""
    AuditEntry.objects.create(action=action, subject=subject, actor=by.label, at=timezone.now() - ago)


def correct(wallet: Wallet, by: cast.Actor, reason: str = "算错了", evidence: str = "工单 88", amount: int = 10_00) -> None:
    adjustments.give(wallet=wallet, amount=amount, reason=reason, evidence=evidence, key=make.key(), by=by)


def test_a_correction_that_says_nothing_makes_a_case(wallet: Wallet, finance: cast.Actor) -> None:
    only("without_reason", ONCE)
    correct(wallet, finance)
    watching.follow()
    assert not Case.objects.exists()

    correct(wallet, finance, evidence="...")
    watching.follow()

    assert (Case.objects.get().subject, Case.objects.get().kind) == (finance.label, "staff")


def test_what_an_act_is_known_by(wallet: Wallet, store: Store, finance: cast.Actor, manager: cast.Actor) -> None:
    sold = top_up(wallet, 300_00, store, manager)
    funding.refund_top_up(
        wallet=wallet, top_up=sold.seq, method=Method.CASH, reason="asked", key=make.key(), by=manager, amount=10_00
    )
    correct(wallet, finance)
    adjustments.take(wallet=wallet, amount=5_00, reason="多给了", evidence="工单 89", key=make.key(), by=finance)
    gifts.give(wallet=wallet, amount=5_00, cause="complaint", ticket="T-71", key=make.key(), by=manager)

    watching.follow()

    told = [(each.what, each.is_cash, each.says_why, each.alone) for each in Noted.objects.order_by("seq")]
    assert told == [
        (What.TOP_UP, True, True, None),
        (What.PAID_BACK, True, True, None),
        (What.GIFT, False, True, 1000_00),
        (What.TAKEN, False, True, 1000_00),
        (What.GIFT, False, True, 200_00),
    ]


def test_one_correction_cut_in_two(wallet: Wallet, finance: cast.Actor) -> None:
    only("just_below", Thresholds(minutes=60, count=9))
    correct(wallet, finance, amount=600_00)
    correct(wallet, finance, amount=300_00)
    watching.follow()
    assert not Case.objects.exists()

    correct(wallet, finance, amount=200_00)
    watching.follow()

    assert Case.objects.get().evidence.count() == 3


def test_looks_become_a_case_with_the_customers_that_were_looked_at(manager: cast.Actor) -> None:
    only("unusual_looks", Thresholds(minutes=14 * 1440, count=3))
    reveal(manager, 2)
    watching.follow()
    assert not Case.objects.exists()

    reveal(manager)
    assert watching.follow() == 1
    assert watching.follow() == 0

    case = Case.objects.get()
    assert (case.subject, case.amount, case.evidence.count()) == (manager.label, 0, 3)
    assert case.raised_after_seconds < 60
    assert all(noted.customer_id and noted.wallet is None for noted in queries.evidence(case))


def test_looks_of_long_ago_are_known_and_raise_nothing(manager: cast.Actor) -> None:
    only("exports", ONCE)
    wrote("audit.exported", "audit:log", manager, timedelta(hours=25))
    watching.follow()
    assert not Case.objects.exists()

    audit.record("customers.exported", "list:customers", by=manager)
    watching.follow()

    assert Case.objects.get().evidence.get().noted.what == What.EXPORT


def test_what_is_written_late_is_still_read(manager: cast.Actor) -> None:
    reveal(manager)
    watching.follow()
    wrote("customer.phone_revealed", "customer:7", manager, timedelta(minutes=2))

    assert watching.follow() == 1


def test_nobody_sees_or_closes_a_case_about_themselves(wallet: Wallet, finance: cast.Actor) -> None:
    only("without_reason", ONCE)
    correct(wallet, finance, evidence="...")
    watching.follow()
    case, colleague = Case.objects.get(), cast.actor("finance")

    assert list(queries.visible_to(finance)) == []
    assert list(queries.visible_to(colleague)) == [case]
    with pytest.raises(AboutYou):
        cases.close(case=case, verdict=Case.Verdict.FALSE, remark="nothing", by=finance)


def test_nor_through_a_key_of_theirs(wallet: Wallet, store: Store) -> None:
    person = cast.person("administrator")
    owner = staff.actor_of(person)
    _key, secret = keys.create(name="mine", scopes=["risk:read"], store=None, by=owner)
    only("without_reason", ONCE)
    correct(wallet, owner, evidence="...")
    watching.follow()
    program = Program("risk:read")
    assert len(program.get("/risk-cases").json()["items"]) == 1

    program.secret = secret

    assert program.get("/risk-cases").json()["items"] == []
    assert cast.signed_in(person).get(f"/console/risk/cases/{Case.objects.get().pk}/").status_code == 404


def test_a_case_of_looks_on_its_page_and_for_programs(manager: cast.Actor) -> None:
    only("unusual_looks", Thresholds(minutes=1440, count=1))
    reveal(manager)
    watching.follow()
    case = Case.objects.get()

    page = cast.signed_in(cast.person("finance")).get(f"/console/risk/cases/{case.pk}/").content.decode()
    [told] = Program("risk:read").get(f"/risk-cases/{case.pk}").json()["evidence"]

    assert "Look at personal data" in page
    assert f"/console/customers/{case.customer_id}/" in page
    assert (told["what"], told["operation"], told["wallet"], told["customer"]) == ("look", None, None, str(case.customer_id))
