"""Colleagues who are named with an @ in what is written among colleagues: they find it in their inbox."""

from collections.abc import Mapping

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.messaging import outbox, rules
from chuzhi.messaging.facts import Fact
from chuzhi.messaging.kinds import Kind
from chuzhi.organization import staff
from chuzhi.organization.models import Staff


def tell(
    kind: Kind, text: str, *, may: str, facts: Mapping[str, Fact], subject: str, by: Actor, but: Staff | None = None
) -> list[Staff]:
    """Tell each who is meant and `may` look at it, once for a subject; answers who that is. `but` is told of it already."""
    meant = [each for each in _meant(text, may, by) if each != but]
    for colleague in meant:
        outbox.tell(kind=kind, facts=facts, subject=subject, by=by, staff=colleague)
    return meant


def _meant(text: str, may: str, by: Actor) -> list[Staff]:
    """Whoever writes left out; two of one name are both meant."""
    if "@" not in text:
        return []
    every = Staff.objects.filter(is_active=True).values_list("name", "username")
    meant = rules.mentioned(text, (name for names in every for name in names))
    me = by.id if by.kind is ActorKind.STAFF else None
    return [each for each in staff.who_may(may).order_by("pk") if each.pk != me and {each.name, each.username} & meant]
