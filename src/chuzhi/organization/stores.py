"""Stores and their tills."""

import unicodedata
import zoneinfo
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import PackUnknown
from chuzhi.organization import twins
from chuzhi.organization.authority import require
from chuzhi.organization.errors import StoreCodeTaken, TillNameTaken, TimeZoneUnknown
from chuzhi.organization.models import Staff, Store, Till


def visible_to(actor: Actor) -> QuerySet[Store]:
    """The stores that the actor works in, closed ones too."""
    stores = Store.objects.order_by("code")
    return stores if actor.stores is None else stores.filter(pk__in=actor.stores)


def workplaces(staff: Staff) -> QuerySet[Store]:
    """The open stores where somebody has a role: those to choose from when work starts."""
    open_stores = Store.objects.filter(is_open=True).order_by("code")
    places = {assignment.store_id for assignment in staff.assignments.all()}
    return open_stores if None in places else open_stores.filter(pk__in=[place for place in places if place])


def matching(among: QuerySet[Store], text: str) -> QuerySet[Store]:
    """Stores whose code or name has these letters."""
    text = unicodedata.normalize("NFKC", text).strip()
    return among.filter(Q(code__icontains=text) | Q(name__icontains=text)) if text else among


def tills_visible_to(actor: Actor) -> QuerySet[Till]:
    tills = Till.objects.order_by("store__code", "name").select_related("store")
    return tills if actor.stores is None else tills.filter(store__in=actor.stores)


@transaction.atomic(durable=True)
def add(
    *, code: str, name: str, by: Actor, address: str = "", time_zone: str = "Asia/Shanghai", pack: str = reading.NONE
) -> Store:
    """A store where the rules of `pack` hold."""
    require(by, "stores.manage")
    _check(time_zone, pack)
    with twins.refused(StoreCodeTaken(given=code)):
        store = Store.objects.create(code=code, name=name, address=address, time_zone=time_zone, pack=pack)
    audit.record("store.added", f"store:{store.pk}", by=by, code=code)
    return store


@transaction.atomic
def add_chain(*, names: Mapping[str, str], till: str, by: Actor) -> None:
    """A whole chain at once: a store for each code and name, each with one till. Codes that are known are left as they are."""
    require(by, "stores.manage")
    fresh = Store.objects.bulk_create([Store(code=code, name=name) for code, name in names.items()], ignore_conflicts=True)
    made = Store.objects.filter(code__in=[store.code for store in fresh], tills=None)
    Till.objects.bulk_create([Till(store=store, name=till) for store in made])
    audit.record("store.chain_added", "store:many", by=by, count=len(fresh))


@transaction.atomic(durable=True)
def change(
    *, store: Store, code: str, name: str, address: str, time_zone: str, is_open: bool, by: Actor, pack: str | None = None
) -> Store:
    """Without a `pack` the store keeps its own."""
    require(by, "stores.manage")
    _check(time_zone, pack or store.pack)
    store = Store.objects.select_for_update().get(pk=store.pk)
    wanted = {"code": code, "name": name, "address": address, "time_zone": time_zone, "is_open": is_open}
    wanted["pack"] = pack or store.pack
    changed = {field: value for field, value in wanted.items() if getattr(store, field) != value}
    for field, value in changed.items():
        setattr(store, field, value)
    if changed:
        with twins.refused(StoreCodeTaken(given=code)):
            store.save(update_fields=list(changed))
        audit.record("store.changed", f"store:{store.pk}", by=by, **changed)
    return store


@transaction.atomic(durable=True)
def choose_pack(*, store: Store, pack: str, by: Actor) -> Store:
    """From now on the rules of `pack` hold in the store."""
    require(by, "stores.rules")
    _check(store.time_zone, pack)
    store = Store.objects.select_for_update().get(pk=store.pk)
    if store.pack != pack:
        store.pack = pack
        store.save(update_fields=["pack"])
        audit.record("store.changed", f"store:{store.pk}", by=by, pack=pack)
    return store


@transaction.atomic(durable=True)
def add_till(*, store: Store, name: str, by: Actor) -> Till:
    require(by, "stores.manage")
    with twins.refused(TillNameTaken(name=name)):
        till = Till.objects.create(store=store, name=name)
    audit.record("till.added", f"till:{till.pk}", by=by, store=store.pk, name=name)
    return till


@transaction.atomic(durable=True)
def change_till(*, till: Till, name: str, is_open: bool, by: Actor) -> Till:
    require(by, "stores.manage")
    till = Till.objects.select_for_update().get(pk=till.pk)
    if (till.name, till.is_open) != (name, is_open):
        till.name, till.is_open = name, is_open
        with twins.refused(TillNameTaken(name=name)):
            till.save(update_fields=["name", "is_open"])
        audit.record("till.changed", f"till:{till.pk}", by=by, name=name, is_open=is_open)
    return till


def _check(time_zone: str, pack: str) -> None:
    if time_zone not in zoneinfo.available_timezones():
        raise TimeZoneUnknown(given=time_zone)
    if pack not in reading.packs():
        raise PackUnknown(given=pack)
