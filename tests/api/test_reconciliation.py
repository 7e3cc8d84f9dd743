import base64
import csv
import io

import pytest
from django.utils import timezone
from payments.bank import statements

import cast
from api.program import Program
from chuzhi.finance import cases, comparing, payouts
from chuzhi.finance.models import Case
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.gateways.contract import LineKind
from finance import bringing as payouts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db: None) -> Program:
    return Program("reconciliation:read", "reconciliation:write")


@pytest.fixture
def case(db: None) -> Case:
    account = statements.account(code="icbc")
    payment = statements.payment(account, 5_00)
    statements.take_in(account, statements.row("5.00", statements.reference(payment), "王小明", "S1"))
    comparing.match(account)
    return Case.objects.get()


def test_a_difference_is_listed_with_its_three_figures_and_closed_once(program: Program, case: Case) -> None:
    [told] = program.get("/reconciliation/cases").json()["items"]

    closed = program.post(f"/reconciliation/cases/{told['id']}/close", {"remark": "paid back"})
    again = program.post(f"/reconciliation/cases/{told['id']}/close", {"remark": "paid back"})

    figures = (told["kind"], told["amount"], told["booked"], told["ours"], told["billed"])
    assert figures == ("paid_not_credited", -5_00, None, 5_00, 5_00)
    assert (closed.status_code, closed.json()["remark"]) == (200, "paid back")
    assert (again.status_code, again.json()["code"]) == (422, "reconciliation.case_closed")
    assert program.get("/reconciliation/cases").json()["items"] == []
    assert len(program.get("/reconciliation/cases", state="closed").json()["items"]) == 1


def test_days_and_clearing_accounts_are_told(program: Program, case: Case) -> None:
    [day] = program.get("/reconciliation/days").json()["items"]
    [account] = program.get("/reconciliation/clearing", on=str(timezone.localdate())).json()["items"]

    assert (day["account"], day["state"], day["open_cases"]) == ("icbc", "differs", 1)
    assert (account["method"], account["settled"], account["closing"]) == ("bank", 5_00, -5_00)
    assert [left["amount"] for left in account["left"]] == [-5_00]


def test_days_come_in_pages(program: Program, case: Case) -> None:
    first = program.get("/reconciliation/days", limit=1).json()

    assert first["next_cursor"] is None
    assert program.get("/reconciliation/days", cursor="nonsense").status_code == 400
    assert program.get("/reconciliation/cases", older_than_days=3).json()["items"] == []


def test_what_does_not_exist_is_not_found(program: Program) -> None:
    assert program.post("/reconciliation/cases/77/close", {"remark": "x"}).status_code == 404


def test_a_difference_says_what_can_be_done_and_it_is_done_once(program: Program, case: Case) -> None:
    [told] = program.get("/reconciliation/cases").json()["items"]

    wrong = program.post(f"/reconciliation/cases/{case.pk}/fix", {"act": "refund_extra", "remark": "x"})
    done = program.post(f"/reconciliation/cases/{case.pk}/fix", {"act": "pay_back", "remark": "nobody got it"})
    again = program.post(f"/reconciliation/cases/{case.pk}/fix", {"act": "pay_back", "remark": "nobody got it"})

    assert told["fixes"] == ["book", "pay_back", "write_off"]
    assert (wrong.status_code, wrong.json()["code"]) == (422, "reconciliation.fix_not_offered")
    assert (done.status_code, done.json()["fixes"], done.json()["closed_by"]) == (200, [], "")
    assert done.json()["closed_at"]
    assert (again.status_code, again.json()["code"]) == (422, "reconciliation.case_closed")
    assert program.post("/reconciliation/cases/77/fix", {"act": "book", "remark": "x"}).status_code == 404


def test_above_what_a_key_may_alone_it_asks(case: Case) -> None:
    program = Program("reconciliation:read", "reconciliation:write", "approvals:write", "approvals:read")
    Case.objects.update(amount=-5000_00)

    refused = program.post(f"/reconciliation/cases/{case.pk}/close", {"remark": "x"})
    asked = program.post("/approvals/differences", {"case": str(case.pk), "act": "write_off", "remark": "x"}, key="k1")
    again = program.post("/approvals/differences", {"case": str(case.pk), "act": "write_off", "remark": "x"}, key="k1")
    unknown = program.post("/approvals/differences", {"case": str(case.pk + 1), "act": "write_off", "remark": "x"}, key="k2")

    assert (refused.status_code, refused.json()["code"]) == (422, "approval.needed")
    assert (asked.status_code, asked.json()["kind"], asked.json()["amount"]) == (201, "difference", 5000_00)
    assert again.json()["id"] == asked.json()["id"]
    assert unknown.status_code == 404
    assert Case.objects.get().closed_at is None


def test_a_day_is_signed_off_and_opened_again_with_a_reason(program: Program, case: Case) -> None:
    [day] = program.get("/reconciliation/days").json()["items"]
    early = program.post(f"/reconciliation/days/{day['id']}/sign-off", {})
    program.post(f"/reconciliation/cases/{case.pk}/close", {"remark": "paid back"})

    signed = program.post(f"/reconciliation/days/{day['id']}/sign-off", {})
    twice = program.post(f"/reconciliation/days/{day['id']}/sign-off", {})
    silent = program.post(f"/reconciliation/days/{day['id']}/reopen", {"reason": ""})
    opened = program.post(f"/reconciliation/days/{day['id']}/reopen", {"reason": "a late line"})
    not_signed = program.post(f"/reconciliation/days/{day['id']}/reopen", {"reason": "a late line"})

    assert (early.status_code, early.json()["code"]) == (422, "reconciliation.differences_open")
    assert (signed.status_code, signed.json()["state"], signed.json()["signed_by"]) == (
        200,
        "signed_off",
        f"key:{program.key.pk}",
    )
    assert twice.json()["code"] == "reconciliation.day_signed"
    assert silent.status_code in {400, 422}
    assert (opened.json()["state"], opened.json()["reopened_because"]) == ("agrees", "a late line")
    assert not_signed.json()["code"] == "reconciliation.day_not_signed"
    assert program.post("/reconciliation/days/77/sign-off", {}).status_code == 404


def test_a_day_s_movements_are_listed_in_parts(program: Program, case: Case) -> None:
    [day] = program.get("/reconciliation/days").json()["items"]

    page = program.get(f"/reconciliation/days/{day['id']}/movements", limit=1).json()

    [movement] = page["items"]
    assert (movement["number"], movement["billed"], movement["cases"]) == (case.movement.number, 5_00, ["paid_not_credited"])
    assert page["next_cursor"] is None
    assert program.get("/reconciliation/days/77/movements").status_code == 404


def test_differences_and_movements_come_as_one_table_where_that_is_asked_for(program: Program, case: Case) -> None:
    cases.close(case=case, remark="=HYPERLINK(1)", by=cast.OWNER)
    [day] = program.get("/reconciliation/days").json()["items"]
    as_table = program.headers() | {"accept": "text/csv"}

    tables = [
        program.client.get(f"/api/v1/reconciliation/{address}", headers=as_table)
        for address in ("cases?state=closed&limit=1", f"days/{day['id']}/movements")
    ]

    for table in tables:
        assert table["Content-Type"] == "text/csv; charset=utf-8"
        assert table.content.startswith(b"\xef\xbb\xbf")
        heading, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
        told = dict(zip(heading, row, strict=True))
        assert (told["Number"], told["Our payments"], told["Bill"]) == (case.movement.number, "5.00", "5.00")
        assert told["What was found and done"] == "'=HYPERLINK(1)"
    assert program.client.get("/api/v1/reconciliation/days/77/movements", headers=as_table).status_code == 404


def test_payouts_are_listed_and_given_the_line_that_brought_them(program: Program) -> None:
    bank, wechat = statements.account(), payouts_of.provider()
    payouts_of.billed(wechat, payouts_of.day(0), (LineKind.PAYMENT, 100_00, 0))
    statements.take_in(
        bank, payouts_of.row(payouts_of.day(0), "-1.00", "rent"), payouts_of.row(payouts_of.day(6), "99.00", "somebody")
    )
    payouts.match(wechat)
    line = BankLine.objects.get(amount=99_00)

    [told] = program.get("/reconciliation/payouts").json()["items"]
    given = program.post(f"/reconciliation/payouts/{told['id']}/assign", {"line": str(line.pk)})
    again = program.post(f"/reconciliation/payouts/{told['id']}/assign", {"line": str(line.pk)})

    assert (told["state"], told["amount"], told["arrived"], told["number"]) == ("differs", 100_00, None, "2026-03-20")
    assert (given.json()["state"], given.json()["arrived"], given.json()["line"]) == ("differs", 99_00, str(line.pk))
    assert again.json()["code"] == "reconciliation.payout_arrived"
    assert program.post("/reconciliation/payouts/77/assign", {"line": "1"}).status_code == 404
    clearing = program.get("/reconciliation/clearing", on="2026-03-27").json()["items"]
    [at_provider] = [each for each in clearing if each["stage"] == "provider"]
    assert (at_provider["stage"], at_provider["closing"]) == ("provider", 1_00)
    assert [each["number"] for each in at_provider["left"]] == ["2026-03-20"]
    assert at_provider["left"][0]["case"]


def test_settlement_files_of_terminals_are_taken_in_once_and_listed(program: Program) -> None:
    account = payouts_of.acquirer()
    content = base64.b64encode(payouts_of.settlement_file(timezone.localdate(), ("000123", "5.00")).read()).decode()
    asked = {"account": account.code, "file_name": "a.csv", "content": content}

    first, again = (program.post("/reconciliation/settlement-files", asked) for _each in range(2))
    wrong = program.post("/reconciliation/settlement-files", asked | {"content": base64.b64encode(b"a,b\n1,2\n").decode()})
    nowhere = program.post("/reconciliation/settlement-files", asked | {"account": "nobody"})

    assert (first.status_code, first.json()["lines_new"]) == (201, 1)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (wrong.status_code, wrong.json()["code"], nowhere.status_code) == (422, "settlement.no_columns", 404)
    listed = program.get("/reconciliation/settlement-files", limit=1).json()
    assert ([each["id"] for each in listed["items"]], listed["next_cursor"]) == ([first.json()["id"]], None)
    assert program.get("/reconciliation/cases").json()["items"][0]["kind"] == "in_bill_not_ours"
