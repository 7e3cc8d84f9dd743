from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Reason
from chuzhi.customers import duplicates, merging, queries
from chuzhi.customers.errors import CustomerUnknown, MergeUnknown
from chuzhi.customers.models import Customer, Merge

router = Router(tags=["Customers"])


class MergeIn(Asked):
    gone: Id = Field(description="The record that goes into this one", examples=["30002"])
    taken: list[str] = Field(
        [],
        max_length=len(merging.FIELDS),
        description="Fields whose values come from the record that goes; tags and notes are joined: "
        + ", ".join(merging.FIELDS),
        examples=[["email", "tags"]],
    )
    reason: Reason = Field(description="How you know that it is one person", examples=["Same identity card"])


class MergedWallet(Schema):
    wallet: str = Field(examples=["40002"])
    into: str = Field(examples=["40001"])
    parted_at: str | None


class MergeOut(Schema):
    id: str = Field(examples=["7"])
    kept: str = Field(examples=["30001"])
    gone: str = Field(examples=["30002"])
    taken: list[str]
    reason: str
    made_at: str
    undone_at: str | None
    may_be_undone: bool
    wallets: list[MergedWallet]


class Duplicate(Schema):
    id: str = Field(examples=["30002"])
    name: str = Field(examples=["王晓明"])
    phone: str = Field(description="Masked", examples=["139****9000"])
    why: str = Field(description="identity, email or name_and_birthday", examples=["email"])


class DuplicateList(Schema):
    items: list[Duplicate]


@router.get(
    "/customers/{customer}/duplicates",
    auth=KeyAuth("customers:read"),
    response=DuplicateList,
    operation_id="findDuplicates",
    summary="Records that may be of the same person",
)
def find(request: ApiRequest, customer: str) -> HttpResponse:
    """Same identity number, same e-mail, or same name and birthday; the surest first."""
    likes = duplicates.of(_customer(request, customer))
    return answers.respond(
        {
            "items": [
                {
                    "id": str(each.customer.pk),
                    "name": each.customer.name,
                    "phone": each.customer.masked_phone,
                    "why": each.why.value,
                }
                for each in likes
            ]
        }
    )


@router.post(
    "/customers/{customer}/merges",
    auth=KeyAuth("customers:merge"),
    response={201: MergeOut},
    operation_id="mergeCustomers",
    summary="Make two records of one person one",
)
def merge(request: ApiRequest, customer: str, asked: MergeIn) -> HttpResponse:
    """Wallets join lot by lot, cards and history follow. Asking again answers with the merge that was made.

    Refusals: `customer.unknown`, `merge.same_customer`, `merge.field_unknown`, `merge.wallet_not_free`,
    `merge.automatic_top_up`.
    """
    kept, gone = _customer(request, customer), _customer(request, asked.gone, or_gone_into=named.number(customer))
    made = merging.merge(kept=kept, gone=gone, taken=asked.taken, reason=asked.reason, by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.get(
    "/merges/{merge}",
    auth=KeyAuth("customers:read"),
    response=MergeOut,
    operation_id="getMerge",
    summary="What was made one, and whether it can be undone",
)
def get_merge(request: ApiRequest, merge: str) -> HttpResponse:
    return answers.respond(_told(_made(merge)))


@router.post(
    "/merges/{merge}/undo",
    auth=KeyAuth("customers:merge"),
    response=MergeOut,
    operation_id="undoMerge",
    summary="Make them two records again",
)
def undo(request: ApiRequest, merge: str) -> HttpResponse:
    """Within 30 days. What came over goes back as far as it is not spent.

    Refusals: `merge.unknown`, `merge.undone`, `merge.too_old`, `merge.merged_further`, `customer.phone_taken`,
    `customer.external_id_taken`.
    """
    return answers.respond(_told(merging.undo(merge=_made(merge), by=request.auth)))


def _customer(request: ApiRequest, given: str, *, or_gone_into: int | None = None) -> Customer:
    """Somebody who is here; or whose record has gone into that one already, so that asking again finds what was done."""
    number = named.number(given)
    found = None if number is None else queries.visible_to(request.auth).filter(pk=number).first()
    if found is None and number is not None and or_gone_into is not None:
        found = Customer.objects.filter(pk=number, merged_into=or_gone_into).first()
    if found is None:
        raise CustomerUnknown
    return found


def _made(given: str) -> Merge:
    number = named.number(given)
    found = None if number is None else Merge.objects.filter(pk=number).first()
    if found is None:
        raise MergeUnknown
    return found


def _told(merge: Merge) -> dict[str, Any]:
    return {
        "id": str(merge.pk),
        "kept": str(merge.kept_id),
        "gone": str(merge.gone_id),
        "taken": merge.taken,
        "reason": merge.reason,
        "made_at": answers.moment(merge.made_at),
        "undone_at": answers.moment(merge.undone_at) if merge.undone_at else None,
        "may_be_undone": merging.may_be_undone(merge),
        "wallets": [
            {
                "wallet": str(one.wallet_id),
                "into": str(one.to_id),
                "parted_at": answers.moment(one.parted_at) if one.parted_at else None,
            }
            for one in merge.joined_wallets.order_by("pk")
        ],
    }
