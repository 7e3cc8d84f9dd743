from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.approvals import authority, kinds, queries, requests
from chuzhi.approvals.models import Request
from chuzhi.console import keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.approvals import telling
from chuzhi.core.errors import Refused

LIST = "console/approvals/list.html"
REQUEST = "console/approvals/request.html"
PAGE_SIZE = 25
ORDER = ("-id",)


class AnswerForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@staff_can("approvals.view")
@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """What waits for this person, oldest first."""
    return _list(request, "queue", {"lines": telling.lines(queries.waiting_for(request.actor)[:200], request.actor)})


@staff_can("approvals.view")
@require_safe
def mine(request: StaffRequest) -> HttpResponse:
    page = keyset.page(
        queries.visible_to(request.actor).filter(asked_by=request.actor.label), ORDER, request.GET, size=PAGE_SIZE
    )
    return _list(request, "mine", {"lines": telling.lines(page.rows, request.actor), "page": page})


@staff_can("approvals.view")
@require_safe
def history(request: StaffRequest) -> HttpResponse:
    """Everything this person may see, newest first, by kind and state."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    found = queries.visible_to(request.actor)
    found = found.filter(kind=kind) if kind else found
    found = found.filter(state=state) if state else found
    page = keyset.page(found, ORDER, request.GET, size=PAGE_SIZE)
    context = {
        "lines": telling.lines(page.rows, request.actor), "page": page, "kind": kind, "state": state, "kinds": kinds.every(),
        "states": Request.State.choices,
    }  # fmt: skip
    return _list(request, "history", context)


@staff_can("approvals.view")
@require_safe
def one(request: StaffRequest, request_id: int) -> HttpResponse:
    return _one(request, _visible(request, request_id))


@staff_can("approvals.decide")
@require_POST
def approve(request: StaffRequest, request_id: int) -> HttpResponse:
    """The signature, and at once what it stands under."""
    asked = _visible(request, request_id)
    try:
        asked = requests.approve(request=asked, by=request.actor)
    except Refused as no:
        return _one(request, asked, said=str(no))
    if asked.state == Request.State.DONE:
        messages.success(request, _("Approved and carried out."))
    else:
        messages.error(request, _("Approved, but it could not be carried out."))
    return redirect("console:approval", request_id)


@staff_can("approvals.decide")
@require_POST
def refuse(request: StaffRequest, request_id: int) -> HttpResponse:
    asked, form = _visible(request, request_id), AnswerForm(posted(request))
    if form.is_valid():
        try:
            requests.refuse(request=asked, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Refused."))
            return redirect("console:approval", request_id)
        except Refused as no:
            return _one(request, asked, said=str(no))
    return _one(request, asked, form=form)


@staff_can("approvals.ask")
@require_POST
def withdraw(request: StaffRequest, request_id: int) -> HttpResponse:
    asked = _visible(request, request_id)
    try:
        requests.withdraw(request=asked, by=request.actor)
        messages.success(request, _("Withdrawn."))
        return redirect("console:approval", request_id)
    except Refused as no:
        return _one(request, asked, said=str(no))


def _visible(request: StaffRequest, request_id: int) -> Request:
    return get_object_or_404(queries.visible_to(request.actor), pk=request_id)


def _list(request: StaffRequest, tab: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, LIST, {"tab": tab, "may_manage": request.actor.may(authority.MANAGE)} | context)


def _one(request: StaffRequest, asked: Request, *, form: AnswerForm | None = None, said: str = "") -> HttpResponse:
    line = telling.lines([asked], request.actor)[0]
    is_mine = asked.asked_by == request.actor.label
    is_for_me = asked.is_waiting and queries.waiting_for(request.actor).filter(pk=asked.pk).exists()
    context = {
        "asked": asked,
        "line": line,
        "change": telling.change(line),
        "batch": telling.batch_of(asked),
        "reason": telling.reason_of(asked),
        "case": asked.arguments.get("case"),
        "form": form or AnswerForm(),
        "is_for_me": is_for_me,
        "is_mine": is_mine,
        "may_withdraw": is_mine and asked.is_waiting and request.actor.may(requests.ASK),
        "said": said,
        "asset": asked.asset,
        "is_money": values.is_money(asked.asset),
    }
    return render(request, REQUEST, context, status=422 if request.method == "POST" else 200)
