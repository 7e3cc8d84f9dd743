from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.approvals import people
from chuzhi.console import choices, formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.wallets.gifts import CauseForm
from chuzhi.core.errors import Refused
from chuzhi.customers import sheets
from chuzhi.wallets import bulk_credits, lists
from chuzhi.wallets.gifts import Cause
from chuzhi.wallets.lists import Read
from chuzhi.wallets.models import Credit, CreditBatch, Wallet

LIST = "console/credits/list.html"
BATCH = "console/credits/batch.html"
LATEST, PAGE_SIZE = 30, 50
ABOUT = "credits.0"
TONES = {"planned": "warn", "waiting": "warn", "running": "info", "done": "good", "reversed": "plain"}


class ListForm(CauseForm):
    programme = choices.programme(label=gettext_lazy("Programme"))
    pasted = forms.CharField(
        label=gettext_lazy("The list"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("A line each: phone, card or outside number, then the amount."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("CSV or XLSX: the same in its first two columns."),
    )
    field_order = ("programme", "pasted", "file", "cause", "ticket")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].widget.attrs.update({"accept": ".csv,.txt,.xlsx", "class": "file-input"})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("pasted")) == bool(given.get("file")):
            self.add_error("pasted", _("Paste a list or choose a file."))
        return given


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@staff_can("wallets.gift")
@require_http_methods(["GET", "POST"])
def credits_page(request: StaffRequest) -> HttpResponse:
    """Bring a list (POST: it is read and kept, nothing is given yet), and those there have been."""
    form, key = ListForm(posted(request), request.FILES or None), formkeys.kept(request.POST.get("key", ""), ABOUT)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        try:
            planned = bulk_credits.plan(
                read=_read(given), cause=given["cause"], ticket=given["ticket"], key=key, by=request.actor,
                file_name=given["file"].name if given["file"] else "",
            )  # fmt: skip
            return redirect("console:credit_batch", planned.pk)
        except Refused as no:
            form.add_error("file" if given["file"] else "pasted", str(no))
    batches = CreditBatch.objects.select_related("programme").order_by("-pk")[:LATEST]
    rows = [{"batch": one, "tone": TONES[one.state], "cause": Cause(one.cause).label} for one in batches]
    return render(request, LIST, {"form": form, "key": key, "rows": rows}, status=422 if form.is_bound else 200)


@staff_can("wallets.gift")
@require_safe
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    return _batch(request, _found(batch_id))


@staff_can("wallets.gift")
@require_POST
def start(request: StaffRequest, batch_id: int) -> HttpResponse:
    found = _found(batch_id)
    try:
        done = bulk_credits.start(batch=found, by=request.actor, store=request.store.pk if request.store else None)
    except Refused as no:
        return _batch(request, found, said=str(no))
    if done.state == CreditBatch.State.WAITING:
        messages.success(request, _("It is more than you may give alone, and was sent for approval."))
    else:
        messages.success(request, _("Given."))
    return redirect("console:credit_batch", batch_id)


@staff_can("wallets.gift")
@require_POST
def reverse_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    found, form = _found(batch_id), ReasonForm(posted(request))
    if form.is_valid():
        try:
            bulk_credits.reverse(batch=found, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Taken back, as far as it was left."))
            return redirect("console:credit_batch", batch_id)
        except Refused as no:
            return _batch(request, found, said=str(no))
    return _batch(request, found, form=form)


def _read(given: dict[str, Any]) -> Read:
    if given["file"]:
        return lists.uploaded(given["file"].read(sheets.MOST_BYTES + 1), given["programme"])
    return lists.pasted(given["pasted"], given["programme"])


def _found(batch_id: int) -> CreditBatch:
    return get_object_or_404(CreditBatch.objects.select_related("programme", "request"), pk=batch_id)


def _batch(request: StaffRequest, found: CreditBatch, *, form: ReasonForm | None = None, said: str = "") -> HttpResponse:
    credited, only = Credit.objects.filter(batch=found), request.GET.get("only", "")
    shown = credited.exclude(refusal="") if only == "refused" else credited
    page = keyset.page(shown, ("id",), request.GET, size=PAGE_SIZE)
    given = credited.filter(seq__isnull=False)
    context = {
        "batch": found,
        "asset": found.programme.asset,
        "cause": Cause(found.cause).label,
        "tone": TONES[found.state],
        "maker": people.names({found.made_by}).get(found.made_by, found.made_by),
        "signer": people.names({found.approved_by}).get(found.approved_by, "") if found.approved_by else "",
        "page": page,
        "only": only,
        "rows": _rows(page.rows, found),
        "refused": credited.exclude(refusal="").count(),
        "given": given.aggregate(sum=Sum("amount"))["sum"] or 0,
        "taken_back": given.aggregate(sum=Sum("taken_back"))["sum"] or 0,
        "form": form or ReasonForm(),
        "said": said,
        "is_mine": found.made_by == request.actor.label,
    }
    return render(request, BATCH, context, status=422 if request.method == "POST" else 200)


def _rows(credited: list[Credit], found: CreditBatch) -> list[dict[str, Any]]:
    wallets = Wallet.objects.select_related("customer").in_bulk([one.wallet for one in credited if one.wallet])
    return [
        {
            "credit": one,
            "wallet": wallets.get(one.wallet or 0),
            "refusal": values.sentence(no, found.programme.asset) if (no := bulk_credits.refusal_of(one)) else "",
        }
        for one in credited
    ]
