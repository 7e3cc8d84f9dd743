import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
from chuzhi.console.imports import uploads
from chuzhi.customers.models import Customer, ImportBatch
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet

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


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_is_tried_taken_in_and_given_back(finance_page: Client, programme: Programme, encoding: str) -> None:
    where = bring(finance_page, programme, TABLE.encode(encoding))["Location"]  # type: ignore[index]
    tried = said(finance_page.get(where))
    assert "CN¥600.50" in tried
    assert not Customer.objects.exists()
    mapping = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', tried))
    mapping.pop("csrfmiddlewaretoken", None)

    assert finance_page.post(where, mapping)["Location"] == IMPORTS

    assert Customer.objects.count() == 2
    assert queries.balance(Wallet.objects.get(customer__name="钱一")).available == 580_00
    batch = ImportBatch.objects.get()
    assert finance_page.post(where, mapping).status_code == 422
    finance_page.post(f"{IMPORTS}{batch.pk}/reverse/")
    assert not Customer.objects.filter(name="钱一").exists() or Wallet.objects.filter(customer__name="钱一").exists()
    assert "Reversed" in said(finance_page.get(IMPORTS))


def test_rows_that_are_refused_come_back_with_their_reasons(finance_page: Client, programme: Programme) -> None:
    where = bring(finance_page, programme, TABLE.encode())["Location"]  # type: ignore[index]

    file = finance_page.get(f"{where}rejected.csv")

    assert "钱三" in said(file)
    assert "attachment" in file["Content-Disposition"]


def test_two_columns_for_one_field_are_for_a_person_to_choose(finance_page: Client, programme: Programme) -> None:
    where = bring(finance_page, programme, "姓名,手机,电话\n钱一,13911110001,13911110002\n".encode())["Location"]  # type: ignore[index]

    chosen = finance_page.get(f"{where}?name=姓名&phone=电话")

    assert "13911110002" not in said(chosen)
    assert said(chosen).count("New customers") == 1
    assert finance_page.get(f"{where}?name=姓名&phone=姓名").status_code == 200


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "姓名\n".encode()])
def test_what_is_no_table_is_refused(finance_page: Client, programme: Programme, content: bytes) -> None:
    assert bring(finance_page, programme, content).status_code == 422  # type: ignore[attr-defined]


def test_a_file_is_sealed_while_it_waits(settings: object, tmp_path: Path, db: None) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]  # pytest-django's fixture is not typed

    number = uploads.keep("钱一,13911110001".encode())

    assert uploads.read(number) == "钱一,13911110001".encode()
    assert b"13911110001" not in (tmp_path / "uploads" / f"{number}.sealed").read_bytes()
    assert uploads.read("../secrets") is None


def test_a_cashier_imports_nothing(programme: Programme) -> None:
    cashier = cast.signed_in(cast.person("cashier"))

    assert cashier.get(IMPORTS).status_code == 403
    assert cashier.get(f"{IMPORTS}files/{'0' * 64}/{programme.pk}/").status_code == 403
