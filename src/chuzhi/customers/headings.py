"""Which column of somebody's table means what, by the words that shops use for it."""

import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused

WORDS = {
    "name": "姓名 客户 客户姓名 客户名称 会员 会员姓名 会员名称 名字 name fullname customer customername member membername",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 会员手机 移动电话 phone phonenumber mobile mobilenumber tel"
    " telephone cell",
    "email": "邮箱 电子邮箱 电子邮件 邮件 email emailaddress mail",
    "identity_number": "身份证 身份证号 身份证号码 证件号 证件号码 identitynumber idnumber idcard",
    "born_on": "生日 出生日期 出生年月日 会员生日 birthday birthdate dateofbirth dob born",
    "tags": "标签 客户标签 会员标签 tags tag labels",
    "notes": "备注 说明 附注 notes note remark remarks comment comments",
    "card_number": "卡号 会员卡号 储值卡号 卡号码 实体卡号 card cardno cardnumber",
    "external_id": "会员编号 客户编号 编号 外部编号 会员号 会员id 客户id externalid memberid customerid memberno customerno id",
    "principal": "本金 本金余额 实储余额 实储 储值余额 余额 储值本金 账户余额 principal principalbalance balance storedvalue",
    "bonus": "赠送金 赠额 赠送余额 赠送 赠金 赠金余额 赠送金余额 bonus bonusbalance gift",
    "principal_on": "充值日期 本金日期 储值日期 principaldate topupdate rechargedate principalon",
    "bonus_on": "赠送日期 赠送金日期 赠金日期 bonusdate bonuson",
    "bonus_expires_on": "赠送到期 赠送到期日 赠送金到期 赠送金到期日 赠金到期日 赠送有效期 bonusexpiry bonusexpires"
    " bonusexpireson bonusexpirydate",
}
"""Field -> the headings, folded, that are understood as it."""

_MEANING = {word: field for field, words in WORDS.items() for word in words.split()}


class ColumnTwice(Refused):
    code = "import.column_twice"
    message = _("The columns “%(first)s” and “%(second)s” both mean the same field. Choose one.")


class ColumnUnknown(Refused):
    code = "import.column_unknown"
    message = _("The column “%(column)s” cannot be used for “%(field)s”.")


class NoColumns(Refused):
    code = "import.no_columns"
    message = _("No column of a name and of a phone, card or outside number was recognised. Choose them.")


def fold(heading: str) -> str:
    """`Phone Number *`, `手机号（必填）` and `手 机 号` lose what only decorates them."""
    text = unicodedata.normalize("NFKC", heading).casefold().partition("(")[0]
    return "".join(sign for sign in text if sign.isalnum())


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Field -> place of its column. Refuses two columns for one field: which of them is right is for a person to say."""
    return _checked([(_MEANING.get(fold(heading)), place) for place, heading in enumerate(headings)], headings)


def chosen(mapping: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """The same from what a person chose: field -> heading."""
    pairs: list[tuple[str | None, int]] = []
    for field, heading in mapping.items():
        if field not in WORDS or headings.count(heading) != 1:
            raise ColumnUnknown(column=heading, field=field)
        pairs.append((field, headings.index(heading)))
    if len({place for _field, place in pairs}) < len(pairs):
        raise ColumnUnknown(column=headings[pairs[-1][1]], field=pairs[-1][0])
    return _checked(pairs, headings)


def _checked(pairs: Sequence[tuple[str | None, int]], headings: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for field, place in pairs:
        if field is None:
            continue
        if field in places:
            raise ColumnTwice(first=headings[places[field]], second=headings[place])
        places[field] = place
    if "name" not in places or not {"phone", "external_id", "card_number"} & places.keys():
        raise NoColumns
    return places
