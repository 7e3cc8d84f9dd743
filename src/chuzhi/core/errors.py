"""A no is not a fault: the business declining, with a stable code, a sentence and the facts."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The business says no. Pages show it, the API answers problem+json, nobody is paged.

    `message` is a translatable sentence with `%(name)s` places; `facts` fill them and are given to machines as they are.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str | Promise] = ""
    is_replayed: bool = False
    """This very request was refused before, and this is what it was told then."""

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts: Mapping[str, object] = facts

    def __str__(self) -> str:
        return str(self.message) % self.facts if self.facts else str(self.message)


class NotFound(Refused):
    """The thing asked for does not exist, or is not for this person to see; callers cannot tell which."""

    code = "not_found"
    message = _("There is nothing here.")
