"""Who is one person, as far as we can know: an account, the keys it made, and other accounts with its address."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization.models import ApiKey, Staff

WORDS: dict[ActorKind, Promise] = {
    ActorKind.SYSTEM: _("System"),
    ActorKind.CUSTOMER: _("Customer"),
    ActorKind.KIOSK: _("Kiosk"),
}


def marks(label: str) -> frozenset[str]:
    """Everything that an actor (`staff:12`, `key:7`) is known by. Two actors that share a mark are one person.

    The product itself is nobody: a key that it made at the start is not its owner's twin.
    """
    kind, _colon, number = label.partition(":")
    if kind == ActorKind.SYSTEM:
        return frozenset()
    if kind == ActorKind.KEY:
        maker = ApiKey.objects.filter(pk=int(number)).values_list("created_by", flat=True).first()
        return frozenset({label}) | (marks(maker) if maker else frozenset())
    if kind == ActorKind.STAFF:
        address = Staff.objects.filter(pk=int(number)).values_list("email", flat=True).first()
        return frozenset({label, f"mail:{address}"} if address else {label})
    return frozenset({label})


def is_theirs(address: str | None, marks: frozenset[str]) -> bool:
    """Whether something that belongs to an e-mail address belongs to this person."""
    return bool(address) and f"mail:{address}" in marks


def names(labels: set[str]) -> dict[str, str]:
    """Who they are, as people call them; an actor that has no name is missing. Of customers it says no more than that."""
    staff = {int(label[6:]) for label in labels if label.startswith("staff:")}
    keys = {int(label[4:]) for label in labels if label.startswith("key:")}
    found = {f"staff:{pk}": name for pk, name in Staff.objects.filter(pk__in=staff).values_list("pk", "name")}
    found |= {f"key:{pk}": name for pk, name in ApiKey.objects.filter(pk__in=keys).values_list("pk", "name")}
    return found | {label: str(word) for label in labels for kind, word in WORDS.items() if label.startswith(f"{kind}:")}


def recalled(label: str) -> Actor:
    """Whoever asked or signed earlier, as the name that stands on an entry. What they might do was looked at then."""
    kind, _colon, number = label.partition(":")
    return Actor(ActorKind(kind), int(number))
