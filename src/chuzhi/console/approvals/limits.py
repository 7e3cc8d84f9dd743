"""How much each may do alone and approve, by kind: what the product says, and what the shop has set instead."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.approvals import authority, kinds, people
from chuzhi.approvals.kinds import PROGRAM, Kind
from chuzhi.approvals.models import Ceiling
from chuzhi.approvals.rules import NOTHING, Limits
from chuzhi.console import formfields, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.organization import staff
from chuzhi.organization.roles import ROLES

LIMITS = "console/approvals/limits.html"
CURRENCY = "CNY"
"""Limits are amounts of the shop's money; of points and visits the same figure counts, in their smallest unit."""


class CeilingField(forms.CharField):
    """An amount from nothing on; empty is any amount."""

    def clean(self, value: object) -> int | None:
        given = super().clean(value).strip()
        if given in {"0", "0.00"}:
            return 0
        try:
            return money.parse(given, CURRENCY) if given else None
        except Refused as no:
            raise forms.ValidationError(str(no), code=no.code) from no


class LimitsForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What"))
    who = forms.ChoiceField(label=gettext_lazy("Who"))
    alone = CeilingField(label=gettext_lazy("Alone, at once"), required=False, max_length=20, initial="0")
    a_day = CeilingField(label=gettext_lazy("Alone, in a day"), required=False, max_length=20, initial="0")
    approves = CeilingField(label=gettext_lazy("Approves up to"), required=False, max_length=20, initial="0")

    def __init__(self, *args: Any, by: StaffRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        roles = [(name, role.label) for name, role in ROLES.items()]
        colleagues = [(f"staff:{one.pk}", one.name) for one in staff.visible_to(by.actor).filter(is_active=True)]
        formfields.named(self, "kind", forms.ChoiceField).choices = [(kind.name, kind.label) for kind in kinds.every()]
        formfields.named(self, "who", forms.ChoiceField).choices = [
            (_("Roles"), [*roles, (PROGRAM, _("Programs, by their API key"))]),
            (_("People"), colleagues),
        ]


@dataclass(frozen=True, slots=True)
class Row:
    kind: Kind
    who: str
    label: str
    alone: str
    a_day: str
    approves: str
    is_own: bool


@staff_can("approvals.manage")
@require_http_methods(["GET", "POST"])
def limits_page(request: StaffRequest) -> HttpResponse:
    form = LimitsForm(posted(request), by=request)
    if form.is_valid():
        given = form.cleaned_data
        try:
            authority.set_limits(
                kind=kinds.named(given["kind"]), who=given["who"], by=request.actor,
                limits=Limits(given["alone"], given["a_day"], given["approves"]),
            )  # fmt: skip
            messages.success(request, _("Saved."))
            return redirect("console:approval_limits")
        except Refused as no:
            form.add_error("who" if no.code == "authority.own" else "a_day", str(no))
    context = {"rows": _rows(), "form": form}
    return render(request, LIMITS, context, status=422 if form.is_bound else 200)


@staff_can("approvals.manage")
@require_POST
def forget(request: StaffRequest) -> HttpResponse:
    """Back to the usual limits."""
    try:
        authority.forget_limits(
            kind=kinds.named(request.POST.get("kind", "")), who=request.POST.get("who", ""), by=request.actor
        )
        messages.success(request, _("The usual limits hold again."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:approval_limits")


def _rows() -> list[Row]:
    """Kind by kind: every role that may do something, then the people and keys that the shop has named."""
    own = {(row.kind, row.who): row for row in Ceiling.objects.order_by("who")}
    names = people.names({who for _kind, who in own if ":" in who})
    rows = []
    for kind in kinds.every():
        roles = [*ROLES, PROGRAM]
        others = [who for name, who in own if name == kind.name and who not in roles]
        for who in [*roles, *others]:
            row = own.get((kind.name, who))
            limits = Limits(row.alone, row.a_day, row.approves) if row else kind.limits.get(who, NOTHING)
            if row or limits != NOTHING:
                alone, a_day, approves = _said(limits.alone), _said(limits.a_day), _said(limits.approves)
                rows.append(Row(kind, who, _label(who, names), alone, a_day, approves, row is not None))
    return rows


def _said(amount: int | None) -> str:
    if amount is None:
        return _("any amount")
    return values.text(amount, CURRENCY) if amount else _("nothing")


def _label(who: str, names: dict[str, str]) -> str:
    if who == PROGRAM:
        return _("Programs, by their API key")
    return str(ROLES[who].label) if who in ROLES else names.get(who, who)
