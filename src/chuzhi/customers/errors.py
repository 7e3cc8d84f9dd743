from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class CustomerUnknown(NotFound):
    code = "customer.unknown"
    message = _("There is no such customer.")


class NameInvalid(Refused):
    code = "customer.name_invalid"
    message = _("A name needs 1 to 80 characters, without control characters.")


class PhoneInvalid(Refused):
    code = "customer.phone_invalid"
    message = _("This is not a phone number that can be called.")


class PhoneTaken(Refused):
    """Says only that the number is in use: not by whom."""

    code = "customer.phone_taken"
    message = _("Another customer has this phone number.")


class EmailInvalid(Refused):
    code = "customer.email_invalid"
    message = _("This is not an e-mail address.")


class IdentityNumberInvalid(Refused):
    code = "customer.identity_number_invalid"
    message = _("This is not a resident identity number: 18 characters, a real date and the right check digit.")


class BirthdayInvalid(Refused):
    code = "customer.birthday_invalid"
    message = _("A birthday reads like 1990-05-31.")


class BirthdayFuture(Refused):
    code = "customer.birthday_future"
    message = _("The birthday is in the future.")


class BirthdayTooEarly(Refused):
    code = "customer.birthday_too_early"
    message = _("The birthday is more than 130 years ago.")


class OwnerUnusable(Refused):
    code = "customer.owner_unusable"
    message = _("Nobody who works here now is meant by this: customers are looked after by an active colleague.")


class TagInvalid(Refused):
    code = "customer.tag_invalid"
    message = _("A customer has at most 30 tags of 1 to 30 characters.")


class NotesTooLong(Refused):
    code = "customer.notes_too_long"
    message = _("Notes have at most %(most)s characters.")


class FavouriteInvalid(Refused):
    code = "customer.favourite_invalid"
    message = _("What somebody likes best is one line of at most 80 characters.")


class MethodUnknown(Refused):
    code = "customer.method_unknown"
    message = _("“%(given)s” is not a way of paying.")


class TillNoteInvalid(Refused):
    code = "customer.till_note_invalid"
    message = _("A note to the till has at most 200 characters.")


class ExternalIdInvalid(Refused):
    code = "customer.external_id_invalid"
    message = _("An outside number has 1 to 64 characters, without control characters.")


class ExternalIdTaken(Refused):
    code = "customer.external_id_taken"
    message = _("Another customer has this outside number.")


class ChangedMeanwhile(Refused):
    code = "customer.changed_meanwhile"
    message = _("Somebody else changed this customer while you were editing. Look again, then change.")


class MergeUnknown(NotFound):
    code = "merge.unknown"
    message = _("There is no such merge.")


class MergedWithItself(Refused):
    code = "merge.same_customer"
    message = _("These are the same record already.")


class MergeReasonMissing(Refused):
    code = "merge.reason_missing"
    message = _("Say how you know that this is one person.")


class FieldUnknown(Refused):
    code = "merge.field_unknown"
    message = _("There is no field “%(field)s” to take over.")


class MergeUndone(Refused):
    code = "merge.undone"
    message = _("This merge has been undone already.")


class MergeIsOld(Refused):
    code = "merge.too_old"
    message = _("A merge can be undone for %(days)s days; this one is older.")


class MergedFurther(Refused):
    code = "merge.merged_further"
    message = _("The record that was kept has been merged into another one since. Undo that first.")
