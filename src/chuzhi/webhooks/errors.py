from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class AddressUnusable(Refused):
    code = "webhook.address"
    message = _("Give an address that begins with https:// and leads to the open internet.")


class NameMissing(Refused):
    code = "webhook.name"
    message = _("Give it a name of at most 80 characters.")


class EndpointStopped(Refused):
    code = "webhook.stopped"
    message = _("This webhook is stopped. Start it first.")


class OnItsWay(Refused):
    code = "webhook.on_its_way"
    message = _("It is on its way already.")


class EndpointUnknown(NotFound):
    code = "webhook.unknown"
    message = _("There is no such webhook.")
