import csv
import io
import zipfile
from datetime import date, datetime
from unittest import mock

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import headings, importing, imports, profiles, search, sheets
from chuzhi.customers.models import Customer, ImportBatch

TODAY = date(2026, 11, 22)
HEAD = "姓名,手机号,邮箱,生日,标签,备注,卡号,会员编号,本金余额,赠送余额,充值日期,赠送到期日"
GOOD = "王小明,13812341234,wang@example.com,1990/5/31,常客；老客,,VIP0001,M1,100.50,20,2026-01-05,2027-01-05"


def planned(text: str | bytes, **more: object) -> importing.Plan:
    content = text if isinstance(text, bytes) else text.encode()
    return importing.plan(sheets.read(content), currency="CNY", today=TODAY, **more)  # type: ignore[arg-type]  # passed on


def rejected(plan: importing.Plan) -> list[str]:
    return [no.code for one in plan.rejected for _about, no in one.reasons]


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_whatever_wrote_it(encoding: str, delimiter: str) -> None:
    plan = planned(f"{HEAD}\r\n{GOOD}\r\n".replace(",", delimiter).encode(encoding))

    (row,) = plan.new
    assert row.given["name"] == "王小明"
    assert row.given["tags"] == ["常客", "老客"]
    assert row.given["born_on"] == date(1990, 5, 31)
    assert row.opening == importing.Opening(100_50, 20_00, date(2026, 1, 5), None, date(2027, 1, 5))
    assert (row.card_number, plan.principal, plan.bonus) == ("VIP0001", 100_50, 20_00)


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_workbook_is_read_as_a_person_sees_it() -> None:
    content = workbook(
        [
            ["Name", "Mobile", "Birthday", "Principal", "Bonus"],
            ["王小明", 13812341234.0, datetime(1990, 5, 31), 0.1 + 0.2, None],  # noqa: DTZ001 # Excel knows no zones
            ["李雷", "13912341234", "1991-01-01", 100, 20.5],
        ]
    )

    plan = planned(content)

    assert [row.given["phone"] for row in plan.new] == ["+8613812341234", "+8613912341234"]
    assert plan.new[0].given["born_on"] == date(1990, 5, 31)
    assert [(row.opening.principal, row.opening.bonus) for row in plan.new] == [(30, 0), (100_00, 20_50)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("姓名", "", "customer.name_invalid"),
        ("手机号", "1381234", "customer.phone_invalid"),
        ("手机号", "=HYPERLINK(1)", "customer.phone_invalid"),
        ("邮箱", "nobody", "customer.email_invalid"),
        ("生日", "2030-01-01", "customer.birthday_future"),
        ("生日", "32994", "customer.birthday_invalid"),
        ("卡号", "a b!", "import.card_invalid"),
        ("本金余额", "-1", "amount.invalid"),
        ("本金余额", "0.001", "amount.too_fine"),
        ("本金余额", "1e308", "amount.invalid"),
        ("本金余额", "NaN", "amount.invalid"),
        ("本金余额", "Infinity", "amount.invalid"),
        ("本金余额", "9007199254740993", "amount.out_of_range"),
        ("本金余额", "9223372036854775808", "amount.invalid"),
        ("本金余额", "一百", "amount.invalid"),
        ("赠送余额", "-0.01", "amount.invalid"),
        ("充值日期", "2026-02-30", "import.date_invalid"),
        ("充值日期", "2027-01-01", "import.date_future"),
        ("赠送到期日", "2026-11-21", "import.bonus_expired"),
    ],
)
def test_a_wrong_cell_rejects_its_row_by_name(column: str, text: str, code: str) -> None:
    cells = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | {column: text}

    plan = planned(f"{HEAD}\n{','.join(cells.values())}\n")

    assert rejected(plan) == [code]
    assert (plan.new, plan.principal, plan.bonus) == ((), 0, 0)


@pytest.mark.django_db
def test_every_reason_of_a_row_is_told() -> None:
    assert rejected(planned("姓名,手机,本金\n,1,-5\n")) == [
        "customer.name_invalid",
        "customer.phone_invalid",
        "amount.invalid",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("figure", ["", "0", "0.00", "￥0", "0元"])
def test_no_balance_is_no_fault(figure: str) -> None:
    plan = planned(f"姓名,手机,本金\n王小明,13812341234,{figure}\n")

    assert (len(plan.new), plan.principal, plan.rejected) == (1, 0, ())


@pytest.mark.django_db
def test_rows_that_repeat_or_cannot_be_told_apart_are_rejected() -> None:
    plan = planned("姓名,手机,会员编号\n甲,13812341234,1\n乙,13812341234,2\n丙,,1\n丁,,\n戊,13912341234,,多\n")

    assert [row.given["name"] for row in plan.new] == ["甲"]
    assert rejected(plan) == ["import.row_twice", "import.row_twice", "import.key_missing", "import.row_too_long"]
    assert [one.line for one in plan.rejected] == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\n\n , \n", "import.empty"),
        ("姓名,手机\n".encode(), "import.empty"),
        (b"\xff\xff\x80\x81", "import.encoding_unknown"),
        (b"name,phone\n\x00,1\n", "import.not_a_table"),
        (b'name,phone\n"open,1\n', "import.not_a_table"),
        (b"PK\x03\x04 this is no archive", "import.not_a_table"),
        (b"name,phone\n" + b"," * 200 + b"\n", "import.empty"),
        (b",".join([b"x"] * 101) + b"\n1\n", "import.file_too_large"),
        (b"x" * (sheets.MOST_BYTES + 1), "import.file_too_large"),
    ],
    ids=range(10),
)
def test_a_file_that_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        sheets.read(content)

    assert refused.value.code == code


def package(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = package(xl__worksheets__sheet1=b"0" * 1024 * 1024 * 16)
    with mock.patch.object(sheets, "MOST_UNPACKED_BYTES", 1024 * 1024), pytest.raises(sheets.FileTooLarge):
        sheets.read(bomb)


@pytest.mark.parametrize("cell", ["XFD1048576", "A200000", "CW1", "ZZ9"])
def test_one_cell_far_away_does_not_fill_the_memory(cell: str) -> None:
    far = package(xl__worksheets__sheet1=f'<row><c s="1" r="{cell}"><v>1</v></c></row>'.encode())

    with pytest.raises(sheets.FileTooLarge):
        sheets.read(far)


@pytest.mark.parametrize("near", ["A199999", "CV1"])
def test_the_last_cell_within_the_limits_is_not_far_away(near: str) -> None:
    assert not sheets._BEYOND.search(f'<c r="{near}">'.encode())


@pytest.mark.parametrize(
    ("first_line", "code"),
    [
        ("姓名,手机,联系电话", "import.column_twice"),
        ("姓名,姓名,手机", "import.column_twice"),
        ("phone,email", "import.no_columns"),
        ("姓名,邮箱", "import.no_columns"),
    ],
)
def test_two_columns_never_mean_one_field(first_line: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        headings.guess(first_line.split(","))

    assert refused.value.code == code


@pytest.mark.parametrize("heading", ["手机号", "手机号（必填）", " Phone Number *", "PHONE_NUMBER", "ｍｏｂｉｌｅ"])
def test_a_heading_is_known_by_many_names(heading: str) -> None:
    assert headings.guess(["姓名", heading])["phone"] == 1


def test_a_chosen_column_must_be_there_and_be_used_once() -> None:
    assert headings.chosen({"name": "A", "phone": "B"}, ["A", "B"]) == {"name": 0, "phone": 1}
    for wrong in ({"name": "A", "phone": "A"}, {"name": "A", "phone": "C"}, {"name": "A", "shoe": "B"}):
        with pytest.raises(headings.ColumnUnknown):
            headings.chosen(wrong, ["A", "B"])


@pytest.mark.django_db
def test_the_file_of_rejected_rows_cannot_run_formulas() -> None:
    plan = planned('姓名,手机,备注\n=1+1,12,"@SUM(A1)"\n')

    (_head, row) = csv.reader(io.StringIO(plan.rejected_csv()))

    assert row[0] == "2"
    assert row[2:] == ["'=1+1", "12", "'@SUM(A1)"]


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not importing.safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.django_db
def test_an_import_adds_updates_and_skips(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", tags=["老客"], by=by)
    same = profiles.register(name="韩梅", external_id="M9", by=by)
    text = "姓名,手机,会员编号,标签,备注\n王小明,13812341234,M1,,\n李蕾,13912341234,M2,新客,花生过敏\n韩梅,,M9,,\n"

    plan = planned(text)
    batch = imports.keep(plan, file_name="顾客.csv", by=by)
    owners = imports.apply(batch, plan, by=by)

    assert (batch.new, batch.updated, batch.skipped, batch.refused) == (1, 1, 1, 0)
    fresh = Customer.objects.get(external_id="M1")
    assert owners == {2: fresh.pk, 3: known.pk, 4: same.pk}
    known.refresh_from_db()
    assert (known.name, known.external_id, known.tags, known.notes, known.version) == (
        "李蕾",
        "M2",
        ["老客", "新客"],
        "花生过敏",
        2,
    )
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED


@pytest.mark.django_db
def test_the_same_file_again_adds_nobody_and_cannot_be_applied(by: Actor) -> None:
    text = f"{HEAD}\n{GOOD}\n"
    first = planned(text)
    imports.apply(imports.keep(first, file_name="a.csv", by=by), first, by=by)

    again = planned(text)
    with pytest.raises(imports.AlreadyApplied):
        imports.apply(imports.keep(again, file_name="a.csv", by=by), again, by=by)

    assert (again.new, len(again.updates)) == ((), 1)
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_an_import_is_given_back_as_a_whole(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", born_on="1990-05-31", by=by)
    plan = planned("姓名,手机,生日\n王小明,13812341234,\n李蕾,13912341234,1991-01-01\n张三,13712341234,\n")
    batch = imports.keep(plan, file_name="a.csv", by=by)
    owners = imports.apply(batch, plan, by=by)
    busy = Customer.objects.get(pk=owners[4])
    profiles.change(customer=busy, notes="came back", by=by)

    staying = imports.reverse(batch, by=by)

    assert staying == {busy.pk}
    gone = Customer.objects.get(pk=owners[2])
    assert (gone.name, gone.phone, gone.phone_mark, gone.blind_tokens) == ("", None, None, [])
    assert search.find("13812341234", by=by) == search.find("wangxiaoming", by=by) == []
    assert profiles.register(name="王小明", phone="13812341234", by=by).pk != gone.pk
    known.refresh_from_db()
    assert (known.name, str(known.born_on)) == ("李雷", "1990-05-31")
    with pytest.raises(imports.NotApplied):
        imports.reverse(batch, by=by)


@pytest.mark.django_db
def test_customers_who_changed_after_the_check_stop_the_import(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", by=by)
    plan = planned("姓名,手机\n李蕾,13912341234\n王小明,13812341234\n")
    profiles.change(customer=known, name="李磊", by=by)

    with pytest.raises(imports.CustomersChanged):
        imports.apply(imports.keep(plan, file_name="a.csv", by=by), plan, by=by)

    assert [row.name for row in Customer.objects.all()] == ["李磊"]


@pytest.mark.django_db
def test_keys_of_two_people_in_one_row_are_rejected(by: Actor) -> None:
    profiles.register(name="李雷", phone="13912341234", by=by)
    other = profiles.register(name="韩梅", external_id="M9", by=by)

    by_number = planned("姓名,手机,会员编号\n谁,13912341234,M9\n")
    by_card = planned("姓名,手机,卡号\n谁,13912341234,C0001\n", card_holders=lambda _numbers: {"C0001": other.pk})

    assert rejected(by_number) == rejected(by_card) == ["import.keys_disagree"]
