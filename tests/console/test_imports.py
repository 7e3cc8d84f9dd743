import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.messaging.models import Message
from chuzhi.organization.models import Store
from chuzhi.wallets import acceptances, intake_steps, queries
from chuzhi.wallets.models import ImportAcceptance, Programme, Wallet

pytestmark = pytest.mark.django_db
IMPORTS = "/console/imports/"
TABLE = "会员姓名,手机号,储值余额,赠送余额\n钱一,13911110001,500,80\n钱二,13911110002,100.50,\n钱三,12,100,\n"


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def bring(client: Client, programme: Programme, content: bytes) -> object:
    file = SimpleUploadedFile("members.csv", content)
    return client.post(IMPORTS, {"file": file, "programme": programme.pk})


def worked(where: str) -> int:
    """What the worker does with the import at this address."""
    number = int(where.rstrip("/").rpartition("/")[2])
    intake_steps.go_on(number)
    return number


def brought(client: Client, programme: Programme, text: str = TABLE) -> str:
    where: str = bring(client, programme, text.encode())["Location"]  # type: ignore[index]
    worked(where)
    return where


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_is_tried_taken_in_and_given_back(finance_page: Client, programme: Programme, encoding: str) -> None:
    where = bring(finance_page, programme, TABLE.encode(encoding))["Location"]  # type: ignore[index]
    assert "Checking the rows" in said(finance_page.get(where))
    worked(where)
    tried = said(finance_page.get(where))
    assert "CN¥600.50" in tried
    assert "hx-trigger" not in tried.split("<main")[1].split("</main")[0]
    assert not Customer.objects.exists()

    assert finance_page.post(f"{where}take-in/")["Location"] == where
    assert "hx-trigger" in said(finance_page.get(where))
    worked(where)

    assert queries.balance(Wallet.objects.get(customer__name="钱一")).available == 580_00
    assert "Taken in whole" in said(finance_page.get(where))
    assert finance_page.post(f"{where}reverse/")["Location"] == where
    worked(where)
    assert "Principal CN¥600.50, bonus CN¥80.00." in said(finance_page.get(where))
    assert "Reversed" in said(finance_page.get(IMPORTS))


def test_a_page_that_watches_gets_its_part_only(finance_page: Client, programme: Programme) -> None:
    where = bring(finance_page, programme, TABLE.encode())["Location"]  # type: ignore[index]

    part = said(finance_page.get(where, headers={"hx-request": "true"}))

    assert "<html" not in part
    assert '<progress class="progress w-full" value="0" max="3"' in part


def test_the_same_file_is_refused_with_its_reason(finance_page: Client, programme: Programme) -> None:
    where = brought(finance_page, programme)
    finance_page.post(f"{where}take-in/")
    worked(where)

    again = finance_page.post(f"{brought(finance_page, programme)}take-in/")

    assert again.status_code == 422
    assert "taken in before" in said(again)


def test_who_stays_is_named(finance_page: Client, programme: Programme, store: Store) -> None:
    where = brought(finance_page, programme)
    finance_page.post(f"{where}take-in/")
    worked(where)
    shop.charge(Wallet.objects.get(customer__name="钱一"), 1_00, store)

    finance_page.post(f"{where}reverse/")
    worked(where)

    assert "钱一" in said(finance_page.get(where))


def test_rows_that_are_refused_come_back_with_their_reasons(finance_page: Client, programme: Programme) -> None:
    where = brought(finance_page, programme)

    file = finance_page.get(f"{where}rejected.csv")

    assert "钱三" in said(file)
    assert "钱三" in said(finance_page.get(where))
    assert "attachment" in file["Content-Disposition"]


def test_two_columns_for_one_field_are_for_a_person_to_choose(finance_page: Client, programme: Programme) -> None:
    where = brought(finance_page, programme, "姓名,手机,电话\n钱一,13911110001,13911110002\n")
    assert "both mean the same field" in said(finance_page.get(where))

    assert finance_page.post(f"{where}check/", {"name": "姓名", "phone": "电话"})["Location"] == where
    number = worked(where)

    assert ImportBatch.objects.get(pk=number).mapping == {"name": "姓名", "phone": "电话"}
    assert finance_page.post(f"{where}check/", {"name": "姓名", "phone": "姓名"}).status_code == 422


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "姓名\n".encode()])
def test_what_is_no_table_is_refused(finance_page: Client, programme: Programme, content: bytes) -> None:
    assert bring(finance_page, programme, content).status_code == 422  # type: ignore[attr-defined]


def test_a_cashier_imports_nothing(programme: Programme) -> None:
    cashier = cast.signed_in(cast.person("cashier"))

    assert cashier.get(IMPORTS).status_code == 403
    assert cashier.get(f"{IMPORTS}1/").status_code == 403
    assert cashier.post(f"{IMPORTS}1/take-in/").status_code == 403


@pytest.fixture
def taken_in(finance_page: Client, programme: Programme) -> str:
    where = brought(finance_page, programme)
    finance_page.post(f"{where}take-in/")
    worked(where)
    return where


def test_an_import_is_signed_for_and_its_sheet_is_taken_along(finance_page: Client, taken_in: str) -> None:
    page = f"{taken_in}acceptance/"
    assert "Sign for it" in said(finance_page.get(page))
    differs = finance_page.post(f"{page}sign/", {"principal": "700.50", "bonus": "80"})
    assert differs.status_code == 422
    assert "Say why" in said(differs)

    assert finance_page.post(f"{page}sign/", {"principal": "700.50", "bonus": "80", "note": "钱三"})["Location"] == page

    signed = said(finance_page.get(page))
    sheet = ImportAcceptance.objects.get()
    for part in (acceptances.code_of(sheet), sheet.facts["sha256"], "CN¥700.50", "CN¥100.00", "钱三", "phone"):
        assert part in signed
    for language in ("zh", "en"):
        assert finance_page.get(f"{taken_in}acceptance-{language}.pdf").content.startswith(b"%PDF-")
    assert finance_page.get(f"{taken_in}acceptance-xx.pdf").status_code == 404
    assert finance_page.post(f"{page}sign/", {"principal": "600.50", "bonus": "80"}).status_code == 422


def test_customers_are_told_from_its_page(finance_page: Client, taken_in: str) -> None:
    before = said(finance_page.get(taken_in))
    finance_page.post(f"{taken_in}tell/")
    finance_page.post(f"{taken_in}tell/")
    worked(taken_in)
    after = said(finance_page.get(taken_in))

    assert ("Tell the customers" in before, "Tell the customers" in after) == (True, False)
    assert "were told what came with them" in after
    assert Message.objects.filter(kind="import.moved_in").count() == 2


def test_what_is_not_taken_in_tells_nobody(finance_page: Client, programme: Programme) -> None:
    where = brought(finance_page, programme)

    answer = finance_page.post(f"{where}tell/", follow=True)

    assert "were taken in, and not given back" in said(answer)
    assert not Message.objects.exists()


def test_a_code_leads_to_its_sheet(finance_page: Client, taken_in: str) -> None:
    finance_page.post(f"{taken_in}acceptance/sign/", {"principal": "600.50", "bonus": "80"})
    code = acceptances.code_of(ImportAcceptance.objects.get())

    assert finance_page.get(f"{IMPORTS}acceptance/", {"code": code})["Location"] == f"{taken_in}acceptance/"
    wrong = finance_page.get(f"{IMPORTS}acceptance/", {"code": "1-AAA"}, follow=True)
    assert "No sheet has this code" in said(wrong)


def test_what_is_not_taken_in_is_not_signed_for(finance_page: Client, programme: Programme) -> None:
    where = brought(finance_page, programme)

    assert "Sign for it" not in said(finance_page.get(f"{where}acceptance/"))
    assert finance_page.post(f"{where}acceptance/sign/", {"principal": "1"}).status_code == 422
    assert finance_page.get(f"{where}acceptance-en.pdf").status_code == 404


def test_rows_like_somebody_here_are_shown_and_chosen(finance_page: Client, programme: Programme, administrator: Actor) -> None:
    here = profiles.register(name="钱一", phone="13800000001", by=administrator)
    where = brought(finance_page, programme, "姓名,手机,本金\n钱一,13911110001,5\n钱一,13922220001,6\n")
    page = said(finance_page.get(where))
    assert "Perhaps the same person" in page
    assert "same name and end of the phone number" in page
    assert finance_page.post(f"{where}take-in/").status_code == 422

    assert finance_page.post(f"{where}alike/", {"2": "nothing"}).status_code == 422
    assert finance_page.post(f"{where}alike/", {"2": "update", "others": "leave"})["Location"] == where
    worked(where)
    finance_page.post(f"{where}take-in/")
    worked(where)

    here.refresh_from_db()
    assert here.phone == "+8613911110001"
    assert Customer.objects.count() == 1
