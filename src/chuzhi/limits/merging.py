"""A customer's own limits, tier and raises follow into another record. Where both have a limit of one kind, the lower holds."""

from typing import Any

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.merging import Rows
from chuzhi.customers.models import Customer, Merge
from chuzhi.limits.models import Limit, Raise, Tier

SCOPE = ("kind", "asset", "tier", "channel", "method", "holder", "pack")
RAISES = Rows("raises", Raise)


class Limits:
    """Follows `customers.merging`."""

    name = "limits"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, Any]:
        own = {tuple(getattr(limit, name) for name in SCOPE): limit for limit in Limit.objects.filter(customer=kept)}
        moved, lowered = [], {}
        for limit in Limit.objects.filter(customer=gone):
            mine = own.get(tuple(getattr(limit, name) for name in SCOPE))
            if mine is None:
                Limit.objects.filter(pk=limit.pk).update(customer=kept)
                moved.append(limit.pk)
            elif limit.amount < mine.amount:
                lowered[str(mine.pk)] = [mine.amount, limit.amount]
                Limit.objects.filter(pk=mine.pk).update(amount=limit.amount)
        return {"moved": moved, "lowered": lowered, "tier": self._tier(kept, gone)}

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: dict[str, Any], by: Actor) -> None:
        """A limit that was set anew meanwhile stays as it was set."""
        Limit.objects.filter(pk__in=moved["moved"], customer=kept).update(customer=gone)
        for number, (before, after) in moved["lowered"].items():
            Limit.objects.filter(pk=int(number), amount=after).update(amount=before)
        if moved["tier"]:
            Tier.objects.filter(customer=kept, code=moved["tier"]).delete()

    def _tier(self, kept: Customer, gone: Customer) -> str:
        """The tier that the kept record got, if it had none."""
        other = Tier.objects.filter(customer=gone).first()
        if other is None or Tier.objects.filter(customer=kept).exists():
            return ""
        Tier.objects.create(customer=kept, code=other.code)
        return other.code
