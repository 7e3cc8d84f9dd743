import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from payments.bank import statements

import cast
from chuzhi.organization.roles import ROLES
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.models import Account

pytestmark = pytest.mark.django_db

LIST, ADD = "/console/statements/", "/console/statements/add/"


@pytest.fixture
def account(db: None) -> Account:
    return statements.account()


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("finance"))


@pytest.fixture
def unknown(account: Account) -> BankLine:
    statements.take_in(account, statements.row("100.00", "hello <b>", "王小明"))
    return statements.lines(account)[0]


def file(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("三月.csv", statements.content(*rows))


def at(line: BankLine) -> str:
    return f"{LIST}lines/{line.pk}/"


def test_a_statement_is_brought_and_its_result_shown(page: Client, account: Account) -> None:
    payment = statements.payment(account, 100_00)
    rows = [statements.row("100.00", statements.reference(payment), "王小明"), statements.row("5.00", "hello")]

    answer = page.post(ADD, {"account": account.pk, "file": file(*rows)}, follow=True)

    shown = answer.content.decode()
    assert payment.number in shown
    assert "Nobody knows what for" in shown
    assert "三月.csv" in page.get(LIST).content.decode()


def test_the_same_file_is_told_as_such(page: Client, account: Account) -> None:
    for _twice in range(2):
        answer = page.post(ADD, {"account": account.pk, "file": file(statements.row("5.00", "hello"))}, follow=True)

    assert "taken in before" in answer.content.decode()
    assert StatementFile.objects.count() == 1


def test_a_file_that_cannot_be_read_is_refused_in_words(page: Client, account: Account) -> None:
    answer = page.post(ADD, {"account": account.pk, "file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})

    assert answer.status_code == 422
    assert "No line of headings was found" in answer.content.decode()
    assert page.post(ADD, {}).status_code == 422


def test_a_case_is_given_to_a_payment(page: Client, account: Account, unknown: BankLine) -> None:
    payment = statements.payment(account, 100_00)

    answer = page.post(at(unknown), {"do": "assign", "payment": payment.number}, follow=True)

    payment.refresh_from_db()
    assert payment.stage == "paid"
    assert "0 lines still need somebody" in answer.content.decode()


def test_a_case_is_closed_with_a_remark(page: Client, unknown: BankLine) -> None:
    refused = page.post(at(unknown), {"do": "close", "ending": "given_back", "remark": ""})
    closed = page.post(at(unknown), {"do": "close", "ending": "given_back", "remark": "receipt 7"})

    assert (refused.status_code, closed.status_code) == (422, 302)
    unknown.refresh_from_db()
    assert (unknown.state, unknown.remark) == ("done", "receipt 7")
    assert "Given back to the payer" in page.get(at(unknown)).content.decode()


def test_a_wrong_payment_and_no_act_are_refused(page: Client, unknown: BankLine) -> None:
    assert page.post(at(unknown), {"do": "assign", "payment": "P999"}).status_code == 422
    assert page.post(at(unknown), {}).status_code == 422


def test_the_payers_words_are_text_and_nothing_else(page: Client, unknown: BankLine) -> None:
    for shown in (page.get(LIST), page.get(at(unknown))):
        assert "hello &lt;b&gt;" in shown.content.decode()


def test_an_empty_shop_is_told_what_to_do_first(page: Client) -> None:
    assert "No account is paid by bank transfer yet" in page.get(LIST).content.decode()
    assert "No account is paid by bank transfer yet" in page.get(ADD).content.decode()


def test_pages_open_for_the_roles_that_have_their_permission(unknown: BankLine) -> None:
    places = {
        LIST: "bank.view",
        ADD: "bank.settle",
        f"{LIST}{unknown.statement_id}/": "bank.view",
        at(unknown): "bank.settle",
    }

    for role, has in ROLES.items():
        client = cast.signed_in(cast.person(role))
        for place, permission in places.items():
            assert (client.get(place).status_code == 200) == (permission in has.permissions), (role, place)
