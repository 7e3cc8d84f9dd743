from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.team import factors
from chuzhi.console.team.forms import GrantsForm
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer
from chuzhi.organization import confirmations, invitations, staff
from chuzhi.organization.models import Staff
from chuzhi.organization.roles import ROLES
from chuzhi.workforce import tasks

TEAM = "console/team/list.html"
INVITE = "console/team/invite.html"
PERSON = "console/team/person.html"


@staff_can("staff.manage")
@require_safe
def team(request: StaffRequest) -> HttpResponse:
    people = [(person, [(ROLES[one.role].label, one.store) for one in person.assignments.all()]) for person in _people(request)]
    return render(request, TEAM, {"people": people, "roles": ROLES})


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_http_methods(["GET", "POST"])
def invite(request: StaffRequest) -> HttpResponse:
    """Make a one-time link for a new colleague. It is shown here, once, to be handed over."""
    form = GrantsForm(posted(request), by=request.actor)
    if form.is_valid():
        try:
            base_url = request.build_absolute_uri("/")
            link = invitations.create_link(grants=form.grants(), base_url=base_url, by=request.actor)
            return render(request, INVITE, {"form": GrantsForm(by=request.actor), "roles": ROLES, "link": link})
        except Refused as no:
            form.add_error("role", str(no))
    return render(request, INVITE, {"form": form, "roles": ROLES}, status=422 if form.is_bound else 200)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_http_methods(["GET", "POST"])
def person(request: StaffRequest, staff_id: int) -> HttpResponse:
    """One colleague's roles."""
    colleague = get_object_or_404(staff.visible_to(request.actor), pk=staff_id)
    form = GrantsForm(posted(request), held=staff.grants_of(colleague), by=request.actor)
    if form.is_valid():
        try:
            staff.assign(staff=colleague, grants=form.grants(), by=request.actor)
            messages.success(request, _("%(name)s has the new roles and must sign in again.") % {"name": colleague.name})
            return redirect("console:team")
        except Refused as no:
            form.add_error(None, str(no))
    context = {
        "person": colleague,
        "form": form,
        "roles": ROLES,
        "cared_for": _cared_for(colleague),
        "tasks": tasks.waiting(request.actor).filter(assignee=colleague).count(),
        **factors.of(colleague),
    }
    return render(request, PERSON, context, status=422 if form.is_bound else 200)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_POST
def deactivate(request: StaffRequest, staff_id: int) -> HttpResponse:
    colleague = get_object_or_404(staff.visible_to(request.actor), pk=staff_id)
    try:
        staff.deactivate(staff=colleague, by=request.actor)
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": colleague.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:team_person", staff_id)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_POST
def reactivate(request: StaffRequest, staff_id: int) -> HttpResponse:
    colleague = get_object_or_404(staff.visible_to(request.actor), pk=staff_id)
    try:
        staff.reactivate(staff=colleague, by=request.actor)
        messages.success(request, _("%(name)s can sign in again.") % {"name": colleague.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:team_person", staff_id)


def _people(request: StaffRequest) -> list[Staff]:
    return list(staff.visible_to(request.actor))


def _cared_for(colleague: Staff) -> int:
    """How many customers this person looks after: to be handed over before, or after, they leave."""
    return Customer.objects.filter(owner=colleague, withdrawn_at=None).count()
