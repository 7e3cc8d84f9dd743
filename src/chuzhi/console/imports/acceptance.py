"""The sheet on which a person signs for an import: the form, the paper, and asking by its code whether it is ours."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import formfields
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.values import AmountField
from chuzhi.core.errors import Refused
from chuzhi.customers import rejections
from chuzhi.customers.models import ImportBatch
from chuzhi.organization import confirmations
from chuzhi.ui import printing
from chuzhi.wallets import acceptances, intake
from chuzhi.wallets.models import ImportAcceptance

PAGE, PAPER, STYLE = "console/imports/sign.html", "console/imports/acceptance_paper.html", "console/statement.css"
LANGUAGES = {"zh": ("zh-hans", "中文"), "en": ("en", "English")}


class SignForm(forms.Form):
    """What the old system itself said was there. An empty amount is none."""

    principal = AmountField(label=gettext_lazy("Principal in the old system"), asset="CNY", required=False)
    bonus = AmountField(label=gettext_lazy("Bonus in the old system"), asset="CNY", required=False)
    note = forms.CharField(
        label=gettext_lazy("Why they differ"), required=False, max_length=acceptances.LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=gettext_lazy("Only needed if a total is not what the books hold."),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("principal", "bonus"):
            formfields.named(self, name, AmountField).asset = asset


@staff_can("imports.run")
@require_safe
def signing(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Where a person signs, with what they sign for in front of them; a sheet that is signed is shown."""
    batch = _found(request, batch_id)
    return render(request, PAGE, _context(batch, SignForm(asset=batch.currency)))


@staff_can("imports.run")
@require_POST
@confirmed(confirmations.ACCEPTANCE)
def sign(request: StaffRequest, batch_id: int) -> HttpResponse:
    batch = _found(request, batch_id)
    form = SignForm(request.POST, asset=batch.currency)
    if form.is_valid():
        said = form.cleaned_data
        try:
            acceptances.sign(
                batch=batch, principal=said["principal"] or 0, bonus=said["bonus"] or 0, note=said["note"],
                signer=request.user.name, by=request.actor,
            )  # fmt: skip
            return redirect("console:import_signing", batch.pk)
        except Refused as no:
            form.add_error("note" if isinstance(no, acceptances.DifferenceUnexplained) else None, str(no))
    return render(request, PAGE, _context(batch, form), status=422)


@staff_can("imports.run")
@require_safe
def paper(request: StaffRequest, batch_id: int, language: str) -> HttpResponse:
    """The signed sheet as a PDF, in `zh` or `en`."""
    batch = _found(request, batch_id)
    sheet = acceptances.of(batch)
    if sheet is None or language not in LANGUAGES:
        raise Http404
    if not printing.is_possible():
        messages.error(
            request, _("This machine cannot draw PDF files. Print the page, or ask whoever runs it to install pango.")
        )
        return redirect("console:import_signing", batch.pk)
    with translation.override(LANGUAGES[language][0]):
        drawn = printing.pdf(render_to_string(PAPER, told(sheet), request), style=STYLE)
    headers = {"Content-Disposition": f'attachment; filename="acceptance-{batch.pk}-{language}.pdf"'}
    return HttpResponse(drawn, content_type="application/pdf", headers=headers)


@staff_can("imports.run")
@require_safe
def asked(request: StaffRequest) -> HttpResponse:
    """Where a sheet's code leads."""
    try:
        sheet = acceptances.find(code=request.GET.get("code", ""), actor=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:imports")
    return redirect("console:import_signing", sheet.batch_id)


def told(sheet: ImportAcceptance) -> dict[str, Any]:
    """A sheet as it is read, on screen and on paper."""
    facts = sheet.facts
    totals = [
        (_("Principal"), sheet.stated_principal, facts["file_principal"], sheet.principal),
        (_("Bonus"), sheet.stated_bonus, facts["file_bonus"], sheet.bonus),
    ]
    return {
        "sheet": sheet,
        "facts": facts,
        "code": acceptances.code_of(sheet),
        "totals": [(label, stated, filed, held, held - stated) for label, stated, filed, held in totals],
        "refused_for": [(rejections.sentence(code), *counted) for code, counted in sorted(facts["refused_for"].items())],
        "papers": [(key, name) for key, (_code, name) in LANGUAGES.items()],
        "taken_in_at": parse_datetime(facts["taken_in_at"]),
    }


def _context(batch: ImportBatch, form: SignForm) -> dict[str, Any]:
    sheet = acceptances.of(batch)
    is_due = batch.state == ImportBatch.State.APPLIED and not batch.step and sheet is None
    return {"batch": batch, "form": form if is_due else None, **(told(sheet) if sheet else {})}


def _found(request: StaffRequest, number: int) -> ImportBatch:
    return get_object_or_404(intake.visible_to(request.actor), pk=number)
