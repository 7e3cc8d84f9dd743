"""`chuzhi simulate bank`: the payer's page, the statements, and the switchboard."""

import json
from datetime import date
from pathlib import Path
from urllib.parse import quote

from chuzhi.simulators import stage
from chuzhi.simulators.bank import pages
from chuzhi.simulators.bank.books import BANK, BEIJING, CODE, HOLDER, NUMBER, Books, Movement
from chuzhi.simulators.bank.forms import FORMS
from chuzhi.simulators.stage import Request, Response, Stage


def make(folder: Path, seed: int) -> Stage:
    provider, books = Stage("bank", folder=folder, seed=seed), Books()
    provider.account = lambda: {"holder": HOLDER, "bank": BANK, "number": NUMBER, "code": CODE}
    provider.books = lambda: {"movements": [_told(each) for each in books.movements]}
    provider.route("GET", r"/statements/([a-z0-9.]+)")(lambda request: _statement(provider, books, request))
    provider.route("POST", r"/_control/transfer")(lambda request: _transfer(provider, books, request))
    provider.route("POST", r"/_control/pay_out")(lambda request: _pay_out(provider, books, request))
    pages.add(provider, books)
    return provider


def _statement(provider: Stage, books: Books, request: Request) -> Response:
    """`?first=2026-03-01&last=2026-03-02`; without them, today."""
    form = FORMS.get(request.parts[0])
    if form is None:
        return Response.json({"code": "NO_SUCH_FORM", "message": request.parts[0]}, 404)
    today = provider.now().astimezone(BEIJING).date()
    first, last = (date.fromisoformat(request.query.get(name, str(today))) for name in ("first", "last"))
    with provider.lock:
        content = form[0](books, first, last)
    name = quote(f"{NUMBER[-4:]}-{last}.{form[1]}")
    return Response(
        content, 200, {"Content-Type": "application/octet-stream", "Content-Disposition": f"attachment; filename={name}"}
    )


def _transfer(provider: Stage, books: Books, request: Request) -> Response:
    """What somebody transfers to the merchant. A name that is not the account's is refused, as banks do."""
    given = json.loads(request.body)
    if given.get("holder", HOLDER) != HOLDER or given.get("number", NUMBER) != NUMBER:
        return Response.json({"code": "PAYEE_MISMATCH", "message": "户名与账号不符"}, 422)
    if not isinstance(given["amount"], int) or given["amount"] <= 0:
        return Response.json({"code": "AMOUNT", "message": "金额不对"}, 422)
    with provider.lock:
        made = books.transfer(
            at=provider.now(), amount=given["amount"], name=given.get("name", "王小明"),
            account=given.get("account", "6217000011112220"), text=given.get("text", ""), faults=provider.faults,
        )  # fmt: skip
    return Response.json({"movements": [_told(each) for each in made]})


def _pay_out(provider: Stage, books: Books, request: Request) -> Response:
    """What the merchant transfers to somebody, such as a refund."""
    given = json.loads(request.body)
    with provider.lock:
        made = books.book(
            at=provider.now(), amount=-given["amount"], name=given.get("name", "王小明"),
            account=given.get("account", "6217000011112220"), text=given.get("text", ""),
        )  # fmt: skip
    return Response.json({"movements": [_told(made)]})


def _told(each: Movement) -> dict[str, object]:
    return {
        "reference": each.reference,
        "at": each.at.isoformat(),
        "on": each.on.isoformat(),
        "amount": each.amount,
        "name": each.name,
        "text": each.text,
        "copies": each.copies,
    }


def main(arguments: list[str] | None = None) -> None:
    stage.run(make, arguments)
