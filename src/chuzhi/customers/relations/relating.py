"""Customers are related, read from both sides; a relation ends and is kept."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, Q
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.customers import queries
from chuzhi.customers.models import Customer
from chuzhi.customers.relations import rules
from chuzhi.customers.relations.errors import RelatedAlready, RelatedToThemselves, RelationImpossible, RelationUnknown
from chuzhi.customers.relations.models import Relation
from chuzhi.customers.relations.rules import BACK, Role
from chuzhi.organization.authority import require

WRITE = "customers.edit"


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation from one side: what `other` is to whoever was asked about."""

    relation: Relation
    other: Customer
    role: Role

    @property
    def is_over(self) -> bool:
        return self.relation.ended_at is not None


def of(customer: Customer, actor: Actor) -> list[Seen]:
    """Those that hold first, the oldest first."""
    may_see = Exists(queries.visible_to(actor).filter(pk=customer.pk))
    found = Relation.objects.filter(may_see, Q(customer=customer) | Q(other=customer)).select_related("customer", "other")
    return [seen_from(one, customer.pk) for one in found.order_by(F("ended_at").asc(nulls_first=True), "pk")]


@transaction.atomic
def relate(*, customer: Customer, other: Customer, role: Role, by: Actor) -> Relation:
    """`other` is `role` to `customer` from now on. Refuses one person, twice the same, and parents of their parents."""
    require(by, WRITE)
    if customer.pk == other.pk:
        raise RelatedToThemselves
    list(Customer.objects.select_for_update().filter(pk__in=[customer.pk, other.pk]).order_by("pk"))
    first, second, kind = rules.kept(customer.pk, other.pk, role)
    now = Relation.objects.filter(kind=kind, ended_at=None)
    if now.filter(customer=first, other=second).exists():
        raise RelatedAlready
    if now.filter(customer=second, other=first).exists():
        raise RelatedAlready if BACK[Role(kind)] == kind else RelationImpossible
    made = Relation.objects.create(customer_id=first, other_id=second, kind=kind, made_by=by.label)
    audit.record("customer.related", f"customer:{customer.pk}", by=by, other=other.pk, role=str(role))
    return made


@transaction.atomic
def end(*, relation: Relation, by: Actor) -> Relation:
    """It holds no longer, and is kept. Ended already, it stays so."""
    require(by, WRITE)
    found = Relation.objects.select_for_update().get(pk=relation.pk)
    if found.ended_at is None:
        found.ended_at, found.ended_by = timezone.now(), by.label
        found.save(update_fields=["ended_at", "ended_by"])
        audit.record("customer.parted", f"customer:{found.customer_id}", by=by, other=found.other_id, kind=found.kind)
    return found


def named(number: int, customer: Customer, actor: Actor) -> Relation:
    """One of this customer's. Raises RelationUnknown."""
    found = next((one.relation for one in of(customer, actor) if one.relation.pk == number), None)
    if found is None:
        raise RelationUnknown
    return found


def seen_from(relation: Relation, customer: int) -> Seen:
    """From the side of `customer`."""
    if relation.customer_id == customer:
        return Seen(relation, relation.other, BACK[Role(relation.kind)])
    return Seen(relation, relation.customer, Role(relation.kind))
