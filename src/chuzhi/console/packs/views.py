from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.core.packs.rules import Pack, Rule
from chuzhi.organization import stores

PACKS = "console/packs/list.html"
PACK = "console/packs/pack.html"


@staff_can("wallets.view")
@require_safe
def packs_page(request: StaffRequest) -> HttpResponse:
    """Every pack, and the stores that chose it."""
    chosen: dict[str, list[str]] = {}
    for store in stores.visible_to(request.actor):
        chosen.setdefault(store.pack, []).append(store.name)
    rows = [
        {"id": pack.id, "name": str(Worded(pack.name)), "own": _own(pack), "stores": chosen.get(pack.id, ())}
        for pack in reading.packs().values()
    ]
    return render(request, PACKS, {"rows": rows})


@staff_can("wallets.view")
@require_safe
def pack(request: StaffRequest, pack_id: str) -> HttpResponse:
    """Its own rules, then those it takes over, each with what it says today."""
    found = reading.packs().get(pack_id)
    if found is None:
        raise Http404
    today = timezone.localdate()
    context = {
        "pack": found,
        "name": str(Worded(found.name)),
        "rules": [_told(rule, found, today) for rule in found.rules],
        "is_checked": not any(rule.source.is_unchecked for rule in found.rules),
    }
    return render(request, PACK, context)


def _own(pack: Pack) -> int:
    return sum(rule.pack == pack.id for rule in pack.rules)


def _told(rule: Rule, pack: Pack, today: date) -> dict[str, object]:
    return {
        "id": rule.id,
        "says": str(Told(rule)),
        "source": str(Worded(rule.source.title)),
        "article": rule.article,
        "first_on": rule.first_on if rule.first_on > date.min else None,
        "last_on": rule.last_on if rule.last_on < date.max else None,
        "is_unchecked": rule.source.is_unchecked,
        "answers": pack.rule(rule.topic, today, of=rule.of) is rule,
        "is_to_come": rule.first_on > today,
    }
