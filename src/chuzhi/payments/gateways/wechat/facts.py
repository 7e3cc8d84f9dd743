"""Reading what a provider wrote: whatever is not of the expected kind counts as not said."""

import json
from collections.abc import Mapping
from datetime import datetime

Facts = Mapping[str, object]


def parse(body: bytes) -> Facts:
    """Raises ValueError when it is not an object."""
    found = json.loads(body) if body else {}
    if not isinstance(found, dict):
        raise ValueError("not an object")  # one fault for every bad body
    return found


def part(facts: Facts, name: str) -> Facts:
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(facts: Facts, name: str) -> list[Facts]:
    found = facts.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(facts: Facts, name: str) -> str:
    found = facts.get(name)
    return found if isinstance(found, str) else ""


def whole(facts: Facts, name: str) -> int | None:
    found = facts.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def moment(facts: Facts, name: str) -> datetime | None:
    """RFC 3339 with its offset."""
    try:
        found = datetime.fromisoformat(text(facts, name))
    except ValueError:
        return None
    return found if found.tzinfo else None
