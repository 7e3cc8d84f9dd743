from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class KioskUnknown(NotFound):
    code = "kiosk.unknown"
    message = _("There is no such kiosk.")


class KioskNameTaken(Refused):
    code = "kiosk.name_taken"
    message = _("This store has a kiosk called “%(name)s” already.")


class KioskUnusable(Refused):
    code = "kiosk.unusable"
    message = _("A kiosk needs a name, something to offer, and from %(least)s to %(most)s seconds.")


class KioskRevoked(Refused):
    code = "kiosk.revoked"
    message = _("This kiosk has been revoked. Set up a new one.")


class ServiceNotOffered(Refused):
    code = "kiosk.service_not_offered"
    message = _("This screen does not offer that. Ask at the counter.")


class CardNotServed(Refused):
    """The one answer for a number that nobody has, and for a card that finds nothing any more."""

    code = "kiosk.card_not_served"
    message = _("No card with this number can be used here. Check the number, or ask at the counter.")


class CodeWrong(Refused):
    """The one answer for a wrong code, one that is over, and one that was never sent."""

    code = "kiosk.code_wrong"
    message = _("This code is not right. Check it, or ask at the counter.")


class TooManyForTheCard(Refused):
    code = "kiosk.too_many_for_the_card"
    message = _("Too many codes were wrong for this card. Wait an hour, or ask at the counter.")


class TooManyAtTheKiosk(Refused):
    code = "kiosk.too_many_at_the_kiosk"
    message = _("Too much was wrong at this screen. Wait ten minutes, or ask at the counter.")


class TooManyCodes(Refused):
    code = "kiosk.too_many_codes"
    message = _("Enough codes were sent for this card. Use the last one, wait an hour, or ask at the counter.")


class VisitOver(Refused):
    code = "kiosk.visit_over"
    message = _("The screen was cleared. Begin again.")
