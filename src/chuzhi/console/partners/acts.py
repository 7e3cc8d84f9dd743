"""What staff do about one partner: each is one form of its page."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.partners import forms, views
from chuzhi.core.errors import Refused
from chuzhi.organization.partners import alarms, contracts, floats, logins, statements
from chuzhi.organization.partners.models import Partner, PartnerAlarm, PartnerEntry, PartnerIncident
from chuzhi.wallets import agency

SECRET = "console/partners/secret.html"  # noqa: S105  # a template's name


@staff_can("partners.settle")
@require_POST
def suspend(request: StaffRequest, partner_id: int) -> HttpResponse:
    def act(partner: Partner, given: dict[str, Any]) -> str:
        contracts.suspend(partner=partner, reason=given["reason"], by=request.actor)
        return _("%(name)s can credit nobody any more.") % {"name": partner.name}

    return _act(request, partner_id, forms.ReasonForm(request.POST), "reason_form", act)


@staff_can("partners.manage")
@require_POST
def resume(request: StaffRequest, partner_id: int) -> HttpResponse:
    partner = _visible(request, partner_id)
    try:
        contracts.resume(partner=partner, by=request.actor)
        messages.success(request, _("%(name)s may top up again.") % {"name": partner.name})
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:partner", partner_id)


@staff_can("partners.manage")
@require_POST
def end(request: StaffRequest, partner_id: int) -> HttpResponse:
    def act(partner: Partner, given: dict[str, Any]) -> str:
        contracts.end(partner=partner, reason=given["reason"], by=request.actor)
        return _("The contract with %(name)s has ended.") % {"name": partner.name}

    return _by_reason(request, partner_id, act)


@staff_can("partners.settle")
@require_POST
def pay(request: StaffRequest, partner_id: int) -> HttpResponse:
    """The key of the form books a payment once, however often it is sent."""
    key = formkeys.kept(request.POST.get("key", ""), f"partner_payment.{partner_id}.0")

    def act(partner: Partner, given: dict[str, Any]) -> str:
        command = floats.pay_in if given["way"] == forms.IN else floats.pay_out
        entry = command(partner=partner, amount=given["amount"], reference=given["reference"], key=key, by=request.actor)
        return _("Booked. The float is %(left)s now.") % {"left": values.text(entry.left, partner.currency)}

    return _act(request, partner_id, forms.PaymentForm(request.POST), "payment_form", act, field="amount")


@staff_can("partners.settle")
@require_POST
def issue_statement(request: StaffRequest, partner_id: int) -> HttpResponse:
    def act(partner: Partner, given: dict[str, Any]) -> str:
        made = statements.issue(partner=partner, until_on=given["until_on"], by=request.actor)
        return _("Statement %(number)s waits for the partner.") % {"number": made.number}

    return _act(
        request, partner_id, forms.StatementForm(request.POST), "statement_form", act, field="until_on", tab="statements"
    )


@staff_can("partners.settle")
@require_POST
def note_incident(request: StaffRequest, partner_id: int) -> HttpResponse:
    def act(partner: Partner, given: dict[str, Any]) -> str:
        kind = PartnerIncident.Kind(given["kind"])
        contracts.note_incident(partner=partner, kind=kind, note=given["note"], by=request.actor)
        return _("Noted.")

    return _act(request, partner_id, forms.IncidentForm(request.POST), "incident_form", act, tab="contract")


@staff_can("partners.manage")
@require_POST
def add_location(request: StaffRequest, partner_id: int) -> HttpResponse:
    def act(partner: Partner, given: dict[str, Any]) -> str:
        contracts.add_location(partner=partner, by=request.actor, **given)
        return _("Saved.")

    return _act(request, partner_id, forms.LocationForm(request.POST), "location_form", act, field="name", tab="contract")


@staff_can("partners.settle")
@require_POST
def see_alarm(request: StaffRequest, alarm_id: int) -> HttpResponse:
    alarm = get_object_or_404(PartnerAlarm.objects.filter(partner__in=contracts.visible_to(request.actor)), pk=alarm_id)
    alarms.see(alarm=alarm, by=request.actor)
    messages.success(request, _("Noted that you have looked at it."))
    return redirect("console:partner", alarm.partner_id)


@staff_can("partners.settle")
@require_POST
def reverse(request: StaffRequest, entry_id: int) -> HttpResponse:
    """What is unspent of a top-up goes back into the partner's float."""
    entry = get_object_or_404(PartnerEntry.objects.filter(kind=PartnerEntry.Kind.TOP_UP), pk=entry_id)

    def act(partner: Partner, given: dict[str, Any]) -> str:
        moved = agency.reverse(entry=entry, reason=given["reason"], key=f"reverse:{entry.pk}", by=request.actor)
        return _("Taken back: %(amount)s.") % {"amount": values.text(moved.amount, partner.currency)}

    return _by_reason(request, entry.partner_id, act)


@staff_can("partners.manage")
@require_POST
def invite(request: StaffRequest, partner_id: int) -> HttpResponse:
    """A one-time link for somebody of the partner. It is shown here, once, to be handed over."""
    partner = _visible(request, partner_id)
    link = logins.invite(partner=partner, base_url=request.build_absolute_uri("/"), by=request.actor)
    return views.page(request, partner, {"tab": "people", "link": link})


@staff_can("partners.manage")
@require_POST
def add_key(request: StaffRequest, partner_id: int) -> HttpResponse:
    """The answer is the only page that ever shows the secret."""
    partner = _visible(request, partner_id)
    form = forms.KeyForm(request.POST)
    if form.is_valid():
        key, secret = logins.add_key(partner=partner, name=form.cleaned_data["name"], by=request.actor)
        return render(request, SECRET, {"partner": partner, "key": key, "secret": secret})
    return views.page(request, partner, {"tab": "people", "key_form": form}, status=422)


@staff_can("partners.manage")
@require_POST
def revoke_key(request: StaffRequest, partner_id: int, key_id: int) -> HttpResponse:
    partner = _visible(request, partner_id)
    try:
        logins.revoke_key(partner=partner, key=key_id, by=request.actor)
        messages.success(request, _("The key is revoked."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:partner_people", partner_id)


def _by_reason(request: StaffRequest, partner_id: int, act: Callable[[Partner, dict[str, Any]], str]) -> HttpResponse:
    """For a dialog that asks for nothing but the reason."""
    partner, form = _visible(request, partner_id), forms.ReasonForm(request.POST)
    try:
        if form.is_valid():
            messages.success(request, act(partner, form.cleaned_data))
        else:
            messages.error(request, _("Give a reason."))
    except Refused as no:
        messages.error(request, values.sentence(no, partner.currency))
    return redirect("console:partner", partner_id)


def _act(
    request: StaffRequest,
    partner_id: int,
    form: django_forms.Form,
    name: str,
    act: Callable[[Partner, dict[str, Any]], str],
    *,
    field: str | None = None,
    tab: str = "entries",
) -> HttpResponse:
    """Do it and go back to the tab, or show the tab with what is wrong about the form."""
    partner = _visible(request, partner_id)
    if form.is_valid():
        try:
            messages.success(request, act(partner, form.cleaned_data))
            return redirect(f"console:partner_{tab}" if tab != "entries" else "console:partner", partner_id)
        except Refused as no:
            form.add_error(field, values.sentence(no, partner.currency))
    if tab == "entries":
        return views.overview(request, partner, {name: form}, status=422)
    return views.page(request, partner, {"tab": tab, name: form}, status=422)


def _visible(request: StaffRequest, partner_id: int) -> Partner:
    return get_object_or_404(contracts.visible_to(request.actor), pk=partner_id)
