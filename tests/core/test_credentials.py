import pytest
from hypothesis import given
from hypothesis import strategies as some

from chuzhi.core.credentials.rules import Fault, password_fault, pin_fault

KNOWN = ["李雷", "lilei", "lei.li", "13800138000", "南京路店", "nanjingludian", "lilei@example.com"]
COMMON = frozenset({"mynameisbob", "sunshine", "football1"})


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("tea with 3", None), ("tea with 3 lumps", None), ("correct horse battery staple", None), ("Xk7#pQ2mVz", None),
        ("窗外有两棵枣树不是三棵", None), ("blaue Tassen 1987 im Regal", None), ("zhuozi li mian 7 ge li", None),
        ("short", Fault.SHORT), ("Xk7#pQ2mV", Fault.SHORT), ("", Fault.SHORT),
        ("8340918273", Fault.DIGITS), ("834-091-8273", Fault.DIGITS), ("８３４０９１８２７３", Fault.DIGITS),
        ("aaaabbbbaaaa", Fault.SIMPLE), ("qwertyuiop12", Fault.SIMPLE), ("1qaz2wsx3edc", Fault.SIMPLE), ("poiuytrewq!", Fault.SIMPLE),
        ("abcdefgh1234", Fault.SIMPLE), ("zzzzzyyyyyxxxxxwwwwwv", Fault.SIMPLE),
        ("mynameisbob", Fault.COMMON), ("My Name Is Bob", Fault.COMMON), ("Sunshine2024", Fault.COMMON), ("5un5hine!!99", Fault.COMMON),
        ("woaini5201314", Fault.COMMON), ("WoAiNi1314!", Fault.COMMON), ("Password123!", Fault.COMMON), ("admin@88888", Fault.SIMPLE),
        ("zhangwei520", Fault.COMMON), ("WangXiaoMing1", Fault.COMMON), ("19880101chen", Fault.DATE), ("ouyangwenjing", Fault.COMMON),
        ("lilei19900512", Fault.DATE), ("lilei#2m7", Fault.SHORT), ("lilei##2m7!", Fault.PERSONAL), ("13800138000ab", Fault.PERSONAL),
        ("李雷李雷李雷李雷李雷", Fault.SIMPLE),
        ("NanJingLuDian1", Fault.PERSONAL), ("lei.li@2024!", Fault.PERSONAL),
        ("12051990abc!", Fault.DATE), ("tom19900512!", Fault.DATE), ("ab31121999cd", Fault.DATE),
    ],
)  # fmt: skip
def test_a_password(password: str, fault: Fault | None) -> None:
    assert password_fault(password, known=KNOWN, common=COMMON) == fault


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        ("739164", None), ("408297", None),
        ("12345", Fault.NOT_SIX_DIGITS), ("1234567", Fault.NOT_SIX_DIGITS), ("12a456", Fault.NOT_SIX_DIGITS),
        ("１２３４５６", Fault.NOT_SIX_DIGITS), ("", Fault.NOT_SIX_DIGITS), ("739164\n", Fault.NOT_SIX_DIGITS),
        ("123456", Fault.SIMPLE), ("654321", Fault.SIMPLE), ("111111", Fault.SIMPLE), ("112112", Fault.SIMPLE), ("121212", Fault.SIMPLE),
        ("147258", Fault.SIMPLE), ("520131", Fault.COMMON), ("131452", Fault.COMMON), ("913145", Fault.COMMON),
        ("900512", Fault.DATE), ("120590", Fault.DATE), ("051290", Fault.DATE), ("199005", Fault.DATE), ("051990", Fault.DATE),
        ("138001", Fault.PERSONAL), ("138000", Fault.PERSONAL),
    ],
)  # fmt: skip
def test_a_pin(pin: str, fault: Fault | None) -> None:
    assert pin_fault(pin, known=KNOWN) == fault


@given(some.text(max_size=200), some.lists(some.text(max_size=20), max_size=4))
def test_any_text_has_an_answer(text: str, known: list[str]) -> None:
    assert password_fault(text, known=known) in {None, *Fault}
    assert pin_fault(text, known=known) in {None, *Fault}


@given(some.text(min_size=5, max_size=40))
def test_more_of_what_is_known_never_makes_a_password_better(text: str) -> None:
    alone = password_fault(text)

    assert alone is None or password_fault(text, known=[text]) is not None
