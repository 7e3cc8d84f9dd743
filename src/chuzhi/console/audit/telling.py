"""Lines of the audit log as people read them: who by name, what in words, and the page of what it is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuzhi.approvals import people
from chuzhi.console import values
from chuzhi.console.audit import wording
from chuzhi.core.tables import Row, safe_cell
from chuzhi.ledger import trail
from chuzhi.ledger.trail import Line, Search
from chuzhi.organization.models import Store, Till

PAGES = {
    "assisted": "console:assisted_request",
    "customer": "console:customer",
    "ticket": "console:ticket",
    "wallet": "console:wallet",
    "store": "console:store",
    "risk_case": "console:risk_case",
    "partner": "console:partner",
    "offer": "console:offer",
    "programme": "console:programme",
    "reconciliation_case": "console:reconciliation_case",
    "reconciliation_day": "console:reconciliation_day",
}
"""Where somebody can look at a subject, by the first part of its name: `customer:12`."""

NAMED: Mapping[str, Promise] = {
    "amount": gettext_lazy("Amount"),
    "reason": gettext_lazy("Reason"),
    "remark": gettext_lazy("Remark"),
    "reference": gettext_lazy("Reference"),
    "evidence": gettext_lazy("Evidence"),
    "store": gettext_lazy("Store"),
    "till": gettext_lazy("Till"),
    "refusal": gettext_lazy("Refused"),
    "approved_by": gettext_lazy("Second person"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
    "customer": gettext_lazy("Customer"),
    "wallet": gettext_lazy("Wallet"),
    "number": gettext_lazy("Number"),
    "lines": gettext_lazy("Lines"),
    "count": gettext_lazy("Count"),
}
AT_ONCE = 1000
"""What facts are called, in the order they are told. Of a move of value only these: the rest stands on its own page."""


@dataclass(frozen=True, slots=True)
class Told:
    id: str
    at: datetime
    who: str
    actor: str
    area: str
    act: str
    subject: str
    address: str
    """The page of the subject, or nothing."""
    facts: tuple[tuple[str, str], ...]


def of(lines: Iterable[Line]) -> list[Told]:
    some = list(lines)
    names = people.names({line.actor for line in some})
    places = {
        ("store", pk): name for pk, name in Store.objects.filter(pk__in=_numbers(some, "store")).values_list("pk", "name")
    }
    places |= {("till", pk): name for pk, name in Till.objects.filter(pk__in=_numbers(some, "till")).values_list("pk", "name")}
    return [_told(line, names, places) for line in some]


def _numbers(lines: Iterable[Line], fact: str) -> set[int]:
    return {line.facts[fact] for line in lines if isinstance(line.facts.get(fact), int)}


def as_table(search: Search) -> Iterator[Row]:
    """All that is found, with the codes as they are kept besides the words."""
    yield [_("When"), _("Who did it"), _("Actor"), _("Area"), _("What"), _("Action"), _("About"), _("Facts"), _("Number")]
    every = trail.every(search)
    while lines := list(islice(every, AT_ONCE)):
        for line, told in zip(lines, of(lines), strict=True):
            facts = "; ".join(f"{name}: {text}" for name, text in told.facts)
            words = (told.who, told.actor, told.area, told.act, line.action, told.subject, facts, told.id)
            yield [timezone.localtime(line.at).isoformat(timespec="seconds"), *map(safe_cell, words)]


def _told(line: Line, names: Mapping[str, str], places: Mapping[tuple[str, int], str]) -> Told:
    area, _dot, act = line.action.partition(".")
    who = names.get(line.actor) or (_("The product itself") if line.actor.startswith("system:") else line.actor)
    return Told(
        line.id, line.at, who, line.actor, str(wording.AREAS.get(area, area)), str(wording.ACTS.get(act, act)),
        line.subject, _address(line.subject), tuple(_facts(line, places)),
    )  # fmt: skip


def _facts(line: Line, places: Mapping[tuple[str, int], str]) -> Iterator[tuple[str, str]]:
    moves_value = "seq" in line.facts
    others = () if moves_value else sorted(line.facts.keys() - NAMED.keys())
    for name in (*NAMED, *others):
        value = line.facts.get(name)
        if value not in (None, "", [], {}):
            yield str(NAMED.get(name, name.replace("_", " "))), _text(name, value, line.facts.get("asset"), places)


def _text(name: str, value: object, asset: object, places: Mapping[tuple[str, int], str]) -> str:
    if isinstance(value, int):
        if name == "amount" and isinstance(asset, str):
            return values.text(value, asset)
        return places.get((name, value), str(value))
    return value if isinstance(value, str) else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def _address(subject: str) -> str:
    kind, _colon, number = subject.partition(":")
    try:
        return reverse(PAGES[kind], args=[number])
    except (KeyError, NoReverseMatch):
        return ""
