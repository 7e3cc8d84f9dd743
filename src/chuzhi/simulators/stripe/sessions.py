"""Checkout Sessions: Stripe's own page, where a payer pays or leaves a card for later."""

from chuzhi.simulators.stripe import cards, forms, intents
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.problems import invalid

CREATE = (
    "mode client_reference_id metadata.* payment_intent_data.metadata.* payment_intent_data.description line_items.#.quantity "
    "line_items.#.price_data.currency line_items.#.price_data.unit_amount line_items.#.price_data.product_data.name customer "
    "customer_creation expires_at success_url cancel_url payment_method_types.# setup_intent_data.metadata.* "
    "setup_intent_data.description adaptive_pricing.enabled expand.# currency"
)
SHORTEST, LONGEST = 30 * 60, 24 * 3600


def create(books: Books, given: Object) -> Object:
    mode = forms.needed(given, "mode")
    if mode not in {"payment", "setup"}:
        raise invalid(f"Invalid mode: {mode}", param="mode")
    if not str(forms.needed(given, "success_url")).startswith(("https://", "http://")):
        raise invalid("Not a valid URL", code="url_invalid", param="success_url")
    if len(given.get("client_reference_id", "")) > 200:
        raise invalid("client_reference_id is too long", param="client_reference_id")
    if customer := given.get("customer"):
        books.get("customer", customer)
    facts = _payment(given) if mode == "payment" else _setup(given)
    session = books.new(
        "checkout.session", mode=mode, status="open", client_reference_id=given.get("client_reference_id"), customer=customer,
        customer_creation=given.get("customer_creation", "if_required"), metadata=forms.metadata(given), payment_intent=None,
        setup_intent=None, success_url=given["success_url"], cancel_url=given.get("cancel_url"), expires_at=_end(books, given), **facts,
    )  # fmt: skip
    session["url"] = f"{books.stage.address}/pay/{session['id']}"
    return session


def _payment(given: Object) -> Object:
    lines = forms.needed(given, "line_items")
    currencies = {forms.currency(line["price_data"]["currency"]) for line in lines}
    if len(currencies) != 1:
        raise invalid("All line items have one currency.", param="line_items")
    of = currencies.pop()
    total = sum(int(line["quantity"]) * forms.whole(line["price_data"]["unit_amount"], "unit_amount") for line in lines)
    wanted = given.get("payment_intent_data") or {}
    return {
        "amount_total": forms.amount(total, of, param="line_items[0][price_data][unit_amount]"),
        "currency": of,
        "payment_status": "unpaid",
        "shown": ", ".join(line["price_data"]["product_data"]["name"] for line in lines),
        "for_intent": {"metadata": forms.metadata(wanted), "description": wanted.get("description")},
    }


def _setup(given: Object) -> Object:
    if not given.get("payment_method_types") and not given.get("currency"):
        raise invalid(
            "currency is needed in setup mode without payment_method_types.", code="parameter_missing", param="currency"
        )
    wanted = given.get("setup_intent_data") or {}
    return {
        "amount_total": None,
        "currency": given.get("currency"),
        "payment_status": "no_payment_required",
        "shown": wanted.get("description") or "",
        "for_intent": {"metadata": forms.metadata(wanted), "description": wanted.get("description")},
    }


def _end(books: Books, given: Object) -> int:
    if "expires_at" not in given:
        return books.now() + LONGEST
    end = forms.whole(given["expires_at"], "expires_at")
    if not SHORTEST - 60 <= end - books.now() <= LONGEST:
        raise invalid("expires_at must be between 30 minutes and 24 hours from now.", param="expires_at")
    return end


def expire(books: Books, session: Object) -> Object:
    if session["status"] != "open":
        raise invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
    session.update(status="expired", url=None)
    if session["payment_intent"]:
        intent = books.get("payment_intent", session["payment_intent"])
        if intent["status"] in intents.CANCELLABLE:
            intents.cancel(books, intent, {})
    books.tell("checkout.session.expired", session)
    return session


def expire_what_is_over(books: Books) -> None:
    for session in books.all("checkout.session", status="open"):
        if session["expires_at"] <= books.now():
            expire(books, session)


def pay(books: Books, session: Object, card: str) -> None:
    """The payer presses the button on Stripe's page."""
    if session["status"] != "open":
        raise invalid("This Checkout Session is over.")
    plain = cards.named(card)
    if plain is None:
        raise invalid(f"No such card: {card}")
    if session["mode"] == "setup":
        _leave(books, session, plain)
        return
    if session["payment_intent"] is None:
        customer = session["customer"] or _customer(books, session)
        facts = session["for_intent"]
        intent = intents.begin(books, amount=session["amount_total"], currency=session["currency"], customer=customer, **facts)
        session["payment_intent"] = intent["id"]
    intent = books.get("payment_intent", session["payment_intent"])
    intents.attempt(books, intent, intents.new_card(books, plain))
    _finish(books, session, intent)


def _customer(books: Books, session: Object) -> str | None:
    if session["customer_creation"] != "always":
        return None
    session["customer"] = books.new("customer", email=None, name=None)["id"]
    return str(session["customer"])


def _finish(books: Books, session: Object, intent: Object) -> None:
    if intent["status"] == "succeeded":
        session.update(status="complete", payment_status="paid", url=None)
        books.tell("checkout.session.completed", session)


def confirm(books: Books, intent: Object, *, agrees: bool) -> None:
    """The payer's answer to their bank (3DS)."""
    if intent["status"] != "requires_action":
        raise invalid("Nothing is waiting for the payer.")
    session = session_of(books, intent)
    if intent["object"] == "setup_intent":
        _finish_setup(books, session or {}, intent, agrees=agrees)
        return
    if agrees:
        intents.attempt(books, intent, intent["payment_method"], is_confirmed=True)
    else:
        intents.refuse_confirmation(books, intent)
    if session:
        _finish(books, session, intent)


def session_of(books: Books, intent: Object) -> Object | None:
    mine = {intent["id"]}
    return next((each for each in books.all("checkout.session") if mine & {each["payment_intent"], each["setup_intent"]}), None)


def intent_of(books: Books, session: Object) -> Object:
    return intent_named(books, session["setup_intent"] or session["payment_intent"])


def intent_named(books: Books, name: str) -> Object:
    return books.get("setup_intent" if name.startswith("seti_") else "payment_intent", name)


def _leave(books: Books, session: Object, plain: str) -> None:
    customer = session["customer"] or _customer(books, session)
    intent = books.new(
        "setup_intent", customer=customer, payment_method=None, status="requires_payment_method", usage="off_session",
        last_setup_error=None, next_action=None, **session["for_intent"],
    )  # fmt: skip
    session["setup_intent"] = intent["id"]
    card = intents.new_card(books, plain, customer)
    intent["payment_method"] = card
    behaves = cards.CARDS[plain]
    if behaves.wants_payer in {"always", "at_first"}:
        intent["status"] = "requires_action"
        page = f"{books.stage.address}/3ds/{intent['id']}"
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": page}}
        books.tell("setup_intent.requires_action", intent)
        return
    _finish_setup(books, session, intent, agrees=True)


def _finish_setup(books: Books, session: Object, intent: Object, *, agrees: bool) -> None:
    intent["next_action"] = None
    if not agrees:
        intent.update(status="requires_payment_method", last_setup_error={"code": "setup_intent_authentication_failure"})
        books.tell("setup_intent.setup_failed", intent)
        return
    intent["status"] = "succeeded"
    session.update(status="complete", url=None)
    books.tell("setup_intent.succeeded", intent)
    books.tell("payment_method.attached", books.get("payment_method", intent["payment_method"]))
    books.tell("checkout.session.completed", session)


def detach(books: Books, card: Object) -> Object:
    if card["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    before = {"customer": card["customer"]}
    card["customer"] = None
    books.tell("payment_method.detached", card, before)
    return card
