from datetime import date, timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.console import keyset, tables, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.reconciliation.forms import FixForm, OnForm, ReopenForm
from chuzhi.core.errors import Refused
from chuzhi.finance import cases, days, drawers, payouts, queries, sheets, tasks
from chuzhi.finance.models import Case, Movement
from chuzhi.finance.rules import Fix, Kind, Way
from chuzhi.finance.sides import line_of
from chuzhi.organization import confirmations
from chuzhi.payments import methods
from chuzhi.payments.bank import queries as statements
from chuzhi.payments.counter.shifts import name_of

DAYS, DAY = "console/reconciliation/days.html", "console/reconciliation/day.html"
CASES, CASE = "console/reconciliation/cases.html", "console/reconciliation/case.html"
CLEARING, PAYOUTS = "console/reconciliation/clearing.html", "console/reconciliation/payouts.html"
PAGE_SIZE = 50
MOST_REASONS = 100
MOST_LINES = 20
AGES = {
    "": gettext_lazy("All that are open"),
    "1": gettext_lazy("Older than a day"),
    "3": gettext_lazy("Older than 3 days"),
    "7": gettext_lazy("Older than a week"),
    "closed": gettext_lazy("Closed"),
}


@staff_can("reconciliation.view")
@require_safe
def days_page(request: StaffRequest) -> HttpResponse:
    """Newest first, each account of its own."""
    page = keyset.page(queries.visible_to(request.actor), ["-on", "-id"], request.GET, size=PAGE_SIZE)
    return render(request, DAYS, {"page": page, "open_cases": _open_cases(request)})


@staff_can("reconciliation.view")
@require_safe
def day(request: StaffRequest, day_id: int) -> HttpResponse:
    """Every movement in three columns, and the clearing account that they moved."""
    return _day(request, day_id, ReopenForm())


@staff_can("reconciliation.view")
@confirmed(confirmations.EXPORT, opening=True)
@require_safe
def export(request: StaffRequest, day_id: int, form: str) -> HttpResponse:
    found = get_object_or_404(queries.visible_to(request.actor), pk=day_id)
    return tables.answer(sheets.of_day(found), f"{found.account.code}-{found.on}", form)


@staff_can("reconciliation.close")
@require_POST
def sign_off(request: StaffRequest, day_id: int) -> HttpResponse:
    try:
        days.sign_off(day=get_object_or_404(queries.visible_to(request.actor), pk=day_id), by=request.actor)
        messages.success(request, _("Signed off."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:reconciliation_day", day_id)


@staff_can("reconciliation.close")
@require_POST
def reopen(request: StaffRequest, day_id: int) -> HttpResponse:
    form = ReopenForm(request.POST)
    if form.is_valid():
        try:
            found = get_object_or_404(queries.visible_to(request.actor), pk=day_id)
            days.reopen(day=found, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Opened again."))
            return redirect("console:reconciliation_day", day_id)
        except Refused as no:
            form.add_error("reason", str(no))
    return _day(request, day_id, form)


@staff_can("reconciliation.close")
@require_POST
def again(request: StaffRequest, day_id: int) -> HttpResponse:
    """Ask for the bill and compare now, instead of waiting for the clock."""
    found = tasks.again(get_object_or_404(queries.visible_to(request.actor), pk=day_id))
    if found.fetched_at:
        messages.success(request, _("Compared again."))
    else:
        messages.warning(request, _("The provider has no bill of that day yet."))
    return redirect("console:reconciliation_day", day_id)


@staff_can("reconciliation.view")
@require_safe
def cases_page(request: StaffRequest) -> HttpResponse:
    """Oldest first; by age (`age`) and kind (`kind`)."""
    context = {
        "page": keyset.page(_asked_for(request), ["opened_at", "id"], request.GET, size=PAGE_SIZE),
        "age": request.GET.get("age", ""),
        "ages": AGES.items(),
        "kind": request.GET.get("kind", ""),
        "kinds": Case.KINDS.items(),
        "open_cases": _open_cases(request),
    }
    return render(request, CASES, context)


@staff_can("reconciliation.view")
@confirmed(confirmations.EXPORT, opening=True)
@require_safe
def export_cases(request: StaffRequest, form: str) -> HttpResponse:
    """All that the page shows under `age` and `kind`."""
    return tables.answer(sheets.of_cases(_asked_for(request)), f"differences-{timezone.localdate()}", form)


@staff_can("reconciliation.view")
@require_http_methods(["GET", "POST"])
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """What differs, and what can be done about it: `act` names the fix, `ask` sends it to somebody who may sign it."""
    found = get_object_or_404(queries.cases(request.actor), pk=case_id)
    form, needs_second = FixForm(posted(request)), False
    if form.is_valid():
        given = {
            "case": found,
            "act": Fix(form.cleaned_data["act"]),
            "remark": form.cleaned_data["remark"],
            "by": request.actor,
        }
        try:
            if "ask" in request.POST:
                asked = cases.ask(**given, key=f"case-{found.pk}-{found.amount}-{found.opened_at.isoformat()}")
                messages.success(request, _("Sent for approval: %(number)s.") % {"number": asked.number})
                return redirect("console:approval", asked.pk)
            fixed = cases.fix(**given)
            done = _("Done, and closed.") if fixed.closed_at else _("Done. It closes itself when the books agree.")
            messages.success(request, done)
            return redirect("console:reconciliation_case", case_id)
        except Refused as no:
            needs_second = isinstance(no, SecondPersonNeeded)
            form.add_error("remark", values.sentence(no, found.movement.currency))
    return _case(request, found, form, needs_second=needs_second)


@staff_can("reconciliation.close")
@require_POST
def assign(request: StaffRequest, case_id: int) -> HttpResponse:
    """The line of the statement (`line`) by which a payout came."""
    found = get_object_or_404(queries.cases(request.actor), pk=case_id, movement__way=Way.PAYOUT)
    given = request.POST.get("line", "")
    line = get_object_or_404(statements.lines_visible_to(request.actor), pk=int(given) if given.isdecimal() else 0)
    try:
        payouts.assign(payout=found.movement, line=line, by=request.actor)
        messages.success(request, _("Found."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:reconciliation_case", case_id)


@staff_can("reconciliation.view")
@require_safe
def payouts_page(request: StaffRequest) -> HttpResponse:
    page = keyset.page(queries.payouts(request.actor), ["-ours_on", "-id"], request.GET, size=PAGE_SIZE)
    context = {"page": page, "unwatched": queries.unwatched(request.actor), "open_cases": _open_cases(request)}
    return render(request, PAYOUTS, context)


@staff_can("reconciliation.view")
@require_safe
def clearing(request: StaffRequest) -> HttpResponse:
    """Every clearing account at the end of a day (`on`), and what keeps it from zero."""
    yesterday = timezone.localdate() - timedelta(days=1)
    form = OnForm(request.GET if "on" in request.GET else None, initial={"on": yesterday})
    on = form.cleaned_data["on"] if form.is_valid() else yesterday
    accounts = [(methods.label(each.method), each, _aged(each, on)) for each in queries.accounts(request.actor, on)]
    context = {"form": form, "on": on, "accounts": accounts, "open_cases": _open_cases(request)}
    return render(request, CLEARING, context, status=422 if form.is_bound and not form.is_valid() else 200)


def _asked_for(request: StaffRequest) -> QuerySet[Case]:
    age, kind = request.GET.get("age", ""), request.GET.get("kind", "")
    found = queries.cases(request.actor).filter(closed_at__isnull=age != "closed")
    if age in {"1", "3", "7"}:
        found = queries.older_than(found, int(age))
    return found.filter(kind=kind) if kind in Case.KINDS else found


def _open_cases(request: StaffRequest) -> int:
    return queries.cases(request.actor).filter(closed_at=None).count()


def _aged(account: queries.Account, on: date) -> list[tuple[Movement, int, int, Case | None]]:
    """What keeps it from zero, how long it has, and the open case of each, if there is one."""
    return [
        (
            movement,
            amount,
            (on - (movement.since or on)).days,
            next((each for each in movement.cases.all() if not each.closed_at), None),
        )
        for movement, amount in account.left[:MOST_REASONS]
    ]


def _day(request: StaffRequest, day_id: int, form: ReopenForm) -> HttpResponse:
    found = get_object_or_404(queries.visible_to(request.actor), pk=day_id)
    context = {
        "day": found,
        "page": keyset.page(queries.movements_of(found), ["is_settled", "id"], request.GET, size=PAGE_SIZE),
        "other_lines": queries.other_lines(found)[:PAGE_SIZE],
        "account": queries.account(found.account.method, found.account.currency, found.on),
        "may_close": request.actor.may("reconciliation.close"),
        "signer": name_of(found.signed_by) if found.signed_by else "",
        "reopener": name_of(found.reopened_by) if found.reopened_by else "",
        "form": form,
    }
    return render(request, DAY, context, status=422 if form.is_bound else 200)


def _case(request: StaffRequest, found: Case, form: FixForm, *, needs_second: bool) -> HttpResponse:
    movement, may_close = found.movement, request.actor.may("reconciliation.close")
    is_lost = found.kind == Kind.NOT_ARRIVED and found.closed_at is None and movement.account is not None
    context = {
        "case": found,
        "movement": movement,
        "day": queries.day_of(found),
        "shift": drawers.shift_of(movement),
        "line": line_of(movement.number) if movement.way == Way.LINE else None,
        "closer": name_of(found.closed_by) if found.closed_by else "",
        "form": form,
        "acts": [(act, Case.ACTS[act]) for act in cases.offered(found)] if may_close else [],
        "act": form.data.get("act", ""),
        "needs_second": needs_second,
        "candidates": payouts.candidates(movement.account)[:MOST_LINES] if is_lost and may_close and movement.account else [],
    }
    return render(request, CASE, context, status=422 if form.is_bound else 200)
