"""What is typed about a basket: what it holds, who waits, and how it is paid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuzhi.catalogue.rules import quantity_of
from chuzhi.console import formfields
from chuzhi.console.values import AmountField
from chuzhi.core.errors import Refused
from chuzhi.payments.counter import slips
from chuzhi.payments.counter.slips import Slip
from chuzhi.till import paying
from chuzhi.till.bills import Bill
from chuzhi.till.paying import Means
from chuzhi.wallets.models import Wallet


class QuantityField(forms.CharField):
    """Typed as people type; cleaned to thousandths. Nothing takes a line out."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=12, **more)

    def clean(self, value: object) -> int | None:
        given = super().clean(value)
        if not given:
            return None
        if given.strip() in {"0", "０"}:
            return 0
        quantity = quantity_of(given)
        if quantity is None:
            raise forms.ValidationError(_("This is not a quantity."), code="quantity")
        return quantity


class LineForm(forms.Form):
    quantity = QuantityField(label=_("Quantity"))
    discount = AmountField(label=_("Off"), asset="CNY", required=False)


class HoldForm(forms.Form):
    label = forms.CharField(label=_("Name, or end of the phone number"), max_length=40, required=False)


class DiscountForm(forms.Form):
    amount = AmountField(label=_("Off the whole basket, at most"), asset="CNY")
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CodeForm(forms.Form):
    """What the customer's phone shows. Named as the field that a scanner fills on every page of the till."""

    typed = forms.CharField(
        label=_("The code on the customer’s phone"), max_length=40, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )


class PayForm(forms.Form):
    """Empty amounts are nothing, but of the wallet: what is left after the others."""

    from_wallet = AmountField(label=_("From the wallet"), asset="CNY", required=False)
    cash = AmountField(label=_("Cash handed over"), asset="CNY", required=False)
    keeps_change = forms.BooleanField(label=_("Change into the wallet"), required=False)
    card = AmountField(label=_("By card terminal"), asset="CNY", required=False)
    by_code = forms.BooleanField(label=_("The rest by WeChat Pay or Alipay"), required=False)
    terminal = forms.CharField(label=_("Terminal"), max_length=40, required=False)
    slip = forms.CharField(label=_("Number of the slip"), max_length=40, required=False)
    last_four = forms.CharField(label=_("Card, last four digits"), max_length=4, required=False)
    visits = forms.MultipleChoiceField(
        label=_("By count card"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("One visit for each.")
    )

    def __init__(self, *args: Any, currency: str, cards: dict[int, Wallet], bill: Bill, **more: Any) -> None:
        super().__init__(*args, **more)
        self.cards, self.bill = cards, bill
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.asset = currency
        lines = [(str(line.id), f"{line.product.name} × {line.said}") for line in bill.lines if line.id in cards]
        formfields.named(self, "visits", forms.ChoiceField).choices = lines

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["paper"] = None
        if given.get("card"):
            said = Slip(terminal=given["terminal"], number=given["slip"], last_four=given["last_four"])
            try:
                given["paper"] = slips.checked(said)
            except Refused as no:
                self.add_error("slip", str(no))
        return given

    def means(self, wallet: Wallet | None) -> tuple[Means, int | None]:
        """And what the wallet pays of it; None: what is left. Raises NothingByCode."""
        given = self.cleaned_data
        from_wallet: int | None = given["from_wallet"]
        means = Means(
            wallet=wallet,
            cash=given["cash"] or 0,
            keeps_change=given["keeps_change"],
            card=given["card"] or 0,
            slip=given["paper"],
            visits={int(line): self.cards[int(line)] for line in given["visits"]},
        )
        if not given["by_code"]:
            return means, from_wallet
        return paying.rest_by_code(self.bill, means, from_wallet=from_wallet), from_wallet or 0
