"""Which column of somebody's table of products means what, by the words that shops and their systems use for it."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.core.errors import Refused
from chuzhi.customers.headings import by_words

WORDS = {
    "name": "商品名称 商品名 名称 品名 产品名称 服务名称 商品 itemname productname name product item title",
    "sku": "商品编码 商品编号 编码 编号 货号 商品货号 规格编码 产品编号 sku internalreference defaultcode itemnumber productnumber"
    " productcode code",
    "barcode": "商品条码 条码 条形码 规格条码 国际条码 barcode gtin ean ean13 upc",
    "price": "销售价 零售价 售价 商品价格 价格 单价 salesprice saleprice listprice retailprice unitprice price",
    "category": "商品分类 分类 商品类别 类别 商品分组 分组 类目 productcategory poscategory reportingcategory category categories",
    "unit": "主单位 计量单位 单位 销售单位 unitofmeasure uom unit",
    "state": "商品状态 状态 上架状态 是否上架 是否启用 status active archived",
}
"""Field -> the headings that mean it, folded, the best first: of several columns that could be one field this decides."""
LABELS = {
    "name": pgettext_lazy("thing", "Name"),
    "sku": _("Product number"),
    "barcode": _("Barcode"),
    "price": _("Price of one"),
    "category": _("Category"),
    "unit": _("Unit"),
    "state": _("On sale"),
}


class ProductColumnsMissing(Refused):
    code = "product.columns_missing"
    message = _("No column of a product number or barcode was recognised. The headings are: %(headings)s.")


def places(headings: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column, as chosen or by its words."""
    found = by_words(WORDS, headings, chosen)
    if not found.keys() & {"sku", "barcode"}:
        raise ProductColumnsMissing(headings=", ".join(headings)[:200])
    return found
