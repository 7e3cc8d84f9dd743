from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

PAGE = "console/showcase/components.html"
NAMES = ("search", "wallet", "receipt", "users", "scan-barcode", "banknote", "gift", "shield-check", "scale", "printer")
AT = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


class EveryInput(forms.Form):
    """One of each kind of input, some of them wrong, so that errors can be seen."""

    name = forms.CharField(label=_("Name"), max_length=40)
    phone = forms.CharField(label=_("Phone"), help_text=_("Any part of the number finds the customer."))
    amount = forms.CharField(label=_("Amount"))
    method = forms.ChoiceField(label=_("Paid with"), choices=[("cash", _("Cash")), ("card", _("Bank card"))])
    birthday = forms.DateField(label=_("Birthday"), required=False, widget=forms.DateInput({"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea({"rows": 3}))
    paper = forms.ChoiceField(
        label=_("Receipt"),
        choices=[("58", _("58 mm")), ("80", _("80 mm")), ("a4", _("A4"))],
        widget=forms.RadioSelect,
        initial="80",
    )
    agreed = forms.BooleanField(label=_("The customer agreed to the terms"), required=False)


ROWS = [
    {"customer": "王小明", "phone": "138****5678", "status": "active", "principal": 50000, "bonus": 8000, "change": 58000},
    {"customer": "欧阳静怡", "phone": "139****0021", "status": "active", "principal": 37655, "bonus": 0, "change": -12345},
    {"customer": "Ada Lovelace", "phone": "186****1815", "status": "frozen", "principal": 120000, "bonus": 20000, "change": 0},
    {"customer": "李建国", "phone": "150****7788", "status": "empty", "principal": 0, "bonus": 0, "change": -8800},
]

POLICY = {
    "programme": "储值",
    "version": 2,
    "validity": [_("What is paid stays valid for ever.")],
    "refunds": [_("Within 7 days all that is unspent is paid back.")],
}


def components(request: HttpRequest) -> HttpResponse:
    if "toast" in request.GET:
        messages.success(request, _("Topped up."))
    form = EveryInput(initial={"name": "王小明", "amount": "123.45", "agreed": True})
    wrong = EveryInput(
        {"name": "", "phone": "12", "amount": "abc", "method": "cash", "paper": "80"}, prefix=None, auto_id="wrong_%s"
    )
    wrong.add_error("amount", _("“%(given)s” is not an amount of money.") % {"given": "abc"})
    return render(
        request,
        PAGE,
        {"form": form, "wrong": wrong, "rows": ROWS, "at": AT, "currency": "CNY", "icons": NAMES, "policy": POLICY},
    )


components.public = True  # type: ignore[attr-defined]  # made-up people only; shows nothing of the shop
