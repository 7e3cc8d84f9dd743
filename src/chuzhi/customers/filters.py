"""Finding customers by what the shop's own fields hold. For lists and segments: ask `offered`, then call `narrowed` for each.

Personal fields are sealed and cannot be filtered by.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import DateField, DecimalField, Model, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from chuzhi.core.actors import Actor
from chuzhi.customers import field_errors as errors
from chuzhi.customers import fields, rules
from chuzhi.customers.rules import ORDERED, Definition, Kind

M = TypeVar("M", bound=Model)


class Way(StrEnum):
    IS = "is"
    FROM = "from"
    TO = "to"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Filter:
    """A field that rows can be narrowed by, and the ways in which. Of several choices `is` means that it is among them."""

    field: Definition
    ways: tuple[Way, ...]


def offered(by: Actor) -> list[Filter]:
    return [Filter(one.definition, _ways(one.definition)) for one in fields.seen(by) if not one.definition.is_personal]


def narrowed(rows: QuerySet[M], *, key: str, way: Way, said: str = "", by: Actor) -> QuerySet[M]:
    """Rows with `custom_open` that have the value as it was typed (or its key), no less (`from`) or no more (`to`) than it, any,
    or none. Refuses an unknown field, a way that a field has not, and a value of a wrong form.
    """
    one = next((each for each in offered(by) if each.field.key == key), None)
    if one is None:
        raise errors.FieldUnknown(field=key[:60])
    if way not in one.ways:
        raise errors.FilterUnknown(field=key, label=one.field.label, way=str(way)[:20])
    if way in {Way.KNOWN, Way.UNKNOWN}:
        known = Q(custom_open__has_key=key)
        return rows.filter(known if way is Way.KNOWN else ~known)
    given: object = rules.read(one.field, said)
    if one.field.kind is Kind.CHOICES and isinstance(given, list) and len(given) != 1:
        raise errors.NotAChoice(field=key, label=one.field.label, given=said[:60])
    value = rules.typed(one.field, given)
    if value is None:
        raise errors.FieldRequired(field=key, label=one.field.label)
    if way is Way.IS:
        return rows.filter(custom_open__contains={key: value})
    column: Any = DateField() if one.field.kind is Kind.DAY else DecimalField(max_digits=22, decimal_places=6)
    figures: Any = rows.filter(custom_open__has_key=key).alias(figure=Cast(KT(f"custom_open__{key}"), column))
    found: QuerySet[M] = figures.filter(**{"figure__gte" if way is Way.FROM else "figure__lte": value})
    return found


def _ways(one: Definition) -> tuple[Way, ...]:
    """A long text is known or not."""
    ordered = (Way.FROM, Way.TO) if one.kind in ORDERED else ()
    return (*(() if one.kind is Kind.LONG_TEXT else (Way.IS,)), *ordered, Way.KNOWN, Way.UNKNOWN)
