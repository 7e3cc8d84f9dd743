"""Tables of other products, known by their headings, and which of their columns mean what.

A product's export has columns of its own that no other has: two of them are enough to know it by. Of several columns that could
mean one field (a mobile number and a telephone) the one that stands first here is taken; the rest is read by `headings`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Kit:
    """One product's table. Headings are written as `headings.fold` leaves them."""

    key: str
    label: object
    signs: str
    """Headings that only this table has."""
    words: Mapping[str, str]
    """Field -> the headings that mean it, the best first."""
    days: str = ""
    """How 05/06/2026 is meant where the column itself does not show it: `mdy` or `dmy`."""


YOUZAN = Kit(
    "youzan",
    _("Customers of Youzan"),
    "成为客户时间 成为会员时间 客户身份 客户来源 来源渠道 来源方式 归属导购 专属导购 客户昵称 微信昵称 有赞账号 粉丝昵称"
    " 储值本金余额 储值赠送金余额 储值卡号 最近消费时间 购买次数 累计消费金额",
    {
        "name": "客户姓名 姓名 客户名称 客户昵称 昵称 微信昵称",
        "phone": "手机号 手机号码 手机 客户手机号",
        "external_id": "客户编号 客户id 会员编号",
        "card_number": "储值卡号 会员卡号 会员卡编号",
        "principal": "储值本金余额 本金余额 储值本金 储值余额 余额",
        "bonus": "储值赠送金余额 赠送金余额 赠送金 储值赠送金",
        "principal_on": "储值时间 最近储值时间 开通储值时间",
        "bonus_expires_on": "赠送金到期时间 赠送金有效期",
        "principal_expires_on": "储值到期时间 储值有效期",
    },
)
POSPAL = Kit(
    "pospal",
    _("Members of Pospal (银豹)"),
    "会员折扣 折扣 开卡日期 开卡门店 开卡时间 赊账额度 可赊账额度 会员等级 会员积分 积分 会员状态 导购员 会员qq",
    {
        "name": "会员姓名 姓名 会员名称",
        "phone": "手机号 会员手机 联系电话 电话 手机",
        "external_id": "会员编号 会员号 会员卡号",
        "card_number": "实体卡号 卡号",
        "principal": "本金余额 会员余额 余额 储值余额",
        "bonus": "赠送余额 赠送金余额 赠金余额",
        "principal_on": "开卡日期 开卡时间",
        "principal_expires_on": "到期日期 到期时间 有效期 会员到期日期",
        "born_on": "会员生日 生日",
    },
)
SQUARE = Kit(
    "square",
    _("Customer directory of Square"),
    "squarecustomerid referenceid emailsubscriptionstatus emailunsubscribed creationsource instantprofile lifetimespend"
    " transactioncount firstvisit lastvisit",
    {
        "given_name": "firstname",
        "family_name": "lastname surname",
        "name": "nickname companyname company",
        "email": "emailaddress",
        "phone": "phonenumber",
        "born_on": "birthday",
        "external_id": "squarecustomerid referenceid",
        "notes": "memo",
    },
    days="mdy",
)
SQUARE_CARDS = Kit(
    "square_cards",
    _("Gift cards of Square"),
    "gan giftcardnumber giftcardid giftcardbalance activationdate dateactivated currentbalance lastused cardstatus",
    {
        "name": "customername recipient recipientname",
        "phone": "phonenumber customerphone recipientphone",
        "email": "emailaddress customeremail recipientemail",
        "external_id": "squarecustomerid customerid",
        "card_number": "gan giftcardnumber cardnumber giftcard",
        "principal": "currentbalance giftcardbalance balance remainingbalance",
        "principal_on": "activationdate dateactivated activatedat createdat",
        "currency": "currency balancecurrency",
    },
    days="mdy",
)
ODOO = Kit(
    "odoo",
    _("Contacts of Odoo"),
    "externalid companytype iscompany categoryid categoryidname displayname salesperson completename activitystate lang"
    " relatedcompany customerrank propertyproductpricelist",
    {
        "name": "name displayname completename",
        "phone": "mobile phone",
        "email": "email",
        "external_id": "externalid id reference ref",
        "tags": "tags categoryid categoryidname tagsname",
        "notes": "notes comment",
    },
)
ODOO_CARDS = Kit(
    "odoo_cards",
    _("Gift cards and eWallets of Odoo"),
    "programid program programidname programname partnerid partneridname partneridid pointsdisplay pointname expirationdate"
    " partner partnername partnerphone partnermobile couponcode",
    {
        "name": "partneridname partnername partneriddisplayname partnerdisplayname partnerid partner",
        "phone": "partneridmobile partnermobile partneridphone partnerphone",
        "email": "partneridemail partneremail",
        "external_id": "partneridid partnerexternalid partnerid externalid",
        "card_number": "code couponcode",
        "principal": "points balance",
        "principal_on": "createdon createdate",
        "principal_expires_on": "expirationdate",
        "currency": "currency currencyid currencyidname",
    },
)
KITS = (YOUZAN, POSPAL, SQUARE, SQUARE_CARDS, ODOO, ODOO_CARDS)


def recognised(folded: Sequence[str]) -> Kit | None:
    """The table that these headings are of: the one with most of its own among them, if they are enough."""
    found = [(len(set(kit.signs.split()).intersection(folded)), kit) for kit in KITS]
    most, kit = max(found, key=lambda each: each[0])
    return kit if most >= ENOUGH else None


def places(kit: Kit, folded: Sequence[str]) -> dict[str, int]:
    """Field -> the place of its column; a column means one field, and each field has one column."""
    taken: dict[str, int] = {}
    for field, words in kit.words.items():
        place = next((folded.index(word) for word in words.split() if word in folded), None)
        if place is not None and place not in taken.values():
            taken[field] = place
    return taken


def columns(kit: Kit) -> set[str]:
    """Every heading that the kit has a meaning for, taken or not."""
    return {word for words in kit.words.values() for word in words.split()}
