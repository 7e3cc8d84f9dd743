"""The words that somebody agrees to, version by version."""

from collections.abc import Mapping

from django.db import transaction

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers.consent.errors import ConsentTextEmpty, ConsentTextMissing, PurposeUnknown
from chuzhi.customers.consent.models import ConsentText, Purpose
from chuzhi.organization.authority import require

MANAGE = "consent.manage"
LONGEST = 5000


@transaction.atomic
def publish(*, purpose: str, zh: str, en: str, by: Actor) -> ConsentText:
    """A new version, shown from now on. What was agreed to before stays agreed to in its own words."""
    require(by, MANAGE)
    if purpose not in Purpose.values:
        raise PurposeUnknown
    clean = {"zh": zh.strip(), "en": en.strip()}
    if not all(clean.values()) or any(len(text) > LONGEST for text in clean.values()):
        raise ConsentTextEmpty(most=LONGEST)
    last = latest().get(purpose)
    made = ConsentText.objects.create(purpose=purpose, version=last.version + 1 if last else 1, made_by=by.label, **clean)
    audit.record("consent.published", f"consent:{purpose}", by=by, version=made.version)
    return made


def latest() -> Mapping[str, ConsentText]:
    """The text of each purpose that has one."""
    return {text.purpose: text for text in ConsentText.objects.order_by("purpose", "-version").distinct("purpose")}


def shown(purpose: str, version: int | None = None) -> ConsentText:
    """What somebody was shown: this version, or the latest. Raises ConsentTextMissing."""
    found = ConsentText.objects.filter(purpose=purpose).order_by("-version")
    text = (found if version is None else found.filter(version=version)).first()
    if text is None:
        raise ConsentTextMissing
    return text
