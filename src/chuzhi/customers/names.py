"""How a name is spelled when people look for it: as written, in pinyin, by initials, from any syllable on."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from chuzhi.customers.errors import NameInvalid

LONGEST = 80
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "曾": "zeng", "盖": "ge", "朴": "piao",
    "卜": "bu", "种": "chong", "重": "chong", "翟": "zhai", "召": "shao", "折": "she", "黑": "he", "缪": "miao",
    "乐": "yue", "员": "yun", "覃": "qin", "佴": "nai", "繁": "po", "秘": "bi", "洗": "xian", "郇": "xun",
    "牟": "mu", "隗": "wei", "祭": "zhai", "粘": "nian", "贠": "yun", "载": "dai", "阚": "kan", "薄": "bo",
}  # fmt: skip
"""Readings that a surname has and the same character elsewhere has not."""

COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "澹台": ("tan", "tai"),
    "单于": ("chan", "yu"),
    "长孙": ("zhang", "sun"),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name as search and sorting see it."""

    written: str  # folded, without spaces: 王小明
    pinyin: str  # wangxiaoming
    initials: str  # wxm
    sort_key: str  # wang xiao ming, so that names sort by syllable
    keys: tuple[str, ...]  # every spelling from every syllable on; a fragment matches when one of these begins with it


def clean(given: str) -> str:
    """The name to keep: composed, single spaces. Refuses an empty, a too long or a trick name."""
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not 0 < len(name) <= LONGEST or any(unicodedata.category(sign) == "Cc" or sign in _TURNS_TEXT_AROUND for sign in name):
        raise NameInvalid
    return name


def joined(given: str, family: str) -> str:
    """A name that was kept in two parts, in the order in which its language says them."""
    return f"{family}{given}" if any(map(is_chinese, given + family)) else f"{given} {family}".strip()


def fold(text: str) -> str:
    """What a person typed, brought to the form that keys have: narrow, lower case, without spaces, points and accents."""
    return "".join(_units(text))


@lru_cache(maxsize=20_000)
def spell(name: str) -> Spelling:
    units = _units(name)
    syllables = _syllables(units)
    initials = [syllable[0] for syllable in syllables]
    keys = {*_tails(units), *_tails(syllables), *_tails(initials)}
    if any("v" in syllable for syllable in syllables):
        keys |= {key.replace("v", "u") for key in _tails(syllables)}
    return Spelling("".join(units), "".join(syllables), "".join(initials), " ".join(syllables), tuple(sorted(keys)))


def _tails(parts: list[str]) -> list[str]:
    """ABC, BC, C."""
    tails: list[str] = []
    tail = ""
    for part in reversed(parts):
        tail = part + tail
        tails.append(tail)
    return tails


def _units(text: str) -> list[str]:
    """The parts a reader says one by one: each Chinese character, each run of other letters and digits."""
    units: list[str] = []
    run = ""
    for sign in _plain(text):
        if is_chinese(sign):
            units += [run, sign] if run else [sign]
            run = ""
        elif sign.isalnum():
            run += sign
        else:
            units += [run] if run else []
            run = ""
    return units + ([run] if run else [])


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold())


def is_chinese(sign: str) -> bool:
    in_a_block = "\u3400" <= sign <= "\u4dbf" or "\u4e00" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff"
    return (in_a_block and sign.isalnum()) or sign == "〇"


def _syllables(units: list[str]) -> list[str]:
    syllables = [_reading(unit) for unit in units]
    if compound := COMPOUND_SURNAMES.get("".join(units[:2])):
        syllables[:2] = compound
    elif units and units[0] in SURNAMES:
        syllables[0] = SURNAMES[units[0]]
    return syllables


@lru_cache(maxsize=20_000)
def _reading(unit: str) -> str:
    if not is_chinese(unit[0]):
        return unit
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  # 57 MB: only a process that spells names has them

    reading = _plain(lazy_pinyin(unit, style=Style.NORMAL)[0])
    return reading if reading.isalnum() else unit


def masked(name: str) -> str:
    """`*小明`, `J*** S****`: enough to see that it is the right person, for whoever knows them."""
    if any("\u4e00" <= letter <= "\u9fff" for letter in name):
        return "*" + name[1:] if len(name) > 1 else "*"
    return " ".join(word[:1] + "*" * (len(word) - 1) for word in name.split())
