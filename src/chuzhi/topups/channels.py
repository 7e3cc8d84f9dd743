from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """By which way a top-up comes in."""

    COUNTER = "counter", _("Counter")
    WEB = "web", _("Web")
    PHONE = "phone", _("Phone")
    LINK = "link", _("Pay link")
    AGENT = "agent", _("Service agent")
    PARTNER = "partner", _("Partner")
    AUTO = "auto", _("Automatic")
    KIOSK = "kiosk", _("Kiosk")
    PROGRAM = "program", _("Program")
