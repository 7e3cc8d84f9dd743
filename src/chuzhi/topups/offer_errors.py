from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class OfferUnusable(Refused):
    code = "offer.unusable"
    message = _("This offer cannot be: %(field)s.")


class OfferSpent(Refused):
    code = "offer.spent"
    message = _("The budget of this offer is used up: raise it first.")


class OfferOfOtherStores(Refused):
    code = "offer.other_stores"
    message = _("This offer holds in stores where you do not work.")


class OfferUnknown(NotFound):
    code = "offer.unknown"
    message = _("There is no such offer.")


class OfferUsedMeanwhile(Refused):
    """An offer for one top-up of each customer, promised to two orders: whoever begins to pay first has it."""

    code = "offer.used_meanwhile"
    message = _("What this order promised was used with another top-up meanwhile. Make a new order.")
