import pytest

from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import Worded
from chuzhi.core.packs.rules import Said
from chuzhi.customers import rules
from chuzhi.customers.rules import Definition, Kind

OPTIONS = {"s": Worded(Said(en="Small", zh="小")), "l": Worded(Said(en="Large", zh="大"))}


def field(kind: Kind, **more: object) -> Definition:
    values: dict[str, object] = {"currency": "CNY" if kind is Kind.MONEY else "", "options": OPTIONS} | more
    return Definition(key="size", kind=kind, label="Size", **values)  # type: ignore[arg-type]  # passed on


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (Kind.TEXT, " 大号 ", "大号"),
        (Kind.LONG_TEXT, "a\r\nb", "a\nb"),
        (Kind.WHOLE, "１２", 12),
        (Kind.WHOLE, "-3", -3),
        (Kind.DECIMAL, "12.50", "12.5"),
        (Kind.DECIMAL, "100", "100"),
        (Kind.MONEY, "1,234.5", 123450),
        (Kind.MONEY, "0", 0),
        (Kind.DAY, "2026年5月31日", "2026-05-31"),
        (Kind.YES_NO, "是", True),
        (Kind.YES_NO, "no", False),
        (Kind.CHOICE, "大", "l"),
        (Kind.CHOICE, "small", "s"),
        (Kind.CHOICES, "小、large，s", ["s", "l"]),
        (Kind.PHONE, "138 0013 8000", "+8613800138000"),
        (Kind.EMAIL, "Wang@Example.com", "wang@example.com"),
        (Kind.LINK, "https://shop.example/a?b=1", "https://shop.example/a?b=1"),
        (Kind.STORE, "s", "s"),
        (Kind.TEXT, "  ", None),
        (Kind.CHOICES, "、", None),
    ],
)
def test_what_people_type_is_kept_in_one_form_and_read_back(kind: Kind, typed: str, kept: object) -> None:
    one = field(kind)

    value = rules.typed(one, rules.read(one, typed))

    assert value == kept
    assert rules.typed(one, rules.read(one, rules.plain(one, value))) == kept


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        (Kind.TEXT, 5, "field.not_text"),
        (Kind.TEXT, "a\nb", "field.not_one_line"),
        (Kind.TEXT, "x" * 201, "field.too_long"),
        (Kind.LONG_TEXT, "x" * 4001, "field.too_long"),
        (Kind.WHOLE, "5", "field.not_whole"),
        (Kind.WHOLE, True, "field.not_whole"),
        (Kind.WHOLE, 1.5, "field.not_whole"),
        (Kind.WHOLE, 2**63, "field.out_of_range"),
        (Kind.DECIMAL, "1e5", "field.not_decimal"),
        (Kind.DECIMAL, "NaN", "field.not_decimal"),
        (Kind.DECIMAL, 1.5, "field.not_decimal"),
        (Kind.DECIMAL, "0.1234567", "field.not_decimal"),
        (Kind.MONEY, -1, "field.out_of_range"),
        (Kind.DAY, "2026-02-30", "field.not_a_day"),
        (Kind.DAY, "31.12.2026", "field.not_a_day"),
        (Kind.YES_NO, "yes", "field.not_yes_or_no"),
        (Kind.CHOICE, "xl", "field.not_a_choice"),
        (Kind.CHOICE, ["s"], "field.not_a_choice"),
        (Kind.CHOICES, "s", "field.not_a_list"),
        (Kind.CHOICES, ["s", "xl"], "field.not_a_choice"),
        (Kind.PHONE, "12", "field.not_a_phone"),
        (Kind.EMAIL, "nobody", "field.not_an_email"),
        (Kind.LINK, "javascript:alert(1)", "field.not_a_link"),
        (Kind.LINK, "https://", "field.not_a_link"),
        (Kind.STORE, "99", "field.not_a_choice"),
    ],
)
def test_each_wrong_value_is_named_with_its_field(kind: Kind, given: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.typed(field(kind), given)

    assert (refused.value.code, refused.value.facts["field"]) == (code, "size")
    assert "Size" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "is_new", "code"),
    [
        ({"colour": "red"}, False, "field.unknown"),
        ({"old": "x"}, False, "field.archived"),
        ({"size": ""}, False, "field.required"),
        ({"size": None}, False, "field.required"),
        ({}, True, "field.required"),
    ],
)
def test_unknown_archived_and_missing_fields_are_refused(given: dict[str, object], is_new: bool, code: str) -> None:
    known = {
        "size": field(Kind.TEXT, is_required=True),
        "old": Definition("old", Kind.TEXT, "Old", is_archived=True, is_required=True),
    }

    with pytest.raises(Refused) as refused:
        rules.checked(given, known, is_new=is_new)

    assert refused.value.code == code


def test_personal_values_are_kept_apart() -> None:
    known = {"size": field(Kind.TEXT), "plate": Definition("plate", Kind.TEXT, "Plate", is_personal=True)}

    values = rules.checked({"size": "L", "plate": "京A12345"}, known)

    assert (values.open, values.sealed) == ({"size": "L"}, {"plate": "京A12345"})
