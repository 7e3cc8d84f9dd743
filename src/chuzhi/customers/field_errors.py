"""The ways a field that the shop made for itself, or a value of one, is refused: always with the field's key and label."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class FieldRefused(Refused):
    code = "field.refused"


class FieldUnknown(FieldRefused):
    code = "field.unknown"
    message = _("There is no field “%(field)s”.")


class FieldArchived(FieldRefused):
    code = "field.archived"
    message = _("The field “%(label)s” is archived: its values stay, and no new ones are taken.")


class FieldRequired(FieldRefused):
    code = "field.required"
    message = _("“%(label)s” is required.")


class NotText(FieldRefused):
    code = "field.not_text"
    message = _("“%(label)s” must be text.")


class NotOneLine(FieldRefused):
    code = "field.not_one_line"
    message = _("“%(label)s” is one line without control characters.")


class TooLong(FieldRefused):
    code = "field.too_long"
    message = _("“%(label)s” has at most %(most)s characters.")


class NotWhole(FieldRefused):
    code = "field.not_whole"
    message = _("“%(label)s” must be a whole number.")


class NotDecimal(FieldRefused):
    code = "field.not_decimal"
    message = _("“%(label)s” must be a number like 12.5, with at most 6 digits after the point.")


class OutOfRange(FieldRefused):
    code = "field.out_of_range"
    message = _("“%(label)s” is too large or too small.")


class NotADay(FieldRefused):
    code = "field.not_a_day"
    message = _("“%(label)s” must be a day like 2026-05-31.")


class NotYesOrNo(FieldRefused):
    code = "field.not_yes_or_no"
    message = _("“%(label)s” is yes or no.")


class NotAChoice(FieldRefused):
    code = "field.not_a_choice"
    message = _("“%(given)s” cannot be chosen for “%(label)s”.")


class NotAList(FieldRefused):
    code = "field.not_a_list"
    message = _("“%(label)s” takes a list of choices.")


class NotAPhone(FieldRefused):
    code = "field.not_a_phone"
    message = _("“%(label)s” must be a phone number that can be called.")


class NotAnEmail(FieldRefused):
    code = "field.not_an_email"
    message = _("“%(label)s” must be an e-mail address.")


class NotALink(FieldRefused):
    code = "field.not_a_link"
    message = _("“%(label)s” must be an address that begins with http:// or https://.")


class KeyInvalid(FieldRefused):
    code = "field.key_invalid"
    message = _("A key begins with a letter and has up to 40 small letters, digits and underscores.")


class KeyTaken(FieldRefused):
    code = "field.key_taken"
    message = _("There is a field “%(field)s” already. An archived one can be taken up again.")


class LabelMissing(FieldRefused):
    code = "field.label_missing"
    message = _("A field needs a label of at most 60 characters in both languages.")


class OptionsInvalid(FieldRefused):
    code = "field.options_invalid"
    message = _("Choices are 1 to 200 lines like: gold | 金卡 | Gold. Each key stands once.")


class PermissionUnknown(FieldRefused):
    code = "field.permission_unknown"
    message = _("There is no permission “%(permission)s”.")


class TooMany(FieldRefused):
    code = "field.too_many"
    message = _("There may be at most %(most)s fields in use.")


class DefinitionUnknown(NotFound):
    code = "field.definition_unknown"
    message = _("There is no such field.")


class FilterUnknown(FieldRefused):
    code = "field.filter_unknown"
    message = _("“%(label)s” cannot be filtered by “%(way)s”.")
