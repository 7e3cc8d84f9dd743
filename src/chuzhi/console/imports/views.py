from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.imports.forms import ChoicesForm, MappingForm, UploadForm
from chuzhi.core.errors import Refused, recalled
from chuzhi.customers import fields, headings, likenesses, rejections, sheets
from chuzhi.customers import queries as customers
from chuzhi.customers.likenesses import Likeness
from chuzhi.customers.models import ImportBatch
from chuzhi.wallets import intake, intake_steps, reversing
from chuzhi.wallets.models import Programme

LIST = "console/imports/list.html"
ONE = "console/imports/one.html"
LATEST = 20
SHOWN = 20
State = ImportBatch.State
TONES = {State.BROUGHT: "warn", State.READ: "info", State.APPLIED: "good", State.REVERSED: "plain"}


@staff_can("customers.import")
@require_http_methods(["GET", "POST"])
def imports_page(request: StaffRequest) -> HttpResponse:
    """Bring a file, and the imports there have been."""
    form = UploadForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            brought = intake.bring(
                content=file.read(sheets.MOST_BYTES + 1), file_name=file.name, programme=form.cleaned_data["programme"],
                by=request.actor,
            )  # fmt: skip
            return redirect("console:import", brought.pk)
        except Refused as no:
            form.add_error("file", str(no))
    rows = [(batch, TONES[State(batch.state)]) for batch in intake.visible_to(request.actor)[:LATEST]]
    return render(request, LIST, {"form": form, "rows": rows}, status=422 if form.is_bound else 200)


@staff_can("imports.run")
@require_safe
def one(request: StaffRequest, batch_id: int) -> HttpResponse:
    """One import as it stands; while something is done with it, only that part for a page that watches."""
    batch = _found(request, batch_id)
    return _shown(request, batch, _mapping(batch))


@staff_can("imports.run")
@require_safe
def rejected(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The rows that cannot be taken in, with their reasons, to be mended and brought again."""
    batch = _found(request, batch_id)
    rows = rejections.of(batch)
    if rows is None:
        raise Http404
    disposition = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    table = "\ufeff" + rejections.as_table(batch, rows)
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=disposition)


@staff_can("imports.run")
@require_POST
def check(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The columns mean what the form says: check the file by that."""
    batch = _found(request, batch_id)
    form = MappingForm(request.POST, headings=batch.headings)
    if form.is_valid():
        try:
            intake.check(batch=batch, mapping=form.mapping(), by=request.actor)
            return redirect("console:import", batch.pk)
        except Refused as no:
            form.add_error(None, str(no))
    return _shown(request, batch, form, status=422)


@staff_can("imports.run")
@require_POST
def choose(request: StaffRequest, batch_id: int) -> HttpResponse:
    """What is done with rows that may be of somebody who is here already: those on the page, and all others at once."""
    batch = _found(request, batch_id)
    form = ChoicesForm(request.POST, likes=_likes(batch))
    if form.is_valid():
        try:
            intake.choose(batch=batch, said=form.said(), others=form.of_others(), by=request.actor)
            return redirect("console:import", batch.pk)
        except Refused as no:
            form.add_error(None, str(no))
    return _shown(request, batch, _mapping(batch), choices=form, status=422)


@staff_can("imports.run")
@require_POST
def take_in(request: StaffRequest, batch_id: int) -> HttpResponse:
    batch = _found(request, batch_id)
    form = _mapping(batch)
    try:
        intake.take_in(batch=batch, by=request.actor)
        return redirect("console:import", batch.pk)
    except Refused as no:
        form.add_error(None, str(no))
    return _shown(request, batch, form, status=422)


@staff_can("imports.run")
@require_POST
def reverse_import(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The whole import back, but for customers who have moved on since."""
    batch = _found(request, batch_id)
    try:
        intake.reverse(batch=batch, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:import", batch.pk)


@staff_can("imports.run")
@require_POST
def tell(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Everybody whom the import brought hears what came with them."""
    batch = _found(request, batch_id)
    try:
        intake.tell(batch=batch, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:import", batch.pk)


def _found(request: StaffRequest, number: int) -> ImportBatch:
    return get_object_or_404(intake.visible_to(request.actor), pk=number)


def _mapping(batch: ImportBatch) -> MappingForm:
    return MappingForm(
        batch.mapping or headings.likely(batch.headings, fields.columns(fields.in_use())) or {"name": ""},
        headings=batch.headings,
    )


def _likes(batch: ImportBatch) -> Sequence[Likeness]:
    return likenesses.waiting(batch, count=SHOWN) if batch.state == State.READ and batch.alike else ()


def _shown(
    request: StaffRequest, batch: ImportBatch, form: MappingForm, *, choices: ChoicesForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "choices": choices or ChoicesForm(likes=_likes(batch)),
        "undecided": batch.likes.filter(choice="").count(),
        "batch": batch,
        "tone": TONES[State(batch.state)],
        "programme": Programme.objects.filter(pk=batch.programme or 0).first(),
        "form": form,
        "kit": headings.kit(batch.headings),
        "progress": intake_steps.progress(batch) if batch.step else None,
        "refusal": recalled(batch.refusal, batch.refusal_facts) if batch.refusal else None,
        "rejected": rejections.of(batch, count=SHOWN) if batch.refused and batch.state == State.READ else None,
        "is_open": batch.state in {State.BROUGHT, State.READ} and not batch.step,
    }
    if batch.state == State.REVERSED:
        context["back"] = reversing.taken_back(batch, batch.stayed)
        context["stayed"] = customers.visible_to(request.actor).filter(pk__in=batch.stayed[:SHOWN])
    part = f"{ONE}#state" if "HX-Request" in request.headers else ONE
    return render(request, part, context, status=status)
