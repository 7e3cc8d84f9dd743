from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class AccountUnusable(Refused):
    code = "payment.account_unusable"
    message = _("This way of paying is not available.")


class AmountNotTaken(Refused):
    code = "payment.amount_not_taken"
    message = _("This way of paying does not take that amount.")


class SceneNotTaken(Refused):
    code = "payment.scene_not_taken"
    message = _("This way of paying does not work like that.")


class NotPaid(Refused):
    code = "payment.not_paid"
    message = _("This payment has not been paid.")


class RefundTooLarge(Refused):
    code = "payment.refund_too_large"
    message = _("Less than that is left to pay back of this payment.")


class ConfigurationUnusable(Refused):
    code = "payment.configuration"
    message = _("%(field)s: %(sentence)s")


class NotUnderWay(Refused):
    """It is over, one way or the other."""

    code = "payment.over"
    message = _("This payment is over.")


class RemarkMissing(Refused):
    code = "payment.remark_missing"
    message = _("Say what was found and done.")


class CodeTaken(Refused):
    code = "payment.code_taken"
    message = _("Another account has the code “%(given)s”.")


class ChargesNobodyLater(Refused):
    code = "payment.no_agreements"
    message = _("This way of paying cannot charge automatically.")
