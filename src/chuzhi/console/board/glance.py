"""The day at a glance, which looks again by itself, and the rows behind each of its figures."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.board import telling
from chuzhi.console.board.forms import DaysForm, EntriesForm, SinceForm
from chuzhi.insights import board, journal
from chuzhi.insights.journal import Edge, Move
from chuzhi.ledger import verifications

BOARD, FLOAT, ENTRIES, PROOF = (f"console/board/{name}.html" for name in ("glance", "float", "entries", "proof"))
PAGE_SIZE = 50
VERDICTS = 60


@staff_can(board.VIEW)
@require_safe
def board_page(request: StaffRequest) -> HttpResponse:
    """Whole, or what of it changes (`#figures`)."""
    form = SinceForm(request.GET if "since" in request.GET else {"since": board.usual_since().isoformat()})
    is_fine = form.is_valid()
    found = board.of(request.actor, since=form.cleaned_data["since"] if is_fine else None)
    stores = telling.names(request.actor.stores)
    context = {
        "form": form,
        "board": found,
        "floats": [each for each in found.floats if telling.is_told(each.asset, each.now)],
        "today": telling.today(found.today, stores, timezone.localtime(found.at).hour),
        "largest": telling.lines(found.largest, stores),
        "is_everywhere": request.actor.stores is None,
        "has_store": any(row.by_store for row in found.today),
    }
    template = f"{BOARD}#figures" if request.headers.get("HX-Request") == "true" else BOARD
    return render(request, template, context, status=200 if is_fine else 422)


@staff_can(board.VIEW)
@require_safe
def float_page(request: StaffRequest) -> HttpResponse:
    """How the float went in some days: opening, what did what, closing. It is the business's, not a store's."""
    form = DaysForm(request.GET)
    found = []
    if form.is_valid() and request.actor.stores is None:
        days = form.cleaned_data["first"], form.cleaned_data["last"]
        found = [
            (one, telling.steps(one, *days))
            for one in board.changed(*days)
            if telling.is_told(one.asset, one.closing) or one.by_kind
        ]
    context = {"form": form, "found": found, "is_everywhere": request.actor.stores is None}
    return render(request, FLOAT, context, status=200 if form.is_valid() else 422)


@staff_can(board.VIEW)
@require_safe
def entries_page(request: StaffRequest) -> HttpResponse:
    """The newest first; `after` is the last one of the page before."""
    stores = telling.names(request.actor.stores)
    form = EntriesForm(request.GET, stores=stores)
    if not form.is_valid():
        return render(request, ENTRIES, {"form": form}, status=422)
    found = journal.moves(form.wanted(request.actor.stores), PAGE_SIZE + 1, _read(request.GET.get("after", "")))
    asked = {name: value for name, value in request.GET.items() if name != "after" and value}
    context = {
        "form": form,
        "lines": telling.lines(found[:PAGE_SIZE], stores),
        "first": f"?{urlencode(asked)}" if "after" in request.GET else "",
        "next": f"?{urlencode(asked | {'after': _edge(found[PAGE_SIZE - 1])})}" if len(found) > PAGE_SIZE else "",
    }
    return render(request, ENTRIES, context)


@staff_can(board.VIEW)
@require_safe
def proof_page(request: StaffRequest) -> HttpResponse:
    """What the verifier said each time, and when heads were signed."""
    return render(request, PROOF, {"proof": board.proof(), "verdicts": verifications.lately(VERDICTS)})


def _edge(move: Move) -> str:
    return f"{move.at.isoformat()}/{move.book}/{move.seq}"


def _read(given: str) -> Edge | None:
    """What `_edge` wrote; None for anything else."""
    try:
        at, book, seq = given.split("/")
        edge = Edge(datetime.fromisoformat(at), int(book), int(seq))
    except ValueError:
        return None
    return edge if edge.at.tzinfo else None
