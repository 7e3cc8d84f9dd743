"""Acting on many rows: what was chosen, what to do with it, how far it is, and back again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import tables, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.listings import acts
from chuzhi.console.listings.acts import Act
from chuzhi.console.listings.every import LISTINGS
from chuzhi.console.listings.views import listed
from chuzhi.console.lists import asking
from chuzhi.core.errors import Refused, recalled
from chuzhi.core.tables import safe_cell
from chuzhi.customers import queries as customers
from chuzhi.organization.lists import acting
from chuzhi.organization.lists.errors import CannotBeUndone
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.wallets import acts as rows
from chuzhi.wallets import bulk_credits, lists, tasks

PAGE = "console/lists/act.html"
SAMPLE, REFUSED_SHOWN = 12, 50
REFUSED = (BulkRow.State.REFUSED, BulkRow.State.STAYED)


@staff_can(acting.ACT)
@require_POST
def plan(request: StaffRequest, name: str) -> HttpResponse:
    """The rows that were ticked, or all that match: kept, to be looked at before anything is done."""
    listing = listed(request, name)
    asked = asking.read(listing, asking.plain(request.GET))
    back = f"{reverse(listing.url_name)}{asked.address()}"
    if name not in acts.ACTS or not asked.form.is_valid():
        return redirect(back)
    if request.POST.get("all") == "yes":
        numbers = asked.source(request.actor).numbers(most=acting.MOST_ROWS + 1)
    else:
        ticked = [int(one) for one in request.POST.getlist("row") if one.isdecimal() and len(one) <= 18]
        numbers = rows.visible(name, ticked, request.actor)
    try:
        planned = acting.plan(list_name=name, subjects=numbers, store=request.store, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(back)
    return redirect("console:bulk_act", planned.pk)


@staff_can(acting.ACT)
@require_safe
def one(request: StaffRequest, act_id: int) -> HttpResponse:
    """What is planned; or how far it is, for a page that watches; or what came of it."""
    found = _mine(request, act_id)
    return _shown(request, found, None)


@staff_can(acting.ACT)
@require_POST
def start(request: StaffRequest, act_id: int) -> HttpResponse:
    found, kind = _mine(request, act_id), request.POST.get("do", "")
    act = acts.of(found.listing, request.actor).get(kind)
    if act is None:
        raise Http404
    form = act.form(posted(request))
    if form.is_valid():
        try:
            if kind not in rows.ACTS[found.listing]:
                return redirect("console:credit_batch", _gift(request, found, form.cleaned_data))
            acting.start(act=found, kind=kind, arguments=_plain(form.cleaned_data), by=request.actor)
            return _carry_out(found)
        except Refused as no:
            form.add_error(None, str(no))
    return _shown(request, found, form, kind)


@staff_can(acting.ACT)
@require_POST
def undo(request: StaffRequest, act_id: int) -> HttpResponse:
    """As it was, but for rows that somebody has changed since."""
    found = _mine(request, act_id)
    try:
        if not rows.can_be_undone(found):
            raise CannotBeUndone
        acting.begin_undo(act=found, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:bulk_act", act_id)
    return _carry_out(found)


@staff_can(acting.ACT)
@require_safe
def refused(request: StaffRequest, act_id: int) -> HttpResponse:
    """The rows that it could not be done to, with their reasons."""
    found = _mine(request, act_id)
    left = list(found.rows.filter(state__in=REFUSED).order_by("pk"))
    names = rows.names(found.listing, [row.subject for row in left], request.actor)
    head = [[_("Number"), _("Name"), _("Reason")]]
    return tables.answer(
        [*head, *([str(row.subject), safe_cell(names.get(row.subject, "")), safe_cell(_said(row))] for row in left)],
        f"refused-{act_id}",
        "csv",
    )


def _carry_out(found: BulkAct) -> HttpResponse:
    tasks.carry_out(found)
    return redirect("console:bulk_act", found.pk)


def _gift(request: StaffRequest, found: BulkAct, given: dict[str, Any]) -> int:
    """The bonus is planned for these people, by the way that bonuses for many go; the choice itself is done with."""
    people = customers.visible_to(request.actor).filter(pk__in=found.rows.values("subject")).order_by("sort_key", "pk")
    programme = given["programme"]
    read = lists.chosen(list(people), values.parse(given["amount"], programme.asset), programme)
    planned = bulk_credits.plan(
        read=read, cause=given["cause"], ticket=given["ticket"], key=f"bulk:{found.pk}", by=request.actor
    )
    return planned.pk


def _shown(request: StaffRequest, found: BulkAct, form: forms.Form | None, kind: str = "") -> HttpResponse:
    offered, listing = acts.of(found.listing, request.actor), LISTINGS[found.listing]
    chosen = kind or request.GET.get("do", "")
    act = offered.get(chosen)
    tally = acting.tally(found)
    count = sum(tally.values())
    every = found.rows.order_by("pk")
    some = list(every.filter(state__in=REFUSED)[:REFUSED_SHOWN]) if found.kind else list(every[:SAMPLE])
    names = rows.names(found.listing, [row.subject for row in some], request.actor)
    done: Act | None = acts.ACTS[found.listing].get(found.kind)
    is_busy = found.state in {BulkAct.State.RUNNING, BulkAct.State.UNDOING}
    context = {
        "act": found, "listing": listing, "count": count, "tally": tally, "offered": offered, "chosen": chosen, "offer": act,
        "form": form or (act.form() if act else None), "done": done, "is_busy": is_busy,
        "so_far": count - tally.get("waiting" if found.state == BulkAct.State.RUNNING else "done", 0),
        "can_undo": rows.can_be_undone(found), "sample": list(names.values()),
        "more": count - len(names), "refused": [(names.get(row.subject, str(row.subject)), _said(row)) for row in some if row.refusal],
        "refused_count": sum(tally.get(state, 0) for state in REFUSED), "place": reverse(listing.url_name),
    }  # fmt: skip
    template = f"{PAGE}#state" if "HX-Request" in request.headers and request.method == "GET" else PAGE
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _said(row: BulkRow) -> str:
    return str(recalled(row.refusal, row.refusal_facts))


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """As it can be kept: a store by its number."""
    return {name: getattr(said, "pk", said) for name, said in given.items()}


def _mine(request: StaffRequest, act_id: int) -> BulkAct:
    return get_object_or_404(acting.mine(request.actor), pk=act_id)
