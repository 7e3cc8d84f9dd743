from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import formkeys, keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.partners import forms
from chuzhi.core.errors import Refused
from chuzhi.organization.partners import alarms, contracts, floats, logins, statements
from chuzhi.organization.partners.models import Partner

LIST = "console/partners/list.html"
TERMS = "console/partners/terms.html"
PARTNER = "console/partners/partner.html"
STATEMENT = "console/partners/statement.html"
PAGE_SIZE = 30


@staff_can("partners.view")
@require_safe
def partners_page(request: StaffRequest) -> HttpResponse:
    partners = contracts.visible_to(request.actor).annotate(alarming=Count("alarms", filter=Q(alarms__seen_at=None)))
    rows = [
        {"partner": one, "standing": floats.standing(one), "today": floats.credited_today(one), "quality": alarms.quality(one)}
        for one in partners
    ]
    return render(request, LIST, {"rows": rows, "may_manage": request.actor.may(contracts.MANAGE)})


@staff_can("partners.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = forms.NewPartnerForm(posted(request))
    if form.is_valid():
        given = form.cleaned_data
        who = {name: given[name] for name in ("code", "name", "contact", "phone")}
        try:
            made = contracts.add(by=request.actor, **who, **form.agreed())
            messages.success(
                request, _("%(name)s is a partner now. Give it a float and somebody to sign in.") % {"name": made.name}
            )
            return redirect("console:partner", made.pk)
        except Refused as no:
            form.add_error("code" if "code" in no.code else None, str(no))
    return render(request, TERMS, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("partners.manage")
@require_http_methods(["GET", "POST"])
def revise(request: StaffRequest, partner_id: int) -> HttpResponse:
    partner = _visible(request, partner_id)
    form = forms.TermsForm(posted(request), initial=forms.present(partner.terms.order_by("-version")[0], partner))
    if form.is_valid():
        try:
            contracts.revise(partner=partner, by=request.actor, **form.agreed())
            messages.success(request, _("The new terms hold from now on."))
            return redirect("console:partner", partner_id)
        except Refused as no:
            form.add_error(None, str(no))
    return render(request, TERMS, {"form": form, "partner": partner}, status=422 if form.is_bound else 200)


@staff_can("partners.manage")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, partner_id: int) -> HttpResponse:
    partner = _visible(request, partner_id)
    present = {"name": partner.name, "contact": partner.contact, "phone": partner.phone}
    form = forms.PartnerForm(posted(request), initial=present)
    if form.is_valid():
        contracts.change(partner=partner, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("console:partner", partner_id)
    return render(request, TERMS, {"form": form, "partner": partner}, status=422 if form.is_bound else 200)


@staff_can("partners.view")
@require_safe
def partner(request: StaffRequest, partner_id: int) -> HttpResponse:
    """The float, entry by entry, newest first."""
    return overview(request, _visible(request, partner_id))


@staff_can("partners.view")
@require_safe
def statements_page(request: StaffRequest, partner_id: int) -> HttpResponse:
    return page(request, _visible(request, partner_id), {"tab": "statements"})


@staff_can("partners.view")
@require_safe
def contract_page(request: StaffRequest, partner_id: int) -> HttpResponse:
    return page(request, _visible(request, partner_id), {"tab": "contract"})


@staff_can("partners.view")
@require_safe
def people_page(request: StaffRequest, partner_id: int) -> HttpResponse:
    return page(request, _visible(request, partner_id), {"tab": "people"})


@staff_can("partners.view")
@require_safe
def statement(request: StaffRequest, partner_id: int, number: int) -> HttpResponse:
    partner = _visible(request, partner_id)
    shown = get_object_or_404(statements.of(partner), number=number)
    context = {"statement": shown, "partner": partner, "entries": statements.entries(shown).select_related("location")}
    return render(request, STATEMENT, context)


def overview(
    request: StaffRequest, partner: Partner, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    entries = keyset.page(partner.entries.select_related("location"), ("-id",), request.GET, size=PAGE_SIZE)
    return page(request, partner, {"tab": "entries", "entries": entries} | (context or {}), status=status)


def page(request: StaffRequest, partner: Partner, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """One partner: what is always shown, and the tab that was asked for."""
    common = {
        "partner": partner,
        "currency": partner.currency,
        "terms": partner.terms.order_by("-version")[0],
        "versions": partner.terms.order_by("-version"),
        "standing": floats.standing(partner),
        "today": floats.credited_today(partner),
        "quality": alarms.quality(partner),
        "alarms": partner.alarms.filter(seen_at=None),
        "statements": statements.of(partner),
        "incidents": partner.incidents.order_by("-pk")[:20],
        "people": logins.people(partner),
        "keys": partner.keys.select_related("key").order_by("-pk"),
        "locations": partner.locations.order_by("name"),
        "may_manage": request.actor.may(contracts.MANAGE),
        "may_settle": request.actor.may(floats.SETTLE),
        "payment_key": formkeys.new(f"partner_payment.{partner.pk}.0"),
        "payment_form": forms.PaymentForm(),
        "reason_form": forms.ReasonForm(),
        "statement_form": forms.StatementForm(initial={"until_on": timezone.localdate() - timedelta(days=1)}),
        "location_form": forms.LocationForm(),
        "incident_form": forms.IncidentForm(),
        "key_form": forms.KeyForm(),
    }
    return render(request, PARTNER, common | context, status=status)


def _visible(request: StaffRequest, partner_id: int) -> Partner:
    return get_object_or_404(contracts.visible_to(request.actor), pk=partner_id)
