from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.fields.forms import FieldForm, ShapeForm
from chuzhi.core.errors import Refused
from chuzhi.customers import fields
from chuzhi.customers.field_models import CustomField
from chuzhi.customers.rules import Kind
from chuzhi.organization.roles import PERMISSIONS

LIST = "console/fields/list.html"
FIELD = "console/fields/field.html"


@staff_can("fields.manage")
@require_safe
def fields_page(request: StaffRequest) -> HttpResponse:
    every = [(field, PERMISSIONS.get(field.seen_by, "")) for field in CustomField.objects.order_by("place", "pk")]
    return render(request, LIST, {"fields": every})


@staff_can("fields.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = FieldForm(posted(request))
    if form.is_valid():
        said = form.cleaned_data
        kind = Kind(said.pop("kind"))
        said["currency"] = said["currency"].upper() if kind is Kind.MONEY else ""
        try:
            made = fields.define(kind=kind, by=request.actor, **said)
            messages.success(request, _("The field “%(label)s” is there.") % {"label": made.label})
            return redirect("console:fields")
        except Refused as no:
            form.refuse(no)
    return render(request, FIELD, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("fields.manage")
@require_http_methods(["GET", "POST"])
def field(request: StaffRequest, field_id: int) -> HttpResponse:
    held = get_object_or_404(CustomField, pk=field_id)
    form = ShapeForm(posted(request), initial=_present(held))
    if held.kind not in {Kind.CHOICE, Kind.CHOICES}:
        del form.fields["options"]
    if form.is_valid():
        try:
            fields.change(field=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:fields")
        except Refused as no:
            form.refuse(no)
    return render(request, FIELD, {"form": form, "field": held}, status=422 if form.is_bound else 200)


@staff_can("fields.manage")
@require_POST
def archive(request: StaffRequest, field_id: int) -> HttpResponse:
    fields.archive(field=get_object_or_404(CustomField, pk=field_id), by=request.actor)
    return redirect("console:fields")


@staff_can("fields.manage")
@require_POST
def restore(request: StaffRequest, field_id: int) -> HttpResponse:
    try:
        fields.restore(field=get_object_or_404(CustomField, pk=field_id), by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:fields")


def _present(held: CustomField) -> dict[str, object]:
    lines = [f"{key} | {zh} | {en}" for key, zh, en, is_offered in held.options if is_offered]
    return {name: getattr(held, name) for name in ShapeForm.base_fields} | {"options": "\n".join(lines)}
