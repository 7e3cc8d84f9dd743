from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class ShiftOpen(Refused):
    code = "shift.open"
    message = _("A shift is open at this till already.")


class ShiftNotOpen(Refused):
    code = "shift.not_open"
    message = _("This shift is not open any more.")


class NotBeingCounted(Refused):
    code = "shift.not_being_counted"
    message = _("Begin the count first: from then on no cash is taken.")


class CountUnusable(Refused):
    code = "shift.count_unusable"
    message = _("The count has a note or coin that this currency does not have, or too many of one.")


class DifferenceNeedsReason(Refused):
    """Says not how much: who counts must not know what they should find."""

    code = "shift.reason_missing"
    message = _("The count differs from the books by more than this store allows. Count again, or give a reason.")


class NoShift(Refused):
    code = "shift.needed"
    message = _("This store takes and pays cash only while a shift is open at the till.")


class NotThisTill(Refused):
    code = "shift.till"
    message = _("There is no such till in use where you work.")


class ReasonMissing(Refused):
    code = "drawer.reason_missing"
    message = _("Say why money goes into the drawer or out of it.")


class SlipMissing(Refused):
    code = "slip.missing"
    message = _("A payment at the terminal is recorded with the terminal and the number of its slip.")


class SlipUnusable(Refused):
    code = "slip.unusable"
    message = _("Terminal and slip number have 1 to 40 letters, digits and hyphens; of the card at most its last four digits.")


class SlipUsed(Refused):
    code = "slip.used"
    message = _("Slip %(number)s of terminal %(terminal)s has been recorded today already.")


class CardNumberGiven(Refused):
    code = "slip.card_number"
    message = _("This looks like a whole card number. It must not be kept: give the last four digits at most.")


class TendersUnusable(Refused):
    code = "sale.tenders_unusable"
    message = _("Beside the wallet a sale is paid in at most %(most)s parts, each in cash or by a card terminal.")
