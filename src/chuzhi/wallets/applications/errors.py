from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class AlreadyDecided(Refused):
    code = "application.decided"
    message = _("This application has been decided already.")


class OwnApplication(Refused):
    code = "application.own"
    message = _("Whoever took an application in does not decide it. Ask a colleague.")


class TooManyApplications(Refused):
    code = "application.too_many"
    message = _("Too many applications came from here today. Come to a store, or try again tomorrow.")


class ApplicationUnknown(NotFound):
    code = "application.unknown"
    message = _("There is no such application.")
