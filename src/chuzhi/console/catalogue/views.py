from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.catalogue import categories, products
from chuzhi.catalogue.errors import BarcodeTaken, CategoryTaken, PricesUnusable, ProductUnusable, SkuTaken
from chuzhi.catalogue.models import Category, Price, Product
from chuzhi.console import keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.catalogue.forms import CategoryForm, PricesForm, ProductForm, as_typed, prices_as_typed
from chuzhi.core.errors import Refused

PRODUCTS = "console/catalogue/products.html"
PRODUCT = "console/catalogue/product.html"
CATEGORIES = "console/catalogue/categories.html"
PAGE_SIZE = 50
FIELDS = {SkuTaken: "sku", BarcodeTaken: "barcode", CategoryTaken: "name"}


@dataclass(frozen=True, slots=True)
class Row:
    product: Product
    prices: str


@staff_can("catalogue.view")
@require_safe
def products_page(request: StaffRequest) -> HttpResponse:
    """By their number; found by name, pinyin, number or barcode, on a shelf or on all."""
    find, shelf, shown = (request.GET.get(name, "") for name in ("find", "category", "show"))
    found = products.matching(products.visible_to(request.actor), find)
    if shelf.isdecimal():
        found = found.filter(category__in=[one.id for one in categories.shelves() if int(shelf) in {one.id, one.parent}])
    if shown != "all":
        found = found.filter(is_active=True)
    found = found.prefetch_related(Prefetch("prices", Price.objects.order_by("currency", "level")))
    page = keyset.page(found, ("sku", "id"), request.GET, size=PAGE_SIZE)
    rows = [Row(one, " · ".join(_price(each) for each in one.prices.all())) for one in page.rows]
    context = {
        "rows": rows, "page": page, "find": find, "shelf": shelf, "show": shown, "shelves": categories.shelves(),
        "may_manage": request.actor.may(products.MANAGE),
    }  # fmt: skip
    return render(request, PRODUCTS, context)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form, prices = ProductForm(posted(request)), PricesForm(posted(request), prefix="prices")
    if form.is_valid() & prices.is_valid():
        try:
            made = products.add(described=form.described(prices), by=request.actor)
            messages.success(request, _("%(name)s is on sale.") % {"name": made.name})
            return redirect("console:products")
        except Refused as no:
            _put(form, no)
    return render(request, PRODUCT, {"form": form, "prices": prices}, status=422 if form.is_bound else 200)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    found = get_object_or_404(products.visible_to(request.actor), pk=product_id)
    form = ProductForm(posted(request), initial=as_typed(found))
    prices = PricesForm(posted(request), prefix="prices", initial=prices_as_typed(found))
    if form.is_valid() & prices.is_valid():
        try:
            products.change(product=found, described=form.described(prices), by=request.actor)
            messages.success(request, _("Saved."))
            return redirect("console:products")
        except Refused as no:
            _put(form, no)
    context = {"product": found, "form": form, "prices": prices}
    return render(request, PRODUCT, context, status=422 if form.is_bound else 200)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def categories_page(request: StaffRequest) -> HttpResponse:
    form = CategoryForm(posted(request))
    if form.is_valid():
        try:
            categories.add(by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:categories")
        except Refused as no:
            _put(form, no)
    return _categories(request, form)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def category(request: StaffRequest, category_id: int) -> HttpResponse:
    found = get_object_or_404(Category, pk=category_id)
    form = CategoryForm(posted(request), initial={"name": found.name, "parent": found.parent})
    if form.is_valid():
        try:
            categories.change(category=found, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:categories")
        except Refused as no:
            _put(form, no)
    return _categories(request, form, found)


def _categories(request: StaffRequest, form: CategoryForm, changed: Category | None = None) -> HttpResponse:
    counts = dict(Product.objects.filter(is_active=True).values_list("category").annotate(count=Count("pk")))
    shelves = [(shelf, counts.get(shelf.id, 0)) for shelf in categories.shelves()]
    context = {"form": form, "changed": changed, "shelves": shelves}
    return render(request, CATEGORIES, context, status=422 if form.is_bound else 200)


def _price(price: Price) -> str:
    worth = values.text(price.amount, price.currency)
    return f"{worth} ({price.level})" if price.level else worth


def _put(form: ProductForm | CategoryForm, no: Refused) -> None:
    """A refusal at the field that it is about."""
    field = FIELDS.get(type(no)) or (str(no.facts["field"]) if isinstance(no, ProductUnusable) else None)
    if isinstance(no, PricesUnusable) or field not in form.fields:
        field = None
    form.add_error(field, str(no))
