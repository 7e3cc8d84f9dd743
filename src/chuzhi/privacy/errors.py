from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class KindUnknown(NotFound):
    code = "retention.unknown"
    message = _("There is no such kind of personal data.")


class MonthsUnusable(Refused):
    code = "retention.unusable"
    message = _("Personal data is kept for %(least)s to %(most)s months, or until you say otherwise.")


class RuleChanged(Refused):
    code = "retention.changed"
    message = _("Somebody else has changed this at the same moment. Look at it again.")
