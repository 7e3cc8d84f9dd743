"""How often customers are followed up, as an administrator sets it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console import values
from chuzhi.console.access import StaffRequest, forbid, posted, staff_can
from chuzhi.console.tasks.forms import CadenceForm
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.workforce import cadence

RULES = "console/tasks/cadence.html"


@staff_can(queries.VIEW)
@require_http_methods(["GET", "POST"])
def rules_page(request: StaffRequest) -> HttpResponse:
    may_manage = request.actor.may(cadence.MANAGE)
    if request.method == "POST" and not may_manage:
        return forbid(request, cadence.MANAGE)
    form = CadenceForm(posted(request))
    if form.is_valid():
        try:
            cadence.set_rule(by=request.actor, **form.cleaned_data)
            messages.success(request, _("The rule is set. Follow-ups that come of it are written down every night."))
            return redirect("console:cadence")
        except Refused as no:
            form.refuse(no)
    rows = [(rule, values.text(rule.at_least, rule.currency)) for rule in cadence.visible_to(request.actor)]
    context = {"rows": rows, "form": form, "may_manage": may_manage}
    return render(request, RULES, context, status=422 if form.is_bound else 200)


@staff_can(cadence.MANAGE)
@require_POST
def lift(request: StaffRequest, rule_id: int) -> HttpResponse:
    cadence.lift(rule=get_object_or_404(cadence.visible_to(request.actor), pk=rule_id), by=request.actor)
    messages.success(request, _("The rule is lifted. Follow-ups that wait stay."))
    return redirect("console:cadence")
