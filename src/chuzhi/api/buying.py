from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.insights import buying

router = Router(tags=["Customers"])


class BoughtOut(Schema):
    name: str = Field(description="As on the latest receipt", examples=["手冲咖啡"])
    times: int = Field(description="On so many of the latest 200 receipts of each wallet", examples=[12])
    last_at: str


class BoughtList(Schema):
    items: list[BoughtOut]


@router.get(
    "/customers/{customer}/bought", auth=KeyAuth("wallets:read"), response=BoughtList,
    operation_id="listBought", summary="What a customer buys most often",
)  # fmt: skip
def list_bought(request: ApiRequest, customer: str) -> HttpResponse:
    """At most three goods, bought twice at least. What came back was not bought. Refusals: `customer.unknown`."""
    items = [
        {"name": one.name, "times": one.times, "last_at": answers.moment(one.last_at)}
        for one in buying.most_often(named.holder(request, customer), request.auth)
    ]
    return answers.respond({"items": items})
