"""`chuzhi simulate acquirer`: the terminal's page, the settlement files, and the switchboard."""

import json
import random
from collections import Counter
from datetime import date
from pathlib import Path

from chuzhi.simulators import stage
from chuzhi.simulators.acquirer import files, pages
from chuzhi.simulators.acquirer.books import BEIJING, DIFFERENCES, MERCHANT, TERMINALS, Books, Taken
from chuzhi.simulators.stage import Request, Response, Stage


def make(folder: Path, seed: int) -> Stage:
    provider, books = Stage("acquirer", folder=folder, seed=seed), Books(random.Random(seed))  # noqa: S311 # a play
    provider.account = lambda: {"merchant": MERCHANT, "terminals": ""}
    provider.books = lambda: {"taken": [_told(each) for each in books.taken]}
    provider.route("GET", r"/settlements/([a-z0-9]+)")(lambda request: _file(provider, books, request))
    provider.route("POST", r"/_control/take")(lambda request: _take(provider, books, request))
    provider.route("POST", r"/_control/give_back")(lambda request: _give_back(provider, books, request))
    provider.route("POST", r"/_control/bill")(lambda request: _plant(books, request))
    provider.route("GET", r"/_control/bill")(
        lambda _request: Response.json({on.isoformat(): made for on, made in books.made.items()})
    )
    pages.add(provider, books)
    return provider


def _file(provider: Stage, books: Books, request: Request) -> Response:
    """`?first=2026-03-01&last=2026-03-02`; without them, today."""
    if request.parts[0] not in files.FORMS:
        return Response.json({"code": "NO_SUCH_FORM", "message": request.parts[0]}, 404)
    today = provider.now().astimezone(BEIJING).date()
    first, last = (date.fromisoformat(request.query.get(name, str(today))) for name in ("first", "last"))
    with provider.lock:
        content = files.written(books, request.parts[0], first, last)
    disposition = f"attachment; filename={MERCHANT}-{last}.csv"
    return Response(content, 200, {"Content-Type": "application/octet-stream", "Content-Disposition": disposition})


def _take(provider: Stage, books: Books, request: Request) -> Response:
    """A card is taken; answers the slip."""
    given = json.loads(request.body)
    with provider.lock:
        made = books.take(
            at=provider.now(), terminal=given.get("terminal", TERMINALS[0]), amount=given["amount"], card="622202******4242"
        )
    return Response.json(_told(made))


def _give_back(provider: Stage, books: Books, request: Request) -> Response:
    """A part of a payment (`reference`) goes back to its card, or all of it."""
    given = json.loads(request.body)
    paid = books.of_reference(given["reference"])
    if paid is None:
        return Response.json({"code": "NO_SUCH_PAYMENT", "message": "原交易不存在"}, 404)
    with provider.lock:
        made = books.take(
            at=provider.now(), terminal=paid.terminal, amount=-given.get("amount", paid.amount), card=paid.card,
            original=paid.reference,
        )  # fmt: skip
    return Response.json(_told(made))


def _plant(books: Books, request: Request) -> Response:
    """How many of each difference the next file shall have. Files already made stay as they are."""
    given = json.loads(request.body)
    books.wanted = Counter({name: given.get(name, 0) for name in DIFFERENCES})
    return Response.json({})


def _told(each: Taken) -> dict[str, object]:
    return {
        "at": each.at.isoformat(),
        "terminal": each.terminal,
        "trace": each.trace,
        "reference": each.reference,
        "amount": each.amount,
        "fee": each.fee,
        "original": each.original,
    }


def main(arguments: list[str] | None = None) -> None:
    stage.run(make, arguments)
