from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class LimitUnusable(Refused):
    code = "limit.unusable"
    message = _("This limit cannot be: %(field)s.")


class LimitUnknown(NotFound):
    code = "limit.unknown"
    message = _("There is no such limit.")


class RaiseUnknown(NotFound):
    code = "raise.unknown"
    message = _("There is no such application.")


class RaiseDecided(Refused):
    code = "raise.decided"
    message = _("This application was decided or withdrawn already.")


class RaiseUnusable(Refused):
    code = "raise.unusable"
    message = _("This application cannot be: %(field)s.")


class SecondPersonNeeded(Refused):
    code = "approval.second_person"
    message = _("Who asked cannot decide: a second person is needed.")


class DocumentMissing(Refused):
    code = "document.missing"
    message = _("Attach at least one document.")
