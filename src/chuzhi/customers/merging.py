"""Two records of one person become one, and can become two again for thirty days.

The record that goes is emptied and points at the one that is kept. What other packages know of it (wallets, limits, gifts …)
follows through `connect`: each says what stands in the way, brings over what is its own, and takes it apart again.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from django.db import models, transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles
from chuzhi.customers.errors import (
    CustomerUnknown,
    FieldUnknown,
    MergedFurther,
    MergedWithItself,
    MergeIsOld,
    MergeReasonMissing,
    MergeUndone,
)
from chuzhi.customers.models import Customer, Merge
from chuzhi.customers.profiles import Given
from chuzhi.customers.rules import Values
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store

MERGE = "customers.merge"
UNDONE_WITHIN = timedelta(days=30)
LONGEST_REASON = 200
PREFERENCES = ("favourite", "preferred_method", "till_note")
REFERENCES: Mapping[str, type[Store | Staff]] = {"home_store": Store, "owner": Staff}
FIELDS = (
    *("name", "phone", "email", "identity_number", "born_on", "external_id"),
    *(*REFERENCES, "tags", "notes", *PREFERENCES),
)
"""What the field picker chooses between. Tags and notes are joined when they are taken.

Of the shop's own fields the kept record gets those that it had no value of.
"""


class Follower(Protocol):
    """A package that knows something of customers. `join` answers, as JSON, what `part` needs to take it apart."""

    @property
    def name(self) -> str:
        """Under which what it moved is kept."""

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        """What stands in the way."""

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> Any:
        """In the transaction of the merge. Refuses what `objection` would."""

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        """In the transaction of the undoing."""


_followers: list[Follower] = []


def connect(follower: Follower) -> None:
    """Called once for each, in the order in which they join; they part in the other order."""
    _followers.append(follower)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that name a customer and change hands with the record; where the kept one has the like (`unless`), they stay."""

    name: str
    model: type[models.Model]
    unless: tuple[str, ...] = ()

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> list[Any]:
        rows = self.model._default_manager.filter(customer=gone)
        if self.unless:
            like = {name: models.OuterRef(name) for name in self.unless}
            rows = rows.exclude(models.Exists(self.model._default_manager.filter(customer=kept, **like)))
        moved = list(rows.values_list("pk", flat=True))
        self.model._default_manager.filter(pk__in=moved).update(customer=kept)
        return moved

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: list[Any], by: Actor) -> None:
        self.model._default_manager.filter(pk__in=moved, customer=kept).update(customer=gone)


def everyone(customer: int) -> list[int]:
    """The number of a customer and of all records that were merged into it."""
    return [customer, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]


def objections(kept: Customer, gone: Customer) -> list[Refused]:
    """Everything that stands in the way, for whoever prepares a merge."""
    if kept.pk == gone.pk:
        return [MergedWithItself()]
    return [no for follower in _followers if (no := follower.objection(kept, gone))]


@transaction.atomic
def merge(*, kept: Customer, gone: Customer, taken: Collection[str], reason: str, by: Actor) -> Merge:
    """`gone` becomes part of `kept`, whose `taken` fields get the values of `gone`. Asking again answers with the first merge.

    Refuses somebody unknown, one record with itself, an unknown field, no reason, and what a follower objects to.
    """
    require(by, MERGE)
    if kept.pk == gone.pk:
        raise MergedWithItself
    if unknown := sorted(set(taken) - set(FIELDS)):
        raise FieldUnknown(field=unknown[0][:40])
    if not (why := reason.strip()[:LONGEST_REASON]):
        raise MergeReasonMissing
    kept, gone = _locked(kept.pk, gone.pk)
    known = Merge.objects.filter(kept=kept, gone=gone, undone_at=None).first()
    if known is not None:
        return known
    if kept.withdrawn_at or gone.withdrawn_at:
        raise CustomerUnknown
    for no in objections(kept, gone):
        raise no
    before = {"kept": _facts(kept), "gone": _facts(gone)}
    said = _picked(before, taken)
    said["custom"] = _lacked(gone.custom, kept.custom)
    made = Merge(kept=kept, gone=gone, taken=sorted(taken), reason=why, made_by=by.label)
    made.before = json.dumps(before, default=str, ensure_ascii=False)
    made.save()
    _leave(gone, kept)
    profiles.change(customer=kept, by=by, **said)
    kept.refresh_from_db()
    made.moved = {follower.name: follower.join(made, kept, gone, by) for follower in _followers}
    made.save(update_fields=["moved"])
    audit.record("customer.merged", f"customer:{kept.pk}", by=by, merge=made.pk, gone=gone.pk, reason=why)
    return made


@transaction.atomic
def undo(*, merge: Merge, by: Actor) -> Merge:
    """Two records again: what was brought over goes back, and fields that nobody has changed since get their old values.

    Refuses after thirty days, twice, and where the kept record was itself merged later: that one is undone first.
    """
    require(by, MERGE)
    made = Merge.objects.select_for_update().get(pk=merge.pk)
    if made.undone_at is not None:
        raise MergeUndone
    if timezone.now() - made.made_at > UNDONE_WITHIN:
        raise MergeIsOld(days=UNDONE_WITHIN.days)
    kept, gone = _locked(made.kept_id, made.gone_id)
    if kept.withdrawn_at is not None:
        raise MergedFurther
    before = json.loads(made.before)
    for follower in reversed(_followers):
        follower.part(made, kept, gone, made.moved.get(follower.name), by)
    said = _unpicked(kept, before, made.taken)
    said["custom"] = _unlacked(kept, before)
    profiles.change(customer=kept, by=by, **said)
    _return(gone, before["gone"])
    made.undone_at, made.undone_by = timezone.now(), by.label
    made.save(update_fields=["undone_at", "undone_by"])
    audit.record("customer.unmerged", f"customer:{kept.pk}", by=by, merge=made.pk, gone=gone.pk)
    return made


def may_be_undone(merge: Merge) -> bool:
    return merge.undone_at is None and timezone.now() - merge.made_at <= UNDONE_WITHIN


def _locked(kept: int, gone: int) -> tuple[Customer, Customer]:
    found = Customer.objects.select_for_update().order_by("pk").in_bulk([kept, gone])
    return found[kept], found[gone]


def _facts(customer: Customer) -> dict[str, Any]:
    facts = {name: getattr(customer, _column(name)) for name in FIELDS}
    return facts | {"custom": [customer.custom.open, customer.custom.sealed]}


def _column(field: str) -> str:
    return f"{field}_id" if field in REFERENCES else field


def _picked(before: Mapping[str, dict[str, Any]], taken: Collection[str]) -> Given:
    """What the kept record is told: values of the other, tags and notes of both."""
    mine, other = before["kept"], before["gone"]
    said: dict[str, Any] = {name: other[name] for name in taken}
    if "tags" in said:
        said["tags"] = [*mine["tags"], *(tag for tag in other["tags"] if tag not in mine["tags"])][: profiles.MOST_TAGS]
    if "notes" in said:
        said["notes"] = "\n".join(filter(None, [mine["notes"], other["notes"]]))[: profiles.LONGEST_NOTES]
    return _given(said)


def _unpicked(kept: Customer, before: Mapping[str, dict[str, Any]], taken: Collection[str]) -> Given:
    """The old values of the fields that still say what the merge made them say."""
    now, then = _facts(kept), _given_facts(_picked(before, taken))
    return _given({name: before["kept"][name] for name in taken if _plain(now[name]) == _plain(then[name])})


def _lacked(theirs: Values, own: Values) -> Values:
    """Of the shop's own fields, those that one has no value of."""
    return Values(*({key: value for key, value in part.items() if key not in own.all} for part in (theirs.open, theirs.sealed)))


def _unlacked(kept: Customer, before: Mapping[str, dict[str, Any]]) -> Values:
    """Those that came with the merge and still say the same, emptied."""
    came, now = _lacked(Values(*before["gone"]["custom"]), Values(*before["kept"]["custom"])), kept.custom.all
    return Values(*({key: None for key, value in part.items() if now.get(key) == value} for part in (came.open, came.sealed)))


def _given(said: Mapping[str, Any]) -> Given:
    meant = {name: kind._default_manager.filter(pk=said[name]).first() for name, kind in REFERENCES.items() if said.get(name)}
    return Given(**{**said, **meant})  # type: ignore[typeddict-item]  # names are those of FIELDS


def _given_facts(given: Given) -> dict[str, Any]:
    return {name: value.pk if isinstance(value, Store | Staff) else value for name, value in given.items()}


def _plain(value: Any) -> Any:
    """As it reads in JSON, and nothing for the empty."""
    return value.isoformat() if isinstance(value, date) else value or None


def _leave(gone: Customer, kept: Customer) -> None:
    """Known no more by itself; those merged into it earlier go along."""
    Customer.objects.filter(merged_into=gone).update(merged_into=kept)
    profiles.empty(Customer.objects.filter(pk=gone.pk))
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept, registration=gone.registration)


def _return(gone: Customer, facts: Mapping[str, Any]) -> None:
    """As it was. Refuses while somebody else has its phone or its outside number now."""
    gone.refresh_from_db()
    gone.merged_into = None
    for name in FIELDS:
        setattr(gone, _column(name), facts.get(name))
    gone.custom = Values(*facts["custom"])
    gone.born_on = date.fromisoformat(facts["born_on"]) if facts["born_on"] else None
    profiles.put_back(gone)
    earlier = Merge.objects.filter(kept=gone, undone_at=None).values("gone")
    Customer.objects.filter(pk__in=earlier).update(merged_into=gone)
