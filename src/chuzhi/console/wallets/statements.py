"""A wallet's statement of account, on screen, on paper and as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuzhi.console import tables, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.wallets import telling
from chuzhi.core.errors import Refused
from chuzhi.core.tables import Row, safe_cell
from chuzhi.organization.models import Store
from chuzhi.ui import printing
from chuzhi.wallets import moves, queries, statements
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.sharing import members
from chuzhi.wallets.statements import Statement

PAGE, PAPER, STYLE = "console/wallets/statement.html", "console/wallets/statement_paper.html", "console/statement.css"
_DAY = {"type": "date"}


class DaysForm(forms.Form):
    """The days of a statement; empty, those of this month."""

    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs=_DAY))

    def days(self) -> tuple[date, date]:
        until = self.cleaned_data.get("until") or timezone.localdate()
        return self.cleaned_data.get("since") or until.replace(day=1), until


@staff_can("wallets.view")
@require_safe
def statement(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = _visible(request, wallet_id)
    form, found = _asked(request, wallet)
    return render(request, PAGE, _context(wallet, form, found), status=200 if found else 422)


@staff_can("wallets.view")
@require_safe
def taken_along(request: StaffRequest, wallet_id: int, form: str) -> HttpResponse:
    """As `pdf`, `csv` or `xlsx`."""
    wallet = _visible(request, wallet_id)
    asked, found = _asked(request, wallet)
    if found is None:
        return render(request, PAGE, _context(wallet, asked, found), status=422)
    name = f"statement-{wallet.pk}-{found.since}-{found.until}"
    if form != "pdf":
        return tables.answer(as_table(found), name, form)
    if not printing.is_possible():
        asked.add_error(None, _("This machine cannot draw PDF files. Print the page, or ask whoever runs it to install pango."))
        return render(request, PAGE, _context(wallet, asked, found), status=422)
    paper = printing.pdf(render_to_string(PAPER, _context(wallet, asked, found), request), style=STYLE)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(paper, content_type="application/pdf", headers=headers)


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is read. Minor units."""

    at: datetime
    label: str
    icon: str
    where: str
    number: str
    principal: int
    bonus: int
    after: int

    @property
    def change(self) -> int:
        return self.principal + self.bonus


def as_table(found: Statement) -> Iterator[Row]:
    """Money in whole units; the first line is what there was, the last what is left."""
    asset = found.asset
    yield [_("When"), _("What"), _("Store"), _("Number"), _("Principal"), _("Bonus"), _("Balance")]
    yield [str(found.since), _("Opening balance"), "", "", "", "", values.plain(found.opening.available, asset)]
    for line in _lines(found):
        figures = (values.plain(each, asset) for each in (line.principal, line.bonus, line.after))
        at = timezone.localtime(line.at).isoformat(timespec="seconds")
        yield [at, line.label, safe_cell(line.where), line.number, *figures]
    yield [str(found.until), _("Closing balance"), "", "", "", "", values.plain(found.closing.available, asset)]


def _lines(found: Statement) -> list[Told]:
    stores = dict(Store.objects.filter(pk__in={line.moved.store for line in found.lines}).values_list("pk", "name"))
    names = members.names({line.moved.spent_by for line in found.lines})
    told = []
    for line in found.lines:
        moved, (label, icon) = line.moved, telling.KINDS[line.moved.kind]
        where, number = stores.get(moved.store or 0, ""), moves.operation_id(found.wallet.book, moved.seq)
        what = telling.by_member(label, moved.spent_by, names)
        told.append(Told(moved.at, what, icon, where, number, moved.principal, moved.bonus, line.after.available))
    return told


def _asked(request: StaffRequest, wallet: Wallet) -> tuple[DaysForm, Statement | None]:
    form = DaysForm(request.GET)
    if not form.is_valid():
        return form, None
    since, until = form.days()
    try:
        return DaysForm({"since": str(since), "until": str(until)}), statements.of(wallet, since=since, until=until)
    except Refused as no:
        form.add_error("since", str(no))
        return form, None


def _months() -> list[tuple[date, date]]:
    """This month and the two before it, to go there with one press."""
    first, found = timezone.localdate().replace(day=1), []
    for _each in range(3):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found.append((first, last))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _visible(request: StaffRequest, wallet_id: int) -> Wallet:
    return get_object_or_404(queries.visible_to(request.actor).select_related("customer__owner", "programme"), pk=wallet_id)


def _context(wallet: Wallet, form: DaysForm, found: Statement | None) -> dict[str, Any]:
    shown = {"found": found, "lines": _lines(found), "query": f"since={found.since}&until={found.until}"} if found else {}
    programme = moves.programme_of(wallet)
    return {
        "wallet": wallet, "customer": wallet.customer, "programme": programme, "asset": programme.asset_code, "form": form,
        "months": _months(), "printed_at": timezone.now(), **shown,
    }  # fmt: skip
