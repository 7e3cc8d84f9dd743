"""Tables of products from another system: what a file would do, and doing it."""

from typing import Any

from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.catalogue import importing
from chuzhi.customers import sheets

router = Router(tags=["Products"])
MOST_TOLD = 100


class ProductFileIn(Asked):
    currency: str = Field("CNY", pattern="^[A-Z]{3}$", description="Of the prices")
    take_in: bool = Field(default=False, strict=False, description="Do it; otherwise nothing is written")


class RejectedProduct(Schema):
    line: int = Field(description="Of the file", examples=[17])
    heading: str | None = Field(description="Of the cell that it is about", examples=["售价"])
    code: str = Field(examples=["product.price_missing"])
    detail: str


class ProductFileOut(Schema):
    is_taken_in: bool
    columns: dict[str, str] = Field(description="Field -> heading", examples=[{"name": "商品名称", "price": "售价"}])
    new: int = Field(examples=[120])
    changed: int
    same: int = Field(description="Rows that bring nothing new")
    rejected: int = Field(description="Rows that are left out")
    reasons: list[RejectedProduct] = Field(description="Of the first 100 of them")


@router.post(
    "/product-files",
    auth=KeyAuth("catalogue:write"),
    response=ProductFileOut,
    operation_id="bringProducts",
    summary="Add and change products by a file",
)
def bring(request: ApiRequest, asked: Form[ProductFileIn], file: File[UploadedFile]) -> dict[str, Any]:
    """CSV (UTF-8 or GB18030) or XLSX, at most 20,000 rows, with headings in its first row.

    A row is of the product with its number or, where it has none, with its barcode; what the file does not tell stays. Sent
    twice, the second time all rows are the same.

    Refusals: `import.not_a_table`, `import.file_too_large`, `import.encoding_unknown`, `import.empty`, `currency.unknown`,
    `product.columns_missing`, `product.too_many_rows`.
    """
    command = importing.take_in if asked.take_in else importing.check
    plan = command(file.read(sheets.MOST_BYTES + 1), currency=asked.currency, by=request.auth)
    return {
        "is_taken_in": asked.take_in,
        "columns": plan.columns,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "same": plan.same,
        "rejected": len(plan.rejected),
        "reasons": [
            {"line": one.line, "heading": one.heading or None, "code": one.reason.code, "detail": str(one.reason)}
            for one in plan.rejected[:MOST_TOLD]
        ],
    }
