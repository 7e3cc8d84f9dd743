from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class NameMissing(Refused):
    code = "saved_view.name_missing"
    message = _("Give the view a name of at most %(most)s characters.")


class TooManyViews(Refused):
    code = "saved_view.too_many"
    message = _("You keep %(most)s views of this list. Remove one first.")


class ViewUnknown(NotFound):
    code = "saved_view.unknown"
    message = _("This view is no longer there, or is not shared with you.")


class NotYourView(Refused):
    code = "saved_view.not_yours"
    message = _("Only whoever made a view can remove it.")


class ViewUnusable(Refused):
    code = "saved_view.unusable"
    message = _("This view asks for something that is no longer there, or that means something only to whoever made it.")


class ColumnUnknown(Refused):
    code = "list.column_unknown"
    message = _("This list has no column “%(column)s” that can be asked for here.")


class ListTooLong(Refused):
    code = "list.too_long"
    message = _("More than %(most)s rows: narrow the list down first.")


class NothingChosen(Refused):
    code = "bulk.nothing_chosen"
    message = _("Choose at least one row.")


class ChooseOneWay(Refused):
    code = "bulk.choose_one_way"
    message = _("Say which rows in one way: by their numbers, by filters or by a view.")


class ActUnknown(NotFound):
    code = "bulk.unknown"
    message = _("There is no such act, or somebody else planned it.")


class ActDecided(Refused):
    code = "bulk.decided"
    message = _("This was started already.")


class CannotBeUndone(Refused):
    code = "bulk.cannot_be_undone"
    message = _("This cannot be undone, or no longer.")


class NoLongerAllowed(Refused):
    code = "list.no_longer_allowed"
    message = _("Whoever asked for this may no longer do it.")
