from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class CaseClosed(Refused):
    code = "reconciliation.case_closed"
    message = _("This case is closed already.")


class RemarkMissing(Refused):
    code = "reconciliation.remark_missing"
    message = _("Say what was found and done.")


class FixNotOffered(Refused):
    code = "reconciliation.fix_not_offered"
    message = _("That does not help with this difference as it is now.")


class NotHereToRefund(Refused):
    code = "reconciliation.not_here_to_refund"
    message = _("There is no payment of ours that could be paid back.")


class DayNotCompared(Refused):
    code = "reconciliation.day_not_compared"
    message = _("This day was not compared yet.")


class DifferencesOpen(Refused):
    code = "reconciliation.differences_open"
    message = _("Differences of this day are open: %(count)s. Settle them first.")


class DaySigned(Refused):
    code = "reconciliation.day_signed"
    message = _("This day is signed off already.")


class DayNotSigned(Refused):
    code = "reconciliation.day_not_signed"
    message = _("This day is not signed off.")


class PayoutArrived(Refused):
    code = "reconciliation.payout_arrived"
    message = _("This payout has its line already.")


class NotAnAcquirer(Refused):
    code = "settlement.not_an_acquirer"
    message = _("Settlement files are taken in for an account of card terminals.")


class OfEveryStore(Refused):
    code = "settlement.of_every_store"
    message = _("Settlement files are of the whole company: whoever works in some stores only cannot take them in.")


class SettlementEmpty(Refused):
    code = "settlement.empty"
    message = _("There is no line of this merchant in the file.")


class LineNotWaiting(Refused):
    code = "reconciliation.line_not_waiting"
    message = _("This line of the statement does not wait for anybody any more.")
