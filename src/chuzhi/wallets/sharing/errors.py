"""The ways a shared wallet says no to a member, before the ledger is asked: the key stays free."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused
from chuzhi.ledger.errors import LedgerRefused


class MemberUnknown(NotFound):
    code = "member.unknown"
    message = _("This person does not share this wallet.")


class MemberStopped(Refused):
    code = "member.stopped"
    message = _("This person may not spend from the shared wallet at present.")


class NotTheseDays(Refused):
    code = "member.days"
    message = _("Spending from the shared wallet is not allowed on this day.")


class NotTheseHours(Refused):
    code = "member.hours"
    message = _("Spending from the shared wallet is allowed only %(allowed)s.")


class OverAtOnceAllowance(LedgerRefused):
    code = "allowance.at_once"
    message = _("At most %(limit)s at once may be spent from the shared wallet.")


class OverDayAllowance(LedgerRefused):
    code = "allowance.day"
    message = _("Daily allowance of %(limit)s: %(used)s used, resets at midnight.")


class OverWeekAllowance(LedgerRefused):
    code = "allowance.week"
    message = _("Weekly allowance of %(limit)s: %(used)s used, resets Monday.")


class OverMonthAllowance(LedgerRefused):
    code = "allowance.month"
    message = _("Monthly allowance of %(limit)s: %(used)s used, resets on the first.")


class AllowanceUnusable(Refused):
    code = "allowance.unusable"
    message = _("This allowance cannot be: %(field)s.")


class MemberTwice(Refused):
    code = "member.twice"
    message = _("This person shares this wallet already.")


class MemberIsHolder(Refused):
    code = "member.is_holder"
    message = _("This is the holder of the wallet.")


class NotShared(Refused):
    code = "member.bearer"
    message = _("A bearer's wallet cannot be shared: nobody knows whose it is.")


class MemberEnded(Refused):
    code = "member.ended"
    message = _("This person shares the wallet no more. Add them again.")
