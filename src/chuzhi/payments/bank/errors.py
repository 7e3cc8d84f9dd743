from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class NotABankAccount(Refused):
    code = "statement.not_a_bank_account"
    message = _("Statements are taken in for an account that is paid by bank transfer.")


class OfEveryStore(Refused):
    code = "statement.of_every_store"
    message = _("Statements are of the whole company: whoever works in some stores only cannot take them in.")


class OtherAccount(Refused):
    code = "statement.other_account"
    message = _("The statement is of another account: %(accounts)s.")


class StatementEmpty(Refused):
    code = "statement.empty"
    message = _("There is no movement in the statement.")


class NotACase(Refused):
    code = "bank_line.settled"
    message = _("This line is settled already.")


class NotToAssign(Refused):
    code = "bank_line.not_to_assign"
    message = _("Only money that came in and belongs to no payment yet can be given to one.")


class PaymentUnknown(NotFound):
    code = "payment.unknown"
    message = _("There is no such payment on this account.")


class PaymentPaid(Refused):
    code = "bank_line.payment_paid"
    message = _("This payment is paid already. Give the money back, or find what else it is for.")


class CurrencyDiffers(Refused):
    code = "bank_line.currency"
    message = _("The payment is in another currency.")


class RemarkMissing(Refused):
    code = "bank_line.remark_missing"
    message = _("Say in a remark what was done with the money.")
