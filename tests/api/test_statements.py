import base64

import pytest
from payments.bank import statements

import cast
from api.program import Program
from chuzhi.payments.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db: None) -> Program:
    return Program("statements:read", "statements:write")


@pytest.fixture
def account(db: None) -> Account:
    return statements.account(code="icbc")


def file(*rows: str, account: str = "icbc") -> dict[str, str]:
    return {"account": account, "file_name": "march.csv", "content": base64.b64encode(statements.content(*rows)).decode()}


def test_a_statement_is_taken_in_once_and_its_lines_are_told(program: Program, account: Account) -> None:
    payment = statements.payment(account, 100_00)
    body = file(statements.row("100.00", statements.reference(payment), "王小明", "S1"), statements.row("5.00", "hello"))

    first, again = (program.post("/statements", body) for _twice in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["lines_new"], first.json()["cases"]) == (2, 1)
    lines = program.get(f"/statements/{first.json()['id']}/lines").json()["items"]
    assert [(line["verdict"], line["payment"]) for line in lines] == [("pays", payment.number), ("unmatched", None)]
    assert program.get("/statements").json()["items"] == [first.json()]


def test_a_case_is_listed_and_given_to_its_payment(program: Program, account: Account) -> None:
    program.post("/statements", file(statements.row("5.00", "hello")))
    payment = statements.payment(account, 5_00)
    [case] = program.get("/bank-lines").json()["items"]

    given = program.post(f"/bank-lines/{case['id']}/assign", {"payment": payment.number})
    again = program.post(f"/bank-lines/{case['id']}/assign", {"payment": payment.number})

    assert (given.status_code, given.json()["pays"]) == (200, 5_00)
    assert (again.status_code, again.json()["code"]) == (422, "bank_line.settled")
    assert program.get("/bank-lines").json()["items"] == []


def test_a_case_is_closed_with_a_remark(program: Program, account: Account) -> None:
    program.post("/statements", file(statements.row("5.00", "hello")))
    [case] = program.get("/bank-lines").json()["items"]

    closed = program.post(f"/bank-lines/{case['id']}/close", {"ending": "other", "remark": "rent"})

    assert (closed.json()["state"], closed.json()["ending"]) == ("done", "other")


def test_pages_lead_on(program: Program, account: Account) -> None:
    program.post("/statements", file(*(statements.row(f"{size}.00", "hello") for size in range(1, 4))))

    first = program.get("/bank-lines", limit=2).json()
    second = program.get("/bank-lines", limit=2, cursor=first["next_cursor"]).json()

    assert [line["amount"] for line in first["items"] + second["items"]] == [1_00, 2_00, 3_00]
    assert second["next_cursor"] is None


@pytest.mark.usefixtures("account")
def test_what_cannot_be_is_refused(program: Program) -> None:
    answers = [
        program.post("/statements", file(statements.row("5.00"), account="nobody")),
        program.post("/statements", file("nonsense")),
        program.post("/statements", file(statements.row("5.00")) | {"content": "not base64!"}),
        program.get("/statements/999/lines"),
        program.post("/bank-lines/999/assign", {"payment": "P23456"}),
        program.post("/bank-lines/999/close", {"ending": "lost", "remark": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 422, 400, 404, 404, 400]


def test_a_key_of_one_store_sees_no_statement(account: Account) -> None:
    statements.take_in(account, statements.row("5.00", "hello"))
    program = Program("statements:read", "statements:write", at=cast.store())

    assert program.get("/statements").json()["items"] == []
    assert program.get("/bank-lines").json()["items"] == []
    assert program.post("/statements", file(statements.row("6.00"))).json()["code"] == "statement.of_every_store"
