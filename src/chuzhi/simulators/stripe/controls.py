"""What tests and the demo may do to this Stripe: pay, dispute, settle refunds, roll secrets, spoil the bill."""

import json
from collections.abc import Callable

from chuzhi.simulators.stage import Request, Response, Stage
from chuzhi.simulators.stripe import cards, money_back, sessions
from chuzhi.simulators.stripe.bill import Plants
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.problems import Problem, invalid
from chuzhi.simulators.stripe.webhooks import Webhook, new_secret

Control = Callable[[Object], object]


def add(stage: Stage, books: Books, webhook: Webhook, plants: Plants) -> None:
    def control(name: str) -> Callable[[Control], Control]:
        def add_route(act: Control) -> Control:
            stage.route("POST", f"/_control/{name}")(_route(stage, books, act))
            return act

        return add_route

    _of_payers(control, books)
    _of_webhooks(control, books, webhook)

    @control("pay_out")
    def pay_out(given: Object) -> object:
        """To the merchant's bank: `{"amount": minor units}`."""
        made = books.new(
            "payout", amount=given["amount"], currency="cny", arrival_date=books.now() + 86400, status="in_transit"
        )
        books.move("payout", made, -given["amount"])
        return made

    @control("bill")
    def spoil(given: Object) -> object:
        return plants.plant(books, given)


def _route(stage: Stage, books: Books, act: Control) -> Callable[[Request], Response]:
    def route(request: Request) -> Response:
        try:
            with stage.lock:
                answer = Response.json(act(json.loads(request.body or b"{}")))
        except Problem as no:
            answer = no.response()
        books.flush()
        return answer

    return route


def _of_payers(control: Callable[[str], Callable[[Control], Control]], books: Books) -> None:
    @control("pay")
    def pay(given: Object) -> object:
        """`{"number": ours, "card": "visa"}`; a card that wants its payer waits for `confirm`."""
        session = _session(books, given)
        sessions.pay(books, session, given.get("card", "visa"))
        return session

    @control("confirm")
    def confirm(given: Object) -> object:
        session = _session(books, given)
        sessions.confirm(books, sessions.intent_of(books, session), agrees=given.get("agrees", True))
        return session

    @control("card")
    def behave(given: Object) -> object:
        """A card that somebody left with the shop behaves otherwise from now on."""
        plain = cards.named(given["behaves"])
        if plain is None:
            raise invalid(f"No such card: {given['behaves']}")
        books.behaviour[books.get("payment_method", given["payment_method"])["id"]] = plain
        return {}

    @control("refund")
    def settle(given: Object) -> object:
        found = next(each for each in books.all("refund") if given["number"] in {each["id"], each["metadata"].get("number")})
        money_back.settle(books, found, given["status"])
        return found

    @control("dispute")
    def dispute(given: Object) -> object:
        found = next(each for each in books.all("charge", paid=True) if each["metadata"].get("number") == given["number"])
        return money_back.dispute(books, found, given.get("reason", "fraudulent"))

    @control("close_dispute")
    def close(given: Object) -> object:
        found = books.get("dispute", given["dispute"])
        money_back.close(books, found, given["status"])
        return found


def _of_webhooks(control: Callable[[str], Callable[[Control], Control]], books: Books, webhook: Webhook) -> None:
    @control("endpoint")
    def endpoint(given: Object) -> object:
        """Where events go, as a merchant enters it in Stripe's dashboard."""
        webhook.url = given["url"]
        return {"webhook_secret": webhook.secrets[-1]}

    @control("roll_secret")
    def roll(_given: Object) -> object:
        """A new secret; the one before stays good until `drop_secret`."""
        webhook.secrets = [webhook.secrets[-1], new_secret()]
        return {"webhook_secret": webhook.secrets[-1], "webhook_secret_before": webhook.secrets[0]}

    @control("drop_secret")
    def drop(_given: Object) -> object:
        webhook.secrets = webhook.secrets[-1:]
        return {}

    @control("resend")
    def resend(given: Object) -> object:
        """Every event of a kind once more, the newest first."""
        again = [each for each in reversed(books.things["event"].values()) if each["type"] == given["type"]]
        for event in again:
            webhook.send(event)
        return {"sent": len(again)}


def _session(books: Books, given: Object) -> Object:
    sessions.expire_what_is_over(books)
    found = list(books.all("checkout.session", client_reference_id=given["number"]))
    if not found:
        raise invalid(f"No session has the number {given['number']}.", status=404)
    return found[-1]


def summary(books: Books) -> object:
    """What Stripe believes, by our numbers."""
    paid = [
        {
            "number": each["metadata"].get("number"), "id": each["payment_intent"], "amount": each["amount"],
            "currency": each["currency"].upper(), "refunded": each["amount_refunded"], "disputed": each["disputed"],
            "fee": books.get("balance_transaction", each["balance_transaction"])["fee"],
        }
        for each in books.all("charge", paid=True)
    ]  # fmt: skip
    refunds = [
        {
            "number": each["metadata"].get("number"), "payment": each["metadata"].get("payment"), "id": each["id"],
            "amount": each["amount"], "currency": each["currency"].upper(), "state": each["status"],
        }
        for each in books.all("refund")
    ]  # fmt: skip
    disputes = [{"id": each["id"], "amount": each["amount"], "state": each["status"]} for each in books.all("dispute")]
    sums = {name: sum(each[name] for each in books.all("balance_transaction")) for name in ("amount", "fee", "net")}
    attempts = len(books.things["charge"])
    return {"payments": paid, "refunds": refunds, "disputes": disputes, "balance": sums, "attempts": attempts}
