from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class OfferUnusable(Refused):
    code = "voucher_offer.unusable"
    message = _("Cards cannot be sold on line like that: %(field)s.")


class NotOnSale(Refused):
    code = "voucher_order.not_on_sale"
    message = _("These cards are not sold on line at present.")


class TooMany(Refused):
    code = "voucher_order.too_many"
    message = _("At most %(most)s of these cards are sold at once.")


class SoldOut(Refused):
    code = "voucher_order.sold_out"
    message = _("Only %(left)s of these cards are left.")


class TooManyUnpaid(Refused):
    code = "voucher_order.too_many_unpaid"
    message = _("Pay the orders that you have begun first, or wait until they are over.")


class CodesShown(Refused):
    code = "voucher_order.codes_shown"
    message = _("The codes were shown already. They are in the e-mail; if it did not come, ask us for new ones.")


class NotPaid(Refused):
    code = "voucher_order.not_paid"
    message = _("This order is not paid.")


class OfferUnknown(NotFound):
    code = "voucher_offer.unknown"
    message = _("There is no such card on sale.")


class OrderUnknown(NotFound):
    code = "voucher_order.unknown"
    message = _("There is no such order of cards.")


class NotClearedYet(Refused):
    code = "voucher_order.not_cleared"
    message = _("The payment for these cards has not cleared yet: nothing can be given back before.")
