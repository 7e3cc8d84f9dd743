"""How long personal data is kept, kind by kind."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.approvals import people
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import Told
from chuzhi.organization import confirmations
from chuzhi.privacy import retention
from chuzhi.privacy.errors import KindUnknown
from chuzhi.privacy.models import Forgetting, RetentionRule
from chuzhi.privacy.retention import COUNTED, LEAST, MOST, InForce
from chuzhi.ui.templatetags.ui import when

KINDS, KIND = "console/privacy/kinds.html", "console/privacy/kind.html"
NIGHTS = 20


class MonthsForm(forms.Form):
    months = forms.IntegerField(
        label=gettext_lazy("Kept for, months"),
        min_value=LEAST,
        max_value=MOST,
        required=False,
        help_text=gettext_lazy("Empty: kept until you say otherwise."),
    )


@staff_can("audit.view")
@require_safe
def kinds(request: StaffRequest) -> HttpResponse:
    """Every kind with its time, and when it last lost something."""
    last = {row.kind: row for row in Forgetting.objects.filter(count__gt=0).order_by("kind", "-pk").distinct("kind")}
    lines = [(now, said(now.months), last.get(name)) for name, now in retention.in_force().items()]
    return render(request, KINDS, {"lines": lines})


@staff_can("audit.view")
@confirmed(confirmations.RETENTION)
@require_http_methods(["GET", "POST"])
def kind(request: StaffRequest, name: str) -> HttpResponse:
    """What holds, what would go, what has gone, and another time."""
    now = _named(name)
    form = MonthsForm(posted(request), initial={"months": now.months})
    if form.is_valid():
        try:
            retention.change(kind=name, months=form.cleaned_data["months"], by=request.actor)
            messages.success(request, _("Kept. It holds from the coming night on."))
            return redirect("console:retention_kind", name)
        except Refused as no:
            form.add_error("months", str(no))
    versions = list(RetentionRule.objects.filter(kind=name).order_by("-version"))
    names = people.names({each.made_by for each in versions})
    context = {
        "now": now,
        "said": said(now.months),
        "law": Told(now.law) if now.law else "",
        "form": form,
        "preview": _preview(name, form),
        "versions": [(each, said(each.months), names.get(each.made_by, "")) for each in versions],
        "nights": Forgetting.objects.filter(kind=name, count__gt=0).order_by("-pk")[:NIGHTS],
        "may_manage": request.actor.may(retention.MANAGE),
    }
    return render(request, KIND, context, status=422 if form.is_bound else 200)


@staff_can("audit.view")
@require_POST
def try_out(request: StaffRequest, name: str) -> HttpResponse:
    """What would go with the time that is typed. Keeps nothing."""
    _named(name)
    return render(request, f"{KIND}#preview", {"preview": _preview(name, MonthsForm(request.POST))})


def said(months: int | None) -> str:
    if months is None:
        return _("No time set")
    if months % 12 == 0:
        return ngettext("%(count)s year", "%(count)s years", months // 12) % {"count": months // 12}
    return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}


def _named(name: str) -> InForce:
    try:
        return retention.of(name)
    except KindUnknown as no:
        raise Http404 from no


def _preview(name: str, form: MonthsForm) -> list[str]:
    """In sentences; none while the number cannot be read."""
    if form.is_bound and not form.is_valid():
        return []
    months = form.cleaned_data["months"] if form.is_bound else form.initial["months"]
    count = retention.due(name, months) if months else 0
    if not count:
        return [_("Nothing is removed.")]
    facts = {"count": count, "most": COUNTED, "day": when(retention.before(months), "date")}
    if count > COUNTED:
        said = [_("More than %(most)s are from before %(day)s and would be removed.") % facts]
    else:
        said = [
            ngettext(
                "%(count)s is from before %(day)s and would be removed.",
                "%(count)s are from before %(day)s and would be removed.",
                count,
            )
            % facts
        ]
    if name == "customers":
        said.append(_("Fewer, where a wallet still holds something or had a booking since."))
    return said
