"""Requests of customers who are not here: listed, taken down, and each on one screen with all that concerns it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.assisted import telling
from chuzhi.console.assisted.forms import CounterForm, LinkForm, ReasonForm, RequestForm
from chuzhi.console.wallets import finding
from chuzhi.core.errors import Refused
from chuzhi.topups import orders
from chuzhi.topups.assisted import requests
from chuzhi.topups.assisted.models import AssistedTopUp, standing
from chuzhi.ui import drawing
from chuzhi.wallets import moves, policies, queries
from chuzhi.wallets.models import Programme

LIST, FIND, NEW, ONE = (f"console/assisted/{name}.html" for name in ("list", "find", "new", "request"))
PAGE_SIZE = 50
FOUND = 25
FIELDS = {
    "assisted.caller": "caller", "assisted.not_on_file": "verified", "assisted.evidence": "documents",
    "document.type": "documents", "document.too_large": "documents", "assisted.address": "email",
}  # fmt: skip
"""Where a refusal is told that is not about the amount."""
Status = AssistedTopUp.Status


@staff_can("wallets.view")
@require_safe
def requests_page(request: StaffRequest) -> HttpResponse:
    """Newest first, of one state, of one wallet, or the one that a number belongs to."""
    find, status, wallet = (request.GET.get(name, "").strip()[:80] for name in ("find", "status", "wallet"))
    rows = requests.visible_to(request.actor)
    if find:
        rows = requests.named(rows, find)
    if status in Status.values:
        rows = rows.filter(standing(Status(status)))
    if wallet.isdecimal() and len(wallet) < 19:
        rows = rows.filter(wallet=int(wallet))
    page = keyset.page(rows, ("-id",), request.GET, size=PAGE_SIZE)
    context = {
        "page": page,
        "find": find,
        "status": status,
        "statuses": Status.choices,
        "is_narrowed": find or status or wallet,
    }
    return render(request, LIST, context)


@staff_can(requests.ASSIST)
@require_safe
def find(request: StaffRequest) -> HttpResponse:
    """Whose wallet it is, by the search of the wallets' page."""
    text = request.GET.get("find", "").strip()[:100]
    wallets = queries.visible_to(request.actor).filter(programme__kind=Programme.Kind.MONEY)
    found = finding.wallets(wallets, text, by=request.actor, most=FOUND) if text else wallets.none()
    rows = [
        {"wallet": wallet, "held": queries.standing(wallet), "asset": wallet.programme.asset}
        for wallet in found.select_related("customer", "programme").order_by("-pk")[:FOUND]
    ]
    return render(request, FIND, {"rows": rows, "find": text})


@staff_can(requests.ASSIST)
@require_http_methods(["GET", "POST"])
def take_down(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Sent twice, it is taken down once."""
    wallets = queries.visible_to(request.actor).filter(programme__kind=Programme.Kind.MONEY)
    wallet = get_object_or_404(wallets.select_related("customer", "programme"), pk=wallet_id)
    asset, about = moves.programme_of(wallet).asset_code, f"assist.{wallet.pk}.0"
    form = RequestForm(posted(request), request.FILES or None, asset=asset)
    key = formkeys.kept(request.POST.get("key", ""), about)
    if is_current(form, key, request) and form.is_valid():
        given = form.cleaned_data
        files = given.pop("documents")
        try:
            made = requests.take_down(wallet=wallet, key=key, by=request.actor, files=files, store=request.store, **given)
            return redirect("console:assisted_request", made.number)
        except Refused as no:
            tell(form, no, asset)
    context = {"wallet": wallet, "customer": wallet.customer, "asset": asset, "form": form, "key": key}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


@staff_can("wallets.view")
@require_safe
def request_page(request: StaffRequest, number: str) -> HttpResponse:
    return show(request, visible(request, number))


@staff_can(requests.ASSIST)
@require_safe
def document(request: StaffRequest, number: str, document_id: int) -> HttpResponse:
    """The file itself, shown as what it was found to be, and never run."""
    kept = get_object_or_404(visible(request, number).documents, pk=document_id)
    content = requests.opened(document=kept, by=request.actor)
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type=kept.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{kept.name.encode("ascii", "replace").decode()}"'
    return answer


def show(
    request: StaffRequest, row: AssistedTopUp, *, link: LinkForm | None = None, counter: CounterForm | None = None,
    closing: ReasonForm | None = None, clearing: ReasonForm | None = None, obstacle: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """A request on one screen; with the form that could not be taken, if one was."""
    customer, asset, about = row.wallet.customer, row.currency, f"{row.wallet_id}.{row.pk}"
    may_assist = request.actor.may(requests.ASSIST) and not row.is_over
    wished = {"amount": values.plain(row.amount, asset)}
    link = link or LinkForm(initial=wished | {"is_mailed": bool(customer and customer.email)}, asset=asset, auto_id="link_%s")
    order = row.order
    address = orders.address_of(order) if order and order.is_payable else ""
    context: dict[str, Any] = {
        "row": row,
        "customer": customer,
        "told": "" if row.is_over else telling.rows(row, request.actor),
        "operation": moves.operation_id(*row.place) if row.place else "",
        "address": address,
        "code": drawing.qr(address) if address else "",
        "steps": telling.steps(row, request.actor),
        "others": requests.visible_to(request.actor).filter(wallet=row.wallet).exclude(pk=row.pk)[:5],
        "may_assist": may_assist,
        "may_sell": may_assist and request.actor.may("till.top_up"),
        "may_read": request.actor.may(requests.ASSIST),
        "link": link,
        "counter": counter or CounterForm(initial=wished, asset=asset, auto_id="counter_%s"),
        "closing": closing or ReasonForm(auto_id="closing_%s"),
        "clearing": clearing or ReasonForm(auto_id="clearing_%s"),
        "obstacle": obstacle,
        "policy": policies.of(row.wallet, store=row.store_id) if may_assist else None,
        "keys": {name: formkeys.new(f"assist_{name}.{about}") for name in ("link", "tender", "clear")},
    }
    return render(request, ONE, context, status=status)


def visible(request: StaffRequest, number: str) -> AssistedTopUp:
    return get_object_or_404(requests.visible_to(request.actor).prefetch_related("documents"), number=number)


def is_current(form: Any, key: str, request: StaffRequest) -> bool:
    """Whether the form was sent with a key of ours; one that is too old, or of another page, is told so."""
    if form.is_bound and key != request.POST.get("key"):
        form.add_error(None, _("This form was too old to be sent. Nothing has happened: please confirm again."))
    return bool(form.is_bound) and key == request.POST.get("key")


def tell(form: Any, no: Refused, asset: str) -> None:
    """At the field that it is about."""
    field = FIELDS.get(no.code, "amount" if no.code.startswith(("limit.", "amount.")) else None)
    form.add_error(field if field in form.fields else None, values.sentence(no, asset))
