"""What law wants kept apart of what customers paid, against what the custody account holds."""

from datetime import timedelta

import pytest
from django.utils import timezone
from payments.bank import statements

import cast
import shop
from api.program import Program
from chuzhi.core import remembered
from chuzhi.finance import cases, comparing, custody, queries
from chuzhi.finance.models import Case, Day
from chuzhi.finance.rules import Fix, Kind
from chuzhi.organization import stores
from chuzhi.organization.models import Store
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.models import Account
from finance import bringing

pytestmark = pytest.mark.django_db
SHANGHAI = "cn-shanghai"
TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def account(db: None) -> Account:
    made = statements.account(code="custody")
    Account.objects.filter(pk=made.pk).update(custody_pack=SHANGHAI, custody_kind="general")
    return Account.objects.get(pk=made.pk)


@pytest.fixture
def here(store: Store) -> Store:
    """It sold 250,000 yuan and follows Shanghai's rules since: 40 percent of it are to be in custody."""
    shop.top_up(shop.new_wallet(shop.new_programme(bands=[])), 250_000_00, store)
    chosen = stores.choose_pack(store=store, pack=SHANGHAI, by=cast.OWNER)
    remembered.forget_everything()
    return chosen


def follow(store: Store, pack: str) -> None:
    stores.choose_pack(store=store, pack=pack, by=cast.OWNER)
    remembered.forget_everything()


def short() -> list[tuple[str, int]]:
    return list(Case.objects.filter(closed_at=None).values_list("kind", "amount"))


def test_too_little_in_custody_is_one_case_that_ages_until_the_money_is_there(account: Account, here: Store) -> None:
    bringing.balanced(account, TODAY, ("100.00", "60000.00", "南京茶坊有限公司"))
    custody.match(until=TODAY)
    custody.match(until=TODAY)
    case = Case.objects.select_related("movement").get(closed_at=None)
    bringing.balanced(account, TOMORROW, ("40000.00", "100000.00", ""))

    custody.match(until=TOMORROW)

    assert (case.kind, case.amount, case.movement.ours, case.movement.billed) == (
        Kind.CUSTODY_SHORT, 40_000_00, 100_000_00, 60_000_00,
    )  # fmt: skip
    assert case.fix_text
    assert cases.offered(case) == (Fix.WRITE_OFF,)
    assert short() == []
    assert Case.objects.get().closed_by == ""
    assert set(BankLine.objects.values_list("ending", flat=True)) == {BankLine.Ending.CUSTODY}


def test_each_day_has_what_was_wanted_and_what_was_there(account: Account, here: Store) -> None:
    bringing.balanced(account, TODAY, ("1.00", "120000.00", "x"), ("-5000.00", "115000.00", "x"))
    bringing.balanced(account, TOMORROW, ("-35000.00", "80000.00", "x"))

    custody.match(until=TOMORROW)

    told = [(kept.day.on, kept.day.base, kept.day.required, kept.balance, kept.shortfall) for kept in days()]
    assert told == [
        (TOMORROW, 250_000_00, 100_000_00, 80_000_00, 20_000_00),
        (TODAY, 250_000_00, 100_000_00, 115_000_00, 0),
    ]
    assert custody.days(cast.actor("cashier"), SHANGHAI) == []


def test_below_the_warning_line_nothing_is_wanted(account: Account, store: Store) -> None:
    shop.top_up(shop.new_wallet(shop.new_programme(bands=[])), 199_999_99, store)
    follow(store, SHANGHAI)
    bringing.balanced(account, TODAY, ("1.00", "1.00", "x"))

    custody.match(until=TODAY)

    assert [(kept.day.base, kept.day.required) for kept in days()] == [(199_999_99, 0)]
    assert Kind.CUSTODY_SHORT not in dict(short())


def test_another_pack_wants_another_figure_from_the_next_day_on(account: Account, here: Store) -> None:
    custody.match(until=TODAY)

    follow(here, "none")
    custody.match(until=TOMORROW)

    assert [(kept.day.on, kept.day.required) for kept in days()] == [(TOMORROW, 0), (TODAY, 100_000_00)]


def test_without_a_statement_nothing_is_said_to_be_missing(account: Account, here: Store) -> None:
    custody.match(until=TODAY)

    assert [(kept.day.required, kept.balance, kept.shortfall) for kept in days()] == [(100_000_00, None, 0)]
    assert short() == []


def test_custody_is_no_clearing_account_and_keeps_no_day_open(account: Account, here: Store) -> None:
    bringing.balanced(account, TODAY, ("1.00", "1.00", "南京茶坊有限公司"))
    custody.match(until=TODAY)

    comparing.match(account)
    custody.match(until=TODAY)

    assert dict(short()) == {Kind.CUSTODY_SHORT: 99_999_00}
    assert queries.accounts(cast.OWNER, TODAY) == []
    assert not any(queries.movements_of(day).exists() for day in Day.objects.all())


def test_the_page_says_what_is_missing_and_where_it_comes_from(account: Account, here: Store) -> None:
    page = cast.signed_in(cast.person("finance"))
    none_yet = page.get("/console/reconciliation/custody/").content.decode()
    bringing.balanced(account, TODAY, ("100.00", "60000.00", "南京茶坊有限公司"))
    custody.match(until=TODAY)

    shown = page.get("/console/reconciliation/custody/").content.decode()
    told = Program("reconciliation:read").get("/reconciliation/custody").json()["items"]

    assert "The first figure comes tonight" in none_yet
    for part in ("CN¥40,000.00 are missing in custody", "40 percent", "Put into custody by us"):
        assert part in shown
    assert (told[0]["pack"], told[0]["accounts"], told[0]["days"][0]["shortfall"]) == (SHANGHAI, [account.code], 40_000_00)


def test_an_account_is_marked_on_its_page(db: None) -> None:
    made, owner = statements.account(code="icbc"), cast.signed_in(cast.person("administrator"))
    page = f"/console/payments/accounts/{made.pk}/"
    given = {
        "name": "存管户", "priority": 1, "fee_percent": "0", "arrives_within_seconds": 60, "custody": "cn-shanghai/general",
        **{f"own-{name}": text for name, text in statements.FACTS.items()},
    }  # fmt: skip

    owner.post(page, given)
    marked = Account.objects.get(pk=made.pk)
    wrong = owner.post(page, given | {"custody": "cn-shanghai/nobody"})

    assert (marked.custody_pack, marked.custody_kind) == ("cn-shanghai", "general")
    assert wrong.status_code == 422


def days() -> list[custody.Kept]:
    return custody.days(cast.OWNER, SHANGHAI)
