from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import formkeys, keyset
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.risk import telling
from chuzhi.console.risk.forms import AssignForm, CloseForm, LetGoForm, NoteForm
from chuzhi.core.errors import Refused
from chuzhi.risk import acting, cases, queries
from chuzhi.risk.models import Case
from chuzhi.risk.rules import RULES
from chuzhi.risk.wording import NAMES
from chuzhi.wallets import accounts

CASES, CASE = "console/risk/cases.html", "console/risk/case.html"
PAGE_SIZE = 50
STATES = {
    "": gettext_lazy("All that are open"),
    "mine": gettext_lazy("Given to me"),
    "true": gettext_lazy("It was so"),
    "false": gettext_lazy("False alarms"),
}


@staff_can("risk.view")
@require_safe
def cases_page(request: StaffRequest) -> HttpResponse:
    """Newest first; by state (`state`) and rule (`rule`)."""
    state, rule = request.GET.get("state", ""), request.GET.get("rule", "")
    found = queries.visible_to(request.actor)
    if state in {"true", "false"}:
        found = found.filter(verdict=state)
    else:
        found = found.filter(closed_at=None, **({"assigned_to": request.user} if state == "mine" else {}))
    if rule in RULES:
        found = found.filter(rule=rule)
    page = keyset.page(found, ("-raised_at", "-id"), request.GET, size=PAGE_SIZE)
    context = {
        "lines": telling.lines(page.rows), "page": page, "state": state, "states": STATES.items(), "rule": rule,
        "rules": NAMES.items(),
    }  # fmt: skip
    return render(request, CASES, context)


@staff_can("risk.view")
@require_safe
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    return _one(request, _visible(request, case_id))


@staff_can("risk.work")
@require_POST
def note(request: StaffRequest, case_id: int) -> HttpResponse:
    found, form = _visible(request, case_id), NoteForm(request.POST)
    return _done(request, found, "note", form, lambda given: cases.note(case=found, by=request.actor, **given))


@staff_can("risk.work")
@require_POST
def assign(request: StaffRequest, case_id: int) -> HttpResponse:
    found, form = _visible(request, case_id), AssignForm(request.POST)
    return _done(request, found, "assign", form, lambda given: cases.assign(case=found, by=request.actor, **given))


@staff_can("risk.work")
@require_POST
def close(request: StaffRequest, case_id: int) -> HttpResponse:
    found, form = _visible(request, case_id), CloseForm(request.POST)

    def closed(given: dict[str, Any]) -> object:
        return cases.close(case=found, verdict=Case.Verdict(given["verdict"]), remark=given["remark"], by=request.actor)

    return _done(request, found, "close", form, closed)


@staff_can("risk.work")
@require_POST
def act(request: StaffRequest, case_id: int) -> HttpResponse:
    """Hold the money, freeze the wallets, ask a second person; or let go of all that with a reason."""
    found, wanted = _visible(request, case_id), request.POST.get("act", "")
    key = formkeys.kept(request.POST.get("key", ""), f"risk.{found.pk}")
    if wanted == "let_go":
        form = LetGoForm(request.POST)
        return _done(
            request, found, "let_go", form, lambda given: acting.let_go(case=found, key=key, by=request.actor, **given)
        )
    acts = {"hold": acting.hold, "freeze": acting.freeze, "ask": acting.ask}
    try:
        acts.get(wanted, acting.ask)(case=found, key=key, by=request.actor)
        messages.success(request, _("Done."))
        return redirect("console:risk_case", found.pk)
    except Refused as no:
        return _one(request, found, said=str(no))


def _done(request: StaffRequest, found: Case, name: str, form: forms.Form, command: Any) -> HttpResponse:
    """The one call that writes, or the page again with what was wrong."""
    if form.is_valid():
        try:
            command(form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:risk_case", found.pk)
        except Refused as no:
            return _one(request, _visible(request, found.pk), said=str(no), refused={name: form})
    return _one(request, found, refused={name: form})


def _visible(request: StaffRequest, case_id: int) -> Case:
    return get_object_or_404(queries.visible_to(request.actor), pk=case_id)


def _one(
    request: StaffRequest, found: Case, *, said: str = "", refused: Mapping[str, forms.Form] | None = None
) -> HttpResponse:
    may_work, may_freeze = request.actor.may(cases.WORK), request.actor.may(accounts.FREEZE)
    standing = acting.standing(found)
    own: dict[str, forms.Form] = {
        "note": NoteForm(), "assign": AssignForm(initial={"to": found.assigned_to}), "close": CloseForm(), "let_go": LetGoForm(),
    }  # fmt: skip
    context = {
        "case": found,
        "line": telling.lines([found])[0],
        "evidence": queries.evidence(found),
        "story": telling.story(queries.story(found)),
        "may_work": may_work and found.is_open,
        "may_act": may_work and may_freeze and found.is_open and bool(acting.wallets_of(found)),
        "may_let_go": may_work and may_freeze and bool(standing),
        "key": formkeys.new(f"risk.{found.pk}"),
        "said": said,
    }
    status = 422 if said or refused else 200
    return render(request, CASE, context | own | dict(refused or {}), status=status)
