from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class RequestUnknown(NotFound):
    code = "refund_request.unknown"
    message = _("There is no such refund request.")


class NothingOwed(Refused):
    code = "refund_request.nothing"
    message = _("By these rules nothing is to be paid back.")


class FiguresChanged(Refused):
    code = "refund_request.changed"
    message = _("The wallet has changed meanwhile: %(amount)s would be paid back now. Look again.")


class RequestDecided(Refused):
    code = "refund_request.decided"
    message = _("This is not possible any more: the request is %(status)s.")


class SecondPersonNeeded(Refused):
    code = "approval.second_person"
    message = _("Who asked cannot decide: a second person is needed.")


class WordsMissing(Refused):
    code = "refund_request.unusable"
    message = _("Something is missing: %(field)s.")


class DocumentMissing(Refused):
    code = "document.missing"
    message = _("Attach at least one document.")
