from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class NotAllowed(Refused):
    code = "permission.missing"
    message = _("You are not allowed to do this: %(permission)s.")


class UsernameTaken(Refused):
    code = "staff.username_taken"
    message = _("The username “%(username)s” is taken.")


class UsernameUnusable(Refused):
    code = "staff.username_unusable"
    message = _("A username has 2 to 40 letters, digits, dots, hyphens or underscores.")


class EmailUnusable(Refused):
    code = "staff.email_unusable"
    message = _("This is not an e-mail address.")


class UnknownRole(Refused):
    code = "staff.unknown_role"
    message = _("There is no role “%(role)s”.")


class NoRole(Refused):
    code = "staff.no_role"
    message = _("Choose at least one role.")


class AdministratorsAreEverywhere(Refused):
    code = "staff.administrator_of_one_store"
    message = _("An administrator works for all stores, not for one.")


class PartnersStayApart(Refused):
    code = "staff.partner_apart"
    message = _("Somebody of a partner has that role alone, and of no store.")


class LastAdministrator(Refused):
    code = "staff.last_administrator"
    message = _("This is the last active administrator. Make another one first.")


class Yourself(Refused):
    code = "staff.yourself"
    message = _("You cannot change your own roles or deactivate yourself.")


class FactorNeeded(Refused):
    code = "second_factor.needed"
    message = _("Your role needs a second factor. Add another one before you remove this.")


class NoFactor(Refused):
    code = "second_factor.none"
    message = _("This person has no second factor.")


class ReasonMissing(Refused):
    code = "staff.reason_missing"
    message = _("Say why.")


class ActUnknown(Refused):
    code = "confirmation.act_unknown"
    message = _("There is no such act.")


class MinutesUnusable(Refused):
    code = "confirmation.minutes_unusable"
    message = _("Choose from 1 to %(most)s minutes.")


class LinkUnusable(Refused):
    code = "invitation.unusable"
    message = _("This link has been used, has expired, or was never given out. Ask for a new one.")


class StoreCodeTaken(Refused):
    code = "store.code_taken"
    message = _("Another store has the code “%(given)s”.")


class StoreUnknown(Refused):
    code = "store.unknown"
    message = _("There is no such store.")


class TillNameTaken(Refused):
    code = "till.name_taken"
    message = _("This store has a till called “%(name)s” already.")


class TimeZoneUnknown(Refused):
    code = "store.time_zone_unknown"
    message = _("“%(given)s” is not a time zone.")


class UnknownScope(Refused):
    code = "key.unknown_scope"
    message = _("There is no scope “%(scope)s”.")


class NoScope(Refused):
    code = "key.no_scope"
    message = _("Choose at least one scope.")


class KeyRevoked(Refused):
    code = "key.revoked"
    message = _("This key has been revoked and cannot come back.")
