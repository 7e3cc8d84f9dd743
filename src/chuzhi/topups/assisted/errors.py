from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class RequestUnknown(NotFound):
    code = "assisted.unknown"
    message = _("There is no such assisted top-up.")


class RequestUnusable(Refused):
    code = "assisted.unusable"
    message = _("This request cannot be: %(field)s.")


class CallerMissing(Refused):
    code = "assisted.caller"
    message = _("Say who speaks for the customer.")


class NotOnFile(Refused):
    code = "assisted.not_on_file"
    message = _("The customer has no such contact on file. Verify them in another way.")


class EvidenceMissing(Refused):
    code = "assisted.evidence"
    message = _("Attach the document that was shown.")


class RequestOver(Refused):
    code = "assisted.over"
    message = _("This request is over: it was credited, or closed.")


class LinkIsOut(Refused):
    code = "assisted.link_is_out"
    message = _("A pay link is out, and may be paid any moment. Cancel it first.")


class AddressMissing(Refused):
    code = "assisted.address"
    message = _("There is no e-mail address on file. Enter one, or only make the link.")


class NotVerified(Refused):
    code = "assisted.not_verified"
    message = _("Nothing is cleared for somebody who was not verified. Take the request down again once they are.")


class NothingToClear(Refused):
    code = "assisted.nothing_to_clear"
    message = _("This does not stand in the way any more, or is not cleared from here.")
