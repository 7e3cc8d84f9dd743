import io
from datetime import date, datetime

import openpyxl
import pytest

from chuzhi.core.actors import Actor
from chuzhi.customers import imports, profiles
from chuzhi.customers.models import Customer
from chuzhi.customers.rows import Opening
from customers.checked import GOOD, HEAD, kept, planned, rejected


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_whatever_wrote_it(encoding: str, delimiter: str) -> None:
    plan = planned(f"{HEAD}\r\n{GOOD}\r\n".replace(",", delimiter).encode(encoding))

    (row,) = plan.new
    assert row.given["name"] == "王小明"
    assert row.given["tags"] == ["常客", "老客"]
    assert row.given["born_on"] == date(1990, 5, 31)
    assert row.opening == Opening(100_50, 20_00, date(2026, 1, 5), None, date(2027, 1, 5))
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


@pytest.mark.django_db
def test_cards_of_one_holder_are_further_balances_and_all_else_that_repeats_is_rejected() -> None:
    plan = planned(
        "姓名,手机,卡号,本金\n甲,13812341234,CARD1,10\n甲,13812341234,CARD2,20\n"
        "乙,13812341234,CARD4,1\n甲,13812341234,CARD2,1\n甲,13812341234,,1\n丙,13912341234,,5\n丙,13912341234,CARD9,6\n"
    )

    assert [(one.row.line, one.of, one.row.opening.principal) for one in plan.further] == [(3, 2, 20_00)]
    assert [row.line for row in plan.new] == [2, 7]
    assert rejected(plan) == ["import.row_twice"] * 4
    assert [one.line for one in plan.rejected] == [4, 5, 6, 8]
    assert (plan.principal, [row.card_number for row in plan.with_cards()]) == (35_00, ["CARD1", "CARD2"])


@pytest.mark.django_db
def test_keys_of_two_people_in_one_row_are_rejected(by: Actor) -> None:
    profiles.register(name="李雷", phone="13912341234", by=by)
    other = profiles.register(name="韩梅", external_id="M9", by=by)

    by_number = planned("姓名,手机,会员编号\n谁,13912341234,M9\n")
    by_card = planned("姓名,手机,卡号\n谁,13912341234,C0001\n", card_holders=lambda _numbers: {"C0001": other.pk})

    assert rejected(by_number) == rejected(by_card) == ["import.keys_disagree"]


@pytest.mark.django_db
def test_what_somebody_likes_is_taken_in_and_brought_up_to_date(by: Actor) -> None:
    table = "姓名,手机,偏好,常用支付方式,收银备注\n甲,13911110001,燕麦拿铁,微信,对坚果过敏\n乙,13911110002,,,\n"
    plan = planned(table)
    imports.apply(kept(plan, by), plan, by=by)

    first, second = Customer.objects.order_by("pk")
    assert (first.favourite, first.preferred_method, first.till_note) == ("燕麦拿铁", "wechat", "对坚果过敏")
    assert (second.favourite, second.preferred_method, second.till_note) == ("", "", None)
    (update,) = planned("手机,支付偏好\n13911110001,现金\n").updates
    assert update.changes == {"preferred_method": "cash"}
    assert rejected(planned("姓名,手机,支付偏好\n丙,13911110003,贝壳\n")) == ["customer.method_unknown"]
