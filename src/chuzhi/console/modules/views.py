from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import modules
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.fields import MANAGE
from chuzhi.organization.roles import PERMISSIONS

LIST = "console/modules/list.html"
MODULE = "console/modules/module.html"


class ModuleForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the module"), max_length=modules.LONGEST_NAME,
        help_text=gettext_lazy("As everybody reads it, in whatever language: Vehicles, 宠物."),
    )  # fmt: skip
    place = forms.IntegerField(label=gettext_lazy("Place in the order"), min_value=0, max_value=9999, initial=0)


@staff_can(MANAGE)
@require_http_methods(["GET", "POST"])
def modules_page(request: StaffRequest) -> HttpResponse:
    """Those there are, and a new one."""
    form = ModuleForm(posted(request))
    if form.is_valid():
        try:
            made = modules.define(by=request.actor, **form.cleaned_data)
            messages.success(request, _("The module is there. Now give it fields."))
            return redirect("console:module", made.pk)
        except Refused as no:
            form.add_error("name", str(no))
    rows = CustomModule.objects.annotate(count=Count("fields", filter=Q(fields__archived_at=None)))
    return render(request, LIST, {"form": form, "rows": rows}, status=422 if form.is_bound else 200)


@staff_can(MANAGE)
@require_http_methods(["GET", "POST"])
def module(request: StaffRequest, module_id: int) -> HttpResponse:
    """Its name and its fields."""
    held = get_object_or_404(CustomModule, pk=module_id)
    form = ModuleForm(posted(request), initial={"name": held.name, "place": held.place})
    if form.is_valid():
        try:
            modules.change(module=held, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:module", module_id)
        except Refused as no:
            form.add_error("name", str(no))
    fields = [(field, PERMISSIONS.get(field.seen_by, "")) for field in held.fields.all()]
    context = {"module": held, "form": form, "fields": fields}
    return render(request, MODULE, context, status=422 if form.is_bound else 200)


@staff_can(MANAGE)
@require_POST
def archive(request: StaffRequest, module_id: int) -> HttpResponse:
    modules.archive(module=get_object_or_404(CustomModule, pk=module_id), by=request.actor)
    return redirect("console:module", module_id)


@staff_can(MANAGE)
@require_POST
def restore(request: StaffRequest, module_id: int) -> HttpResponse:
    try:
        modules.restore(module=get_object_or_404(CustomModule, pk=module_id), by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:module", module_id)
