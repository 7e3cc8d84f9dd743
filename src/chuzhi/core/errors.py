"""A no is not a fault: the business declining, with a stable code, a sentence and the facts."""

from collections.abc import Callable, Iterator, Mapping
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


AMOUNTS = frozenset({"available", "asked", "limit", "used", "left", "bonus", "lines", "amount", "held", "otherwise"})
"""Facts of refusals that are amounts of what the wallet in question holds."""


def said(no: Refused, worth: Callable[[int], str]) -> str:
    """The sentence of a refusal about a wallet, with its amounts as people read them."""
    facts = {name: worth(fact) if name in AMOUNTS and isinstance(fact, int) else fact for name, fact in no.facts.items()}
    return str(no.message) % facts if facts else str(no.message)


def recalled(code: str, facts: Mapping[str, object]) -> Refused:
    """A refusal of which code and facts were kept, so that it can be said again in any language."""
    kind = next(kind for kind in _kinds(Refused) if kind.code == code)
    no = kind.__new__(kind)
    Refused.__init__(no, **facts)
    return no


def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)
