"""Two records of one person: the stricter word holds. Each record keeps its history; the kept one is told by new entries."""

from typing import Any

from django.utils import timezone

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.consent import agreeing
from chuzhi.customers.consent.models import Consent
from chuzhi.customers.models import Customer, Merge


class Consents:
    """Follows `customers.merging`."""

    name = "consents"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, list[Any]]:
        """For each purpose that changes: the entry that says so, and what held before (nothing: nobody had said anything)."""
        changed: dict[str, list[Any]] = {}
        mine = agreeing.now(kept)
        for purpose, theirs in agreeing.now(gone).items():
            own = mine.get(purpose)
            if own is None or (own.is_given and not theirs.is_given):
                made = _told(kept, theirs, is_given=theirs.is_given, merge=merge, by=by)
                changed[purpose] = [made.pk, own.pk if own else None]
        return changed

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        """As it was, unless the customer said something since. Where they had said nothing it is no: silence agrees to nothing."""
        holds = agreeing.now(kept)
        for purpose, (made, before) in moved.items():
            if holds[purpose].pk == made:
                earlier = Consent.objects.filter(pk=before).first()
                _told(kept, earlier or holds[purpose], is_given=bool(earlier and earlier.is_given), merge=merge, by=by)


def _told(kept: Customer, like: Consent, *, is_given: bool, merge: Merge, by: Actor) -> Consent:
    return Consent.objects.create(
        customer=kept, purpose=like.purpose, is_given=is_given, how=Consent.How.MERGE, text=like.text, merge=merge.pk,
        said_at=timezone.now() if like.is_given != is_given else like.said_at, by=by.label,
    )  # fmt: skip
