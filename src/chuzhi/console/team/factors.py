"""Second factors, as an administrator sees them: which roles need one, and taking a lost one off."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.core.errors import Refused
from chuzhi.organization import confirmations, second_factors, staff
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import ROLES

RULES = "console/team/factors.html"


class RuleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[(name, role.label) for name, role in ROLES.items()])
    starts_on = forms.DateField(
        label=gettext_lazy("From"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Until then they are reminded; from then on they set one up before anything else."),
    )

    def clean_starts_on(self) -> Any:
        if (given := self.cleaned_data["starts_on"]) < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return given


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_http_methods(["GET", "POST"])
def rules(request: StaffRequest) -> HttpResponse:
    """Role by role: from when on it needs a second factor, and how many still lack one."""
    form = RuleForm(posted(request))
    if form.is_valid():
        second_factors.need(**form.cleaned_data, by=request.actor)
        messages.success(request, _("Saved."))
        return redirect("console:team_factors")
    rows = [(ROLES[one.role], one) for one in second_factors.standings()]
    return render(request, RULES, {"rows": rows, "form": form}, status=422 if form.is_bound else 200)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_POST
def need_no_more(request: StaffRequest, role: str) -> HttpResponse:
    second_factors.need_no_more(role=role, by=request.actor)
    messages.success(request, _("This role needs no second factor any more."))
    return redirect("console:team_factors")


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_POST
def take_off(request: StaffRequest, staff_id: int) -> HttpResponse:
    colleague = get_object_or_404(staff.visible_to(request.actor), pk=staff_id)
    try:
        second_factors.take_off(staff=colleague, reason=request.POST.get("reason", "")[:200], by=request.actor)
        messages.success(request, _("%(name)s signs in with the password alone now.") % {"name": colleague.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:team_person", staff_id)


def of(colleague: Staff) -> dict[str, Any]:
    """What the page of a colleague says about it."""
    return {"factors": second_factors.of(colleague), "factor_needed_from": second_factors.needed_from(colleague)}
