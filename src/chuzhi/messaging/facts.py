"""Facts that read differently in each language, as they are kept in a message and as they are said."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale

from chuzhi.core import money as amounts

Fact = str | int | dict[str, Any]


def money(amount: int, currency: str) -> Fact:
    """Minor units of a currency."""
    return {"money": amount, "currency": currency}


def moment(at: datetime) -> Fact:
    return {"moment": at.isoformat()}


def day(on: date) -> Fact:
    return {"day": on.isoformat()}


def word(text: Promise | str) -> Fact:
    """Something with a translation, kept in every language there is."""
    return words([text])


def words(texts: Iterable[Promise | str]) -> Fact:
    """The same for several, each on a line of its own."""
    kept, spoken = list(texts), {}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            spoken[language] = "\n".join(str(text) for text in kept)
    return {"word": spoken}


def listed(rows: Iterable[tuple[str, int, str]]) -> Fact:
    """Amounts with their names, each on a line of its own."""
    return {"rows": [[label, amount, currency] for label, amount, currency in rows]}


def said(fact: Fact) -> str:
    """In the language that is spoken now."""
    locale = to_locale(get_language() or settings.LANGUAGE_CODE)
    match fact:
        case {"money": int(amount), "currency": str(currency)}:
            return amounts.text(amount, currency)
        case {"moment": str(at)}:
            zone = ZoneInfo(settings.TIME_ZONE)
            return format_datetime(datetime.fromisoformat(at).astimezone(zone), "medium", locale=locale)
        case {"day": str(on)}:
            return format_date(date.fromisoformat(on), "long", locale=locale)
        case {"word": dict(spoken)}:
            return str(spoken.get(get_language()) or next(iter(spoken.values())))
        case {"rows": list(rows)}:
            return "\n".join(f"{label}: {amounts.text(amount, currency)}" for label, amount, currency in rows)
    return str(fact)
