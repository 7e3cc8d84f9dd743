from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.stores.forms import PackForm
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.core.packs.rules import Rule
from chuzhi.organization import stores
from chuzhi.wallets import pack_changes
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.pack_changes import Preview

PACK = "console/stores/pack.html"


@staff_can("stores.rules")
@require_http_methods(["GET", "POST"])
def pack(request: StaffRequest, store_id: int) -> HttpResponse:
    """Choose a pack (GET), see what would change and for whom, and only then change it (POST)."""
    store = get_object_or_404(stores.visible_to(request.actor), pk=store_id)
    given = request.POST if request.method == "POST" else request.GET if "pack" in request.GET else None
    form = PackForm(given, initial={"pack": store.pack})
    if not form.is_valid():
        return render(request, PACK, {"store": store, "form": form}, status=422 if form.is_bound else 200)
    chosen = form.cleaned_data["pack"]
    if request.method == "POST":
        stores.choose_pack(store=store, pack=chosen, by=request.actor)
        messages.success(request, _("From now on the store follows this pack."))
        return redirect("console:store", store_id)
    after = request.GET.get("after", "")
    found = pack_changes.preview(
        store=store, pack=chosen, by=request.actor, after=int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    )  # fmt: skip
    return render(request, PACK, {"store": store, "form": form, "wanted_pack": chosen, "after": after} | _told(found))


def _told(found: Preview) -> dict[str, Any]:
    wallets = Wallet.objects.select_related("customer", "programme").in_bulk([row.wallet for row in found.wallets])
    return {
        "before": str(Worded(found.before.name)),
        "wanted": str(Worded(found.after.name)),
        "differences": [
            {"topic": each.topic, "of": each.of, "before": _said(each.before), "after": _said(each.after)}
            for each in found.differences
        ],
        "reports": found.reports,
        "counts": found.counts,
        "rows": [{"row": row, "wallet": wallets[row.wallet]} for row in found.wallets],
        "following": found.following,
    }


def _said(rule: Rule | None) -> str:
    return str(Told(rule)) if rule else ""
