"""A table of new colleagues: brought, looked at, invited. The links are shown once, on the page that made them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.core.errors import Refused
from chuzhi.customers import sheets, uploads
from chuzhi.organization import confirmations
from chuzhi.workforce import newcomer_words, newcomers

BRING = "console/team/bring.html"
CHECK = "console/team/check.html"
LINKS = "console/team/links.html"


class BringStaffForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("CSV (UTF-8 or GB18030) or XLSX, with headings in the first row.")
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx", "class": "file-input"})


class ColumnsForm(forms.Form):
    """Which heading each field stands under."""

    def __init__(self, *args: Any, headings: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        offered = [("", gettext_lazy("not in the file")), *((heading, heading) for heading in headings if heading)]
        for field, label in newcomer_words.LABELS.items():
            self.fields[field] = forms.ChoiceField(label=label, choices=offered, required=field in newcomer_words.NEEDED)


@staff_can("staff.manage")
@require_http_methods(["GET", "POST"])
def bring(request: StaffRequest) -> HttpResponse:
    form = BringStaffForm(posted(request), request.FILES or None)
    if form.is_valid():
        content = form.cleaned_data["file"].read(sheets.MOST_BYTES + 1)
        try:
            newcomers.check(content, by=request.actor)
        except newcomer_words.StaffColumnsMissing:
            pass  # the next page lets them be chosen
        except Refused as no:
            form.add_error("file", str(no))
        if form.is_valid():
            return redirect("console:team_check", uploads.keep(content))
    return render(request, BRING, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: StaffRequest, sha256: str) -> HttpResponse:
    """What the file would do by the columns that the address names; sent, the links are made and shown."""
    content = uploads.read(sha256)
    if content is None:
        messages.error(request, _("The file is not kept any more. Bring it again."))
        return redirect("console:team_bring")
    chosen = _chosen(request)
    context: dict[str, Any] = {}
    try:
        if request.method == "POST":
            base_url = request.build_absolute_uri("/")
            plan, links = newcomers.take_in(content, base_url=base_url, by=request.actor, chosen=chosen)
            return render(request, LINKS, {"plan": plan, "links": links})
        context["plan"] = newcomers.check(content, by=request.actor, chosen=chosen)
        meant = context["plan"].columns
    except Refused as no:
        context["refusal"], meant = str(no), chosen
    headings = list(sheets.read(content).headings)
    context["form"] = ColumnsForm(initial=meant, headings=headings)
    return render(request, CHECK, context, status=422 if "refusal" in context else 200)


def _chosen(request: StaffRequest) -> Mapping[str, str]:
    return {field: request.GET[field] for field in newcomer_words.LABELS if field in request.GET}
