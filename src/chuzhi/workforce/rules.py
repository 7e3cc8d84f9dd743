"""Who is meant by a note, with nothing else in the room."""

from collections.abc import Iterable


def mentioned(text: str, names: Iterable[str]) -> frozenset[str]:
    """The names behind an @: Chinese is written without spaces, so of several names that fit, the longest is meant."""
    known = sorted(filter(None, names), key=len, reverse=True)
    found = (next((name for name in known if said.startswith(name)), "") for said in text.split("@")[1:])
    return frozenset(filter(None, found))
