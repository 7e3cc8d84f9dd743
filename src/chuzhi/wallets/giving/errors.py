"""The ways a gift by link says no. Nothing has moved then."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused
from chuzhi.ledger.errors import LedgerRefused


class GiftLinkUnknown(NotFound):
    code = "gift_link.unknown"
    message = _("There is no such gift. Look at the link once more, or ask whoever sent it.")


class GiftsNotOffered(Refused):
    code = "gift_link.not_offered"
    message = _("In this programme nothing is given away by a link.")


class OverGiftLimit(LedgerRefused):
    code = "gift_link.over_limit"
    message = _("One gift is at most %(limit)s.")


class GiftOfNobody(Refused):
    code = "gift_link.bearer"
    message = _("A bearer's wallet gives nothing away by a link: nobody knows whose it is. Hand on the card instead.")


class TooManyGifts(Refused):
    code = "gift_link.too_many"
    message = _("%(most)s gifts of this wallet wait to be taken. Withdraw one first.")


class GiftUntilUnusable(Refused):
    code = "gift_link.days"
    message = _("A gift waits between 1 and %(most)s days.")


class SenderMissing(Refused):
    code = "gift_link.sender_missing"
    message = _("Say who gives it: whoever opens the link reads this name.")


class HandoutUnknown(NotFound):
    code = "handout.unknown"
    message = _("There is no such list.")


class PurposeMissing(Refused):
    code = "handout.purpose_missing"
    message = _("Say what it is for: everybody who gets something reads it.")


class HandoutTooLarge(LedgerRefused):
    code = "handout.too_large"
    message = _("The list needs %(asked)s and the wallet has %(available)s. Top it up first.")


class HandoutNotDone(Refused):
    code = "handout.not_done"
    message = _("Only what was handed out can be taken back.")


class GiftTaken(Refused):
    code = "gift_link.taken"
    message = _("This gift has been taken.")


class GiftOver(Refused):
    code = "gift_link.over"
    message = _("This gift can no longer be taken: it was withdrawn, or its time is over.")


class GiftToOneself(Refused):
    code = "gift_link.own"
    message = _("This is the giver's own phone number. Send the link to a friend, or ask the shop to withdraw the gift.")
