"""Is this password or PIN too easy to guess?

A guesser tries what is common, what is typed in a row, dates, and what is known of the person. All of that is taken away; what is
left has to be worth something.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from datetime import date
from enum import StrEnum

LEAST_CHARACTERS, LEAST_DIFFERENT, LEAST_LEFT = 10, 5, 5
PIN_DIGITS = 6
ROWS = (
    "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "147258369", "741852963", "159357", "qazwsxedc",
)  # fmt: skip
"""What lies side by side on keyboards and in counting. Four of a row, in either direction, are one guess."""
HABITS = (
    "5201314", "1314520", "521521", "520520", "1314", "520", "5211314", "woaini", "aini", "iloveyou", "loveyou", "love",
    "nihao", "zhongguo", "beijing", "shanghai", "baobao", "laopo", "laogong", "mima", "password", "passwd", "admin", "root",
    "welcome", "chuzhi", "shouyin", "huiyuan", "qq", "abc", "asd", "qwe", "zxc", "888", "666", "168", "518", "choose", "test",
)  # fmt: skip
"""What people here choose, by leaked lists: longing, luck, places, and the word for password."""
SURNAMES = (
    "wang|li|zhang|liu|chen|yang|zhao|huang|zhou|wu|xu|sun|hu|zhu|gao|lin|he|guo|ma|luo|liang|song|zheng|xie|han|tang|feng|yu|"
    "dong|xiao|cheng|cao|yuan|deng|fu|shen|zeng|peng|lv|su|lu|jiang|cai|jia|ding|wei|xue|ye|yan|pan|du|dai|xia|zhong|tian|ren|"
    "fan|fang|shi|yao|tan|liao|zou|xiong|jin|hao|kong|bai|cui|kang|mao|qiu|qin|gu|hou|shao|meng|long|wan|duan|qian|yin|"
    "ouyang|sima|zhuge"
)
SYLLABLE = (
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ve|ue|er|an|en|in|un"
    "|vn|ia|ua|uo|[aeiouv]))"
)
NAME_AND_NUMBER = re.compile(rf"\d*(?:{SURNAMES}){SYLLABLE}{{1,2}}\d*")
DISGUISES = str.maketrans("013457@$!", "oieastasi")


class Fault(StrEnum):
    SHORT = "short"
    NOT_SIX_DIGITS = "not_six_digits"
    DIGITS = "digits"
    SIMPLE = "simple"
    COMMON = "common"
    DATE = "date"
    PERSONAL = "personal"


def password_fault(password: str, *, known: Iterable[str] = (), common: Container[str] = frozenset()) -> Fault | None:
    """What is wrong with it, if anything. `known`: names, numbers and words that others know of the person; `common`: leaked ones."""
    text = _plain(password)
    bare = re.sub(r"[\W_]", "", text)
    if len(text) < LEAST_CHARACTERS:
        return Fault.SHORT
    if bare.isdecimal():
        return Fault.DIGITS
    if len(set(text)) < LEAST_DIFFERENT:
        return Fault.SIMPLE
    words = {text, bare, bare.strip("0123456789"), bare.rstrip("0123456789")}
    if any(word in common or word.translate(DISGUISES) in common for word in words):
        return Fault.COMMON
    return _guessed(bare, known) or (Fault.COMMON if NAME_AND_NUMBER.fullmatch(bare) else None)


def pin_fault(pin: str, *, known: Iterable[str] = ()) -> Fault | None:
    """The same for six digits, where each rule has to be strict: there are only a million."""
    if not re.fullmatch(rf"[0-9]{{{PIN_DIGITS}}}", pin):
        return Fault.NOT_SIX_DIGITS
    if (
        len(set(pin)) < 3
        or pin[:3] == pin[3:]
        or pin[:2] * 3 == pin
        or any(pin[:4] in row or pin[2:] in row for row in _rows())
    ):
        return Fault.SIMPLE
    if any(pin in habit or (len(habit) > 3 and habit in pin) for habit in HABITS):
        return Fault.COMMON
    if any(pin in _plain(fact) for fact in known):
        return Fault.PERSONAL
    return Fault.DATE if _is_short_date(pin) else None


def _guessed(bare: str, known: Iterable[str]) -> Fault | None:
    """Take away what is guessed, and say what was taken if too little is left."""
    facts = sorted({fact for one in known if _is_telling(fact := re.sub(r"[\W_]", "", _plain(one)))}, key=len, reverse=True)
    left, largest, said = bare, 0, None
    for fault, pieces in (
        (Fault.PERSONAL, facts),
        (Fault.DATE, _days(bare)),
        (Fault.SIMPLE, _runs(bare)),
        (Fault.COMMON, HABITS),
        (Fault.DATE, _years(bare)),
    ):
        for piece in pieces:
            if piece in left:
                left = left.replace(piece, " ")
                largest, said = max((largest, said), (len(piece), fault), key=lambda one: one[0])
    return said if len(left.replace(" ", "")) < LEAST_LEFT else None


def _days(text: str) -> Iterator[str]:
    """Eight digits that are a day, in any of the orders people write it in."""
    for found in re.finditer(r"(?=(\d{8}))", text):
        if any(_is_day(*parts) for parts in _orders(found[1])):
            yield found[1]


def _years(text: str) -> Iterator[str]:
    for found in re.finditer(r"(?=((?:19[3-9]|20[0-4])\d))", text):
        yield found[1]


def _orders(eight: str) -> Iterator[tuple[str, str, str]]:
    yield eight[:4], eight[4:6], eight[6:]
    yield eight[4:], eight[2:4], eight[:2]
    yield eight[4:], eight[:2], eight[2:4]


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        return 1930 <= date(int(year), int(month), int(day)).year <= 2050
    except ValueError:
        return False


def _is_short_date(six: str) -> bool:
    """yymmdd, ddmmyy, mmddyy, yyyymm and mmyyyy."""
    a, b, c = six[:2], six[2:4], six[4:]
    orders = ((a, b, c), (c, b, a), (c, a, b))
    short = any(_is_day(f"{century}{year}", month, day) for year, month, day in orders for century in ("19", "20"))
    return short or _is_day(six[:4], c, "01") or _is_day(six[2:], a, "01")


def _runs(text: str) -> Iterator[str]:
    """Four or more of a row, or one character three times and more."""
    rows = tuple(_rows())
    yield from (found[0] for found in re.finditer(r"(.)\1{2,}", text))
    start = 0
    while start < len(text):
        end = start + 4
        while end <= len(text) and any(text[start:end] in row for row in rows):
            end += 1
        if end > start + 4:
            yield text[start : end - 1]
        start = max(start + 1, end - 1 if end > start + 4 else 0)


def _rows() -> Iterator[str]:
    for row in ROWS:
        yield row
        yield row[::-1]


def _is_telling(fact: str) -> bool:
    return len(fact) >= (3 if fact.isascii() else 2)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
