"""The stand-in as a process: `chuzhi simulate btcpay --folder FOLDER`."""

import json
import secrets
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from chuzhi.simulators import stage as staging
from chuzhi.simulators.btcpay import pages
from chuzhi.simulators.btcpay.bill import Plants
from chuzhi.simulators.btcpay.invoices import Invoices, Object, Problem
from chuzhi.simulators.btcpay.payouts import PullPayments
from chuzhi.simulators.btcpay.webhooks import Webhook
from chuzhi.simulators.stage import NOTICE_FIRST, Request, Response, Stage

AHEAD_SECONDS = 0.3

Act = Callable[[Request, Object], Any]


class BTCPay:
    """One store on one server."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.keys = _keys(stage.folder)
        self.webhook = Webhook(stage, self.keys["webhook_secret"])
        self.invoices = Invoices(stage, self.keys["store"], seed, self.webhook.tell)
        self.pulls = PullPayments(self.invoices)
        self.plants = Plants(self.invoices, self.pulls)

    def route(self, method: str, pattern: str, act: Act, *, is_open: bool = False) -> None:
        """`is_open`: needs no key. What is answered with a Response is answered as it is."""

        def answer(request: Request) -> Response:
            try:
                with self.stage.lock:
                    self.invoices.expire_what_is_over()
                    if not is_open:
                        self._check(request)
                    made = act(request, _given(request))
                    said = made if isinstance(made, Response) else Response.json(made)
            except Problem as no:
                said = Response.json(no.said, no.status)
            if self.webhook.flush() and self.stage.faults.strikes(NOTICE_FIRST):
                time.sleep(AHEAD_SECONDS)
            return said

        self.stage.route(method, pattern)(answer)

    def _check(self, request: Request) -> None:
        if request.headers.get("authorization") != f"token {self.keys['api_key']}":
            raise Problem(401, "unauthenticated", "Authentication is required for accessing this endpoint")
        if not request.path.startswith(f"/api/v1/stores/{self.keys['store']}/"):
            raise Problem(403, "missing-permission", "Insufficient API Permissions")

    def find(self, given: Object) -> Object:
        """By BTCPay's name or by ours."""
        wanted = given.get("number") or given.get("id")
        found = [each for each in self.invoices.all.values() if wanted in {each["id"], each["metadata"].get("orderId")}]
        if not found:
            raise Problem(404, "invoice-not-found", "The invoice was not found")
        return found[-1]


def _given(request: Request) -> Object:
    if request.path.startswith(("/i/", "/pull-payments/")):
        return request.form
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        raise Problem(400, "invalid-json", "This is no JSON") from None
    return given if isinstance(given, dict) else {}


def _keys(folder: Path) -> dict[str, str]:
    """Made once, and the same after a restart."""
    kept = folder / "keys.json"
    if not kept.exists():
        made = {"store": secrets.token_hex(16), "api_key": secrets.token_hex(20), "webhook_secret": secrets.token_hex(14)}
        kept.write_text(json.dumps(made), encoding="utf-8")
    keys: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return keys


def make(folder: Path, seed: int) -> Stage:
    stage = Stage("btcpay", folder=folder, seed=seed)
    server = BTCPay(stage, seed)
    _invoices(server)
    _pull_payments(server)
    _payers(server)
    _controls(server)
    stage.account = lambda: server.keys | {"address": stage.address, "payout_method": "BTC-CHAIN", "risk_accepted": "yes"}
    stage.books = lambda: _summary(server)
    return stage


def _invoices(server: BTCPay) -> None:
    invoices, base = server.invoices, r"/api/v1/stores/(\w+)/invoices"

    def listed(request: Request, _given: Object) -> object:
        query = request.query
        found = [
            each
            for each in reversed(server.plants.shown(list(invoices.all.values())))
            if query.get("orderId") in {None, each["metadata"].get("orderId")}
            and int(query.get("startDate", 0)) <= each["createdTime"] <= int(query.get("endDate", 2**40))
        ]
        skip, take = int(query.get("skip", 0)), int(query.get("take", 50))
        return found[skip : skip + take]

    server.route("POST", base, lambda _request, given: invoices.create(given))
    server.route("GET", base, listed)
    server.route("GET", rf"{base}/(\w+)", lambda request, _given: invoices.get(request.parts[1]))
    methods = rf"{base}/(\w+)/payment-methods"
    server.route("GET", methods, lambda request, _given: invoices.methods(invoices.get(request.parts[1])))
    status = rf"{base}/(\w+)/status"
    server.route("POST", status, lambda request, given: invoices.mark(invoices.get(request.parts[1]), given.get("status", "")))


def _pull_payments(server: BTCPay) -> None:
    invoices, pulls = server.invoices, server.pulls
    refund = r"/api/v1/stores/(\w+)/invoices/(\w+)/refund"
    server.route("POST", refund, lambda request, given: pulls.refund(invoices.get(request.parts[1]), given))

    def listed(request: Request, _given: Object) -> object:
        has_archived = request.query.get("includeArchived") == "true"
        return [each for each in server.plants.shown(list(pulls.all.values())) if has_archived or not each["archived"]]

    def payouts(request: Request, _given: Object) -> object:
        all_of_it = pulls.payouts[pulls.get(request.parts[0])["id"]]
        has_cancelled = request.query.get("includeCancelled") == "true"
        return [each for each in all_of_it if has_cancelled or each["state"] != "Cancelled"]

    server.route("GET", r"/api/v1/stores/(\w+)/pull-payments", listed)
    server.route("GET", r"/api/v1/pull-payments/(\w+)/payouts", payouts, is_open=True)


def _payers(server: BTCPay) -> None:
    """The pages for people."""
    invoices, pulls = server.invoices, server.pulls

    def shown(one: Object) -> Response:
        method = invoices.methods(one)[0]
        return pages.invoice(one, method["due"] if one["status"] == "New" else method["amount"], method["destination"])

    def pay(request: Request, given: Object) -> Response:
        one = invoices.get(request.parts[0])
        if given.get("act") == "confirm":
            invoices.confirm(one)
        else:
            invoices.pay(one, share=Decimal(given.get("share", "1")))
        return shown(one)

    def claim(request: Request, given: Object) -> Response:
        pull = pulls.get(request.parts[0])
        pulls.settle(pulls.claim(pull, given.get("destination", ""))["id"], "Completed")
        return pages.pull_payment(pull, pulls.payouts[pull["id"]])

    def unclaimed(request: Request, _given: Object) -> Response:
        pull = pulls.get(request.parts[0])
        return pages.pull_payment(pull, pulls.payouts[pull["id"]])

    server.route("GET", r"/i/(\w+)", lambda request, _given: shown(invoices.get(request.parts[0])), is_open=True)
    server.route("POST", r"/i/(\w+)", pay, is_open=True)
    server.route("GET", r"/pull-payments/(\w+)", unclaimed, is_open=True)
    server.route("POST", r"/pull-payments/(\w+)", claim, is_open=True)


def _controls(server: BTCPay) -> None:
    """What tests and the demo may do: pay a share, confirm, let coins vanish, claim a refund or take it away."""
    invoices, pulls, webhook = server.invoices, server.pulls, server.webhook

    def pay(_request: Request, given: Object) -> object:
        one = server.find(given)
        invoices.pay(one, share=Decimal(str(given.get("share", 1))))
        if given.get("confirm", True):
            invoices.confirm(one)
        return one

    def endpoint(_request: Request, given: Object) -> object:
        webhook.url, webhook.secret = given["url"], given.get("webhook_secret", webhook.secret)
        return {}

    def claim(_request: Request, given: Object) -> object:
        pull = next(each for each in pulls.all.values() if each["name"] == given["number"])
        payout = pulls.claim(pull, "bcrt1qpayer", given.get("amount"))
        return pulls.settle(payout["id"], given.get("state", "Completed"))

    def archive(_request: Request, given: Object) -> object:
        pull = next(each for each in pulls.all.values() if each["name"] == given["number"])
        pull["archived"] = True
        return pull

    acts: dict[str, Act] = {
        "pay": pay,
        "confirm": lambda _request, given: invoices.confirm(server.find(given)),
        "fail": lambda _request, given: invoices.fail(server.find(given)),
        "mark": lambda _request, given: invoices.mark(server.find(given), given["status"]),
        "endpoint": endpoint,
        "resend": lambda _request, given: {"sent": webhook.again(given["type"])},
        "claim": claim,
        "archive": archive,
        "bill": lambda _request, given: server.plants.plant(given),
    }
    for name, act in acts.items():
        server.route("POST", f"/_control/{name}", act, is_open=True)


def _summary(server: BTCPay) -> object:
    """What the server believes, by our numbers."""
    pulls = server.pulls
    payments = [
        {
            "number": each["metadata"].get("orderId"), "id": each["id"], "state": each["status"], "amount": each["amount"],
            "paid": each["paidAmount"], "currency": each["currency"],
        }
        for each in server.invoices.all.values()
    ]  # fmt: skip
    refunds = [
        {
            "number": pull["name"], "payment": server.invoices.all[pulls.of_invoice[name]]["metadata"].get("orderId"),
            "amount": pull["amount"], "currency": pull["currency"], "states": [each["state"] for each in pulls.payouts[name]],
        }
        for name, pull in pulls.all.items()
    ]  # fmt: skip
    return {"payments": payments, "refunds": refunds, "fees": 0}


def main(arguments: list[str] | None = None) -> None:
    staging.run(make, arguments)
