from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class ProductUnknown(NotFound):
    code = "product.unknown"
    message = _("There is no such product.")


class SkuTaken(Refused):
    code = "product.sku_taken"
    message = _("Another product has the number %(sku)s.")


class BarcodeTaken(Refused):
    code = "product.barcode_taken"
    message = _("Another product has the barcode %(barcode)s.")


class ProductUnusable(Refused):
    code = "product.unusable"
    message = _("This cannot be kept of a product: %(field)s.")


class PricesUnusable(Refused):
    code = "product.prices_unusable"
    message = _("Each currency needs one ordinary price, and one price at most for each level.")


class ProductsTooMany(Refused):
    code = "product.too_many_rows"
    message = _("The file has more than %(most)s products. Bring it in parts.")


class ProductTwice(Refused):
    code = "product.row_twice"
    message = _("Line %(line)s has the same number or barcode.")


class ProductKeyMissing(Refused):
    code = "product.key_missing"
    message = _("The row has neither a product number nor a barcode.")


class ProductPriceMissing(Refused):
    code = "product.price_missing"
    message = _("A new product needs a price.")


class StateUnclear(Refused):
    code = "product.state_unclear"
    message = _("“%(given)s” says neither that it is on sale nor that it is not.")


class CategoryTooDeep(Refused):
    code = "category.too_deep"
    message = _("Categories have two levels: this one is inside another already, or has some inside.")


class CategoryTaken(Refused):
    code = "category.taken"
    message = _("There is a category of that name here already.")


class CategoryUnknown(NotFound):
    code = "category.unknown"
    message = _("There is no such category.")
