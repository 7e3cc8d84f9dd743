"""A day's settlement file of card terminals with twelve things wrong with it: the acquirer is another process."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from payments.bank import statements
from payments.gateways.standing_in import StandIn, standing_in

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.finance import cases, comparing, following, payouts, queries, settlements
from chuzhi.finance.models import Case, Day, Line, Movement, SettlementFile
from chuzhi.finance.rules import Fix, Kind, Way
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments import accounts
from chuzhi.payments.counter.slips import Slip
from chuzhi.payments.counter.tenders import Tender
from chuzhi.payments.models import Account
from chuzhi.till import returns, sales
from chuzhi.wallets.models import Wallet
from finance.bringing import row

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
A_DAY_SECONDS = 24 * 3600
PLANTED = {"missing": 2, "extra": 2, "late": 2, "amount": 2, "fee": 2, "double": 2}


@pytest.fixture
def acquirer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("acquirer", tmp_path_factory.mktemp("acquirer")) as running:
        yield running


@pytest.fixture
def account(acquirer: StandIn) -> Account:
    configuration = {name: text for name, text in acquirer.account.items() if name != "address"}
    return accounts.open_account(
        code="chinaums", name="Card terminal", gateway="terminal", method=Method.TERMINAL, currency="CNY",
        configuration=configuration, fee_rate=60, by=cast.OWNER,
    )  # fmt: skip


def swiped(acquirer: StandIn, amount: int, *, number: str = "trace") -> Slip:
    """A card is taken at the terminal; the cashier types one of the numbers of its slip."""
    told = acquirer.control("take", amount=amount)
    return Slip(terminal=told["terminal"], number=told[number])


def sell(acquirer: StandIn, wallet: Wallet, store: Store, count: int = 1, *, number: str = "trace") -> list[Slip]:
    sold = []
    for place in range(count):
        amount = 100_00 + place * 1_00
        sold.append(swiped(acquirer, amount, number=number))
        shop.top_up(wallet, amount, store, method=Method.TERMINAL, slip=sold[-1])
    return sold


def bring(acquirer: StandIn, account: Account, *, after: int = 0, form: str = "gb") -> SettlementFile:
    """The file of today, or of so many days after it."""
    on = timezone.localdate() + after * A_DAY
    content = httpx.get(f"{acquirer.address}/settlements/{form}", params={"first": str(on), "last": str(on)}).content
    return settlements.take_in(account=account, content=content, file_name=f"{on}.csv", by=cast.OWNER)[0]


def refused(code: str, account: Account, content: str) -> None:
    with pytest.raises(Refused) as no:
        settlements.take_in(account=account, content=content.encode(), file_name="a.csv", by=cast.OWNER)
    assert no.value.code == code


def still_open() -> Counter[str]:
    return Counter(Case.objects.filter(closed_at=None).values_list("kind", flat=True))


def clearing() -> queries.Account:
    return queries.account(Method.TERMINAL, "CNY", timezone.localdate())


@pytest.mark.parametrize("form", ["gb", "utf8"])
def test_twelve_planted_differences_are_twelve_explained_cases(
    acquirer: StandIn, account: Account, wallet: Wallet, store: Store, form: str
) -> None:
    sell(acquirer, wallet, store, 14)
    acquirer.control("bill", **PLANTED)

    kept = bring(acquirer, account, form=form)
    early = still_open()
    bring(acquirer, account, after=1, form=form)
    bring(acquirer, account, after=1, form=form)

    assert kept.lines_new == 14 - 4 + 2 + 2
    assert early == {
        Kind.LATE: 4, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.FEE_DIFFERS: 2, Kind.TWICE_IN_BILL: 2,
    }  # fmt: skip
    assert still_open() == {
        Kind.OURS_NOT_IN_BILL: 2, Kind.IN_BILL_NOT_OURS: 2, Kind.AMOUNT_DIFFERS: 2, Kind.FEE_DIFFERS: 2, Kind.TWICE_IN_BILL: 2,
    }  # fmt: skip
    assert Case.objects.count() == 12
    planted = next(iter(acquirer.told("bill").values()))
    assert len(planted) == 12
    assert all(case.fix_text and cases.offered(case) == (Fix.WRITE_OFF,) for case in Case.objects.filter(closed_at=None))


def test_slips_agree_by_either_number_and_the_account_is_at_zero(
    acquirer: StandIn, account: Account, wallet: Wallet, store: Store
) -> None:
    sell(acquirer, wallet, store, 2)
    sell(acquirer, wallet, store, 2, number="reference")

    kept = bring(acquirer, account)

    assert (kept.lines_read, kept.lines_known, still_open()) == (4, 0, {})
    assert set(Movement.objects.values_list("is_settled", flat=True)) == {True}
    assert (clearing().clearing.came, clearing().clearing.closing, clearing().left) == (402_00, 0, [])


def test_part_of_a_sale_and_what_went_back_of_it_agree_beside_the_ledger(
    acquirer: StandIn, account: Account, wallet: Wallet, till: Till
) -> None:
    shop.top_up(wallet, 100_00, till.store)
    slip = swiped(acquirer, 50_00, number="reference")
    sold = sales.complete(
        wallet=wallet, amount=80_00, store=till.store_id, till=till.pk, key="sale", by=cast.OWNER,
        paid_otherwise=[Tender(method=Method.TERMINAL, amount=50_00, slip=slip)],
    )  # fmt: skip
    back = returns.give_back(wallet=wallet, charge=sold.seq, amount=40_00, key="back", reason="returned", by=cast.OWNER)
    [on_card] = [each.amount for each in back.split.tenders]
    acquirer.control("give_back", reference=slip.number, amount=on_card)

    bring(acquirer, account)

    assert still_open() == {}
    rows = Movement.objects.exclude(way=Way.PAYOUT).order_by("way").values_list("way", "booked", "ours", "billed", "is_settled")
    assert list(rows) == [(Way.PAYMENT, None, 50_00, 50_00, True), (Way.REFUND, None, -on_card, -on_card, True)]


def test_a_return_that_nobody_made_at_the_terminal_is_a_case(
    acquirer: StandIn, account: Account, wallet: Wallet, till: Till
) -> None:
    shop.top_up(wallet, 100_00, till.store)
    slip = swiped(acquirer, 50_00)
    sold = sales.complete(
        wallet=wallet, amount=80_00, store=till.store_id, till=till.pk, key="sale", by=cast.OWNER,
        paid_otherwise=[Tender(method=Method.TERMINAL, amount=50_00, slip=slip)],
    )  # fmt: skip
    bring(acquirer, account)
    returns.give_back(wallet=wallet, charge=sold.seq, amount=80_00, key="back", reason="returned", by=cast.OWNER)
    acquirer.control("clock", ahead_seconds=A_DAY_SECONDS)
    acquirer.control("take", amount=5_00)
    bring(acquirer, account, after=1)

    comparing.match(account)

    case = Case.objects.get(movement__way=Way.REFUND)
    assert (case.kind, case.amount, case.movement.number) == (
        Kind.OURS_NOT_IN_BILL, -50_00, Movement.objects.get(ours=50_00).number
    )  # fmt: skip


def test_what_the_acquirer_took_is_looked_for_in_the_bank(
    acquirer: StandIn, account: Account, wallet: Wallet, store: Store
) -> None:
    sell(acquirer, wallet, store)
    bring(acquirer, account)
    bank, today = statements.account(), timezone.localdate()
    statements.take_in(bank, row(today, "-1.00", "rent"), row(today + A_DAY, "99.40", "银联商务股份有限公司"))

    assert payouts.match(account) == 1

    assert Movement.objects.get(way=Way.PAYOUT).is_settled


def test_what_was_taken_before_there_was_an_account_is_compared_from_the_first_file_on(
    acquirer: StandIn, wallet: Wallet, store: Store
) -> None:
    sell(acquirer, wallet, store)
    following.catch_up()
    before = queries.accounts(cast.OWNER, timezone.localdate())
    made = accounts.open_account(
        code="late", name="Terminal", gateway="terminal", method=Method.TERMINAL, currency="CNY",
        configuration={"merchant": acquirer.account["merchant"]}, by=cast.OWNER,
    )  # fmt: skip

    bring(acquirer, made)

    assert before == []
    assert Movement.objects.get(way=Way.PAYMENT).is_settled
    assert clearing().clearing.closing == 0


def test_each_acquirer_is_told_of_its_own_terminals(account: Account, wallet: Wallet, store: Store) -> None:
    other = accounts.open_account(
        code="other", name="Another bank", gateway="terminal", method=Method.TERMINAL, currency="CNY",
        configuration={"merchant": "M2", "terminals": "T-07 T-08"}, by=cast.OWNER,
    )  # fmt: skip
    shop.top_up(wallet, 10_00, store, method=Method.TERMINAL, slip=Slip(terminal="T-07", number="1"))
    shop.top_up(wallet, 20_00, store, method=Method.TERMINAL, slip=Slip(terminal="T-01", number="1"))

    following.catch_up()

    assert dict(Movement.objects.values_list("account__code", "booked")) == {"other": 10_00, account.code: 20_00}
    assert other.code == "other"


def test_a_file_is_taken_in_once_and_a_longer_one_brings_what_is_new(
    acquirer: StandIn, account: Account, wallet: Wallet, store: Store
) -> None:
    sell(acquirer, wallet, store)
    first = bring(acquirer, account)
    again = bring(acquirer, account)
    acquirer.control("clock", ahead_seconds=A_DAY_SECONDS)
    acquirer.control("take", amount=5_00)
    today = timezone.localdate()
    content = httpx.get(
        f"{acquirer.address}/settlements/utf8", params={"first": str(today), "last": str(today + A_DAY)}
    ).content

    longer, is_new = settlements.take_in(account=account, content=content, file_name="both.csv", by=cast.OWNER)

    assert first == again
    assert (is_new, longer.lines_read, longer.lines_known, longer.lines_new) == (True, 2, 1, 1)
    assert Line.objects.count() == 2
    assert Day.objects.filter(matched_at__isnull=False).count() == 2


HEADINGS = "商户号,终端号,凭证号,交易金额,手续费,结算金额,清算日期\n"


def test_what_is_no_file_of_this_merchant_is_refused_and_nothing_is_kept(account: Account) -> None:
    merchant = "898320157320001"
    refused("settlement.no_columns", account, "日期,金额\n20260301,1.00\n")
    refused("settlement.other_merchant", account, f"{HEADINGS}12345,T-01,1,1.00,0.01,0.99,20260301\n")
    refused("settlement.net_differs", account, f"{HEADINGS}{merchant},T-01,1,1.00,0.01,0.98,20260301\n")
    refused("statement.cell_unreadable", account, f"{HEADINGS}{merchant},T-01,1,one,0.01,0.99,20260301\n")
    refused("statement.cell_unreadable", account, f"{HEADINGS}{merchant},T-01,1,1.00,0.01,0.99,soon\n")
    refused("settlement.empty", account, f"{HEADINGS}合计,,,1.00,0.01,0.99,\n")
    refused("settlement.not_an_acquirer", statements.account(), HEADINGS)

    assert not SettlementFile.objects.exists()
    assert not Day.objects.exists()
