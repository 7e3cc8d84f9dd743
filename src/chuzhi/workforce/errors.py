from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class NoteUnusable(Refused):
    code = "note.unusable"
    message = _("Write something, in at most %(most)s characters.")


class TooManyPinned(Refused):
    code = "note.too_many_pinned"
    message = _("At most %(most)s notes of a customer can be pinned: take another one down first.")


class TaskUnknown(NotFound):
    code = "task.unknown"
    message = _("There is no such task.")


class TaskUnusable(Refused):
    code = "task.unusable"
    message = _("Say what is to be done, in at most %(most)s characters.")


class DayUnusable(Refused):
    code = "task.day_unusable"
    message = _("Choose today or a later day, within two years.")


class AssigneeUnusable(Refused):
    code = "task.assignee_unusable"
    message = _("A task is given to a colleague who works here now.")


class CadenceUnusable(Refused):
    code = "cadence.unusable"
    message = _("This cannot be a rule for follow-ups: look at “%(field)s”.")


class CadenceUnknown(NotFound):
    code = "cadence.unknown"
    message = _("There is no such rule for follow-ups.")


class TaskDone(Refused):
    code = "task.done"
    message = _("This task is done already.")
