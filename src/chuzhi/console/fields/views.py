from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.fields.forms import FieldForm, ShapeForm
from chuzhi.core.errors import Refused
from chuzhi.customers import fields
from chuzhi.customers.field_models import CustomField, CustomModule
from chuzhi.customers.rules import Kind
from chuzhi.organization.roles import PERMISSIONS

LIST = "console/fields/list.html"
FIELD = "console/fields/field.html"


@staff_can("fields.manage")
@require_safe
def fields_page(request: StaffRequest) -> HttpResponse:
    every = [(field, PERMISSIONS.get(field.seen_by, "")) for field in CustomField.objects.filter(module=None)]
    return render(request, LIST, {"fields": every})


@staff_can("fields.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """A field of customers or, with `?module=`, of the records of a module."""
    number = request.GET.get("module", "")
    module = get_object_or_404(CustomModule, pk=int(number[:18])) if number.isdecimal() else None
    form = FieldForm(posted(request), module=module)
    if form.is_valid():
        said = form.cleaned_data
        kind = Kind(said.pop("kind"))
        said["currency"] = said["currency"].upper() if kind is Kind.MONEY else ""
        try:
            made = fields.define(kind=kind, module=module, by=request.actor, **said)
            messages.success(request, _("The field “%(label)s” is there.") % {"label": made.label})
            return _back(module)
        except Refused as no:
            form.refuse(no)
    return render(request, FIELD, {"form": form, "module": module}, status=422 if form.is_bound else 200)


@staff_can("fields.manage")
@require_http_methods(["GET", "POST"])
def field(request: StaffRequest, field_id: int) -> HttpResponse:
    held = _found(field_id)
    form = ShapeForm(posted(request), module=held.module, initial=_present(held))
    if held.kind not in {Kind.CHOICE, Kind.CHOICES}:
        del form.fields["options"]
    if form.is_valid():
        try:
            fields.change(field=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return _back(held.module)
        except Refused as no:
            form.refuse(no)
    return render(request, FIELD, {"form": form, "field": held, "module": held.module}, status=422 if form.is_bound else 200)


@staff_can("fields.manage")
@require_POST
def archive(request: StaffRequest, field_id: int) -> HttpResponse:
    held = _found(field_id)
    fields.archive(field=held, by=request.actor)
    return _back(held.module)


@staff_can("fields.manage")
@require_POST
def restore(request: StaffRequest, field_id: int) -> HttpResponse:
    held = _found(field_id)
    try:
        fields.restore(field=held, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return _back(held.module)


def _found(field_id: int) -> CustomField:
    return get_object_or_404(CustomField.objects.select_related("module"), pk=field_id)


def _back(module: CustomModule | None) -> HttpResponse:
    return redirect("console:module", module.pk) if module else redirect("console:fields")


def _present(held: CustomField) -> dict[str, object]:
    lines = [f"{key} | {zh} | {en}" for key, zh, en, is_offered in held.options if is_offered]
    return {name: getattr(held, name) for name in ShapeForm.base_fields} | {"options": "\n".join(lines)}
