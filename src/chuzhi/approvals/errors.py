from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class SecondPersonNeeded(Refused):
    code = "approval.needed"
    message = _("Above %(limit)s this needs a second person who may approve it.")


class YourOwn(Refused):
    code = "approval.own"
    message = _("You asked for this yourself. Somebody else has to decide it.")


class BeyondYou(Refused):
    code = "approval.beyond"
    message = _("This is more than you may approve. Somebody with more authority has to decide it.")


class Decided(Refused):
    code = "approval.decided"
    message = _("This request is not waiting any more.")


class NotYours(Refused):
    code = "approval.not_yours"
    message = _("Only whoever asked for it can withdraw it.")


class RequestUnknown(NotFound):
    code = "approval.unknown"
    message = _("There is no such request.")


class KindUnknown(NotFound):
    code = "approval.kind_unknown"
    message = _("Nothing of this kind can be asked for.")


class WordsMissing(Refused):
    code = "approval.words_missing"
    message = _("Say why, in at most %(most)s characters.")


class LimitsUnusable(Refused):
    code = "authority.unusable"
    message = _("These limits cannot be: one act alone cannot be more than all of a day.")


class YourOwnLimits(Refused):
    code = "authority.own"
    message = _("Nobody sets limits for themselves. Somebody else has to.")


class WhoUnknown(Refused):
    code = "authority.who_unknown"
    message = _("Choose a role, a person or a key.")
