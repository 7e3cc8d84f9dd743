"""The ways a module that the shop made for itself, or a record of one, is refused."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class ModuleUnknown(NotFound):
    code = "module.unknown"
    message = _("There is no such module.")


class ModuleNameInvalid(Refused):
    code = "module.name_invalid"
    message = _("A module needs a name of one line with at most %(most)s characters.")


class ModuleNameTaken(Refused):
    code = "module.name_taken"
    message = _("There is a module “%(name)s” already. An archived one can be taken up again.")


class TooManyModules(Refused):
    code = "module.too_many"
    message = _("There may be at most %(most)s modules in use.")


class ModuleArchived(Refused):
    code = "module.archived"
    message = _("The module “%(name)s” is archived: its records stay, and are not changed.")


class RecordUnknown(NotFound):
    code = "record.unknown"
    message = _("There is no such record.")


class RecordEmpty(Refused):
    code = "record.empty"
    message = _("A record holds at least one value.")


class RecordChangedMeanwhile(Refused):
    code = "record.changed_meanwhile"
    message = _("Somebody else has changed this record in the meantime. Look at it again, then change it.")


class TooManyRecords(Refused):
    code = "record.too_many"
    message = _("A customer has at most %(most)s records of a module.")
