"""The way of a person through the pages: Stripe's own, perhaps their bank's, and back to the shop."""

from collections.abc import Callable

from chuzhi.simulators.stage import Request, Response, Stage
from chuzhi.simulators.stripe import pages, sessions
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.problems import Problem

Page = Callable[[Books, Request], Response]


def add(stage: Stage, books: Books) -> None:
    for method, pattern, page in PAGES:
        stage.route(method, pattern)(_route(stage, books, page))


def _route(stage: Stage, books: Books, page: Page) -> Callable[[Request], Response]:
    def route(request: Request) -> Response:
        try:
            with stage.lock:
                sessions.expire_what_is_over(books)
                answer = page(books, request)
        except Problem as no:
            answer = no.response()
        books.flush()
        return answer

    return route


def _checkout(books: Books, request: Request) -> Response:
    return pages.checkout(books.get("checkout.session", request.parts[0]))


def _pay(books: Books, request: Request) -> Response:
    session = books.get("checkout.session", request.parts[0])
    if session["status"] != "open":
        return pages.over(session)
    sessions.pay(books, session, request.form.get("card", "visa"))
    return _after(session, sessions.intent_of(books, session))


def _bank(books: Books, request: Request) -> Response:
    return pages.bank(sessions.intent_named(books, request.parts[0]))


def _confirm(books: Books, request: Request) -> Response:
    intent = sessions.intent_named(books, request.parts[0])
    sessions.confirm(books, intent, agrees=request.form.get("agrees") == "yes")
    session = sessions.session_of(books, intent)
    return _after(session, intent) if session else Response.json({})


def _after(session: Object, intent: Object) -> Response:
    if intent["status"] == "requires_action":
        return pages.go(intent["next_action"]["redirect_to_url"]["url"])
    declined = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
    if declined:
        return pages.checkout(session, problem=f"银行卡被拒：{declined.get('decline_code') or declined.get('code')}")
    return pages.go(session["success_url"])


PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", r"/pay/(\w+)", _checkout),
    ("POST", r"/pay/(\w+)", _pay),
    ("GET", r"/3ds/(\w+)", _bank),
    ("POST", r"/3ds/(\w+)", _confirm),
)
