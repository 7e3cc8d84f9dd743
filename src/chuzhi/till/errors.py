from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class LinesDoNotAddUp(Refused):
    code = "sale.lines_do_not_add_up"
    message = _("The lines come to %(lines)s, the sale to %(amount)s.")


class LineUnusable(Refused):
    code = "sale.line_unusable"
    message = _("Line %(line)s needs a name of at most 120 characters, and a short code and quantity.")


class TooManyLines(Refused):
    code = "sale.too_many_lines"
    message = _("A sale may have at most %(most)s lines.")


class ReceiptUnknown(NotFound):
    code = "receipt.unknown"
    message = _("There is no such receipt.")
