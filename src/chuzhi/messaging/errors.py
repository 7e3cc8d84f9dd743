from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class PlacesUnknown(Refused):
    code = "message.places_unknown"
    message = _("This text has places that nothing fills: %(places)s.")


class WordsMissing(Refused):
    code = "message.words_missing"
    message = _("Write a title of at most 200 characters and a text of at most 4,000.")


class LanguageUnknown(Refused):
    code = "message.language_unknown"
    message = _("There is no such language.")


class OnItsWay(Refused):
    code = "message.on_its_way"
    message = _("This message is on its way already.")


class SecretGone(Refused):
    code = "message.secret_gone"
    message = _("What was secret in this message is not kept once it is sent. Make it anew where it comes from.")


class WordsForgotten(Refused):
    code = "message.forgotten"
    message = _("What this message said is no longer kept.")


class DeliveryUnknown(NotFound):
    code = "message.unknown"
    message = _("There is no such message.")
