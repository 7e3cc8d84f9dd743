from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.statements.forms import AssignForm, CloseForm, StatementForm
from chuzhi.core.errors import Refused
from chuzhi.payments.bank import cases, intake, queries
from chuzhi.payments.bank.models import BankLine

LIST = "console/statements/list.html"
ADD = "console/statements/add.html"
STATEMENT = "console/statements/statement.html"
LINE = "console/statements/line.html"
PAGE_SIZE = 50
SHOWN_CASES = 100


@staff_can("bank.view")
@require_safe
def statements_page(request: StaffRequest) -> HttpResponse:
    """What waits for somebody first, then the statements there have been."""
    context = {
        "cases": queries.cases(request.actor)[:SHOWN_CASES],
        "to_transfer": queries.to_transfer(request.actor),
        "page": keyset.page(queries.visible_to(request.actor), ["-id"], request.GET, size=PAGE_SIZE),
        "may_settle": request.actor.may("bank.settle"),
        "is_ready": queries.accounts().exists(),
    }
    return render(request, LIST, context)


@staff_can("bank.settle")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = StatementForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept, is_new = intake.take_in(
                account=form.cleaned_data["account"],
                content=file.read(intake.MOST_BYTES + 1),
                file_name=file.name,
                by=request.actor,
            )
            if not is_new:
                messages.info(request, _("This file has been taken in before. Nothing was counted again."))
            return redirect("console:statement", kept.pk)
        except Refused as no:
            form.add_error("file", str(no))
    context = {"form": form, "is_ready": queries.accounts().exists()}
    return render(request, ADD, context, status=422 if form.is_bound else 200)


@staff_can("bank.view")
@require_safe
def statement(request: StaffRequest, statement_id: int) -> HttpResponse:
    kept = get_object_or_404(queries.visible_to(request.actor), pk=statement_id)
    lines = queries.lines_visible_to(request.actor).filter(statement=kept)
    context = {
        "statement": kept,
        "counts": queries.counts(kept),
        "gap": queries.gap_before(kept),
        "page": keyset.page(lines, ["-on", "-id"], request.GET, size=PAGE_SIZE),
        "may_settle": request.actor.may("bank.settle"),
    }
    return render(request, STATEMENT, context)


@staff_can("bank.settle")
@require_http_methods(["GET", "POST"])
def line(request: StaffRequest, line_id: int) -> HttpResponse:
    """One line: give it to a payment (`do=assign`), or say what became of it (`do=close`)."""
    told = get_object_or_404(queries.lines_visible_to(request.actor), pk=line_id)
    asked = request.POST.get("do", "")
    assigning = AssignForm(request.POST if asked == "assign" else None)
    closing = CloseForm(request.POST if asked == "close" else None)
    for form, act in ((assigning, _assign), (closing, _close)):
        if form.is_valid():
            try:
                return act(request, told, form.cleaned_data)
            except Refused as no:
                form.add_error(None, str(no))
    context = {
        "line": told,
        "candidates": queries.candidates(told),
        "assigning": assigning,
        "closing": closing,
        "may_assign": told.is_case and told.amount > 0 and told.payment_id is None,
    }
    return render(request, LINE, context, status=422 if request.method == "POST" else 200)


def _assign(request: StaffRequest, told: BankLine, given: dict[str, str]) -> HttpResponse:
    line = cases.assign(line=told, payment=given["payment"].strip().upper(), by=request.actor)
    messages.success(request, _("Given to the payment: %(verdict)s.") % {"verdict": line.verdict_text})
    return redirect("console:bank_line", told.pk) if line.is_case else _to_the_next(request)


def _close(request: StaffRequest, told: BankLine, given: dict[str, str]) -> HttpResponse:
    cases.close(line=told, ending=BankLine.Ending(given["ending"]), remark=given["remark"], by=request.actor)
    return _to_the_next(request)


def _to_the_next(request: StaffRequest) -> HttpResponse:
    left = queries.cases(request.actor).count()
    said = ngettext("Settled. %(left)s line still needs somebody.", "Settled. %(left)s lines still need somebody.", left)
    messages.success(request, said % {"left": left})
    return redirect("console:statements")
