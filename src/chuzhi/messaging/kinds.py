"""What can be said. A package declares its kinds; `config/wiring.py` names each on one line."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound
from chuzhi.messaging.channels.registry import EMAIL, INBOX


class MessageKindUnknown(NotFound):
    code = "message.kind_unknown"
    message = _("There is no such kind of message.")


@dataclass(frozen=True, slots=True)
class Kind:
    """One message: what it is called, its words until the shop writes its own, and the facts that fill their `{places}`.

    Every text also knows `{name}`, the recipient's, and `{shop}`.
    """

    name: str
    label: Promise
    title: Promise
    body: Promise
    facts: tuple[str, ...]
    channels: tuple[str, ...] = (INBOX, EMAIL)
    secrets: tuple[str, ...] = ()
    """Places that only the recipient reads; in the log they are dots."""

    @property
    def places(self) -> tuple[str, ...]:
        return ("name", "shop", *self.facts, *self.secrets)

    @property
    def has_secrets(self) -> bool:
        return bool(self.secrets)


_known: dict[str, Kind] = {}


def add(kind: Kind) -> None:
    _known[kind.name] = kind


def every() -> list[Kind]:
    return list(_known.values())


def named(name: str) -> Kind:
    if name not in _known:
        raise MessageKindUnknown
    return _known[name]
