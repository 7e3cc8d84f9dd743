"""What a customer has besides, as the shop describes it: the records of one module, added, changed, removed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.customers import own
from chuzhi.core.errors import Refused
from chuzhi.customers import fields, modules, queries, records
from chuzhi.customers.field_errors import FieldUnknown
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.models import Customer
from chuzhi.customers.record_models import Record

PAGE = "console/customers/records.html"
EDIT = "console/customers/record.html"


class RecordForm(forms.Form):
    """The fields of a module."""

    def __init__(self, *args: Any, seen: list[fields.Seen], record: Record | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.seen, self.record = seen, record
        self.fields |= own.inputs(seen, record)

    def clean(self) -> dict[str, object]:
        return own.said(self, self.seen, self.record) if not self.errors else {}

    def refuse(self, no: Refused) -> None:
        if not own.refuse(self, no):
            self.add_error(None, str(no))


@staff_can("customers.view")
@require_safe
def of_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The records of the module that is asked for (`?module=`), or of the first one."""
    asked = request.GET.get("module", "")
    every = modules.in_use()
    module = next((one for one in every if str(one.pk) == asked), None) if asked else next(iter(every), None)
    if asked and module is None:
        raise Http404
    return _page(request, _visible(request, customer_id), module)


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, customer_id: int, module_id: int) -> HttpResponse:
    person = _visible(request, customer_id)
    module = get_object_or_404(CustomModule, pk=module_id, archived_at=None)
    form = RecordForm(posted(request), seen=fields.seen(request.actor, module))
    if form.is_valid():
        try:
            records.add(customer=person, module=module, values=form.cleaned_data, by=request.actor)
            messages.success(request, _("Written down."))
            return _back(customer_id, module)
        except Refused as no:
            form.refuse(no)
    context = {"customer": person, "module": module, "form": form}
    return render(request, EDIT, context, status=422 if form.is_bound else 200)


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, customer_id: int, record_id: int) -> HttpResponse:
    record = _record(request, customer_id, record_id)
    form = RecordForm(posted(request), seen=fields.seen(request.actor, record.module), record=record)
    version = request.POST.get("version", "")
    if form.is_valid():
        try:
            seen = int(version) if version.isdecimal() else 0
            records.change(record=record, values=form.cleaned_data, version=seen, by=request.actor)
            messages.success(request, _("Saved."))
            return _back(customer_id, record.module)
        except Refused as no:
            form.refuse(no)
    context = {"customer": record.customer, "module": record.module, "record": record, "form": form}
    context["version"] = version or record.version
    return render(request, EDIT, context, status=422 if form.is_bound else 200)


@staff_can("customers.edit")
@require_POST
def remove(request: StaffRequest, customer_id: int, record_id: int) -> HttpResponse:
    record = _record(request, customer_id, record_id)
    version = request.POST.get("version", "")
    try:
        records.remove(record=record, version=int(version) if version.isdecimal() else 0, by=request.actor)
        messages.success(request, _("Removed. The audit log says so."))
    except Refused as no:
        messages.error(request, str(no))
    return _back(customer_id, record.module)


@staff_can("customers.reveal")
@require_POST
def reveal(request: StaffRequest, customer_id: int, record_id: int) -> HttpResponse:
    """The personal values of one record, whole. The look is kept."""
    record = _record(request, customer_id, record_id)
    try:
        values = records.reveal(record, by=request.actor)
    except FieldUnknown:
        raise Http404 from None
    return _page(request, record.customer, record.module, {record.pk: values})


def _page(
    request: StaffRequest,
    person: Customer,
    module: CustomModule | None,
    revealed: Mapping[int, Mapping[str, Any]] | None = None,
) -> HttpResponse:
    counted = records.counted(person, request.actor)
    rows: list[tuple[Record, list[own.Shown], bool]] = []
    if module:
        seen = fields.seen(request.actor, module)
        for row in records.visible_to(request.actor).filter(customer=person, module=module).order_by("pk"):
            shown = own.shown(row, seen, (revealed or {}).get(row.pk, {}))
            rows.append((row, shown, any(one.is_masked for one in shown)))
    context = {
        "customer": person, "module": module, "rows": rows,
        "modules": [(one, counted.get(one.pk, 0)) for one in modules.in_use()],
        "may_write": request.actor.may(records.WRITE), "may_reveal": request.actor.may("customers.reveal"),
    }  # fmt: skip
    return render(request, PAGE, context)


def _record(request: StaffRequest, customer_id: int, record_id: int) -> Record:
    return get_object_or_404(records.visible_to(request.actor), pk=record_id, customer=customer_id)


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor), pk=customer_id)


def _back(customer_id: int, module: CustomModule) -> HttpResponse:
    return redirect(f"{reverse('console:customer_records', args=[customer_id])}?module={module.pk}")
