from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class PurposeUnknown(Refused):
    code = "consent.purpose"
    message = _("There is no such purpose.")


class ConsentTextMissing(Refused):
    code = "consent.text_missing"
    message = _("There is no text for this purpose yet, or not in this version: nobody can agree to it.")


class ConsentTextEmpty(Refused):
    code = "consent.text_empty"
    message = _("Write the text in both languages, at most %(most)s characters each.")


class ConsentUnproven(Refused):
    code = "consent.unproven"
    message = _("On paper needs the scan; by phone needs the colleague who heard it.")


class ConsentInTheFuture(Refused):
    code = "consent.future"
    message = _("Nobody can have said this in the future.")


class ConsentUnknown(NotFound):
    code = "consent.unknown"
    message = _("There is no such entry.")
