from datetime import date

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.till import memberships

router = Router(tags=["Customers"])


class MembershipOut(Schema):
    product: str = Field(description="What prolongs it", examples=["7"])
    name: str = Field(examples=["金卡会员"])
    until: date = Field(description="The last day of it")
    is_over: bool


class MembershipList(Schema):
    items: list[MembershipOut]


@router.get(
    "/customers/{customer}/memberships", auth=KeyAuth("wallets:read"), response=MembershipList,
    operation_id="listMemberships", summary="What a customer is a member of, and until when",
)  # fmt: skip
def list_memberships(request: ApiRequest, customer: str) -> HttpResponse:
    """By name, those that are over too. Worked out from what was sold and did not come back. Refusals: `customer.unknown`."""
    items = [
        {"product": str(one.product), "name": one.name, "until": one.until.isoformat(), "is_over": one.is_over}
        for one in memberships.of(named.holder(request, customer), request.auth)
    ]
    return answers.respond({"items": items})
