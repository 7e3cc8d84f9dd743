from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.limits import telling
from chuzhi.console.limits.forms import LimitForm, SituationForm
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.limits import raises, shop
from chuzhi.limits.models import Raise
from chuzhi.wallets import ceilings, queries

LIMITS = "console/limits/list.html"
WALLET = "console/limits/wallet.html"


@staff_can("wallets.view")
@require_safe
def limits_page(request: StaffRequest) -> HttpResponse:
    """What the shop set."""
    return _limits(request, LimitForm())


@staff_can("limits.manage")
@require_POST
def set_limit(request: StaffRequest) -> HttpResponse:
    form = LimitForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            shop.set_limit(kind=given["kind"], asset=given["asset"], amount=given["amount"], scope=form.scope, by=request.actor)
            messages.success(request, _("The limit is set."))
            return redirect("console:limits")
        except Refused as no:
            form.add_error(None, str(no))
    return _limits(request, form, status=422)


def _limits(request: StaffRequest, form: LimitForm, *, status: int = 200) -> HttpResponse:
    context = {
        "limits": telling.amounts(shop.visible_to(request.actor)),
        "open_raises": raises.visible_to(request.actor).filter(status=Raise.Status.ASKED).count(),
        "form": form,
        "may_manage": request.actor.may(shop.MANAGE),
    }
    return render(request, LIMITS, context, status=status)


@staff_can("limits.manage")
@require_POST
def lift(request: StaffRequest, limit_id: int) -> HttpResponse:
    shop.lift(limit=get_object_or_404(shop.visible_to(request.actor), pk=limit_id), by=request.actor)
    messages.success(request, _("The limit is lifted."))
    return redirect("console:limits")


@staff_can("wallets.view")
@require_safe
def wallet_limits(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Every ceiling of a wallet in a store, by a method, through a channel; and which one decides."""
    wallet = get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)
    form = SituationForm(request.GET if request.GET else {"store": request.store.pk if request.store else ""})
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    found = ceilings.of(
        wallet,
        store=given["store"].pk if given.get("store") else None,
        method=Method[given["method"].upper()] if given.get("method") else None,
        channel=given.get("channel", ""),
    )
    context = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": found.programme,
        "kinds": telling.lines(found, timezone.now()),
        "form": form,
        "tier": found.situation.tier,
        "raises": telling.amounts(raises.visible_to(request.actor).filter(customer=wallet.customer_id)[:10]),
        "may_apply": wallet.customer is not None and request.actor.may(raises.APPLY),
        "may_manage": request.actor.may(shop.MANAGE),
    }
    return render(request, WALLET, context)


@staff_can("limits.manage")
@require_POST
def tier(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = get_object_or_404(queries.visible_to(request.actor).exclude(customer=None), pk=wallet_id)
    shop.put_in_tier(customer=wallet.customer, code=request.POST.get("tier", "").strip(), by=request.actor)  # type: ignore[arg-type]  # has one
    messages.success(request, _("Saved."))
    return redirect("console:wallet_limits", wallet_id)
