"""Relations follow a record into another; where the kept one has the like, or would be related to itself, they stay behind."""

from typing import Any

from django.db.models import Q

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer, Merge
from chuzhi.customers.relations.models import Relation


class Relations:
    """Follows `customers.merging`."""

    name = "relations"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, list[int]]:
        moved: dict[str, list[int]] = {"customer": [], "other": []}
        for relation in Relation.objects.filter(Q(customer=gone) | Q(other=gone)).exclude(Q(customer=kept) | Q(other=kept)):
            side, far = ("customer", "other_id") if relation.customer_id == gone.pk else ("other", "customer_id")
            if not _is_known(relation, kept, getattr(relation, far)):
                Relation.objects.filter(pk=relation.pk).update(**{side: kept})
                moved[side].append(relation.pk)
        return moved

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        for side, numbers in moved.items():
            Relation.objects.filter(pk__in=numbers, **{side: kept}).update(**{side: gone})


def _is_known(relation: Relation, kept: Customer, other: int) -> bool:
    """Whether the kept record is related to them in the same way, whichever side it is kept from."""
    now = Relation.objects.filter(kind=relation.kind, ended_at=None)
    both = Q(customer=kept, other=other) | Q(customer=other, other=kept)
    return relation.ended_at is None and now.filter(both).exists()
