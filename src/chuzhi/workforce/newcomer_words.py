"""What a table of staff says, in the words that shops use: which column is what, which role, which stores, which language."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused
from chuzhi.customers.headings import by_words, fold
from chuzhi.organization.models import Store
from chuzhi.organization.roles import PARTNER, ROLES

WORDS = {
    "username": "用户名 登录名 账号 帐号 登录账号 登录帐号 员工账号 username login loginname account user userid",
    "name": "姓名 员工姓名 名字 员工 name fullname employeename staffname employee",
    "role": "角色 岗位 职位 职务 权限 role roles position jobtitle job",
    "store": "门店 所属门店 店铺 门店名称 门店编码 工作门店 store stores shop location storecode branch",
    "email": "邮箱 电子邮箱 工作邮箱 电子邮件 email mail emailaddress workemail",
    "language": "语言 界面语言 language lang locale",
}
"""Field -> the headings that mean it, folded, the best first."""
LABELS = {
    "username": _("Username"),
    "name": _("Name"),
    "role": _("Role"),
    "store": _("Store"),
    "email": _("E-mail"),
    "language": _("Language"),
}
NEEDED = ("username", "name", "role")
_ALSO = {
    "cashier": "收银 前台 导购 店员",
    "service": "客服专员 客服人员 客服 agent",
    "manager": "门店经理 经理 店长 storemanager",
    "finance": "财务人员 财务 会计 accountant",
    "auditor": "审计 稽核",
    "administrator": "超级管理员 老板 总部管理员 owner admin",
}
_EVERYWHERE = frozenset("全部 所有 全部门店 所有门店 all allstores everywhere".split())
_LANGUAGES = dict.fromkeys("中文 简体中文 汉语 zh zhhans zhcn chinese".split(), "zh-hans")
_LANGUAGES |= dict.fromkeys("英文 英语 en english enus engb".split(), "en")
_BETWEEN = re.compile(r"[、,，;；/|+\n]+")


class StaffColumnsMissing(Refused):
    code = "staff.columns_missing"
    message = _("Username, name and role each need a column. The headings are: %(headings)s.")


class RoleUnclear(Refused):
    code = "staff.role_unclear"
    message = _("“%(given)s” is no role that is here.")


class StoreUnclear(Refused):
    code = "staff.store_unclear"
    message = _("“%(given)s” is none of your stores by code or name, or more than one.")


class StoreNotSaid(Refused):
    code = "staff.store_not_said"
    message = _("Say which store, or “all stores”.")


class LanguageUnclear(Refused):
    code = "staff.language_unclear"
    message = _("“%(given)s” is not a language that is spoken here.")


def places(headings: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column, as chosen or by its words."""
    found = by_words(WORDS, headings, chosen)
    if not found.keys() >= set(NEEDED):
        raise StaffColumnsMissing(headings=", ".join(headings)[:200])
    return found


def roles(text: str) -> list[str]:
    """Several may stand in one cell. A partner's people are not among them: they come in from the partner's page."""
    return [_role(part) for part in _parts(text)]


def stores(text: str, known: Sequence[Store]) -> list[int | None]:
    """Several may stand in one cell; None: all of them. A name may hold a sign that stands between names elsewhere."""
    parts = [text] if any(_plain(text) in {_plain(one.code), _plain(one.name)} for one in known) else _parts(text)
    if not parts:
        raise StoreNotSaid
    return [None if fold(part) in _EVERYWHERE else _store(part, known) for part in parts]


def language(text: str) -> str:
    """Empty: as the page is when they come in."""
    if text and fold(text) not in _LANGUAGES:
        raise LanguageUnclear(given=text[:40])
    return _LANGUAGES.get(fold(text), "")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _role(given: str) -> str:
    found = _role_words().get(fold(given))
    if found is None:
        raise RoleUnclear(given=given[:40])
    return found


def _store(given: str, known: Sequence[Store]) -> int:
    by_code = [one.pk for one in known if _plain(one.code) == _plain(given)]
    found = by_code or [one.pk for one in known if _plain(one.name) == _plain(given)]
    if len(found) != 1:
        raise StoreUnclear(given=given[:40])
    return found[0]


@cache
def _role_words() -> Mapping[str, str]:
    """Folded word -> role: its own name, what the pages call it in each language, and what shops say."""
    words: dict[str, str] = {}
    for role in ROLES.keys() - {PARTNER}:
        words |= dict.fromkeys([role, *_ALSO[role].split()], role)
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                words[fold(str(ROLES[role].label))] = role
    return words
