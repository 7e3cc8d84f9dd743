"""The stand-in as a process: `chuzhi simulate stripe --folder FOLDER`."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from chuzhi.simulators import stage as staging
from chuzhi.simulators.stage import NOTICE_FIRST, Request, Response, Stage
from chuzhi.simulators.stripe import controls, forms, intents, money_back, payers, sessions, webhooks
from chuzhi.simulators.stripe.bill import Plants
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.idempotency import Remembered
from chuzhi.simulators.stripe.problems import Problem, invalid
from chuzhi.simulators.stripe.webhooks import Webhook

SEARCH_LAG_SECONDS = 60
AHEAD_SECONDS = 0.3
OLDEST_VERSION = "2022-11-15"
PAGING = "limit starting_after created.gte created.gt created.lte created.lt expand.#"

Act = Callable[[Request, Object], Object]


class Stripe:
    """One merchant's account at Stripe."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.keys = _keys(stage.folder)
        self.books = Books(stage, seed)
        self.webhook = Webhook(stage, [self.keys["webhook_secret"]])
        self.plants = Plants()
        self.remembered = Remembered(self.books.now)
        self.books.flush = self.flush

    def flush(self) -> None:
        if self.webhook.flush(self.books) and self.stage.faults.strikes(NOTICE_FIRST):
            time.sleep(AHEAD_SECONDS)

    def api(self, method: str, pattern: str, known: str, act: Act) -> None:
        """A call of the API: who asks is checked, then what they say, then it is done, once a key."""

        def route(request: Request) -> Response:
            try:
                with self.stage.lock:
                    sessions.expire_what_is_over(self.books)
                    self._check(request)
                    answer = self.remembered.answer(request, lambda: self._done(request, known, act))
            except Problem as no:
                answer = no.response()
            self.flush()
            return answer

        self.stage.route(method, f"/v1/{pattern}")(route)

    def _done(self, request: Request, known: str, act: Act) -> Response:
        given = forms.read(request.body.decode() if request.method == "POST" else request.target.partition("?")[2], known=known)
        made = act(request, given)
        if made["object"] in {"list", "search_result"}:
            return Response.json(made | {"url": request.path})
        return Response.json(self.books.whole(made, given.get("expand", [])))

    def _check(self, request: Request) -> None:
        kind, _space, given = request.headers.get("authorization", "").partition(" ")
        key = base64.b64decode(given).decode().partition(":")[0] if kind == "Basic" else given
        if key != self.keys["secret_key"]:
            raise Problem(401, "invalid_request_error", "Invalid API Key provided")
        version = request.headers.get("stripe-version", OLDEST_VERSION)
        if not version[:4].isdigit() or version[:10] < OLDEST_VERSION:
            raise invalid(f"Invalid Stripe API version: {version}")


def _keys(folder: Path) -> dict[str, str]:
    """Made once, and the same after a restart."""
    kept = folder / "keys.json"
    if not kept.exists():
        made = {
            "secret_key": f"sk_test_{secrets.token_hex(16)}",
            "webhook_secret": webhooks.new_secret(),
            "merchant": f"acct_{secrets.token_hex(8)}",
        }
        kept.write_text(json.dumps(made), encoding="utf-8")
    keys: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return keys


def make(folder: Path, seed: int) -> Stage:
    stage = Stage("stripe", folder=folder, seed=seed)
    stripe = Stripe(stage, seed)
    books = stripe.books
    _sell(stripe)
    _give_back(stripe)
    _look(stripe)
    controls.add(stage, books, stripe.webhook, stripe.plants)
    payers.add(stage, books)
    stage.account = lambda: stripe.keys | {"address": stage.address}
    stage.books = lambda: controls.summary(books)
    return stage


def _sell(stripe: Stripe) -> None:
    books = stripe.books
    stripe.api("POST", "checkout/sessions", sessions.CREATE, lambda _request, given: sessions.create(books, given))
    stripe.api("POST", "payment_intents", intents.CREATE, lambda _request, given: intents.create(books, given))
    stripe.api("POST", "customers", "email name metadata.*", lambda _request, given: books.new("customer", **given))

    def expire(request: Request, _given: Object) -> Object:
        return sessions.expire(books, books.get("checkout.session", request.parts[0]))

    def cancel(request: Request, given: Object) -> Object:
        return intents.cancel(books, books.get("payment_intent", request.parts[0]), given)

    def detach(request: Request, _given: Object) -> Object:
        return sessions.detach(books, books.get("payment_method", request.parts[0]))

    stripe.api("POST", r"checkout/sessions/(\w+)/expire", "expand.#", expire)
    stripe.api("POST", r"payment_intents/(\w+)/cancel", "cancellation_reason expand.#", cancel)
    stripe.api("POST", r"payment_methods/(\w+)/detach", "expand.#", detach)


def _give_back(stripe: Stripe) -> None:
    books = stripe.books
    stripe.api("POST", "refunds", money_back.CREATE, lambda _request, given: money_back.refund(books, given))

    def listed(_request: Request, given: Object) -> Object:
        where = {name: given[name] for name in ("payment_intent", "charge") if name in given}
        return books.page(list(books.all("refund", **where)), given)

    stripe.api("GET", "refunds", f"{PAGING} payment_intent charge", listed)


def _look(stripe: Stripe) -> None:
    books = stripe.books

    def search(_request: Request, given: Object) -> Object:
        found = intents.search(books, forms.needed(given, "query"), lag_seconds=SEARCH_LAG_SECONDS)
        return {"object": "search_result", "data": found[:100], "has_more": False}

    def movements(_request: Request, given: Object) -> Object:
        return books.page(stripe.plants.shown(list(books.all("balance_transaction"))), given)

    stripe.api("GET", "payment_intents/search", "query limit expand.#", search)
    stripe.api("GET", "balance_transactions", PAGING, movements)
    for place, kind in PLACES.items():
        stripe.api("GET", f"{place}/(\\w+)", "expand.#", _one(books, kind))
    for place, kind in (("payment_intents", "payment_intent"), ("checkout/sessions", "checkout.session"), ("events", "event")):
        stripe.api("GET", place, PAGING, _list(books, kind))


PLACES = {
    "checkout/sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "setup_intents": "setup_intent",
    "customers": "customer",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "balance_transactions": "balance_transaction",
    "events": "event",
}


def _one(books: Books, kind: str) -> Act:
    return lambda request, _given: books.get(kind, request.parts[0])


def _list(books: Books, kind: str) -> Act:
    return lambda _request, given: books.page(list(books.all(kind)), given)


def main(arguments: list[str] | None = None) -> None:
    staging.run(make, arguments)
