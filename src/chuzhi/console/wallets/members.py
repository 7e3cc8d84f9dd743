"""Who shares a wallet: how much of it, on what and when; stopped and resumed at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.catalogue import categories
from chuzhi.console import formfields, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer
from chuzhi.wallets import lists, moves
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing import allowances, members
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.sharing.rules import WEEK, Allowance, Period

LIST = "console/wallets/members.html"
MEMBER = "console/wallets/member.html"
CAPS = ("at_once", "a_day", "a_week", "a_month")
_DAY = {"type": "date"}
_TIME = {"type": "time"}
ACTS = {
    "stop": (members.stop, gettext_lazy("Stopped: nothing more is spent by them.")),
    "resume": (members.resume, gettext_lazy("They may spend again.")),
    "end": (members.end, gettext_lazy("They share the wallet no more.")),
}


class AllowanceForm(forms.Form):
    """An allowance in a wallet that holds `asset`; empty is no limit."""

    at_once = AmountField(label=gettext_lazy("Most at once"), asset="CNY", required=False)
    a_day = AmountField(label=gettext_lazy("Most in a day"), asset="CNY", required=False)
    a_week = AmountField(
        label=gettext_lazy("Most in a week"), asset="CNY", required=False, help_text=gettext_lazy("From Monday on.")
    )
    a_month = AmountField(
        label=gettext_lazy("Most in a month"), asset="CNY", required=False, help_text=gettext_lazy("From the first on.")
    )
    from_day = forms.DateField(label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs=_DAY))
    to_day = forms.DateField(label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs=_DAY))
    from_time = forms.TimeField(
        label=gettext_lazy("From (time of day)"), required=False, widget=forms.TimeInput(attrs=_TIME, format="%H:%M")
    )
    to_time = forms.TimeField(
        label=gettext_lazy("Until (time of day)"), required=False, widget=forms.TimeInput(attrs=_TIME, format="%H:%M")
    )
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On these days"),
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("Only for these products"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for everything. A category stands for what is inside it too."),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in CAPS:
            formfields.named(self, name, AmountField).asset = asset
        formfields.named(self, "categories", forms.ChoiceField).choices = [
            (str(one.id), one.path) for one in categories.shelves()
        ]

    @property
    def allowance(self) -> Allowance:
        given = {name: self.cleaned_data[name] or None for name in members.NAMES if name not in {"weekdays", "categories"}}
        return Allowance(
            **given,
            weekdays=frozenset(int(day) for day in self.cleaned_data["weekdays"]),
            categories=frozenset(int(number) for number in self.cleaned_data["categories"]),
        )

    def refuse(self, no: Refused, asset: str) -> None:
        field = no.facts.get("field") if no.code == "allowance.unusable" else "who"
        self.add_error(str(field) if field in self.fields else None, values.sentence(no, asset))


class MemberForm(AllowanceForm):
    who = forms.CharField(
        label=gettext_lazy("Who"), max_length=100, help_text=gettext_lazy("Phone, card or outside number of a customer.")
    )
    field_order = ("who", *CAPS)


@staff_can("wallets.view")
@require_safe
def members_page(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    rows = [_row(one) for one in members.of_wallet(wallet, request.actor)]
    return render(request, LIST, _context(request, wallet, {"rows": rows}))


@staff_can(members.SHARE)
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    asset = moves.programme_of(wallet).asset_code
    initial = {"who": request.GET.get("who", ""), "weekdays": [str(day) for day in sorted(WEEK)]}
    form = MemberForm(posted(request), asset=asset, initial=initial)
    if form.is_valid():
        person = _person(form.cleaned_data["who"])
        try:
            if person is None:
                form.add_error("who", _("Nobody is found by this phone, card or outside number."))
            else:
                members.add(wallet=wallet, customer=person, allowance=form.allowance, by=request.actor)
                messages.success(request, _("%(name)s may spend from this wallet now.") % {"name": person.name})
                return redirect("console:wallet_members", wallet_id)
        except Refused as no:
            form.refuse(no, asset)
    return render(request, MEMBER, _context(request, wallet, {"form": form}), status=422 if form.is_bound else 200)


@staff_can(members.SHARE)
@require_http_methods(["GET", "POST"])
def member(request: StaffRequest, member_id: int) -> HttpResponse:
    """Their allowance, to be changed."""
    found = _member(request, member_id)
    asset = moves.programme_of(found.wallet).asset_code
    form = AllowanceForm(posted(request), asset=asset, initial=_present(found, asset))
    if form.is_valid():
        try:
            members.change(member=found, allowance=form.allowance, by=request.actor)
            messages.success(request, _("Saved."))
            return redirect("console:wallet_members", found.wallet_id)
        except Refused as no:
            form.refuse(no, asset)
    context = {"form": form, "member": found}
    return render(request, MEMBER, _context(request, found.wallet, context), status=422 if form.is_bound else 200)


@staff_can(members.SHARE)
@require_POST
def stand(request: StaffRequest, member_id: int, act: str) -> HttpResponse:
    if act not in ACTS:
        raise Http404
    found = _member(request, member_id)
    command, said = ACTS[act]
    try:
        command(member=found, by=request.actor)
        messages.success(request, str(said))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:wallet_members", found.wallet_id)


def _row(found: Member) -> dict[str, Any]:
    """With each cap that adds up, what is spent of it."""
    use, allowance = allowances.use_of(found), found.allowance
    caps = [{"label": LABELS[period], "cap": cap, "spent": use.spent[period]} for period, cap in allowance.caps.items()]
    return {
        "member": found,
        "caps": caps,
        "spent": use.spent[Period.MONTH],
        "when": allowances.said(allowance),
        "goods": categories.paths(allowance.categories),
        "is_over": allowance.to_day is not None and allowance.to_day < timezone.localdate(),
    }


LABELS = {
    Period.DAY: gettext_lazy("Today"),
    Period.WEEK: gettext_lazy("This week"),
    Period.MONTH: gettext_lazy("This month"),
}


def _present(found: Member, asset: str) -> dict[str, Any]:
    own: dict[str, Any] = {name: getattr(found, name) for name in members.NAMES}
    own |= {name: values.plain(own[name], asset) if own[name] else "" for name in CAPS}
    return own | {name: [str(each) for each in own[name]] for name in ("weekdays", "categories")}


def _context(request: StaffRequest, wallet: Wallet, own: dict[str, Any]) -> dict[str, Any]:
    return opening.told(wallet) | {"may_share": request.actor.may(members.SHARE), "caps": CAPS} | own


def _person(said: str) -> Customer | None:
    found = lists.people([said.strip()])
    return Customer.objects.filter(pk__in=found.values()).first()


def _member(request: StaffRequest, member_id: int) -> Member:
    return get_object_or_404(members.visible_to(request.actor), pk=member_id)
