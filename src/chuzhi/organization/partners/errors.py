from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class PartnerCodeTaken(Refused):
    code = "partner.code_taken"
    message = _("Another partner has the code “%(given)s”.")


class PartnerUnknown(NotFound):
    code = "partner.unknown"
    message = _("There is no such partner.")


class NotAPartner(Refused):
    code = "partner.not_one"
    message = _("Only a partner's own people and programs can do this.")


class PartnerSuspended(Refused):
    code = "partner.suspended"
    message = _("This partner may not top up at present.")


class ContractOver(Refused):
    code = "partner.contract_over"
    message = _("The partner's contract is over.")


class FloatTooSmall(Refused):
    code = "partner.float"
    message = _("The partner's float allows %(left)s more.")


class OverPartnerDay(Refused):
    code = "partner.day"
    message = _("The partner's limit of the day leaves %(left)s.")


class OverPartnerTopUp(Refused):
    code = "partner.per_top_up"
    message = _("The partner may credit at most %(limit)s at once.")


class OtherCurrency(Refused):
    code = "partner.other_currency"
    message = _("The partner's float is in %(currency)s; this wallet is not.")


class TermsUnusable(Refused):
    code = "partner.terms_unusable"
    message = _("These terms cannot be: %(field)s.")


class LocationTaken(Refused):
    code = "partner.location_taken"
    message = _("This partner has a place called “%(name)s” already.")


class PaymentKeyReused(Refused):
    code = "idempotency.key_reused"
    message = _("This key was used for another payment.")


class TooManyLookups(Refused):
    code = "partner.too_many_lookups"
    message = _("Too many phone and card numbers were not found. Wait an hour.")


class StatementUnknown(NotFound):
    code = "partner.statement_unknown"
    message = _("There is no such statement.")


class StatementAnswered(Refused):
    code = "partner.statement_answered"
    message = _("This statement has been answered already.")


class NothingToState(Refused):
    code = "partner.nothing_to_state"
    message = _("Nothing has moved since the last statement.")


class DayNotOver(Refused):
    code = "partner.day_not_over"
    message = _("A statement covers days that are over.")


class AlreadyEnded(Refused):
    code = "partner.ended"
    message = _("The contract has ended for good.")


class LeftInFloat(Refused):
    code = "partner.float_left"
    message = _("Only what is left of the prepaid float can be paid out: %(left)s.")
