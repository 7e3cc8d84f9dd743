"""What the fields of a request may hold. Anything else is refused with a pointer to it, before anything is looked up."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chuzhi.core import money
from chuzhi.ledger.chart import Method
from chuzhi.payments.counter.slips import Slip

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Asked(BaseModel):
    """A request's body: its fields as they are named, of the types they have, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _moment(given: object) -> object:
    """A moment in time names its offset: without one, nobody knows when it was."""
    if not isinstance(given, str) or not _MOMENT.fullmatch(given):
        raise PydanticCustomError("moment", "ISO 8601 with an offset")
    return datetime.fromisoformat(given)


def _within_reason(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise PydanticCustomError("moment", "from 1970 to 2200")
    return moment


def _day(given: object) -> object:
    """A day of the calendar, and no time on it."""
    try:
        return date.fromisoformat(given) if isinstance(given, str) and _DAY.fullmatch(given) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> object:
    raise PydanticCustomError("day", "a day as in 2026-03-31")


Amount = Annotated[
    int, Field(strict=True, gt=0, le=money.LARGEST, description="Minor units of the wallet's currency: fen for CNY")
]
Id = Annotated[str, Field(pattern="^[1-9][0-9]{0,17}$", max_length=18)]
Mark = Annotated[str, Field(pattern="^(offer-)?[1-9][0-9]{0,17}$", max_length=24)]
OperationId = Annotated[str, Field(pattern="^[0-9]{1,4}-[1-9][0-9]{0,17}$", max_length=23)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="Why, for the books")]
Reference = Annotated[str, Field(max_length=LONGEST_TEXT, description="Your own number or note; it comes back in entries")]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    AfterValidator(_within_reason),
    Field(description="ISO 8601 with an offset", examples=["2026-03-01T09:30:00+08:00"]),
]
Day = Annotated[date, BeforeValidator(_day), Field(description="A day", examples=["2026-03-31"])]
CounterMethod = Annotated[str, Field(pattern="^(cash|terminal)$", description="How the customer paid", examples=["cash"])]


class SlipIn(Asked):
    """What the card terminal printed. Never a whole card number."""

    terminal: str = Field(pattern="^[0-9A-Za-z-]{1,40}$", examples=["T-01"])
    number: str = Field(pattern="^[0-9A-Za-z-]{1,40}$", examples=["000123"])
    scheme: str = Field("", max_length=20, examples=["UnionPay"])
    last_four: str = Field("", pattern="^([0-9]{4})?$", examples=["4242"])


FINDINGS = {
    "moment": _("This must be a time as in 2026-03-01T09:30:00+08:00, with its offset."),
    "day": _("This must be a day as in 2026-03-31."),
    "string_pattern_mismatch": _("This does not have the right form."),
    "string_unicode": _("This text is not valid Unicode."),
}
"""What only these fields can find, in a sentence of ours."""


def method(given: str) -> Method:
    return Method[given.upper()]


def number(given: str | None) -> int | None:
    """An id that passed `Id`, as the number it is inside."""
    return None if given is None else int(given)


def slip(asked: SlipIn | None) -> Slip | None:
    return Slip(**asked.model_dump()) if asked else None
