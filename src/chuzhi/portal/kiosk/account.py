"""What a card's wallet holds and did, for whoever has shown that the card is theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.core.errors import Refused
from chuzhi.kiosk import kiosks, visits
from chuzhi.kiosk.models import Kiosk
from chuzhi.organization.models import Store
from chuzhi.portal.kiosk.access import KioskRequest, serving, waiting
from chuzhi.portal.kiosk.forms import DaysForm
from chuzhi.portal.recharge.offering import worth
from chuzhi.wallets import cards, moves, queries, statements, wording
from chuzhi.wallets.models import Card
from chuzhi.wallets.statements import Line, Statement

ACCOUNT, STATEMENT, LOSS = (f"portal/kiosk/{name}.html" for name in ("account", "statement", "loss"))
LATELY, SHOWN, SOON_DAYS = timedelta(days=29), 8, 60


@dataclass(frozen=True, slots=True)
class Told:
    """A movement as it is read: what it was, where, by how much, and what was there after it."""

    at: datetime
    what: str
    where: str
    change: str
    after: str


@serving(Kiosk.Service.BALANCE, proven=True)
@require_safe
def account(request: KioskRequest) -> HttpResponse:
    wallet = request.visit.card.wallet
    asset, today = moves.programme_of(wallet).asset_code, timezone.localdate()
    held = queries.standing(wallet, within_days=SOON_DAYS)
    try:
        lines = statements.of(wallet, since=today - LATELY, until=today).lines
    except Refused:
        lines = ()
    owner = wallet.customer.owner if wallet.customer else None
    context = {
        "programme": moves.programme_of(wallet),
        "owner": owner.name if owner and owner.is_active else "",
        "available": worth(held.balance.available, asset),
        "parts": {part: worth(getattr(held.balance, part), asset) for part in ("principal", "bonus")},
        "held": worth(held.balance.held, asset) if held.balance.held else "",
        "debt": worth(held.balance.debt, asset) if held.balance.debt else "",
        "expiring": [(each.on, worth(each.amount, asset)) for each in held.expiring],
        "lines": _told(reversed(lines[-SHOWN:]), asset),
        "standing": held.standing.name.lower(),
    }
    return render(request, ACCOUNT, waiting(request) | context)


@serving(Kiosk.Service.STATEMENT, proven=True)
@require_safe
def statement(request: KioskRequest) -> HttpResponse:
    """On screen and, by the browser, on paper."""
    wallet = request.visit.card.wallet
    form, found = DaysForm(request.GET), None
    if form.is_valid():
        since, until = form.days()
        try:
            found = statements.of(wallet, since=since, until=until)
            form = DaysForm({"since": str(since), "until": str(until)})
        except Refused as no:
            form.add_error("since", str(no))
    context = {"form": form, "programme": moves.programme_of(wallet), "ranges": _ranges(), "printed_at": timezone.now()}
    context |= _shown(found) if found else {}
    return render(request, STATEMENT, waiting(request) | context, status=200 if found else 422)


@serving(Kiosk.Service.LOSS)
@require_http_methods(["GET", "POST"])
def loss(request: KioskRequest) -> HttpResponse:
    """Block the card: asked once more, then done; the same page says what to do next."""
    said = ""
    if request.method == "POST":
        try:
            visits.report_loss(visit=request.visit, by=kiosks.actor_of(request.kiosk))
            return redirect("kiosk:loss")
        except Refused as no:
            said = str(no)
    card = request.visit.card
    objection = cards.loss_objection(card)
    context = {"is_lost": card.status == Card.Status.LOST, "said": said or (str(objection) if objection else "")}
    return render(request, LOSS, waiting(request) | context, status=422 if said else 200)


def _shown(found: Statement) -> dict[str, object]:
    asset = found.asset
    sums = {name: worth(getattr(found, name), asset) for name in ("came", "went")}
    sums |= {name: worth(getattr(found, name).available, asset) for name in ("opening", "closing")}
    return {"found": found, "sums": sums, "lines": _told(found.lines, asset)}


def _told(lines: Iterable[Line], asset: str) -> list[Told]:
    kept = list(lines)
    stores = dict(Store.objects.filter(pk__in={line.moved.store for line in kept}).values_list("pk", "name"))
    return [
        Told(
            line.moved.at, str(wording.KINDS[line.moved.kind]), stores.get(line.moved.store or 0, ""),
            _signed(line.change, asset), worth(line.after.available, asset),
        )
        for line in kept
    ]  # fmt: skip


def _signed(amount: int, asset: str) -> str:
    return f"+{worth(amount, asset)}" if amount > 0 else worth(amount, asset)


def _ranges() -> list[tuple[date, date]]:
    """This month, and the two before it."""
    first, found = timezone.localdate().replace(day=1), []
    for _each in range(3):
        found.append((first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found
