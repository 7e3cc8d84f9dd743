from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.approvals import people
from chuzhi.console import values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.risk import telling
from chuzhi.console.risk.forms import RuleForm, as_typed
from chuzhi.core.errors import Refused
from chuzhi.risk import queries, thresholds
from chuzhi.risk.models import Action, RuleVersion
from chuzhi.risk.wording import NAMES

RULES, RULE = "console/risk/rules.html", "console/risk/rule.html"


@staff_can("risk.view")
@require_safe
def rules_page(request: StaffRequest) -> HttpResponse:
    """Every rule with its thresholds, and how often it was right."""
    standings = queries.standings()
    lines = [telling.rule(each, standings[code]) for code, each in thresholds.in_force().items()]
    return render(request, RULES, {"lines": lines})


@staff_can("risk.view")
@require_http_methods(["GET", "POST"])
def rule(request: StaffRequest, code: str) -> HttpResponse:
    """What it says now, what it said before, and a new version."""
    now = thresholds.in_force().get(code)
    if now is None:
        raise Http404
    amount = values.plain(now.limits.amount, now.limits.currency) if now.limits.amount else ""
    form = RuleForm(posted(request), code=code, initial=as_typed(now, amount))
    if form.is_valid():
        try:
            given = form.cleaned_data
            thresholds.change(
                code=code, limits=form.limits, is_on=given["is_on"], action=Action(given.get("action", "")), by=request.actor
            )
            messages.success(request, _("The rule is kept."))
            return redirect("console:risk_rules")
        except Refused as no:
            form.add_error(None, str(no))
    versions = list(RuleVersion.objects.filter(rule=code).order_by("-version"))
    names = people.names({each.made_by for each in versions})
    context = {
        "line": telling.rule(now, queries.standings()[code]),
        "form": form,
        "versions": [
            (each, telling.limits(code, thresholds.limits_of(each)), names.get(each.made_by, "")) for each in versions
        ],
        "may_manage": request.actor.may(thresholds.MANAGE),
        "preview": _preview(code, form),
    }
    return render(request, RULE, context, status=422 if form.is_bound else 200)


@staff_can("risk.rules")
@require_POST
def try_out(request: StaffRequest, code: str) -> HttpResponse:
    """What the figures would have raised, as they are typed. Keeps nothing."""
    if code not in NAMES:
        raise Http404
    return render(request, f"{RULE}#preview", {"preview": _preview(code, RuleForm(request.POST, code=code))})


def _preview(code: str, form: RuleForm) -> str:
    """In one sentence; nothing while the figures cannot be read."""
    if form.is_bound and not form.is_valid():
        return ""
    limits = thresholds.asked(code, form.limits) if form.is_bound else thresholds.in_force()[code].limits
    if thresholds.fault(limits):
        return ""
    count = thresholds.preview(code, limits)
    return ngettext(
        "In the last 30 days this would have raised %(count)s case.",
        "In the last 30 days this would have raised %(count)s cases.",
        count,
    ) % {"count": count}
