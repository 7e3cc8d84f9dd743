"""Which column of somebody's table means what, by the words that shops use for it."""

import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused
from chuzhi.customers import kits

WORDS = {
    "name": "姓名 客户 客户姓名 客户名称 会员 会员姓名 会员名称 名字 name fullname customer customername member membername",
    "given_name": "名 firstname givenname forename",
    "family_name": "姓 姓氏 lastname familyname surname",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 会员手机 移动电话 phone phonenumber mobile mobilenumber tel"
    " telephone cell",
    "email": "邮箱 电子邮箱 电子邮件 邮件 email emailaddress mail",
    "identity_number": "身份证 身份证号 身份证号码 证件号 证件号码 identitynumber idnumber idcard",
    "born_on": "生日 出生日期 出生年月日 会员生日 birthday birthdate dateofbirth dob born",
    "tags": "标签 客户标签 会员标签 tags tag labels",
    "notes": "备注 说明 附注 notes note remark remarks comment comments",
    "favourite": "偏好 喜好 最喜欢 常点 favourite favorite preference likes",
    "preferred_method": "常用支付方式 偏好支付方式 支付偏好 preferredpayment preferredmethod",
    "till_note": "收银备注 收银提示 前台备注 tillnote",
    "card_number": "卡号 会员卡号 储值卡号 卡号码 实体卡号 card cardno cardnumber",
    "external_id": "会员编号 客户编号 编号 外部编号 会员号 会员id 客户id externalid memberid customerid memberno customerno id",
    "principal": "本金 本金余额 实储余额 实储 储值余额 余额 储值本金 账户余额 principal principalbalance balance storedvalue",
    "bonus": "赠送金 赠额 赠送余额 赠送 赠金 赠金余额 赠送金余额 bonus bonusbalance gift",
    "principal_on": "充值日期 本金日期 储值日期 principaldate topupdate rechargedate principalon",
    "principal_expires_on": "本金到期 本金到期日 本金有效期 储值到期日 储值有效期 余额到期日 余额有效期 principalexpiry"
    " principalexpires principalexpireson principalexpirydate",
    "bonus_on": "赠送日期 赠送金日期 赠金日期 bonusdate bonuson",
    "bonus_expires_on": "赠送到期 赠送到期日 赠送金到期 赠送金到期日 赠金到期日 赠送有效期 bonusexpiry bonusexpires"
    " bonusexpireson bonusexpirydate",
    "currency": "币种 货币 currency currencycode",
}
"""Field -> the headings, folded, that are understood as it."""

Own = Mapping[str, Sequence[str]]
"""The shop's own fields (`custom.size`), and what each is called."""
NONE: Own = {}

_MEANING = {word: field for field, words in WORDS.items() for word in words.split()}


class ColumnTwice(Refused):
    code = "import.column_twice"
    message = _("The columns “%(first)s” and “%(second)s” both mean the same field. Choose one.")


class ColumnUnknown(Refused):
    code = "import.column_unknown"
    message = _("The column “%(column)s” cannot be used for “%(field)s”.")


class NoColumns(Refused):
    code = "import.no_columns"
    message = _("No column of a phone, card or outside number was recognised. Choose one, and one of names for new customers.")


def fold(heading: str) -> str:
    """`Phone Number *`, `手机号（必填）` and `手 机 号` lose what only decorates them."""
    text = unicodedata.normalize("NFKC", heading).casefold().partition("(")[0]
    return "".join(sign for sign in text if sign.isalnum())


def in_minor_units(heading: str) -> bool:
    """`余额（分）`, `Balance (cents)`: what stands in brackets is the unit."""
    _name, _bracket, unit = unicodedata.normalize("NFKC", heading).casefold().partition("(")
    return unit.strip(") ") in {"分", "单位:分", "fen", "cents", "minor units"}


def by_words(words: Mapping[str, str], headings: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column: as chosen (an empty heading: not in the file), else by the first of its words that is there."""
    folded = [fold(heading) for heading in headings]
    found: dict[str, int] = {}
    for field, meant in words.items():
        if field in chosen:
            place = headings.index(chosen[field]) if chosen[field] in headings else None
        else:
            place = next((folded.index(word) for word in meant.split() if word in folded), None)
        if place is not None:
            found[field] = place
    return found


def kit(headings: Sequence[str]) -> kits.Kit | None:
    """Whose table it is, if it is one that is known."""
    return kits.recognised([fold(heading) for heading in headings])


def guess(headings: Sequence[str], own: Own = NONE) -> dict[str, int]:
    """Field -> place of its column. Refuses two columns for one field: which of them is right is for a person to say."""
    return _checked([(field, place) for place, field in _guessed(headings, own)], headings)


def likely(headings: Sequence[str], own: Own = NONE) -> dict[str, str]:
    """Field -> heading, as far as the headings say, to begin a choice with; of two columns for one field the first."""
    found: dict[str, str] = {}
    for place, field in _guessed(headings, own):
        found.setdefault(field, headings[place])
    return found


def chosen(mapping: Mapping[str, str], headings: Sequence[str], own: Own = NONE) -> dict[str, int]:
    """The same from what a person chose: field -> heading."""
    pairs: list[tuple[str, int]] = []
    for field, heading in mapping.items():
        if field not in WORDS.keys() | own.keys() or headings.count(heading) != 1:
            raise ColumnUnknown(column=heading, field=field)
        pairs.append((field, headings.index(heading)))
    if len({place for _field, place in pairs}) < len(pairs):
        raise ColumnUnknown(column=headings[pairs[-1][1]], field=pairs[-1][0])
    return _checked(pairs, headings)


def _guessed(headings: Sequence[str], own: Own) -> list[tuple[int, str]]:
    """Place and field of each column that is understood: first as the table of a known product, then by common words."""
    folded, meaning = [fold(heading) for heading in headings], _meaning(own)
    known = kits.recognised(folded)
    by_kit = kits.places(known, folded) if known else {}
    spoken_for = kits.columns(known) if known else set()
    common = [
        (place, field)
        for place, word in enumerate(folded)
        if word not in spoken_for and (field := meaning.get(word)) and field not in by_kit
    ]
    return sorted([*((place, field) for field, place in by_kit.items()), *common])


def _meaning(own: Own) -> Mapping[str, str]:
    """What the product has words for comes before what the shop calls so."""
    return {fold(name): field for field, names in own.items() for name in names} | _MEANING


def _checked(pairs: Sequence[tuple[str, int]], headings: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for field, place in pairs:
        if field in places:
            raise ColumnTwice(first=headings[places[field]], second=headings[place])
        places[field] = place
    if not {"phone", "external_id", "card_number"} & places.keys():
        raise NoColumns
    return places
