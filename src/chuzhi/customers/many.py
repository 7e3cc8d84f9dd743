"""What is done to many customers, one at a time: each change says how it can be put back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.customers.errors import CustomerUnknown, OwnerUnusable
from chuzhi.customers.models import Customer
from chuzhi.customers.profiles import Given
from chuzhi.organization import staff
from chuzhi.organization.authority import require
from chuzhi.organization.models import Staff, Store

EDIT = "customers.edit"


@dataclass(frozen=True, slots=True)
class Changed:
    """What it was, as it can be kept, and the customer's version right after the change."""

    before: Mapping[str, Any]
    version: int


def add_tag(*, customer: int, tag: str, by: Actor) -> Changed | None:
    """None: it is there already."""
    held, (clean,) = _held(customer, by), profiles.tags([tag])
    return None if clean in held.tags else _change(held, {"tags": [*held.tags, clean]}, {"tags": held.tags}, by)


def remove_tag(*, customer: int, tag: str, by: Actor) -> Changed | None:
    """None: it is not there."""
    held = _held(customer, by)
    left = [each for each in held.tags if each != tag.strip()]
    return None if left == held.tags else _change(held, {"tags": left}, {"tags": held.tags}, by)


def set_home_store(*, customer: int, store: Store | None, by: Actor) -> Changed | None:
    held = _held(customer, by)
    if held.home_store_id == (store.pk if store else None):
        return None
    return _change(held, {"home_store": store}, {"home_store": held.home_store_id}, by)


def set_owner(*, customer: int, owner: Staff | None, by: Actor) -> Changed | None:
    """Who looks after them from now on, or nobody. Refuses somebody who does not work here now."""
    held = _held(customer, by)
    if held.owner_id == (owner.pk if owner else None):
        return None
    if owner and not staff.at_work().filter(pk=owner.pk).exists():
        raise OwnerUnusable
    return _change(held, {"owner": owner}, {"owner": held.owner_id}, by)


def put_back(*, customer: int, before: Mapping[str, Any], version: int | None, by: Actor) -> None:
    """As it was before one of these. Refuses a customer who was changed since."""
    held = _held(customer, by)
    profiles.change(customer=held, version=version, by=by, **_given(before))


def _held(customer: int, by: Actor) -> Customer:
    require(by, EDIT)
    held = Customer.objects.select_for_update(of=("self",)).filter(pk=customer, withdrawn_at=None).first()
    if held is None:
        raise CustomerUnknown
    return held


def _change(held: Customer, given: Given, before: Mapping[str, Any], by: Actor) -> Changed:
    return Changed(before, profiles.change(customer=held, version=held.version, by=by, **given).version)


def _given(before: Mapping[str, Any]) -> Given:
    if "tags" in before:
        return {"tags": before["tags"]}
    if "owner" in before:
        return {"owner": Staff.objects.get(pk=before["owner"]) if before["owner"] else None}
    return {"home_store": Store.objects.get(pk=before["home_store"]) if before["home_store"] else None}
