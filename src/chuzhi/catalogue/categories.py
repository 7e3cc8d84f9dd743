"""The shelves: two levels, so that a cashier finds everything with two touches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from chuzhi.catalogue.errors import CategoryTaken, CategoryTooDeep, ProductUnusable
from chuzhi.catalogue.models import Category
from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.remembered import Remembered
from chuzhi.customers import names
from chuzhi.customers.errors import NameInvalid
from chuzhi.organization import twins
from chuzhi.organization.authority import require

MANAGE = "catalogue.manage"
LONGEST_NAME = 60
Path = tuple[str, ...]
"""The names from a shelf down; empty: on none."""
_EVERYTHING = frozenset({"all", "全部", "全部分类", "所有分类"})
_BETWEEN = str.maketrans({"＞": "/", ">": "/", "／": "/"})


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category as it is shown: its name with that of the one it is in."""

    id: int
    path: str
    parent: int | None


@transaction.atomic
def add(*, name: str, by: Actor, parent: Category | None = None) -> Category:
    require(by, MANAGE)
    if parent and parent.parent_id:
        raise CategoryTooDeep
    with twins.refused(CategoryTaken()):
        made = Category.objects.create(name=_clean(name), parent=parent)
    audit.record("category.added", f"category:{made.pk}", by=by, name=made.name, parent=made.parent_id)
    _forget()
    return made


@transaction.atomic
def change(*, category: Category, name: str, by: Actor, parent: Category | None = None) -> Category:
    """A new name, or another place. One that has parts stays a shelf of its own."""
    require(by, MANAGE)
    category = Category.objects.select_for_update().get(pk=category.pk)
    if parent and (parent.parent_id or parent.pk == category.pk or category.parts.exists()):
        raise CategoryTooDeep
    category.name, category.parent = _clean(name), parent
    with twins.refused(CategoryTaken()):
        category.save(update_fields=["name", "parent"])
    audit.record("category.changed", f"category:{category.pk}", by=by, name=category.name, parent=category.parent_id)
    _forget()
    return category


def read_path(given: str) -> Path:
    """`主食 / 面食`, `主食>面食`, `All / Food`: as other systems write it. Raises CategoryTooDeep, ProductUnusable."""
    parts = [part.strip() for part in given.translate(_BETWEEN).split("/") if part.strip()]
    if parts and parts[0].casefold() in _EVERYTHING:
        parts = parts[1:]
    if len(parts) > 2:
        raise CategoryTooDeep
    return tuple(_clean(part) for part in parts)


def path_of(category: Category | None) -> Path:
    if category is None:
        return ()
    return (category.parent.name, category.name) if category.parent else (category.name,)


def put_up(paths: Iterable[Path], *, by: Actor) -> dict[Path, Category]:
    """The category at the end of each path; what is not there yet is added."""
    found = {path_of(one): one for one in Category.objects.select_related("parent")}
    for path in sorted(filter(None, paths)):
        for part in (path[:1], path):
            if part not in found:
                found[part] = add(name=part[-1], parent=found.get(part[:-1]), by=by)
    return found


def shelves() -> list[Shelf]:
    """Every category, each followed by its parts."""
    return list(known(None).values())


def paths(numbers: Iterable[int]) -> list[str]:
    wanted = set(numbers)
    return [shelf.path for shelf in shelves() if shelf.id in wanted]


def is_within(category: int | None, numbers: Iterable[int]) -> bool:
    """Whether a category, or the one that it is in, is among these."""
    shelf = known(None).get(category) if category else None
    return shelf is not None and not {shelf.id, shelf.parent}.isdisjoint(numbers)


def _look_up(_all: None) -> Mapping[int, Shelf]:
    found = [Shelf(one.pk, one.path, one.parent_id) for one in Category.objects.select_related("parent").order_by("name", "pk")]
    tops = [shelf for shelf in found if shelf.parent is None]
    return {shelf.id: shelf for top in tops for shelf in (top, *(each for each in found if each.parent == top.id))}


known: Remembered[None, Mapping[int, Shelf]] = Remembered(_look_up)
"""Every category by its number, in the order in which they are read."""


def _forget() -> None:
    known.forget()
    transaction.on_commit(known.forget)


def _clean(given: str) -> str:
    try:
        name = names.clean(given)
    except NameInvalid:
        raise ProductUnusable(field="name") from None
    if len(name) > LONGEST_NAME:
        raise ProductUnusable(field="name")
    return name
