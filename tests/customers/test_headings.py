import pytest

from chuzhi.core.errors import Refused
from chuzhi.customers import headings


@pytest.mark.parametrize(
    ("first_line", "code"),
    [
        ("姓名,手机,联系电话", "import.column_twice"),
        ("姓名,姓名,手机", "import.column_twice"),
        ("姓名,生日", "import.no_columns"),
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
