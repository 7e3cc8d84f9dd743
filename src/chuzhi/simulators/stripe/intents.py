"""Payment intents: a card is charged, wants its payer first, or is declined."""

from typing import Any

from chuzhi.simulators.stripe import cards, forms, money_back
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.problems import Problem, invalid

CREATE = (
    "amount currency customer payment_method off_session confirm description metadata.* expand.# payment_method_types.# "
    "automatic_payment_methods.enabled automatic_payment_methods.allow_redirects return_url"
)
CANCELLABLE = {"requires_payment_method", "requires_confirmation", "requires_action", "processing"}
REASONS = {"duplicate", "fraudulent", "requested_by_customer", "abandoned"}


def create(books: Books, given: Object) -> Object:
    of = forms.currency(forms.needed(given, "currency"))
    intent = begin(
        books, amount=forms.amount(forms.needed(given, "amount"), of), currency=of, metadata=forms.metadata(given),
        description=given.get("description"), customer=given.get("customer"),
    )  # fmt: skip
    if given.get("confirm") == "true":
        card = _card(books, forms.needed(given, "payment_method"), given.get("customer"))
        attempt(books, intent, card, is_payer_absent=given.get("off_session") == "true")
        if intent["last_payment_error"]:
            error = {name: value for name, value in intent["last_payment_error"].items() if name != "type"}
            raise Problem(402, "card_error", error.pop("message"), **error, payment_intent=books.whole(intent, []))
    return intent


def begin(books: Books, **facts: Any) -> Object:
    intent = books.new(
        "payment_intent", **facts, amount_received=0, amount_capturable=0, capture_method="automatic", confirmation_method="automatic",
        status="requires_payment_method", last_payment_error=None, latest_charge=None, next_action=None, payment_method=None,
        canceled_at=None, cancellation_reason=None, payment_method_types=["card"],
    )  # fmt: skip
    intent["client_secret"] = f"{intent['id']}_secret"
    books.tell("payment_intent.created", intent)
    return intent


def _card(books: Books, name: str, customer: str | None) -> str:
    """A card that is kept, or one of the test cards, which anybody may use."""
    if plain := cards.named(name):
        return new_card(books, plain)
    card = books.get("payment_method", name)
    if card["customer"] != customer:
        raise invalid("The PaymentMethod does not belong to this customer.", code="payment_method_unexpected_state")
    return name


def new_card(books: Books, plain: str, customer: str | None = None) -> str:
    facts = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "country": "US"}
    card = books.new("payment_method", type="card", card=facts, customer=customer)
    books.behaviour[card["id"]] = plain
    return str(card["id"])


def attempt(books: Books, intent: Object, card: str, *, is_payer_absent: bool = False, is_confirmed: bool = False) -> None:
    """`is_confirmed`: the payer's bank has asked them, and they said yes."""
    behaves = cards.CARDS[books.behaviour[card]]
    intent.update(payment_method=card, last_payment_error=None, next_action=None)
    wants = behaves.wants_payer
    if not is_confirmed and wants == "always" and is_payer_absent:
        _decline(books, intent, card, cards.Behaviour("", "authentication_required", "authentication_required"))
    elif not is_confirmed and (wants in {"always", "action"} or (wants == "at_first" and not is_payer_absent)):
        page = f"{books.stage.address}/3ds/{intent['id']}"
        intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": {"url": page}})
        books.tell("payment_intent.requires_action", intent)
    elif behaves.is_declined:
        _decline(books, intent, card, behaves)
    else:
        charge = _charge(books, intent, card)
        if behaves.is_disputed:
            books.later(lambda: money_back.dispute(books, charge))


def refuse_confirmation(books: Books, intent: Object) -> None:
    """The payer did not get past their bank."""
    failure = cards.Behaviour("", "payment_intent_authentication_failure")
    _decline(books, intent, intent["payment_method"], failure, kind="invalid_request_error")


def _decline(books: Books, intent: Object, card: str, behaves: cards.Behaviour, *, kind: str = "card_error") -> None:
    charge = _new_charge(books, intent, card, status="failed", paid=False, failure_code=behaves.code)
    said = {
        "code": behaves.code,
        "decline_code": behaves.decline_code,
        "advice_code": behaves.advice_code,
        "charge": charge["id"],
    }
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        payment_method=None,
        last_payment_error={"type": kind, "message": "Your card was declined."} | {k: v for k, v in said.items() if v},
    )
    books.tell("charge.failed", charge)
    books.tell("payment_intent.payment_failed", intent)


def _charge(books: Books, intent: Object, card: str) -> Object:
    charge = _new_charge(books, intent, card, status="succeeded", paid=True, failure_code=None)
    movement = books.move("charge", charge, intent["amount"], fee=fee_of(intent["amount"], intent["currency"]))
    charge["balance_transaction"] = movement["id"]
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
    books.tell("charge.succeeded", charge)
    books.tell("payment_intent.succeeded", intent)
    return charge


def _new_charge(books: Books, intent: Object, card: str, **facts: Any) -> Object:
    return books.new(
        "charge", **facts, amount=intent["amount"], currency=intent["currency"], payment_intent=intent["id"], payment_method=card,
        customer=intent["customer"], metadata=dict(intent["metadata"]), description=intent["description"], captured=facts["paid"],
        amount_refunded=0, refunded=False, disputed=False, balance_transaction=None,
    )  # fmt: skip


def fee_of(units: int, of: str) -> int:
    """2.9 % and 30 of the smallest coin, as for a domestic card."""
    fee = min(units, units * 29 // 1000 + 30)
    return fee - fee % (10 if of in forms.THREE_DECIMAL else 100 if of in forms.WHOLE_ONLY else 1)


def cancel(books: Books, intent: Object, given: Object) -> Object:
    reason = given.get("cancellation_reason")
    if reason and reason not in REASONS:
        raise invalid(f"Invalid cancellation_reason: {reason}", param="cancellation_reason")
    if intent["status"] not in CANCELLABLE:
        raise invalid(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent.update(status="canceled", canceled_at=books.now(), cancellation_reason=reason, next_action=None)
    books.tell("payment_intent.canceled", intent)
    return intent


def search(books: Books, query: str, *, lag_seconds: int) -> list[Object]:
    """By metadata alone, and blind to what is younger than its index."""
    name, colon, value = query.partition(":")
    if not (colon and name.startswith("metadata['") and value.startswith("'") and value.endswith("'")):
        raise invalid(f"We were unable to parse your search query: {query}", param="query")
    key, wanted = name[len("metadata['") : -2], value.strip("'")
    born = books.now() - lag_seconds
    return [each for each in books.all("payment_intent") if each["metadata"].get(key) == wanted and each["created"] <= born]
