"""The words of each kind of message, in each language: the shop's own, else ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.messaging import facts, rules
from chuzhi.messaging.errors import LanguageUnknown, PlacesUnknown, WordsMissing
from chuzhi.messaging.kinds import Kind
from chuzhi.messaging.models import Message, Wording
from chuzhi.organization.authority import require

MANAGE = "messages.manage"
LONGEST_TITLE, LONGEST_BODY = 200, 4000


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    body: str
    is_own: bool = False


def words(kind: Kind, language: str) -> Words:
    own = Wording.objects.filter(kind=kind.name, language=language).first()
    return Words(own.title, own.body, is_own=True) if own else usual(kind, language)


def usual(kind: Kind, language: str) -> Words:
    with translation.override(language):
        return Words(str(kind.title), str(kind.body))


def written(kind: Kind, message: Message, *, name: str, language: str, secrets: Mapping[str, str] | None = None) -> Words:
    """The message in a language, its places filled; secret ones with dots, unless they are given."""
    text = words(kind, language)
    with translation.override(language):
        said = {place: facts.said(fact) for place, fact in message.facts.items()} | {"name": name, "shop": settings.SHOP_NAME}
    said |= dict.fromkeys(kind.secrets, "••••") | dict(secrets or {})
    return Words(rules.fill(text.title, said), rules.fill(text.body, said))


@transaction.atomic(durable=True)
def change(*, kind: Kind, language: str, title: str, body: str, by: Actor) -> Wording:
    """Say it in the shop's own words from now on."""
    require(by, MANAGE)
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").replace("\x00", "").strip()
    if language not in dict(settings.LANGUAGES):
        raise LanguageUnknown
    if not (0 < len(title) <= LONGEST_TITLE and 0 < len(body) <= LONGEST_BODY):
        raise WordsMissing
    if places := rules.unknown_places(f"{title} {body}", kind.places):
        raise PlacesUnknown(places=", ".join(f"{{{place}}}" for place in places))
    values = {"title": title, "body": body, "changed_by": by.label, "changed_at": timezone.now()}
    wording, _made = Wording.objects.update_or_create(kind=kind.name, language=language, defaults=values)
    audit.record("message.reworded", f"message:{kind.name}"[:80], by=by, language=language)
    return wording


@transaction.atomic(durable=True)
def forget(*, kind: Kind, language: str, by: Actor) -> None:
    """Back to our words."""
    require(by, MANAGE)
    if Wording.objects.filter(kind=kind.name, language=language).delete()[0]:
        audit.record("message.reworded", f"message:{kind.name}"[:80], by=by, language=language, usual=True)
