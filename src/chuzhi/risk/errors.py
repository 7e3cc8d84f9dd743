from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class CaseClosed(Refused):
    code = "risk.case_closed"
    message = _("This case is closed already.")


class WordsMissing(Refused):
    code = "risk.words_missing"
    message = _("Say why, in at most %(most)s characters.")


class AboutYou(Refused):
    code = "risk.about_you"
    message = _("This case is about what you did: somebody else has to look at it.")


class NothingToAct(Refused):
    code = "risk.nothing_to_act"
    message = _("There is no wallet here that this could be done to.")


class RuleUnusable(Refused):
    code = "risk.rule_unusable"
    message = _("The rule cannot be kept like this: %(field)s.")


class RuleChanged(Refused):
    code = "risk.rule_changed"
    message = _("Somebody else has changed this rule at the same moment. Look at it again.")
