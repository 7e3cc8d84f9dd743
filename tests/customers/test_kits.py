from datetime import date

import pytest

from chuzhi.core.errors import Refused
from chuzhi.customers import cells, headings, sheets
from customers import move_in
from customers.checked import planned, rejected

pytestmark = pytest.mark.django_db


def currency_of(kit: str) -> str:
    return "USD" if kit.startswith(("square", "odoo")) else "CNY"


@pytest.mark.parametrize("kit", move_in.TABLES)
def test_a_table_of_another_product_is_known_and_read_whole(kit: str) -> None:
    text = move_in.sheet(kit)

    plan = planned(text, currency=currency_of(kit))

    known = headings.kit(sheets.read(text.encode()).headings)
    assert known is not None
    assert known.key == kit
    assert rejected(plan) == []
    assert len(plan.new) == 2
    has_value = kit not in {"square", "odoo"}
    assert plan.principal == (1_334_50 if has_value else 0)


def test_a_table_of_no_known_product_is_of_none() -> None:
    assert headings.kit(["姓名", "手机", "余额", "积分"]) is None


def test_youzan_s_principal_is_not_its_total_and_keeps_its_dates() -> None:
    first, second = planned(move_in.sheet("youzan")).new

    assert first.opening.principal == 1_234_50
    assert (first.opening.bonus, first.opening.bonus_expires_on) == (80_00, date(2027, 1, 5))
    assert first.opening.principal_on == date(2026, 1, 5)
    assert (first.card_number, first.given["tags"], "notes" in first.given) == ("YZ0001", ["常客", "老客"], False)
    assert (second.given["name"], second.given["phone"]) == ("小二", "+8613911110002")


def test_pospal_s_fen_numbers_and_ends() -> None:
    first, second = planned(move_in.sheet("pospal")).new

    assert (first.given["external_id"], first.opening.principal) == ("000123", 1_234_50)
    assert (first.opening.principal_expires_on, second.opening.principal_expires_on) == (date(2027, 12, 31), None)
    assert first.given["born_on"] == date(1990, 5, 31)


def test_square_s_names_in_two_parts_and_american_days() -> None:
    first, second = planned(move_in.sheet("square"), currency="USD").new

    assert [first.given["name"], second.given["name"]] == ["Ada Ng", "Bo"]
    assert first.given["born_on"] == date(1990, 5, 31)
    assert first.given["external_id"] == "K3F9ZC1AB2"


def test_odoo_s_mobile_comes_before_its_telephone_and_its_balances_end() -> None:
    people = planned(move_in.sheet("odoo"), currency="USD").new
    cards = planned(move_in.sheet("odoo_cards"), currency="USD").new

    assert [row.given["phone"] for row in people] == ["+14155552673", "+14155552672"]
    assert cards[0].opening.principal_expires_on == date(2027, 12, 31)
    assert [row.card_number for row in cards] == ["044a-1f2e", "044b-1f2e"]


@pytest.mark.parametrize(
    ("written", "currency", "worth"),
    [
        ("¥1,234.50", "CNY", 1_234_50),
        ("１２．５元", "CNY", 12_50),
        ("CNY 12", "CNY", 12_00),
        ("$3", "USD", 3_00),
        ("HK$3.5", "HKD", 3_50),
        ("￥100", "JPY", 100),
    ],
)
def test_money_is_read_as_shops_write_it(written: str, currency: str, worth: int) -> None:
    assert cells.amount(written, currency) == worth


@pytest.mark.parametrize(("written", "code"), [("$12", "import.another_currency"), ("USD 12", "import.another_currency"),
                                               ("1.234,50", "amount.invalid"), ("BTC", "amount.invalid")])  # fmt: skip
def test_money_of_another_kind_is_refused(written: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        cells.amount(written, "CNY")

    assert refused.value.code == code


def test_a_currency_column_must_be_that_of_the_wallets() -> None:
    plan = planned("姓名,手机,余额,币种\n钱一,13911110001,1,CNY\n钱二,13911110002,1,USD\n钱三,13911110003,1,人民币\n")

    assert rejected(plan) == ["import.another_currency"]
    assert plan.principal == 2_00


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (["13/05/2025", "05/06/2025"], [date(2025, 5, 13), date(2025, 6, 5)]),
        (["05/13/2025", "05/06/2025"], [date(2025, 5, 13), date(2025, 5, 6)]),
    ],
)
def test_the_days_of_a_column_show_which_part_is_the_month(days: list[str], read: list[date]) -> None:
    rows = "".join(f"甲{at},1391111000{at},1,{day}\n" for at, day in enumerate(days))

    assert [row.opening.principal_on for row in planned(f"姓名,手机,余额,充值日期\n{rows}").new] == read


@pytest.mark.parametrize("days", [["05/06/2025"], ["13/05/2025", "05/13/2025"]])
def test_days_that_could_be_two_are_refused(days: list[str]) -> None:
    rows = "".join(f"甲{at},1391111000{at},1,{day}\n" for at, day in enumerate(days))

    assert set(rejected(planned(f"姓名,手机,余额,充值日期\n{rows}"))) == {"import.date_invalid"}


def test_a_table_without_names_adds_nobody() -> None:
    assert rejected(planned("手机,余额\n13911110001,1\n")) == ["import.name_missing"]


def test_principal_that_has_ended_is_refused() -> None:
    assert rejected(planned("姓名,手机,余额,本金到期日\n甲,13911110001,1,2026-11-21\n")) == ["import.principal_expired"]


def test_a_title_over_the_headings_is_passed_over() -> None:
    assert len(planned("会员资料导出\n姓名,手机,余额\n甲,13911110001,1\n").new) == 1
