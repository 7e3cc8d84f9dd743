"""One wallet gives to many, from its page: an employer to the cards of its staff. Seen line by line before anything moves."""

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
from chuzhi.console import formfields, formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening
from chuzhi.core.errors import Refused
from chuzhi.customers import sheets
from chuzhi.customers.models import Customer
from chuzhi.customers.relations import relating
from chuzhi.customers.relations.rules import Role
from chuzhi.wallets import lists, moves, queries, tasks
from chuzhi.wallets.giving import handouts
from chuzhi.wallets.giving.models import Handout, HandoutLine
from chuzhi.wallets.lists import Read
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.transfers import SEND

LIST, HANDOUT = "console/wallets/handouts.html", "console/wallets/handout.html"
LATEST, PAGE_SIZE = 30, 50
TONES = {"planned": "warn", "running": "info", "done": "good", "reversed": "plain"}


class HandoutForm(forms.Form):
    """To whom and how much: a list, a file, or the same for everybody who works for the holder."""

    purpose = forms.CharField(
        label=gettext_lazy("What for"), max_length=100, help_text=gettext_lazy("Everybody who gets something reads it.")
    )
    each = AmountField(label=gettext_lazy("The same for each employee"), asset="CNY", required=False)
    pasted = forms.CharField(
        label=gettext_lazy("The list"), required=False, max_length=2_000_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("A line each: phone, card or outside number, then the amount."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("Or a file"), required=False,
        help_text=gettext_lazy("CSV or XLSX: the same in its first two columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx", "class": "file-input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, employees: list[Customer], **more: Any) -> None:
        super().__init__(*args, **more)
        self.employees = employees
        formfields.named(self, "each", AmountField).asset = asset
        if not employees:
            del self.fields["each"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and sum(bool(given.get(name)) for name in ("each", "pasted", "file")) != 1:
            self.add_error("pasted", _("Paste a list, choose a file, or name one amount for all: one of them."))
        return given

    def read(self, wallet: Wallet) -> Read:
        given = self.cleaned_data
        if given["file"]:
            return lists.uploaded(given["file"].read(sheets.MOST_BYTES + 1), wallet.programme)
        if given["pasted"]:
            return lists.pasted(given["pasted"], wallet.programme)
        return lists.chosen(self.employees, given["each"], wallet.programme)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@staff_can(SEND)
@require_http_methods(["GET", "POST"])
def handouts_page(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Bring a list (POST: it is read and kept, nothing moves yet), and those there have been."""
    wallet = opening.found(request, wallet_id)
    asset, key = moves.programme_of(wallet).asset_code, formkeys.kept(request.POST.get("key", ""), f"handout.{wallet_id}")
    employees = _employees(wallet, request)
    form = HandoutForm(posted(request), request.FILES or None, asset=asset, employees=employees)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        try:
            planned = handouts.plan(
                wallet=wallet, read=form.read(wallet), purpose=given["purpose"], key=key, by=request.actor,
                file_name=given["file"].name if given["file"] else "",
            )  # fmt: skip
            return redirect("console:wallet_handout", planned.pk)
        except Refused as no:
            form.add_error("purpose" if "purpose" in no.code else "file" if given["file"] else "pasted", str(no))
    rows = [
        {"handout": one, "tone": TONES[one.state]} for one in handouts.visible_to(request.actor).filter(wallet=wallet)[:LATEST]
    ]
    context = opening.told(wallet) | {
        "form": form, "key": key, "rows": rows, "employees": len(employees), "held": queries.standing(wallet)
    }  # fmt: skip
    return render(request, LIST, context, status=422 if form.is_bound else 200)


@staff_can(SEND)
@require_safe
def handout(request: StaffRequest, handout_id: int) -> HttpResponse:
    return _handout(request, _found(request, handout_id))


@staff_can(SEND)
@require_POST
def start(request: StaffRequest, handout_id: int) -> HttpResponse:
    found = _found(request, handout_id)
    try:
        tasks.handed_out(handouts.start(handout=found, by=request.actor))
    except Refused as no:
        return _handout(request, found, said=values.sentence(no, found.wallet.programme.asset))
    return redirect("console:wallet_handout", handout_id)


@staff_can(SEND)
@require_POST
def reverse_handout(request: StaffRequest, handout_id: int) -> HttpResponse:
    found, form = _found(request, handout_id), ReasonForm(posted(request))
    if form.is_valid():
        try:
            handouts.reverse(handout=found, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Taken back, as far as it was left."))
            return redirect("console:wallet_handout", handout_id)
        except Refused as no:
            return _handout(request, found, said=str(no))
    return _handout(request, found, form=form)


def _employees(wallet: Wallet, request: StaffRequest) -> list[Customer]:
    if wallet.customer is None:
        return []
    related = relating.of(wallet.customer, request.actor)
    return [one.other for one in related if one.role is Role.EMPLOYEE and not one.is_over]


def _found(request: StaffRequest, handout_id: int) -> Handout:
    return get_object_or_404(handouts.visible_to(request.actor), pk=handout_id)


def _handout(request: StaffRequest, found: Handout, *, form: ReasonForm | None = None, said: str = "") -> HttpResponse:
    lines, only = HandoutLine.objects.filter(handout=found).select_related("wallet__customer"), request.GET.get("only", "")
    refused = lines.exclude(refusal="")
    page = keyset.page(refused if only == "refused" else lines, ("id",), request.GET, size=PAGE_SIZE)
    given = lines.filter(arrived_seq__isnull=False).aggregate(sum=Sum("amount"), back=Sum("taken_back"))
    asset = found.wallet.programme.asset
    context = opening.told(found.wallet) | {
        "handout": found, "tone": TONES[found.state], "page": page, "only": only, "refused": refused.count(),
        "rows": [(one, values.sentence(lists.refused(one.refusal, one.refusal_facts), asset) if one.refusal else "") for one in page.rows],
        "given": given["sum"] or 0, "taken_back": given["back"] or 0, "said": said, "form": form or ReasonForm(),
        "maker": people.names({found.made_by}).get(found.made_by, found.made_by),
    }  # fmt: skip
    return render(request, HANDOUT, context, status=422 if request.method == "POST" else 200)
