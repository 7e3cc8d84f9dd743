from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class VoucherUnusable(Refused):
    """The one answer to whoever redeems, whether the card is unknown, void, redeemed, not sold yet, or the code is wrong."""

    code = "voucher.unusable"
    message = _("No card can be redeemed with this. Check what you typed; if it is right, ask in a store.")


class VoucherNotCleared(Refused):
    """For whoever has the right code only."""

    code = "voucher.not_cleared"
    message = _("This card is paid, but the payment has not cleared yet. It can be redeemed in some days.")


class TooManyTries(Refused):
    code = "voucher.too_many_tries"
    message = _("Too many codes were wrong. Wait ten minutes, or ask in a store.")


class BatchCodeTaken(Refused):
    code = "voucher.batch_taken"
    message = _("Another batch has the code “%(given)s”.")


class BatchUnusable(Refused):
    code = "voucher.batch_unusable"
    message = _("This batch cannot be: %(field)s.")


class BatchPrinted(Refused):
    code = "voucher.batch_printed"
    message = _("The codes of this batch were made already and cannot be shown again.")


class NothingToRenew(Refused):
    code = "voucher.nothing_to_renew"
    message = _("No card of this batch is still here to be given a new code.")


class RunUnusable(Refused):
    code = "voucher.run"
    message = _("Serials run from 1 to %(last)s, the first not after the last.")


class NotInStock(Refused):
    code = "voucher.not_in_stock"
    message = _("%(count)s cards of this run are sold, void or elsewhere. Choose a run without them.")


class PlaceUnusable(Refused):
    code = "voucher.place"
    message = _("Choose one place: a store, or a partner.")


class CannotBeSold(Refused):
    code = "voucher.cannot_be_sold"
    message = _("This card cannot be sold here: %(why)s.")


class BuyerIncomplete(Refused):
    code = "voucher_order.buyer"
    message = _("Name and identity number belong together: give both, or neither.")


class VoucherUnknown(NotFound):
    code = "voucher.unknown"
    message = _("There is no such card.")


class BatchUnknown(NotFound):
    code = "voucher.batch_unknown"
    message = _("There is no such batch.")
