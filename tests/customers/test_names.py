import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.customers import names
from chuzhi.customers.errors import NameInvalid


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单小红", "shanxiaohong"),
        ("解晓东", "xiexiaodong"),
        ("仇和", "qiuhe"),
        ("区志强", "ouzhiqiang"),
        ("查良镛", "zhaliangyong"),
        ("曾国藩", "zengguofan"),
        ("盖叫天", "gejiaotian"),
        ("任静", "renjing"),
        ("朴树", "piaoshu"),
        ("尉迟恭", "yuchigong"),
        ("万俟卨", "moqixie"),
        ("长孙无忌", "zhangsunwuji"),
        ("单于夫罗", "chanyufuluo"),
        ("吕布", "lvbu"),
        ("John Smith", "johnsmith"),
        ("José Ñandú", "josenandu"),
    ],
)
def test_a_surname_is_read_as_a_surname(name: str, pinyin: str) -> None:
    assert names.spell(name).pinyin == pinyin


@pytest.mark.parametrize("typed", ["王", "小明", "明", "wangxiaoming", "Wang Xiao", "xiaom", "wxm", "XM", "ＷＸＭ", "wáng"])
def test_a_name_is_found_by_any_spelling_from_any_syllable_on(typed: str) -> None:
    assert any(key.startswith(names.fold(typed)) for key in names.spell("王小明").keys)


@pytest.mark.parametrize("typed", ["angxiao", "小红", "wm", "大"])
def test_a_name_is_not_found_from_the_middle_of_a_syllable(typed: str) -> None:
    assert not any(key.startswith(names.fold(typed)) for key in names.spell("王小明").keys)


def test_a_reading_with_u_umlaut_is_found_by_v_and_by_u() -> None:
    assert {"lvbu", "lubu"} <= set(names.spell("吕布").keys)


@pytest.mark.parametrize("given", ["", "   ", "\t", "x" * 81, "a\x00b", "a\x07b", "ab\u202ecd"])
def test_a_name_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(NameInvalid):
        names.clean(given)


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_and_keys_hold_only_letters_and_digits(text: str) -> None:
    folded = names.fold(text)

    assert names.fold(folded) == folded
    assert all(sign.isalnum() for key in names.spell(text).keys for sign in key)
