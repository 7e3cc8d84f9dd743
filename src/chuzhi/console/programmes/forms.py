"""Terms as they are typed: amounts in major units of what the programme holds, empty for no limit and no end."""

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.catalogue import categories
from chuzhi.console import formfields
from chuzhi.console.values import AmountField, plain
from chuzhi.core import money
from chuzhi.ledger.assets import POINTS
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Programme, ProgrammeTerms
from chuzhi.wallets.programmes import LONGEST_DAYS, Promised
from chuzhi.wallets.rules import Terms

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LIMITS = ("most_per_charge", "most_charged_a_day", "most_per_top_up", "most_topped_up_a_day", "most_held", "most_per_gift")
MOST_OFFERS = 50
SPARE_ROWS = 3


def _limit(label: "_StrOrPromise", **more: Any) -> AmountField:
    return AmountField(label=label, asset="CNY", required=False, **more)


def _days(label: "_StrOrPromise", *, least: int = 1, required: bool = False, **more: Any) -> forms.IntegerField:
    figures = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=LONGEST_DAYS, required=required, widget=figures, **more)


class TermsForm(forms.Form):
    """One version of the terms of a programme that holds `asset`."""

    order = forms.ChoiceField(
        label=_("Deduction order"), choices=ProgrammeTerms.DeductionOrder, help_text=_("Which part of a wallet pays first.")
    )
    refund_order = forms.ChoiceField(
        label=_("Refund order"),
        choices=ProgrammeTerms.RefundOrder,
        help_text=_("Where the money goes when only a part of a charge is given back."),
    )
    most_per_charge = _limit(_("Most in one charge"))
    most_charged_a_day = _limit(_("Most charged in a day"))
    most_per_top_up = _limit(_("Most in one top-up"))
    most_topped_up_a_day = _limit(_("Most topped up in a day"))
    most_held = _limit(_("Highest balance"))
    most_per_gift = _limit(_("Most in one gift"), help_text=_("By a link that a customer sends a friend. Empty: not offered."))
    principal_valid_days = _days(_("Principal is valid for"))
    bonus_valid_days = _days(_("Bonus is valid for"))
    refund_grace_days = _days(
        _("Grace after a refund"),
        least=0,
        required=True,
        initial=30,
        help_text=_("How long value that had expired meanwhile can be spent when a charge is given back."),
    )
    stores = forms.MultipleChoiceField(
        label=_("Only in these stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: in all stores."),
    )

    categories = forms.MultipleChoiceField(
        label=_("Only for these products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: for everything. A category stands for what is inside it too."),
    )

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.asset = asset
        for name in LIMITS:
            formfields.named(self, name, AmountField).asset = asset
        stores = Store.objects.order_by("code").values_list("pk", "name")
        formfields.named(self, "stores", forms.ChoiceField).choices = [(str(number), name) for number, name in stores]
        formfields.named(self, "categories", forms.ChoiceField).choices = [
            (str(one.id), one.path) for one in categories.shelves()
        ]

    def clean_stores(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["stores"]]

    def clean_categories(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["categories"]]

    def promised(self, offers: "forms.BaseFormSet[OfferForm]") -> Promised:
        given = self.cleaned_data
        return Promised(
            order=given["order"],
            refund_order=given["refund_order"],
            refund_grace_days=given["refund_grace_days"],
            most_per_charge=given["most_per_charge"],
            most_charged_a_day=given["most_charged_a_day"],
            most_per_top_up=given["most_per_top_up"],
            most_topped_up_a_day=given["most_topped_up_a_day"],
            most_held=given["most_held"],
            most_per_gift=given["most_per_gift"],
            principal_valid_days=given["principal_valid_days"],
            bonus_valid_days=given["bonus_valid_days"],
            stores=given["stores"],
            categories=given["categories"],
            bands=[(row["pay"], row["bonus"]) for row in offers.cleaned_data if row.get("pay")],
        )


class NewProgrammeForm(TermsForm):
    """A programme with its first terms. What it holds decides how the amounts below it are read."""

    name = forms.CharField(label=_("Name of the programme"), max_length=80, help_text=_("As customers and cashiers know it."))
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("For files and programs: letters, digits and hyphens."))
    kind = forms.ChoiceField(
        label=_("What it holds"), choices=Programme.Kind, initial=Programme.Kind.MONEY, widget=forms.RadioSelect
    )
    currency = forms.RegexField(
        label=_("Currency"), regex="^[A-Z]{3}$", initial="CNY", required=False, help_text=_("Three letters, for money only.")
    )
    service = forms.RegexField(
        label=_("Service"),
        regex="^[a-z0-9-]{1,32}$",
        required=False,
        help_text=_("What a visit is good for, such as haircut; small letters, digits and hyphens."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, asset="CNY", **more)
        if self.is_bound and (asset := self._asset_typed()):
            self.asset = asset
            for name in LIMITS:
                formfields.named(self, name, AmountField).asset = asset

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        needed = {Programme.Kind.MONEY: "currency", Programme.Kind.VISITS: "service"}.get(given.get("kind", ""))
        if needed and needed not in self.errors and not given.get(needed):
            self.add_error(needed, self.fields[needed].error_messages["required"])
        elif needed == "currency" and needed not in self.errors and not self._asset_typed():
            self.add_error(needed, str(money.UnknownCurrency(given=given["currency"])))
        return given

    def _asset_typed(self) -> str | None:
        """The code of what the programme is to hold, if what was typed names one."""
        kind = self.data.get("kind", Programme.Kind.MONEY)
        if kind != Programme.Kind.MONEY:
            return POINTS if kind == Programme.Kind.POINTS else f"VISITS:{self.data.get('service', '')}"
        currency = str(self.data.get("currency", ""))
        try:
            money.exponent(currency)
        except money.UnknownCurrency:
            return None
        return currency


class RevisionForm(TermsForm):
    """New terms, from now on or from the beginning of a day."""

    first_day = forms.DateField(
        label=_("In force from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty for now. What was sold earlier keeps the expiry it was sold with."),
    )

    def clean_first_day(self) -> datetime | None:
        if not (day := self.cleaned_data["first_day"]):
            return None
        begins_at = datetime.combine(day, time.min, shop_zone())
        if begins_at <= timezone.now():
            raise forms.ValidationError(_("This day has begun; leave the field empty for now."), code="past")
        return begins_at

    def promised(self, offers: "forms.BaseFormSet[OfferForm]") -> Promised:
        promised = super().promised(offers)
        if begins_at := self.cleaned_data["first_day"]:
            promised["accepted_from"] = begins_at
        return promised


class OfferForm(forms.Form):
    """One line of what is offered; an empty one says nothing."""

    pay = AmountField(label=_("Customer pays"), asset="CNY", required=False)
    bonus = AmountField(label=_("Gets as bonus"), asset="CNY", required=False)

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("pay", "bonus"):
            formfields.named(self, name, AmountField).asset = asset

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, other in (("pay", "bonus"), ("bonus", "pay")):
            if given.get(other) and not given.get(name) and name not in self.errors:
                self.add_error(name, _("An offer needs both amounts."))
        return given


class _Offers(forms.BaseFormSet):  # type: ignore[type-arg]  # generic in the stubs only
    def clean(self) -> None:
        seen: set[int] = set()
        for form in self.forms:
            pay = form.cleaned_data.get("pay") if form.is_valid() else None
            if pay in seen:
                form.add_error("pay", _("Another offer has the same amount."))
            if pay:
                seen.add(pay)


OffersForm = forms.formset_factory(OfferForm, formset=_Offers, extra=SPARE_ROWS, max_num=MOST_OFFERS, validate_max=True)


def as_typed(terms: Terms, asset: str) -> dict[str, Any]:
    """Terms as the form shows them, to be changed."""
    limits = {name: plain(limit, asset) for name in LIMITS if (limit := getattr(terms, name)) is not None}
    return limits | {
        "order": terms.order,
        "refund_order": _refund_order(terms),
        "refund_grace_days": terms.refund_grace_days,
        "principal_valid_days": terms.principal_valid_days,
        "bonus_valid_days": terms.bonus_valid_days,
        "stores": [str(store) for store in terms.stores],
        "categories": [str(category) for category in terms.categories],
    }


def offers_as_typed(terms: Terms, asset: str) -> list[dict[str, str]]:
    return [{"pay": plain(band.pay, asset), "bonus": plain(band.bonus, asset)} for band in terms.bands]


def _refund_order(terms: Terms) -> str:
    order = ProgrammeTerms.RefundOrder
    return order.PROPORTIONAL if terms.refunds_in_proportion else order.LAST_FIRST
