"""Which acts ask once more who is there, as an administrator sets it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.console import values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.core.errors import Refused
from chuzhi.organization import confirmations
from chuzhi.organization.confirmations import ACTS, MINUTES, MOST_MINUTES, Size

RULES = "console/team/confirmations.html"
CURRENCY = "CNY"


class RuleForm(forms.Form):
    act = forms.ChoiceField(label=gettext_lazy("What"), choices=[(name, act.label) for name, act in ACTS.items()])
    least = forms.CharField(
        label=gettext_lazy("From"),
        required=False,
        max_length=20,
        initial="0",
        help_text=gettext_lazy("An amount, or how often. 0: always. Empty: never."),
    )
    minutes = forms.IntegerField(label=gettext_lazy("Good for, minutes"), initial=MINUTES, min_value=1, max_value=MOST_MINUTES)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        written, act = str(cleaned.get("least", "")).strip(), ACTS.get(cleaned.get("act", ""))
        cleaned["least"] = None
        if act and written:
            try:
                in_money = act.size is Size.MONEY and written not in {"0", "0.00"}
                cleaned["least"] = values.parse(written, CURRENCY) if in_money else _times(written)
            except Refused as no:
                self.add_error("least", str(no))
        return cleaned


def _times(written: str) -> int:
    if not written.isdecimal() or len(written) > 6:  # a number of looks
        raise forms.ValidationError({"least": _("Enter a whole number.")})
    return int(written)


@staff_can("staff.manage")
@confirmed(confirmations.ACCESS)
@require_http_methods(["GET", "POST"])
def rules(request: StaffRequest) -> HttpResponse:
    form = RuleForm(posted(request))
    if form.is_valid():
        confirmations.set_rule(**form.cleaned_data, by=request.actor)
        messages.success(request, _("Saved."))
        return redirect("console:team_confirmations")
    rows = [(act.label, _said(name), confirmations.rule_of(name).minutes) for name, act in ACTS.items()]
    return render(request, RULES, {"rows": rows, "form": form}, status=422 if form.is_bound else 200)


def _said(name: str) -> str:
    least, act = confirmations.rule_of(name).least, ACTS[name]
    if least is None:
        return _("never asks")
    if not least or act.size is Size.NONE:
        return _("always")
    return values.text(least, CURRENCY) if act.size is Size.MONEY else str(least)
