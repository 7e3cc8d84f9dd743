"""Refunds, which may wait and may fail after they were done, and disputes, which take more than they took."""

from chuzhi.simulators.stripe import cards, forms
from chuzhi.simulators.stripe.books import Books, Object
from chuzhi.simulators.stripe.problems import invalid

CREATE = "payment_intent charge amount reason metadata.* expand.#"
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}
DISPUTE_FEE = 1500
ANSWER_WITHIN = 7 * 86400


def refund(books: Books, given: Object) -> Object:
    charge = _charge_of(books, given)
    if given.get("reason") and given["reason"] not in REASONS:
        raise invalid(f"Invalid reason: {given['reason']}", param="reason")
    if charge["disputed"]:
        raise invalid("This charge has been charged back and cannot be refunded.", code="charge_disputed")
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    wanted = forms.amount(given.get("amount", left), charge["currency"], is_refund=True)
    if wanted > left:
        raise invalid(f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})", param="amount")
    course = _course(books, charge)
    waits = course in {"pending", "settles_later"}
    made = books.new(
        "refund", amount=wanted, currency=charge["currency"], charge=charge["id"], payment_intent=charge["payment_intent"],
        reason=given.get("reason"), metadata=forms.metadata(given), status="pending" if waits else "succeeded",
        failure_reason=None, pending_reason="processing" if waits else None, failure_balance_transaction=None,
    )  # fmt: skip
    _take(charge, wanted)
    made["balance_transaction"] = books.move("refund", made, -wanted)["id"]
    books.tell("refund.created", made)
    books.tell("charge.refunded", charge)
    if course in {"failed_later", "settles_later"}:
        books.later(lambda: settle(books, made, "failed" if course == "failed_later" else "succeeded"))
    return made


def _course(books: Books, charge: Object) -> str:
    """As the card was made to behave, or as the hour's faults have it."""
    for fault, course in (("refund_fails_later", "failed_later"), ("refund_settles_later", "settles_later")):
        if books.stage.faults.strikes(fault):
            return course
    return cards.CARDS[books.behaviour[charge["payment_method"]]].refund


def _charge_of(books: Books, given: Object) -> Object:
    if name := given.get("charge"):
        return books.get("charge", name)
    intent = books.get("payment_intent", forms.needed(given, "payment_intent"))
    if intent["status"] != "succeeded":
        raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return books.get("charge", intent["latest_charge"])


def _take(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def settle(books: Books, made: Object, status: str) -> None:
    """A refund that waited, or seemed done, comes to its end."""
    if made["status"] in {status, "failed"}:
        return
    made.update(status=status, pending_reason=None)
    if status == "failed":
        made["failure_reason"] = "expired_or_canceled_card"
        _take(books.get("charge", made["charge"]), -made["amount"])
        made["failure_balance_transaction"] = books.move("refund_failure", made, made["amount"])["id"]
        books.tell("refund.failed", made)
    books.tell("refund.updated", made)
    books.tell("charge.refund.updated", made)


def dispute(books: Books, charge: Object, reason: str = "fraudulent") -> Object:
    if charge["disputed"]:
        raise invalid("This charge is disputed already.")
    charge["disputed"] = True
    made = books.new(
        "dispute", amount=charge["amount"], currency=charge["currency"], charge=charge["id"], payment_intent=charge["payment_intent"],
        reason=reason, status="needs_response", is_charge_refundable=False, balance_transactions=[],
        evidence_details={"due_by": books.now() + ANSWER_WITHIN, "has_evidence": False, "past_due": False, "submission_count": 0},
    )  # fmt: skip
    books.move("adjustment", made, -charge["amount"], fee=DISPUTE_FEE, category="dispute")
    books.tell("charge.dispute.created", made)
    books.tell("charge.dispute.funds_withdrawn", made)
    return made


def close(books: Books, made: Object, status: str) -> None:
    if status not in {"won", "lost"} or made["status"] in {"won", "lost"}:
        raise invalid("A dispute is won or lost once.")
    made["status"] = status
    if status == "won":
        books.get("charge", made["charge"])["disputed"] = False
        books.move("adjustment", made, made["amount"], fee=-DISPUTE_FEE, category="dispute_reversal")
        books.tell("charge.dispute.funds_reinstated", made)
    books.tell("charge.dispute.closed", made)
