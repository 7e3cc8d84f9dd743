"""How a text is filled, who is meant by one, and when a delivery is tried again, with nothing else in the room."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

PLACE = re.compile(r"\{([a-z_]+)\}")
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Each `{place}` replaced by its fact, once: what a fact says is never looked at again. Unknown places stay as written."""
    return PLACE.sub(lambda place: facts.get(place[1], place[0]), text)


def unknown_places(text: str, known: Collection[str]) -> list[str]:
    return sorted({name for name in PLACE.findall(text) if name not in known})


def mentioned(text: str, names: Iterable[str]) -> frozenset[str]:
    """The names behind an @: Chinese is written without spaces, so of several names that fit, the longest is meant."""
    known = sorted(filter(None, names), key=len, reverse=True)
    found = (next((name for name in known if said.startswith(name)), "") for said in text.split("@")[1:])
    return frozenset(filter(None, found))


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when enough is enough."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None
