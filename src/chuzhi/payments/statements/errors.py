from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class NotAStatement(Refused):
    code = "statement.unreadable"
    message = _("This is not a bank statement that can be read: a CSV or XLSX with headings, camt.053 or MT940.")


class NoColumns(Refused):
    code = "statement.no_columns"
    message = _("No line of headings was found that names a date and an amount.")


class CellUnreadable(Refused):
    code = "statement.cell_unreadable"
    message = _("Line %(line)s: “%(given)s” cannot be read as %(what)s.")


class DateAmbiguous(Refused):
    code = "statement.date_ambiguous"
    message = _("Line %(line)s: “%(given)s” may be two dates. Export the statement with year, month and day.")


class AccountUnknown(Refused):
    code = "statement.account_unknown"
    message = _("The statement does not say which account it is of. Choose the account.")


class DoesNotAddUp(Refused):
    code = "statement.does_not_add_up"
    message = _("The statement does not add up: its lines and balances differ by %(difference)s %(currency)s.")


class NoSettlementColumns(Refused):
    code = "settlement.no_columns"
    message = _(
        "No line of headings was found that names a terminal, a slip or reference number, an amount and a settlement date."
    )


class OtherMerchant(Refused):
    code = "settlement.other_merchant"
    message = _("The file is of another merchant: %(merchants)s.")


class NetDiffers(Refused):
    code = "settlement.net_differs"
    message = _("Line %(line)s does not add up: amount, fee and settled amount differ by %(difference)s %(currency)s.")
