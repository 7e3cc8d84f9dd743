import csv
import io

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from payments.bank import statements

import cast
from chuzhi.approvals.models import Request
from chuzhi.finance import comparing, payouts
from chuzhi.finance.models import Case, Day
from chuzhi.organization.roles import ROLES
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.models import Account, Refund
from finance import bringing

pytestmark = pytest.mark.django_db
HERE = "/console/reconciliation/"


@pytest.fixture
def case(db: None) -> Case:
    account = statements.account()
    payment = statements.payment(account, 5_00)
    statements.take_in(account, statements.row("5.00", statements.reference(payment), "王小明", "S1"))
    comparing.match(account)
    return Case.objects.get()


@pytest.fixture
def finance_page(db: None) -> Client:
    return cast.signed_in(cast.person("finance"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def test_from_the_days_to_a_closed_case(finance_page: Client, case: Case) -> None:
    day = Day.objects.get()

    days, opened = said(finance_page.get(HERE)), said(finance_page.get(f"{HERE}days/{day.pk}/"))
    page = said(finance_page.get(f"{HERE}cases/{case.pk}/"))
    refused = finance_page.post(f"{HERE}cases/{case.pk}/", {"act": "write_off", "remark": ""})
    finance_page.post(f"{HERE}cases/{case.pk}/", {"act": "write_off", "remark": "paid back in cash"})

    assert "1 difference" in days
    for part in ("Paid, and not in the ledger", "+CN¥5.00", case.movement.number):
        assert part in opened
    assert "Credit it, or pay it back" in page
    assert refused.status_code == 422
    assert "All agree" in said(finance_page.get(HERE))
    assert "paid back in cash" in said(finance_page.get(f"{HERE}cases/{case.pk}/"))


def test_cases_are_found_by_age_and_kind(finance_page: Client, case: Case) -> None:
    young = said(finance_page.get(f"{HERE}cases/"))
    Case.objects.update(opened_at=timezone.now() - timezone.timedelta(days=4))
    link = f"{HERE}cases/{case.pk}/"

    assert link in young
    assert link in said(finance_page.get(f"{HERE}cases/?age=3&kind=paid_not_credited"))
    assert link not in said(finance_page.get(f"{HERE}cases/?age=7"))
    assert link not in said(finance_page.get(f"{HERE}cases/?kind=late"))
    assert link not in said(finance_page.get(f"{HERE}cases/?age=closed"))


def test_the_clearing_accounts_say_what_keeps_them_from_zero(finance_page: Client, case: Case) -> None:
    page = said(finance_page.get(f"{HERE}clearing/?on={timezone.localdate():%Y-%m-%d}"))

    assert "−CN¥5.00" in page
    assert case.movement.number in page
    for never in ("soon", "0001-01-01"):
        assert finance_page.get(f"{HERE}clearing/?on={never}").status_code == 422


def test_a_day_is_compared_again_on_demand(finance_page: Client, case: Case) -> None:
    day = Day.objects.get()

    answer = finance_page.post(f"{HERE}days/{day.pk}/again/", follow=True)

    assert "Compared again." in said(answer)
    assert Case.objects.count() == 1


def test_empty_pages_say_so(finance_page: Client) -> None:
    for address, words in (("", "Nothing to compare yet"), ("cases/", "No difference"), ("clearing/", "Nothing to compare")):
        assert words in said(finance_page.get(f"{HERE}{address}"))


def test_pages_open_for_the_roles_that_have_the_permission(case: Case) -> None:
    for role, has in ROLES.items():
        client = cast.signed_in(cast.person(role))
        for address in (HERE, f"{HERE}cases/", f"{HERE}cases/{case.pk}/", f"{HERE}clearing/", f"{HERE}payouts/"):
            assert (client.get(address).status_code == 200) == ("reconciliation.view" in has.permissions), role


def test_an_auditor_looks_and_closes_nothing(case: Case) -> None:
    auditor = cast.signed_in(cast.person("auditor"))

    assert "Write it off" not in said(auditor.get(f"{HERE}cases/{case.pk}/"))
    assert auditor.post(f"{HERE}cases/{case.pk}/", {"act": "write_off", "remark": "mine"}).status_code == 422
    assert auditor.post(f"{HERE}days/{Day.objects.get().pk}/sign-off/").status_code == 403
    assert Case.objects.get().closed_at is None


def test_a_manager_of_one_store_sees_no_money_of_the_company(case: Case) -> None:
    of_one_store = cast.signed_in(cast.person(cast.Grant("finance", cast.store().pk)))

    assert case.movement.number not in said(of_one_store.get(f"{HERE}cases/"))
    assert of_one_store.get(f"{HERE}cases/{case.pk}/").status_code == 404


def test_what_is_missing_is_paid_back_with_one_press(finance_page: Client, case: Case) -> None:
    page = said(finance_page.get(f"{HERE}cases/{case.pk}/"))
    done = finance_page.post(f"{HERE}cases/{case.pk}/", {"act": "pay_back", "remark": "nobody got it"}, follow=True)

    for words in ("Book the missing", "Pay it back", "Write it off"):
        assert words in page
    assert "Done, and closed." in said(done)
    assert Refund.objects.get().amount == 5_00


def test_a_large_one_is_sent_for_approval(finance_page: Client, case: Case) -> None:
    Case.objects.update(amount=-900_00)
    given = {"act": "write_off", "remark": "the bill was wrong"}

    refused = finance_page.post(f"{HERE}cases/{case.pk}/", given)
    sent = finance_page.post(f"{HERE}cases/{case.pk}/", given | {"ask": "1"}, follow=True)

    assert refused.status_code == 422
    assert "Send for approval" in said(refused)
    assert "Sent for approval" in said(sent)
    assert Request.objects.get().amount == 900_00
    assert Case.objects.get().closed_at is None


def test_differences_are_taken_along_as_the_page_shows_them(finance_page: Client, case: Case) -> None:
    table = finance_page.get(f"{HERE}cases/cases.csv", {"kind": case.kind})
    none = finance_page.get(f"{HERE}cases/cases.xlsx", {"kind": "drawer_differs"})

    heading, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
    told = dict(zip(heading, row, strict=True))
    assert (told["Difference (amount)"], told["Bill"], told["State"]) == ("-5.00", "5.00", "Open")
    assert [list(each) for each in openpyxl.load_workbook(io.BytesIO(none.content)).active.values] == [heading]
    assert finance_page.get(f"{HERE}cases/cases.pdf").status_code == 404


def test_a_day_is_signed_off_taken_along_and_opened_again(finance_page: Client, case: Case) -> None:
    day = f"{HERE}days/{Day.objects.get().pk}/"
    early = said(finance_page.post(f"{day}sign-off/", follow=True))
    finance_page.post(f"{HERE}cases/{case.pk}/", {"act": "write_off", "remark": "=cmd()"})
    finance_page.post(f"{day}sign-off/")
    signed = said(finance_page.get(day))

    table, book = finance_page.get(f"{day}day.csv"), finance_page.get(f"{day}day.xlsx")
    silent = finance_page.post(f"{day}reopen/", {"reason": ""})
    finance_page.post(f"{day}reopen/", {"reason": "a late line"})

    assert "Settle them first" in early
    assert "Signed off by 李雷" in signed
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[1][0] == case.movement.number
    assert (rows[1][3:6], rows[1][-1]) == (["", "5.00", "5.00"], "'=cmd()")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert [[cell or "" for cell in row] for row in sheet.values] == rows
    assert finance_page.get(f"{day}day.pdf").status_code == 404
    assert silent.status_code == 422
    assert "a late line" in said(finance_page.get(day))
    assert Day.objects.get().signed_at is None


def test_a_payout_that_has_not_arrived_is_found_among_the_bank_s_lines(finance_page: Client) -> None:
    bank, wechat = statements.account(), bringing.provider()
    bringing.billed(wechat, bringing.day(0), (LineKind.PAYMENT, 100_00, 60))
    statements.take_in(bank, bringing.row(bringing.day(0), "-1.00", "rent"), bringing.row(bringing.day(6), "99.40", "somebody"))
    payouts.match(wechat)
    case, line = Case.objects.get(), BankLine.objects.get(amount=99_40)
    page = said(finance_page.get(f"{HERE}cases/{case.pk}/"))
    lost = finance_page.post(f"{HERE}cases/{case.pk}/line/", {"line": "none"})

    finance_page.post(f"{HERE}cases/{case.pk}/line/", {"line": str(line.pk)})

    assert "This is it" in page
    assert lost.status_code == 404
    listed = said(finance_page.get(f"{HERE}payouts/"))
    assert "CN¥99.40" in listed
    assert f"/console/statements/lines/{line.pk}/" in listed
    on = f"{bringing.day(3):%Y-%m-%d}"
    assert "not in our bank yet" in said(finance_page.get(f"{HERE}clearing/?on={on}"))


class TestTerminals:
    @pytest.fixture
    def account(self, db: None) -> Account:
        return bringing.acquirer()

    def test_a_file_is_brought_and_its_lines_compared_once(self, finance_page: Client, account: Account) -> None:
        empty = said(finance_page.get(f"{HERE}terminals/"))
        given = {"account": account.pk, "file": bringing.settlement_file(timezone.localdate(), ("000123", "5.00"))}

        brought = said(finance_page.post(f"{HERE}terminals/add/", given, follow=True))
        given["file"].seek(0)
        again = said(finance_page.post(f"{HERE}terminals/add/", given, follow=True))

        assert "No settlement file has been taken in yet" in empty
        assert "1 new line was compared." in brought
        assert "taken in before" in again
        assert "In the bill, and not ours" in said(finance_page.get(f"{HERE}cases/"))

    def test_what_cannot_be_read_is_explained(self, finance_page: Client, account: Account) -> None:
        given = {"account": account.pk, "file": io.BytesIO("日期,金额\n20260301,1.00\n".encode())}

        refused = finance_page.post(f"{HERE}terminals/add/", given)

        assert refused.status_code == 422
        assert "No line of headings was found" in said(refused)

    def test_without_an_acquirer_the_page_says_what_to_do(self, finance_page: Client) -> None:
        assert "No acquirer is set up yet" in said(finance_page.get(f"{HERE}terminals/"))

    def test_an_acquirer_is_set_up_with_its_merchant_number(self, db: None) -> None:
        owner, page = cast.signed_in(cast.person("administrator")), "/console/payments/accounts/add/terminal/"
        given = {
            "name": "银联商务", "code": "chinaums", "currency": "CNY", "priority": 100, "fee_percent": "0.6",
            "arrives_within_seconds": 60, "own-merchant": "898320157320001",
        }  # fmt: skip

        refused = owner.post(page, given | {"own-merchant": "!"})
        owner.post(page, given)

        made = Account.objects.get()
        assert refused.status_code == 422
        assert (made.gateway, made.fee_rate, made.has_watched_payouts) == ("terminal", 60, False)
        shown = said(owner.get(f"/console/payments/accounts/{made.pk}/"))
        assert "chinaums" in shown
        assert "Address for the provider" not in shown
