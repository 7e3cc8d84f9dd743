"""A product as it is typed: what it is, and a line for each of its prices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chuzhi.catalogue import categories
from chuzhi.catalogue.models import Category, Product
from chuzhi.catalogue.products import MOST_MONTHS, MOST_PRICES, Described, Priced
from chuzhi.console import formfields
from chuzhi.core import money
from chuzhi.core.errors import Refused

SPARE_ROWS = 2


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """One of the shelves, in the order of the shelves."""

    def __init__(self, *, only_tops: bool = False, **more: Any) -> None:
        super().__init__(queryset=Category.objects.select_related("parent"), required=False, **more)
        self.only_tops = only_tops

    def read_shelves(self) -> None:
        shown = [shelf for shelf in categories.shelves() if not (self.only_tops and shelf.parent)]
        self.choices = [("", "—"), *((str(shelf.id), shelf.path) for shelf in shown)]


class ProductForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=80)
    sku = forms.CharField(
        label=_("Product number"), max_length=40, help_text=_("Yours: letters, digits, points, hyphens; once in the shop.")
    )
    barcode = forms.CharField(label=_("Barcode"), max_length=40, required=False)
    category = CategoryField(label=_("Category"))
    kind = forms.ChoiceField(label=_("What it is"), choices=Product.Kind, initial=Product.Kind.GOODS, widget=forms.RadioSelect)
    unit = forms.CharField(label=_("Unit"), max_length=12, required=False, help_text=_("Behind a quantity, such as kg."))
    is_weighed = forms.BooleanField(
        label=_("Sold by weight or measure"), required=False, help_text=_("Quantities may have up to three decimals.")
    )
    visits = forms.RegexField(
        label=_("Count card that pays for it"),
        regex="^[a-z0-9-]{1,32}$",
        required=False,
        help_text=_("The service of its programme, such as haircut. One visit pays for one."),
    )
    months = forms.IntegerField(
        label=_("Months of membership"),
        min_value=0,
        max_value=MOST_MONTHS,
        required=False,
        help_text=_("One of it prolongs the buyer’s membership by so many months. Empty: it is no membership."),
    )
    is_active = forms.BooleanField(label=_("On sale"), required=False, initial=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "category", CategoryField).read_shelves()

    def described(self, prices: "forms.BaseFormSet[PriceForm]") -> Described:
        given = self.cleaned_data | {"months": self.cleaned_data["months"] or 0}
        return Described(**given, prices=[row.priced for row in prices if row.priced])


class PriceForm(forms.Form):
    """One price; an empty line says nothing."""

    amount = forms.CharField(label=_("Price of one"), max_length=20, required=False)
    currency = forms.RegexField(label=_("Currency"), regex="^[A-Z]{3}$", initial="CNY", required=False)
    level = forms.RegexField(
        label=_("For customers of level"), regex="^[0-9A-Za-z_.-]{1,40}$", required=False, help_text=_("Empty: for everybody.")
    )
    priced: Priced | None = None

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("amount") and "currency" not in self.errors:
            currency = given.get("currency") or "CNY"
            try:
                amount = money.parse(given["amount"], currency)
                self.priced = Priced(amount=amount, currency=currency, level=given.get("level", ""))
            except money.UnknownCurrency as no:
                self.add_error("currency", str(no))
            except Refused as no:
                self.add_error("amount", str(no))
        elif given.get("level") and "amount" not in self.errors:
            self.add_error("amount", self.fields["amount"].error_messages["required"])
        return given


PricesForm = forms.formset_factory(PriceForm, extra=SPARE_ROWS, max_num=MOST_PRICES, validate_max=True)


class CategoryForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=60)
    parent = CategoryField(label=_("Inside"), only_tops=True, help_text=_("Empty: a shelf of its own."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "parent", CategoryField).read_shelves()


def as_typed(product: Product) -> dict[str, Any]:
    return {name: getattr(product, name) for name in ProductForm.base_fields} | {"months": product.months or None}


def prices_as_typed(product: Product) -> list[dict[str, str]]:
    return [
        {"amount": money.plain(row.amount, row.currency), "currency": row.currency, "level": row.level}
        for row in product.prices.order_by("currency", "level")
    ]
