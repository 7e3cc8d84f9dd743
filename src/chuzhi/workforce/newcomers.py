"""New colleagues from a table: first what each row would do, then a one-time link for each, as by hand.

A file holds no passwords: whoever opens their link chooses one. Who is here already stays as they are, and who has been
invited is not invited again while the link still works.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import cells, sheets
from chuzhi.organization import invitations, staff, stores
from chuzhi.organization.authority import require
from chuzhi.organization.invitations import Proposed
from chuzhi.organization.models import Invitation, Staff, Store
from chuzhi.organization.roles import ADMINISTRATOR, ROLES, Grant
from chuzhi.workforce import newcomer_words as words

MANAGE = "staff.manage"
MOST_ROWS = 500
AS_THE_HEADINGS_SAY: Mapping[str, str] = {}
_MOST_LETTERS = 60

Columns = Mapping[str, str]
"""Field -> heading."""
T = TypeVar("T")


class NewcomersTooMany(Refused):
    code = "staff.too_many_rows"
    message = _("At most %(most)s colleagues can be brought in one file.")


class NameUnusable(Refused):
    code = "staff.name_unusable"
    message = _("A name has 1 to %(most)s characters.")


class NewcomerTwice(Refused):
    code = "staff.twice_in_the_file"
    message = _("This username stands on line %(line)s already.")


class AllStoresNotYours(Refused):
    code = "staff.all_stores_not_yours"
    message = _("Only somebody of all stores gives roles in all of them.")


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    to: Proposed
    roles: Sequence[tuple[str, str]]
    """Each role, and the name of its store; empty for all stores."""
    grants: Sequence[Grant]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is here, or whose link still works."""

    line: int
    username: str
    name: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    line: int
    cells: tuple[str, ...]
    """Of the columns that are understood: what else the file holds, a password perhaps, is not shown."""
    heading: str
    reason: Refused


@dataclass(frozen=True, slots=True)
class Plan:
    columns: Columns
    new: Sequence[Row]
    known: Sequence[Known]
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class _Here:
    people: Mapping[str, str]
    invited: Mapping[str, str]
    stores: Sequence[Store]
    by: Actor


class _WrongError(Exception):
    def __init__(self, field: str, reason: Refused) -> None:
        super().__init__(field)
        self.field, self.reason = field, reason


def check(content: bytes, *, by: Actor, chosen: Columns = AS_THE_HEADINGS_SAY) -> Plan:
    """What the file would do; nothing is written. `chosen` says of some fields which heading they stand under."""
    require(by, MANAGE)
    sheet = sheets.read(content)
    if len(sheet.rows) > MOST_ROWS:
        raise NewcomersTooMany(most=MOST_ROWS)
    places = words.places(sheet.headings, chosen)
    rows = [(line, found, _given(found, places)) for line, found in sheet.rows]
    here = _look_up([staff.normal(given["username"]) for _line, _found, given in rows], by)
    return _sorted_out(rows, here, places, sheet.headings)


@transaction.atomic(durable=True)
def take_in(
    content: bytes, *, base_url: str, by: Actor, chosen: Columns = AS_THE_HEADINGS_SAY
) -> tuple[Plan, list[tuple[Row, str]]]:
    """Make a link for each new colleague. The links are not kept: this is the only time that anybody sees them."""
    require(by, MANAGE)
    with connection.cursor() as cursor:  # the same file from two people at once must not make two links for one
        cursor.execute("LOCK TABLE invitation IN SHARE ROW EXCLUSIVE MODE")
    plan = check(content, by=by, chosen=chosen)
    links = [(row, invitations.promise(grants=row.grants, base_url=base_url, by=by, to=row.to)[0]) for row in plan.new]
    return plan, links


def _sorted_out(
    rows: Sequence[tuple[int, tuple[str, ...], Mapping[str, str]]], here: _Here, places: Mapping[str, int],
    headings: Sequence[str],
) -> Plan:  # fmt: skip
    new, known, rejected = [], [], []
    seen: dict[str, int] = {}
    for line, found, given in rows:
        try:
            username = _cell(given, "username", staff.usable)
            if username in seen:
                raise _WrongError("username", NewcomerTwice(line=seen[username]))
            seen[username] = line
            if username in here.people or username in here.invited:
                name = here.people.get(username) or here.invited.get(username, "")
                known.append(Known(line, username, name, username in here.people))
            else:
                new.append(_row(line, username, given, here))
        except _WrongError as no:
            heading = headings[places[no.field]] if no.field in places else ""
            understood = tuple(cell for place, cell in enumerate(found) if place in places.values())
            rejected.append(Rejected(line, understood, heading, no.reason))
    columns = {field: headings[place] for field, place in places.items()}
    return Plan(columns, new, known, rejected)


def _row(line: int, username: str, given: Mapping[str, str], here: _Here) -> Row:
    roles = _cell(given, "role", words.roles)
    if set(roles) == {ADMINISTRATOR} and not given["store"]:
        places: list[int | None] = [None]
    else:
        places = _cell(given, "store", lambda text: words.stores(text, here.stores))
    grants = _checked([Grant(role, place) for role in roles for place in places], here.by)
    to = Proposed(
        username=username,
        name=_cell(given, "name", _name),
        email=_cell(given, "email", staff.address_of),
        language=_cell(given, "language", words.language),
    )
    called = {store.pk: store.name for store in here.stores}
    told = [(str(ROLES[one.role].label), called[one.store] if one.store else "") for one in grants]
    return Row(line, to, told, grants)


def _checked(grants: Sequence[Grant], by: Actor) -> Sequence[Grant]:
    """Nobody gives by a file what they could not give on the page."""
    if by.stores is not None and any(one.store is None for one in grants):
        raise _WrongError("store", AllStoresNotYours())
    try:
        return staff.possible(grants)
    except Refused as no:
        raise _WrongError("role", no) from None


def _cell(given: Mapping[str, str], field: str, read: Callable[[str], T]) -> T:
    try:
        return read(given[field])
    except Refused as no:
        raise _WrongError(field, no) from None


def _given(found: Sequence[str], places: Mapping[str, int]) -> Mapping[str, str]:
    return {field: cells.at(found, places, field).strip() for field in words.WORDS}


def _name(text: str) -> str:
    if not 1 <= len(text) <= _MOST_LETTERS:
        raise NameUnusable(most=_MOST_LETTERS)
    return text


def _look_up(usernames: Sequence[str], by: Actor) -> _Here:
    people = Staff.objects.filter(username__in=usernames).values_list("username", "name")
    alive = Q(used_at=None, expires_at__gt=timezone.now()) | Q(made__isnull=False)
    invited = Invitation.objects.filter(alive, username__in=[one for one in usernames if one])
    return _Here(dict(people), dict(invited.values_list("username", "name")), list(stores.visible_to(by)), by)
