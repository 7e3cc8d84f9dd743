"""Two records of one person: looked at side by side, made one, and taken apart again."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.core.errors import Refused
from chuzhi.customers import duplicates, merging, queries, search
from chuzhi.customers.duplicates import Why
from chuzhi.customers.models import Customer, Merge
from chuzhi.organization.models import Staff
from chuzhi.payments import methods
from chuzhi.ui.templatetags.ui import when
from chuzhi.wallets import merging as joining
from chuzhi.wallets import moves
from chuzhi.wallets import queries as wallets

CHOOSE = "console/customers/merge_choose.html"
COMPARE = "console/customers/merge.html"
MERGED = "console/customers/merged.html"
MOST_FOUND = 10
WHY: dict[Why, Promise] = {
    Why.IDENTITY: gettext_lazy("same identity number"),
    Why.EMAIL: gettext_lazy("same e-mail"),
    Why.NAME_AND_BIRTHDAY: gettext_lazy("same name and birthday"),
    Why.NAME_AND_PHONE_END: gettext_lazy("same name and end of the phone number"),
}
LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "identity_number": gettext_lazy("Identity number"),
    "born_on": gettext_lazy("Birthday"),
    "external_id": gettext_lazy("Outside number"),
    "favourite": gettext_lazy("Likes best"),
    "preferred_method": gettext_lazy("Prefers to pay by"),
    "till_note": gettext_lazy("Note to the till"),
    "home_store": gettext_lazy("Home store"),
    "owner": gettext_lazy("Looked after by"),
    "tags": gettext_lazy("Tags"),
    "notes": pgettext_lazy("about a customer", "Notes"),
}


@dataclass(frozen=True, slots=True)
class Pick:
    """One field of two records. `is_taken`: the value of the one that goes is wanted, or the kept one has none."""

    name: str
    label: str | Promise
    mine: str
    other: str
    is_taken: bool
    joins: bool


@dataclass(frozen=True, slots=True)
class Joining:
    """One wallet that will go into another (or a new one), with what it holds."""

    programme: str
    amount: str
    into: str


class MergeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("How you know"),
        max_length=merging.LONGEST_REASON,
        help_text=gettext_lazy("Such as: the same identity card was shown."),
    )


@staff_can(merging.MERGE)
@require_http_methods(["GET", "POST"])
def merge(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Find the other record, choose between the two, and make them one."""
    kept = _visible(request, customer_id)
    other = request.POST.get("with") or request.GET.get("with") or ""
    gone = queries.visible_to(request.actor).filter(pk=int(other)).first() if other.isascii() and other.isdecimal() else None
    if gone is None or gone.pk == kept.pk:
        return _choose(request, kept)
    form, taken = MergeForm(posted(request)), _taken(request) if request.method == "POST" else None
    if taken is not None and form.is_valid():
        try:
            made = merging.merge(kept=kept, gone=gone, taken=taken, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("The two records are one now."))
            return redirect("console:merge", made.pk)
        except Refused as no:
            form.add_error(None, str(no))
    context = {
        "kept": kept,
        "gone": gone,
        "form": form,
        "picks": picks(kept, gone, taken),
        "objections": [str(no) for no in merging.objections(kept, gone)],
        "joining": [_joining(wallet, home) for wallet, home in joining.foreseen(kept, gone)],
        "days": merging.UNDONE_WITHIN.days,
    }
    return render(request, COMPARE, context, status=422 if form.is_bound else 200)


@staff_can(queries.VIEW)
@require_safe
def merged(request: StaffRequest, merge_id: int) -> HttpResponse:
    """What was made one, by whom and why; for thirty days it can be undone here."""
    return _merged(request, _made(request, merge_id))


@staff_can(merging.MERGE)
@require_POST
def undo(request: StaffRequest, merge_id: int) -> HttpResponse:
    made = _made(request, merge_id)
    try:
        made = merging.undo(merge=made, by=request.actor)
    except Refused as no:
        return _merged(request, made, refusal=str(no))
    messages.success(request, _("They are two records again."))
    return redirect("console:customer", made.gone_id)


def _taken(request: StaffRequest) -> list[str]:
    return [name for name in merging.FIELDS if request.POST.get(f"pick-{name}") == "other"]


def picks(kept: Customer, gone: Customer, taken: list[str] | None) -> list[Pick]:
    """The fields in which they differ. Unless somebody has chosen, what the kept one lacks is taken, and lists are joined."""
    found = []
    for name in merging.FIELDS:
        mine, other = _shown(kept, name), _shown(gone, name)
        if other and getattr(kept, name) != getattr(gone, name):
            joins = name in {"tags", "notes"}
            is_taken = name in taken if taken is not None else not mine or joins
            found.append(Pick(name, LABELS[name], mine, other, is_taken, joins))
    return found


def _shown(customer: Customer, name: str) -> str:
    """Masked as everywhere: whoever chooses between two numbers sees where they differ at their ends."""
    match name:
        case "phone" | "email" | "identity_number":
            return str(getattr(customer, f"masked_{name}"))
        case "born_on":
            return when(customer.born_on, "date") if customer.born_on else ""
        case "home_store" | "owner":
            return str(getattr(getattr(customer, name), "name", ""))
        case "preferred_method":
            return str(methods.LABELS.get(customer.preferred_method, ""))
        case "tags":
            return ", ".join(customer.tags)
    return str(getattr(customer, name) or "")


def _choose(request: StaffRequest, kept: Customer) -> HttpResponse:
    find = request.GET.get("find", "").strip()
    found = search.find(find, by=request.actor, limit=MOST_FOUND) if find else []
    context = {
        "kept": kept,
        "find": find,
        "found": [each for each in found if each.id != kept.pk],
        "likes": [(each.customer, WHY[each.why]) for each in duplicates.of(kept)],
    }
    return render(request, CHOOSE, context)


def _joining(wallet: Any, home: Any) -> Joining:
    asset, balance = moves.programme_of(wallet).asset_code, wallets.balance(wallet)
    amount = values.text(balance.principal + balance.bonus, asset)
    into = _("wallet %(number)s") % {"number": home.pk} if home else _("a new wallet")
    return Joining(wallet.programme.name, amount, into)


def _merged(request: StaffRequest, made: Merge, *, refusal: str = "") -> HttpResponse:
    kind, _colon, number = made.made_by.partition(":")
    who = Staff.objects.filter(pk=int(number)).first() if kind == "staff" else None
    context = {
        "merge": made,
        "who": who.name if who else "",
        "fields": [LABELS[name] for name in made.taken],
        "joined": made.joined_wallets.select_related("wallet__programme", "to"),
        "may_undo": merging.may_be_undone(made) and request.actor.may(merging.MERGE),
        "until": made.made_at + merging.UNDONE_WITHIN,
        "refusal": refusal,
    }
    return render(request, MERGED, context, status=422 if refusal else 200)


def _made(request: StaffRequest, merge_id: int) -> Merge:
    return get_object_or_404(Merge.objects.select_related("kept", "gone"), pk=merge_id)


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor).select_related("home_store"), pk=customer_id)
