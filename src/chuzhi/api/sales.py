from typing import Any

from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Id, Moment
from chuzhi.api.pages import Limit
from chuzhi.catalogue.rules import quantity_text
from chuzhi.customers.errors import CustomerUnknown
from chuzhi.till import records
from chuzhi.wallets import moves, queries

router = Router(tags=["Sales"])


class SaleLineOut(Schema):
    line: int = Field(description="Its number, for what comes back of it", examples=[1])
    name: str
    quantity: str = Field(examples=["2"])
    sku: str
    price: int | None = Field(description="Of one; null where no product was named", examples=[2800])
    discount: int
    amount: int = Field(examples=[5600])
    returned: str = Field(description="How much of it came back", examples=["0"])


class SaleLotOut(Schema):
    lot: str = Field(examples=["7"])
    bucket: str = Field(examples=["principal"])
    amount: int = Field(examples=[5600])
    expires_at: str | None


class SaleTenderOut(Schema):
    method: str = Field(examples=["cash"])
    amount: int = Field(description="Less than nothing: given back", examples=[4000])


class SaleBackOut(Schema):
    amount: int
    to_wallet: int
    at: str
    by: str
    reason: str
    operation: str | None


class SaleOut(Schema):
    """Where, by whom, of what, paid from which lots, the balance before and after, and what came back of it."""

    operation: str = Field(examples=["12-345"])
    wallet: str
    currency: str = Field(examples=["CNY"])
    store: str | None
    till: str | None
    actor: str = Field(description="Whoever was at the till", examples=["staff:3"])
    served_by: str | None = Field(description="A colleague, where it was another")
    at: str
    total: int
    paid: int = Field(description="By the wallet")
    available_before: int
    available_after: int
    lines: list[SaleLineOut]
    lots: list[SaleLotOut]
    tenders: list[SaleTenderOut]
    returns: list[SaleBackOut]
    paid_together_with: list[str] = Field(description="Other operations of the same basket")


class SaleInTrailOut(Schema):
    operation: str = Field(examples=["12-345"])
    wallet: str
    currency: str
    at: str
    store: str | None
    till: str | None
    actor: str
    total: int
    paid: int


class SaleTrail(Schema):
    items: list[SaleInTrailOut]


@router.get("/sales/{operation}", auth=KeyAuth("wallets:read"), response=SaleOut, operation_id="getSale", summary="One sale")
def get_sale(request: ApiRequest, operation: str) -> dict[str, Any]:
    """Named by the charge that paid for it. Refusals: `receipt.unknown`."""
    record = records.of(operation=operation, actor=request.auth)
    receipt, sale = record.receipt, record.sale
    return {
        "operation": receipt.number,
        "wallet": str(receipt.wallet.pk),
        "currency": receipt.currency,
        "store": str(sale.store) if sale else None,
        "till": str(sale.till) if sale and sale.till else None,
        "actor": record.actor,
        "served_by": f"staff:{sale.served_by}" if sale and sale.served_by else None,
        "at": answers.moment(receipt.at),
        "total": receipt.total,
        "paid": receipt.amount,
        "available_before": receipt.available_before,
        "available_after": receipt.balance.available,
        "lines": [
            {
                "line": out.line, "name": line.name, "quantity": line.quantity, "sku": line.sku, "price": line.price,
                "discount": line.discount, "amount": line.amount, "returned": quantity_text(out.back),
            }
            for line, out in zip(receipt.lines, record.out, strict=True)
        ],
        "lots": [
            {
                "lot": str(each.lot), "bucket": answers.BUCKETS[each.bucket], "amount": each.amount,
                "expires_at": answers.moment(each.expires_at) if each.expires_at else None,
            }
            for each in record.used
        ],
        "tenders": [{"method": method, "amount": amount} for method, amount in receipt.tenders],
        "returns": [
            {
                "amount": each.amount, "to_wallet": each.to_wallet, "at": answers.moment(each.at), "by": each.by,
                "reason": each.reason, "operation": each.operation or None,
            }
            for each in record.backs
        ],
        "paid_together_with": list(record.with_it),
    }  # fmt: skip


@router.get(
    "/customers/{customer}/sales",
    auth=KeyAuth("wallets:read"),
    response=SaleTrail,
    operation_id="listCustomerSales",
    summary="What a customer bought",
)
def list_sales(
    request: ApiRequest,
    customer: str,
    store: Id | None = None,
    since: Moment | None = None,
    before: Moment | None = None,
    limit: Limit = pages.USUAL,
) -> dict[str, Any]:
    """The latest first, with all wallets of the customer. For the next page, send the last `at` as `before`."""
    number = named.number(customer)
    wallets = list(queries.visible_to(request.auth).filter(customer=number)) if number else []
    if not wallets:
        raise CustomerUnknown
    rows = records.trail(wallets=wallets, store=named.number(store) if store else None, since=since, before=before, limit=limit)
    return {
        "items": [
            {
                "operation": row.operation, "wallet": str(row.wallet.pk), "currency": moves.programme_of(row.wallet).asset_code,
                "at": answers.moment(row.at), "store": str(row.store) if row.store else None,
                "till": str(row.till) if row.till else None, "actor": row.actor, "total": row.amount, "paid": row.paid,
            }
            for row in rows
        ]
    }  # fmt: skip
