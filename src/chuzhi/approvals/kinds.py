"""What can be asked for. A package declares its kinds; `config/wiring.py` connects each with the command that a signature runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise

from chuzhi.approvals.errors import KindUnknown
from chuzhi.approvals.rules import Limits
from chuzhi.core.actors import Actor

PROGRAM = "program"
"""API keys have no role of their own; in the tables of limits this word stands for them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that may need two people. `permission` is what doing it alone takes; who may sign it, the limits say."""

    name: str
    label: Promise
    permission: str
    limits: Mapping[str, Limits] = field(hash=False, compare=False)
    """By role, until the shop sets its own. A role that is not named may do nothing alone and sign nothing."""


class Command(Protocol):
    """Does what was asked for, once for a key, and answers with what it became (an entry, a batch).

    The signature was checked when it was given, and is not asked about again.
    """

    def __call__(self, *, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str: ...


@dataclass(frozen=True, slots=True)
class Connected:
    kind: Kind
    command: Command


_connected: dict[str, Connected] = {}


def connect(kind: Kind, command: Command) -> None:
    _connected[kind.name] = Connected(kind, command)


def every() -> list[Kind]:
    return [one.kind for one in _connected.values()]


def named(name: str) -> Kind:
    return _found(name).kind


def command_of(name: str) -> Command:
    return _found(name).command


def _found(name: str) -> Connected:
    if name not in _connected:
        raise KindUnknown
    return _connected[name]
