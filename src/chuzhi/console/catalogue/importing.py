"""A table of products: brought, looked at, taken in. What it would do is worked out anew on each page, from the file that is kept."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.catalogue import columns, importing
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import sheets, uploads

BRING = "console/catalogue/bring.html"
CHECK = "console/catalogue/check.html"
SHOWN = 20


class BringProductsForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV (UTF-8 or GB18030) or XLSX, with headings in the first row.")
    )
    currency = forms.RegexField(label=gettext_lazy("Currency of the prices"), regex="^[A-Z]{3}$", initial="CNY")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx", "class": "file-input"})


class ColumnsForm(forms.Form):
    """Which heading each field stands under."""

    currency = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, headings: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        offered = [("", gettext_lazy("not in the file")), *((heading, heading) for heading in headings if heading)]
        for field, label in columns.LABELS.items():
            self.fields[field] = forms.ChoiceField(label=label, choices=offered, required=False)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def bring(request: StaffRequest) -> HttpResponse:
    form = BringProductsForm(posted(request), request.FILES or None)
    if form.is_valid():
        content, currency = form.cleaned_data["file"].read(sheets.MOST_BYTES + 1), form.cleaned_data["currency"]
        try:
            importing.check(content, currency=currency, by=request.actor)
        except columns.ProductColumnsMissing:
            pass  # the next page lets them be chosen
        except Refused as no:
            form.add_error("currency" if no.code == "currency.unknown" else "file", str(no))
        if form.is_valid():
            address = reverse("console:product_check", args=[uploads.keep(content)])
            return redirect(f"{address}?{urlencode({'currency': currency})}")
    return render(request, BRING, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("catalogue.manage")
@require_http_methods(["GET", "POST"])
def check(request: StaffRequest, sha256: str) -> HttpResponse:
    """What the file would do by the columns that the address names; sent, it is done."""
    content = uploads.read(sha256)
    if content is None:
        messages.error(request, _("The file is not kept any more. Bring it again."))
        return redirect("console:product_bring")
    currency, chosen = request.GET.get("currency", ""), _chosen(request)
    context: dict[str, Any] = {"currency": currency}
    status = 200
    try:
        if request.method == "POST":
            plan = importing.take_in(content, currency=currency, by=request.actor, chosen=chosen)
            done = {"new": len(plan.new), "changed": len(plan.changed), "left": len(plan.rejected)}
            messages.success(request, _("Taken in: %(new)s new, %(changed)s changed; %(left)s rows left out.") % done)
            return redirect("console:products")
        plan = importing.check(content, currency=currency, by=request.actor, chosen=chosen)
        parts = ((_("Products to change"), plan.changed), (_("New products"), plan.new))
        context["parts"] = [(title, rows[:SHOWN], len(rows)) for title, rows in parts]
        context |= {"plan": plan, "rejected": plan.rejected[:SHOWN]}
        meant = plan.columns
    except Refused as no:
        context["refusal"], meant, status = str(no), chosen, 422
    headings = list(sheets.read(content).headings)
    context["form"] = ColumnsForm(initial={"currency": currency, **meant}, headings=headings)
    return render(request, CHECK, context, status=status)


def _chosen(request: StaffRequest) -> Mapping[str, str]:
    return {field: request.GET[field] for field in columns.LABELS if field in request.GET}
