"""Accounts of other channels follow a record into another; whom one was thought to be is settled by that."""

from typing import Any

from django.db.models import F, QuerySet

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.models import Customer, Merge


class Identities:
    """Follows `customers.merging`."""

    name = "identities"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, Any]:
        theirs, meant = Identity.objects.filter(customer=gone), Identity.objects.filter(perhaps=gone)
        moved: dict[str, Any] = {"customer": _numbers(theirs), "perhaps": _numbers(meant)}
        theirs.update(customer=kept)
        meant.update(perhaps=kept)
        settled = Identity.objects.filter(customer=kept, perhaps=F("customer"))
        moved["settled"] = [[one.pk, one.perhaps_why] for one in settled]
        settled.update(perhaps=None, perhaps_why="")
        return moved

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        for number, why in moved["settled"]:
            Identity.objects.filter(pk=number, customer=kept, perhaps=None).update(perhaps=kept, perhaps_why=why)
        Identity.objects.filter(pk__in=moved["customer"], customer=kept).update(customer=gone)
        Identity.objects.filter(pk__in=moved["perhaps"], perhaps=kept).update(perhaps=gone)


def _numbers(rows: QuerySet[Identity]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
