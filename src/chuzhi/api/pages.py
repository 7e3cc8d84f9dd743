"""Lists are handed out in pages: `limit`, and an opaque `next_cursor` that leads to the next page or is null at the end."""

import base64
import binascii
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import Query

from chuzhi.core.errors import Refused

MOST = 200
USUAL = 50
Limit = Annotated[int, Query(ge=1, le=MOST)]


class CursorUnusable(Refused):
    code = "cursor.invalid"
    message = _("This cursor is not one that this list handed out.")


def cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"after:{place}".encode()).decode().rstrip("=")


def place_of(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        word, _colon, place = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        raise CursorUnusable from None
    if word != "after" or not place.isdigit() or len(place) > 18:
        raise CursorUnusable
    return int(place)


def text_cursor(place: str) -> str:
    """For a list whose places are more than a number."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def text_of(given: str) -> str:
    try:
        return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise CursorUnusable from None
