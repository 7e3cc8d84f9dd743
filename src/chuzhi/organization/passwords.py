"""Passwords of staff: what may be one, how old one is, and that an earlier one does not come back."""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.core.credentials import rules
from chuzhi.core.credentials.rules import Fault
from chuzhi.organization.models import PastPassword, Staff, Store

KEPT = 5
"""How many earlier passwords are remembered."""
SENTENCES: dict[Fault, Promise] = {
    Fault.SHORT: gettext_lazy("At least 10 characters. A few words with spaces are good."),
    Fault.DIGITS: gettext_lazy("Digits alone are guessed quickly. Add words."),
    Fault.SIMPLE: gettext_lazy("This is a row of keys or the same again and again. Add words."),
    Fault.COMMON: gettext_lazy(
        "This is among the first that others would try: it is on lists of leaked passwords, or close to one."
    ),
    Fault.DATE: gettext_lazy("This is little more than a date. Birthdays are guessed first."),
    Fault.PERSONAL: gettext_lazy("This is little more than your name, username, address or shop."),
}


class Guessable:
    """The product's one rule for passwords, where Django asks for it."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        if fault := rules.password_fault(password, known=_known(user), common=_leaked()):
            raise ValidationError(str(SENTENCES[fault]), code=fault.value)
        if user is not None and user.pk and any(check_password(password, one.hash) for one in _past(user)):
            raise ValidationError(_("You have had this password before. Choose another."), code="past")

    def get_help_text(self) -> str:
        return str(SENTENCES[Fault.SHORT])


def remember(staff: Staff) -> None:
    """Called in the transaction that sets a password."""
    if not staff.has_usable_password():
        return
    PastPassword.objects.create(staff=staff, hash=staff.password, set_at=timezone.now())
    PastPassword.objects.filter(staff=staff).exclude(pk__in=[one.pk for one in _past(staff)]).delete()


def set_at(staff: Staff) -> datetime | None:
    """Since when the present one is there; nothing if it was set before this was kept."""
    return PastPassword.objects.filter(staff=staff).order_by("-set_at").values_list("set_at", flat=True).first()


def is_too_old(staff: Staff) -> bool:
    """Whether the shop wants a new one by now. It does so only if it has said after how many days."""
    if not settings.PASSWORD_DAYS or not staff.has_usable_password():
        return False
    since = set_at(staff)
    return since is None or since < timezone.now() - timedelta(days=settings.PASSWORD_DAYS)


def _past(staff: Staff) -> list[PastPassword]:
    return list(PastPassword.objects.filter(staff=staff).order_by("-set_at", "-pk")[:KEPT])


def _known(user: Staff | None) -> list[str]:
    """What others know of somebody: the name in both scripts, the username, the address, the shops."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 57 MB: only a process that needs it has it

    shops = [settings.SHOP_NAME, *Store.objects.values_list("name", flat=True)[:200]]
    mine = [user.name, user.username, *(user.email or "").split("@")[:1]] if user else []
    return [*mine, *shops, *("".join(lazy_pinyin(text)) for text in [*mine[:1], *shops])]


@cache
def _leaked() -> frozenset[str]:
    """Twenty thousand that were leaked most often, as Django ships them."""
    return frozenset(CommonPasswordValidator().passwords)
