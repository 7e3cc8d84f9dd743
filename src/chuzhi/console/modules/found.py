"""The records of a module, of all customers."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.customers import own
from chuzhi.customers import fields, modules, records
from chuzhi.customers.field_models import CustomModule
from chuzhi.wallets import lists

PAGE = "console/modules/records.html"
PAGE_SIZE = 30


class FindForm(forms.Form):
    find = forms.CharField(label=gettext_lazy("Text in the record"), max_length=100, required=False)
    who = forms.CharField(label=gettext_lazy("Phone, card or outside number of a customer"), max_length=100, required=False)


@staff_can("customers.view")
@require_safe
def records_page(request: StaffRequest, module_id: int) -> HttpResponse:
    module = get_object_or_404(CustomModule, pk=module_id, archived_at=None)
    seen = fields.seen(request.actor, module)
    form = FindForm(request.GET)
    form.is_valid()  # what cannot be looked for finds nothing
    find, who = form.cleaned_data.get("find"), form.cleaned_data.get("who")
    rows = records.visible_to(request.actor).filter(module=module)
    if find:
        rows = records.found(rows, find, seen)
    if who:
        rows = rows.filter(customer__in=lists.people([who.strip()]).values())
    page = keyset.page(rows if form.is_valid() else rows.none(), ["-id"], request.GET, size=PAGE_SIZE)
    context = {
        "module": module, "form": form, "page": page, "modules": modules.in_use(), "is_asked": bool(find or who),
        "rows": [(row, own.shown(row, seen, {})) for row in page.rows],
    }  # fmt: skip
    return render(request, PAGE, context)
