from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import choices, formkeys, keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.ui.documents import evidence
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.models import CardApplication

LIST = "console/applications/list.html"
FILE = "console/applications/file.html"
REVIEW = "console/applications/review.html"
PAGE_SIZE = 30
STATES = CardApplication.State


class ApplicationForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, widget=forms.TextInput(attrs={"type": "tel"}))
    identity_number = forms.CharField(label=gettext_lazy("Identity number"), max_length=30, required=False)
    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    programme = choices.programme(label=gettext_lazy("Wallet"))
    documents = evidence(label=gettext_lazy("Documents"), required=False)


class RejectionForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@staff_can("applications.file")
@require_safe
def applications_page(request: StaffRequest) -> HttpResponse:
    """Those that wait, oldest first; or those of another state, newest first."""
    state = request.GET.get("state", "")
    state = state if state in STATES.values else STATES.WAITING
    order = ("id",) if state == STATES.WAITING else ("-id",)
    applications = reviewing.visible_to(request.actor)
    page = keyset.page(applications.filter(state=state), order, request.GET, size=PAGE_SIZE)
    tabs = [(value, label, applications.filter(state=value).count()) for value, label in STATES.choices]
    context = {"page": page, "state": state, "tabs": tabs, "may_decide": request.actor.may(reviewing.DECIDE)}
    return render(request, LIST, context)


@staff_can("applications.file")
@require_http_methods(["GET", "POST"])
def file(request: StaffRequest) -> HttpResponse:
    """The key of the form files an application once."""
    form = ApplicationForm(posted(request), request.FILES or None)
    key = formkeys.kept(request.POST.get("key", ""), "application.0.0")
    if form.is_valid() and key == request.POST.get("key"):
        try:
            made = reviewing.file(key=key, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Application %(number)s waits for review.") % {"number": made.pk})
            return redirect("console:applications")
        except Refused as no:
            form.add_error(next((name for name in form.fields if name.split("_")[0] in no.code), None), str(no))
    return render(request, FILE, {"form": form, "key": key}, status=422 if form.is_bound else 200)


@staff_can("applications.decide")
@require_safe
def review(request: StaffRequest, application_id: int) -> HttpResponse:
    return _review(request, _visible(request, application_id), RejectionForm())


@staff_can("applications.decide")
@require_POST
def approve(request: StaffRequest, application_id: int) -> HttpResponse:
    application = _visible(request, application_id)
    try:
        card = reviewing.approve(application=application, by=request.actor)
        messages.success(request, _("Approved: card %(number)s.") % {"number": card.number})
        return redirect("console:wallet_cards", card.wallet_id)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:application", application_id)


@staff_can("applications.decide")
@require_POST
def reject(request: StaffRequest, application_id: int) -> HttpResponse:
    application, form = _visible(request, application_id), RejectionForm(request.POST)
    if form.is_valid():
        try:
            reviewing.reject(application=application, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Rejected."))
            return redirect("console:applications")
        except Refused as no:
            form.add_error("reason", str(no))
    return _review(request, application, form, status=422)


@staff_can("applications.decide")
@require_safe
def document(request: StaffRequest, application_id: int, document_id: int) -> HttpResponse:
    """To be saved, never shown as a page of ours. The look is kept."""
    found = get_object_or_404(_visible(request, application_id).documents, pk=document_id)
    answer = HttpResponse(reviewing.opened(document=found, by=request.actor), content_type=found.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name.encode("ascii", "replace").decode()}"'
    return answer


def _review(request: StaffRequest, application: CardApplication, form: RejectionForm, *, status: int = 200) -> HttpResponse:
    context = {
        "application": application,
        "documents": application.documents.defer("content").order_by("pk"),
        "known": reviewing.known_customer(application),
        "is_own": application.filed_by == request.actor.label,
        "form": form,
    }
    return render(request, REVIEW, context, status=status)


def _visible(request: StaffRequest, application_id: int) -> CardApplication:
    return get_object_or_404(reviewing.visible_to(request.actor), pk=application_id)
