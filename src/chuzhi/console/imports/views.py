from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.imports import uploads
from chuzhi.console.imports.forms import FIELDS, MappingForm, UploadForm
from chuzhi.console.values import text
from chuzhi.core.errors import Refused
from chuzhi.customers import headings, importing, imports, sheets
from chuzhi.customers.importing import Plan
from chuzhi.customers.models import ImportBatch
from chuzhi.customers.sheets import Sheet
from chuzhi.wallets import importing as openings
from chuzhi.wallets import reversing
from chuzhi.wallets.models import Programme

LIST = "console/imports/list.html"
FILE = "console/imports/file.html"
LATEST = 20
SHOWN_REJECTED = 20


@staff_can("customers.import")
@require_http_methods(["GET", "POST"])
def imports_page(request: StaffRequest) -> HttpResponse:
    """Bring a file, and the imports there have been."""
    form = UploadForm(posted(request), request.FILES or None)
    if form.is_valid():
        content = form.cleaned_data["file"].read(sheets.MOST_BYTES + 1)
        try:
            sheets.read(content)
            name = form.cleaned_data["file"].name
            request.session[f"import:{(number := uploads.keep(content))[:16]}"] = name
            return redirect("console:import_file", number, form.cleaned_data["programme"].pk)
        except Refused as no:
            form.add_error("file", str(no))
    batches = ImportBatch.objects.exclude(state=ImportBatch.State.READ).order_by("-pk")[:LATEST]
    return render(request, LIST, {"form": form, "batches": batches}, status=422 if form.is_bound else 200)


@staff_can("imports.run")
@require_http_methods(["GET", "POST"])
def file(request: StaffRequest, number: str, programme_id: int) -> HttpResponse:
    """What the file's columns mean, and what taking it in would do (GET); taking it in (POST)."""
    sheet, programme = _sheet(number), _programme(programme_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = MappingForm(asked if any(name in asked for name in FIELDS) else _guess(sheet), headings=sheet.headings)
    plan, status = _plan(sheet, programme, form), 200
    if request.method == "POST":
        status = 422
        if plan is not None:
            try:
                name = request.session.get(f"import:{number[:16]}", "")
                batch = imports.keep(plan, file_name=name, by=request.actor)
                made = openings.apply(batch=batch, plan=plan, programme=programme, by=request.actor)
                said = {"principal": text(made.principal, programme.asset), "bonus": text(made.bonus, programme.asset)}
                messages.success(request, _("Taken in: principal %(principal)s, bonus %(bonus)s.") % said)
                return redirect("console:imports")
            except Refused as no:
                form.add_error(None, str(no))
    context: dict[str, Any] = {
        "sheet": sheet,
        "programme": programme,
        "form": form,
        "plan": plan,
        "number": number,
        "sample": [(line, cells) for line, cells in sheet.rows[:3]],
        "rejected": _reasons(plan) if plan else [],
        "query": asked.urlencode() if form.is_bound else "",
        "file_name": request.session.get(f"import:{number[:16]}", ""),
    }
    return render(request, FILE, context, status=status)


@staff_can("imports.run")
@require_safe
def rejected(request: StaffRequest, number: str, programme_id: int) -> HttpResponse:
    """The rows that cannot be taken in, with their reasons, to be mended and brought again."""
    sheet = _sheet(number)
    form = MappingForm(request.GET or _guess(sheet), headings=sheet.headings)
    plan = _plan(sheet, _programme(programme_id), form)
    if plan is None:
        raise Http404
    disposition = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    return HttpResponse("\ufeff" + plan.rejected_csv(), content_type="text/csv; charset=utf-8", headers=disposition)


@staff_can("imports.run")
@require_POST
def reverse_import(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The whole import back, but for customers who have moved on since."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    try:
        back = reversing.reverse(batch=batch, by=request.actor)
        said = {
            "principal": text(back.principal, batch.currency),
            "bonus": text(back.bonus, batch.currency),
            "staying": len(back.staying),
        }
        messages.success(
            request,
            _("Reversed: principal %(principal)s, bonus %(bonus)s. Customers who stay: %(staying)s.") % said,
        )
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:imports")


def _sheet(number: str) -> Sheet:
    content = uploads.read(number)
    if content is None:
        raise Http404
    return sheets.read(content)


def _programme(number: int) -> Programme:
    return get_object_or_404(Programme, pk=number, is_open=True, kind=Programme.Kind.MONEY)


def _guess(sheet: Sheet) -> dict[str, str]:
    """Field -> heading, as far as the headings say; of two columns for one field the first."""
    meaning = {word: field for field, words in headings.WORDS.items() for word in words.split()}
    found: dict[str, str] = {}
    for heading in sheet.headings:
        if field := meaning.get(headings.fold(heading)):
            found.setdefault(field, heading)
    return found or {"name": ""}


def _plan(sheet: Sheet, programme: Programme, form: MappingForm) -> Plan | None:
    if not form.is_valid():
        return None
    try:
        return importing.plan(
            sheet,
            currency=programme.asset,
            today=timezone.localdate(),
            mapping=form.mapping() or None,
            card_holders=openings.card_holders,
        )
    except Refused as no:
        form.add_error(None, str(no))
        return None


def _reasons(plan: Plan) -> list[tuple[int, str, str]]:
    """Line, reasons and cells of the first rows that cannot be taken in."""
    return [
        (one.line, " ".join(str(no) for _field, no in one.reasons), " · ".join(cell for cell in one.cells if cell))
        for one in plan.rejected[:SHOWN_REJECTED]
    ]
