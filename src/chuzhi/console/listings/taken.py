"""Files of lists: small ones at once, large ones by the worker, with a page that watches."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.listings import tasks
from chuzhi.console.listings.every import LISTINGS
from chuzhi.console.listings.views import listed
from chuzhi.console.lists import asking, files
from chuzhi.core.errors import recalled
from chuzhi.core.tables import FORMS
from chuzhi.organization import confirmations
from chuzhi.organization.lists import taking
from chuzhi.organization.lists.models import TakenList

AT_ONCE = 2_000
"""Rows that are written while somebody waits."""
LIST, ONE = "console/lists/taken.html", "console/lists/file.html"


@staff_can(taking.TAKE)
@confirmed(confirmations.EXPORT)
@require_POST
def take(request: StaffRequest, name: str) -> HttpResponse:
    """What the list shows, as CSV or XLSX."""
    listing, form = listed(request, name), request.POST.get("form", "")
    if form not in FORMS:
        raise Http404
    asked = asking.read(listing, asking.plain(request.GET))
    if not asked.form.is_valid():
        return redirect(f"{reverse(listing.url_name)}{asked.address()}")
    count = asked.source(request.actor).count()
    if count is not None and count <= AT_ONCE:
        file = files.of(asked, form, request.actor)
        return _answer(file.content, form, file.name)
    taken = taking.ask(
        list_name=name, query=asked.query, form=form, language=translation.get_language() or "en", store=request.store,
        by=request.actor,
    )  # fmt: skip
    tasks.take.defer(number=taken.pk)
    return redirect("console:list_taken", taken.pk)


@staff_can(taking.TAKE)
@require_safe
def taken_page(request: StaffRequest) -> HttpResponse:
    """The files that somebody asked for and that are still there."""
    rows = [(one, LISTINGS[one.listing].title) for one in taking.mine(request.actor) if one.listing in LISTINGS]
    return render(request, LIST, {"rows": rows})


@staff_can(taking.TAKE)
@require_safe
def one(request: StaffRequest, taken_id: int) -> HttpResponse:
    """How far a file is; only that for a page that watches."""
    taken = _mine(request, taken_id)
    refusal = recalled(taken.refusal, {}) if taken.refusal else None
    context = {"taken": taken, "title": LISTINGS[taken.listing].title, "refusal": refusal}
    return render(request, f"{ONE}#state" if "HX-Request" in request.headers else ONE, context)


@staff_can(taking.TAKE)
@require_safe
def file(request: StaffRequest, taken_id: int) -> HttpResponse:
    taken = _mine(request, taken_id)
    content = taking.read(taken)
    if content is None:
        raise Http404
    return _answer(content, taken.form, f"{taken.listing}-{timezone.localdate(taken.asked_at).isoformat()}.{taken.form}")


def _mine(request: StaffRequest, taken_id: int) -> TakenList:
    return get_object_or_404(taking.mine(request.actor), pk=taken_id)


def _answer(content: bytes, form: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=FORMS[form][0], headers=headers)
