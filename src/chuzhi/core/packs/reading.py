"""Packs from their files. A file that is not whole stops the product at the first look at it, not at a till."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from chuzhi.core.packs.rules import Pack, Rule, Said, Source, Topic

NONE = "none"
_FIRST = {NONE: 0}


class Malformed(Exception):
    """A pack's file says something that cannot be: a fault of the file, never a business no."""


@cache
def packs() -> dict[str, Pack]:
    """Every pack by its id, "none" first. The same for as long as the process lives: a pack changes with the product."""
    written = {path.name.removesuffix(".toml"): tomllib.loads(path.read_text("utf-8")) for path in _files()}
    return {name: _pack(name, written) for name in sorted(written, key=lambda name: (_FIRST.get(name, 1), name))}


def pack(given: str) -> Pack:
    return packs()[given]


def _files() -> list[Any]:
    return [path for path in files("chuzhi.core.packs").joinpath("data").iterdir() if path.name.endswith(".toml")]


def _pack(name: str, written: dict[str, dict[str, Any]]) -> Pack:
    document = written[name]
    below = document.get("builds_on", "")
    if document["id"] != name or (below and below not in written):
        raise Malformed(f"{name}: its id is not its file's name, or it builds on a pack that is not there")
    base = _pack(below, written) if below else None
    sources = {
        each["id"]: Source(each["id"], _said(each["title"]), each.get("checked_on"), each.get("is_policy", False))
        for each in document["sources"]
    }
    own = tuple(_rule(name, document["currency"], each, sources) for each in document.get("rules", ()))
    _check_dates(own)
    inherited = base.rules if base else ()
    return Pack(name, _said(document["name"]), document["currency"], own + inherited, below, tuple(document["cases"]))


def _rule(pack: str, currency: str, given: dict[str, Any], sources: dict[str, Source]) -> Rule:
    value = given["value"]
    if not isinstance(value, bool | str) and (not isinstance(value, int) or value < 0):
        raise Malformed(f"{given['id']}: {value!r} is neither a whole number nor yes, no or a word")
    return Rule(
        id=given["id"],
        pack=pack,
        topic=Topic(given["topic"]),
        value=value,
        says=_said(given["says"]),
        source=sources[given["source"]],
        currency=currency,
        of=given.get("of", ""),
        article=given.get("article", ""),
        first_on=given.get("first_on", date.min),
        last_on=given.get("last_on", date.max),
    )


def _said(given: dict[str, str]) -> Said:
    return Said(given["en"], given["zh"])


def _check_dates(rules: tuple[Rule, ...]) -> None:
    """No two rules of one pack answer the same question on the same day."""
    for place, one in enumerate(rules):
        for other in rules[place + 1 :]:
            same = (one.topic, one.of) == (other.topic, other.of)
            if same and one.first_on <= other.last_on and other.first_on <= one.last_on:
                raise Malformed(f"{one.id} and {other.id} answer the same question on the same day")
