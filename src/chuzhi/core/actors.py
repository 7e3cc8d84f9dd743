"""Who asks. Every command takes `by`; every row that money leaves behind carries its label."""

from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    KEY = "key"
    KIOSK = "kiosk"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who may ask for something: what they may do, and in which stores (None: all of them)."""

    kind: ActorKind
    id: int
    name: str = ""
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    stores: frozenset[int] | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The stable form kept in journals: `staff:12`. No name, so erasing a person breaks no history."""
        return f"{self.kind}:{self.id}"

    def may(self, permission: str) -> bool:
        return permission in self.permissions or "*" in self.permissions

    def works_in(self, store: int) -> bool:
        return self.stores is None or store in self.stores


def system(name: str) -> Actor:
    """The product itself: the clock, an import, the demo."""
    return Actor(ActorKind.SYSTEM, 0, name, frozenset({"*"}))
