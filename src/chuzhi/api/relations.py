from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, customers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.customers.relations import relating
from chuzhi.customers.relations.relating import Seen
from chuzhi.customers.relations.rules import Role

router = Router(tags=["Customers"])
ROLES = "|".join(Role)


class RelationIn(Asked):
    other: Id = Field(examples=["30002"])
    role: str = Field(pattern=f"^({ROLES})$", description="What the other is to this customer", examples=["child"])


class RelationOut(Schema):
    id: str = Field(examples=["4"])
    other: str = Field(examples=["30002"])
    role: str = Field(description="What the other is to this customer", examples=["child"])
    made_at: str
    ended_at: str | None = Field(examples=[None])


class RelationList(Schema):
    items: list[RelationOut]


@router.get(
    "/customers/{customer}/relations", auth=KeyAuth("customers:read"), response=RelationList,
    operation_id="listRelations", summary="Who is what to a customer",
)  # fmt: skip
def list_relations(request: ApiRequest, customer: str) -> HttpResponse:
    """Read from their side, whoever it was written down for. Those that ended come last."""
    found = relating.of(customers.visible(request, customer), request.auth)
    return answers.respond({"items": [_told(one) for one in found]})


@router.post(
    "/customers/{customer}/relations", auth=KeyAuth("customers:write"), response={201: RelationOut},
    operation_id="relateCustomers", summary="Relate two customers",
)  # fmt: skip
def relate(request: ApiRequest, customer: str, asked: RelationIn) -> HttpResponse:
    """Refusals: `relation.same`, `relation.twice`, `relation.impossible`, `customer.unknown`."""
    person, other = customers.visible(request, customer), customers.visible(request, asked.other)
    made = relating.relate(customer=person, other=other, role=Role(asked.role), by=request.auth)
    return answers.respond(_told(relating.seen_from(made, person.pk)), HTTPStatus.CREATED)


@router.post(
    "/customers/{customer}/relations/{relation}/end", auth=KeyAuth("customers:write"), response=RelationOut,
    operation_id="endRelation", summary="A relation holds no longer",
)  # fmt: skip
def end(request: ApiRequest, customer: str, relation: str) -> HttpResponse:
    """It is kept. Refusals: `relation.unknown`."""
    person = customers.visible(request, customer)
    ended = relating.end(relation=relating.named(named.number(relation) or 0, person, request.auth), by=request.auth)
    return answers.respond(_told(relating.seen_from(ended, person.pk)))


def _told(one: Seen) -> dict[str, Any]:
    ended = one.relation.ended_at
    return {
        "id": str(one.relation.pk), "other": str(one.other.pk), "role": str(one.role),
        "made_at": answers.moment(one.relation.made_at), "ended_at": answers.moment(ended) if ended else None,
    }  # fmt: skip
