"""Stripe as a gateway: the payer goes to Stripe's own page; who is not there is charged by the card they left with Stripe."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    Asked,
    Bill,
    Notice,
    ProviderRefusedError,
    RefundAsked,
    RefundState,
    RefundTold,
    Reply,
    Scene,
    Started,
    State,
    Told,
)
from chuzhi.payments.gateways.stripe import bill, meaning, notices
from chuzhi.payments.gateways.stripe.account import Account
from chuzhi.payments.gateways.stripe.amounts import for_stripe
from chuzhi.payments.gateways.stripe.api import Api, Object, StripeRefusedError

SHORTEST_SESSION, LONGEST_SESSION = timedelta(minutes=30), timedelta(hours=24)
INDEX_LAG = timedelta(hours=1)
"""How far behind Stripe's search may be. What is younger is looked for in the list."""

WHOLE_CHARGE = "latest_charge.balance_transaction"
MISSING = "resource_missing"


def build(account: Account) -> "StripeGateway":
    return StripeGateway(account)


class StripeGateway:
    announce_days = 0
    scenes = frozenset({Scene.PAGE, Scene.PHONE, Scene.SHOWN, Scene.ABSENT})

    def __init__(self, account: Account) -> None:
        self.account = account
        self.merchant = account.merchant
        self._api = Api(account)

    def start(self, asked: Asked) -> Started:
        if asked.scene is Scene.ABSENT:
            return self._charge_absent(asked)
        session = self._api.post("checkout/sessions", _checkout(asked), key=asked.number)
        return _shown(session, asked.scene)

    def _charge_absent(self, asked: Asked) -> Started:
        customer, _colon, card = asked.agreement.partition(":")
        facts = {
            "amount": for_stripe(asked.amount, asked.currency),
            "currency": asked.currency.lower(),
            "customer": customer,
            "payment_method": card,
            "off_session": True,
            "confirm": True,
            "description": asked.subject,
            "metadata": {"number": asked.number, "scene": "absent"},
            "expand": [WHOLE_CHARGE],
        }
        try:
            intent = self._api.post("payment_intents", facts, key=asked.number)
        except StripeRefusedError as no:
            declined = no.error.get("payment_intent")
            if not isinstance(declined, Mapping):
                raise
            intent = dict(declined)
        if intent["status"] == "requires_action":
            intent = self._cancel(intent["id"], because=meaning.ABANDONED)
        return Started(provider_id=intent["id"], told=meaning.of_intent(intent, merchant=self.merchant))

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        found = self._found(number, provider_id)
        if found is None:
            return Told(number=number, state=State.UNHEARD)
        if found["object"] == "checkout.session":
            return meaning.of_session(found, merchant=self.merchant)
        return meaning.of_intent(found, merchant=self.merchant)

    def close(self, number: str, *, provider_id: str = "") -> None:
        found = self._found(number, provider_id)
        if found is None or found["status"] in {"expired", "canceled"}:
            return
        if found["object"] == "checkout.session":
            self._api.post(f"checkout/sessions/{found['id']}/expire", {})
        else:
            self._cancel(found["id"], because="requested_by_customer")

    def refund(self, asked: RefundAsked) -> RefundTold:
        facts = {
            "payment_intent": self._intent_of(asked),
            "amount": for_stripe(asked.amount, asked.currency),
            "reason": "requested_by_customer",
            "metadata": {"number": asked.number, "payment": asked.payment, "reason": asked.reason[:500]},
        }
        return meaning.of_refund(self._api.post("refunds", facts, key=asked.number), merchant=self.merchant)

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        for refund in self._api.each("refunds", payment_intent=self._intent_of(asked)):
            if meaning.number_of(refund) == asked.number:
                return meaning.of_refund(refund, merchant=self.merchant)
        return RefundTold(number=asked.number, payment=asked.payment, state=RefundState.UNHEARD)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        return notices.read(self.account, headers, body, now=now)

    def reply(self, *, accepted: bool) -> Reply:
        return Reply(200, b'{"received": true}') if accepted else Reply(400, b'{"received": false}')

    def bill(self, on: date) -> Bill:
        return bill.read(self._api, on)

    def agree(self, asked: AgreementAsked) -> Started:
        facts = {
            "mode": "setup",
            "payment_method_types": ["card"],
            "client_reference_id": asked.number,
            "metadata": {"number": asked.number},
            "setup_intent_data": {"description": asked.shown_name, "metadata": {"number": asked.number}},
            **({"customer": asked.payer} if asked.payer else {"customer_creation": "always"}),
            **_ways_back(asked.return_url, asked.notify_url),
        }
        return _shown(self._api.post("checkout/sessions", facts, key=asked.number), asked.scene)

    def ask_agreement(self, number: str, *, provider_id: str = "") -> AgreementTold:
        if ":" in provider_id:
            return self._kept(number, provider_id)
        try:
            found = self._session(provider_id) if provider_id else self._recent_session(number)
        except StripeRefusedError as no:
            if not no.is_missing:
                raise
            found = None
        if found is None:
            return AgreementTold(number=number, state=AgreementState.UNHEARD)
        return meaning.of_setup_session(found, merchant=self.merchant)

    def announce(self, *, agreement: str, amount: int, currency: str, on: date) -> None:
        """Stripe tells the payer of a card nothing beforehand; we do."""

    def release(self, *, agreement: str, reason: str) -> None:
        """Raises nothing where it was released before."""
        _customer, _colon, card = agreement.partition(":")
        try:
            self._api.post(f"payment_methods/{_id(card)}/detach", {})
        except StripeRefusedError:
            if self._kept("", agreement).state is not AgreementState.ENDED:
                raise

    def disconnect(self) -> None:
        self._api.disconnect()

    def _kept(self, number: str, agreement: str) -> AgreementTold:
        customer, _colon, card = agreement.partition(":")
        try:
            held_by = meaning.id_of(self._api.get(f"payment_methods/{_id(card)}").get("customer"))
        except StripeRefusedError as no:
            if not no.is_missing:
                raise
            held_by = ""
        state = AgreementState.SIGNED if held_by == customer else AgreementState.ENDED
        return AgreementTold(number=number, state=state, merchant=self.merchant, provider_id=agreement, payer=customer)

    def _cancel(self, intent: str, *, because: str) -> Object:
        return self._api.post(f"payment_intents/{_id(intent)}/cancel", {"cancellation_reason": because})

    def _intent_of(self, asked: RefundAsked) -> str:
        if asked.provider_id.startswith("pi_"):
            return asked.provider_id
        found = self._found(asked.payment, asked.provider_id) or {}
        intent = found.get("payment_intent") if found.get("object") == "checkout.session" else found
        if not (name := meaning.id_of(intent)):
            raise ProviderRefusedError(MISSING, "Stripe has no payment of this number.")
        return name

    def _found(self, number: str, provider_id: str) -> Object | None:
        """By Stripe's own id; without one, by our number in its search and its lists."""
        try:
            if provider_id.startswith("pi_"):
                return self._intent(provider_id)
            if provider_id:
                return self._session(provider_id)
        except StripeRefusedError as no:
            if no.is_missing:
                return None
            raise
        if intents := self._api.get("payment_intents/search", query=f"metadata['number']:'{_number(number)}'")["data"]:
            return self._intent(_best(intents)["id"])
        since = {"gte": int((datetime.now(UTC) - INDEX_LAG).timestamp())}
        recent = [each for each in self._api.each("payment_intents", created=since) if meaning.number_of(each) == number]
        return self._intent(_best(recent)["id"]) if recent else self._recent_session(number)

    def _intent(self, intent: str) -> Object:
        return self._api.get(f"payment_intents/{_id(intent)}", expand=[WHOLE_CHARGE])

    def _session(self, session: str) -> Object:
        expand = ["setup_intent", f"payment_intent.{WHOLE_CHARGE}"]
        return self._api.get(f"checkout/sessions/{_id(session)}", expand=expand)

    def _recent_session(self, number: str) -> Object | None:
        """A session lives a day at most. Stripe lists them by time alone."""
        since = {"gte": int((datetime.now(UTC) - LONGEST_SESSION - INDEX_LAG).timestamp())}
        for session in self._api.each("checkout/sessions", created=since):
            if session.get("client_reference_id") == number:
                return self._session(session["id"])
        return None


def _checkout(asked: Asked) -> dict[str, object]:
    """The same whenever it is sent, for under one key Stripe takes one body only."""
    units = for_stripe(asked.amount, asked.currency)
    named = {"number": asked.number}
    product = {"currency": asked.currency.lower(), "unit_amount": units, "product_data": {"name": asked.subject}}
    return {
        "mode": "payment",
        "client_reference_id": asked.number,
        "metadata": named,
        "payment_intent_data": {"metadata": named, "description": asked.subject},
        "line_items": [{"quantity": 1, "price_data": product}],
        "adaptive_pricing": {"enabled": False},
        "customer": asked.payer,
        "expires_at": _end_of_session(asked.expires_at),
        **_ways_back(asked.return_url, asked.notify_url),
    }


def _end_of_session(expires_at: datetime) -> int | None:
    """Stripe keeps a session for half an hour at least and a day at most. We close it at its time; this is for when we cannot."""
    end = expires_at + SHORTEST_SESSION
    return int(end.timestamp()) if end - datetime.now(UTC) < LONGEST_SESSION else None


def _ways_back(return_url: str, notify_url: str) -> dict[str, str]:
    """Where the payer goes afterwards: our front door, if nobody said."""
    ours = urlsplit(notify_url)
    home = return_url or f"{ours.scheme}://{ours.netloc}/"
    return {"success_url": home, "cancel_url": home}


def _shown(session: Object, scene: Scene) -> Started:
    url = str(session.get("url") or "")
    return Started(url=url, code=url if scene is Scene.SHOWN else "", provider_id=session["id"])


def _best(intents: list[Object]) -> Object:
    return next((each for each in intents if each["status"] == "succeeded"), intents[0])


def _id(given: str) -> str:
    """An id goes into a path: it has letters, digits and `_`, or it is none of Stripe's."""
    if not re.fullmatch(r"\w+", given, re.ASCII):
        raise ProviderRefusedError(MISSING, "This is no id of Stripe.")
    return given


def _number(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,64}", given):
        raise ProviderRefusedError(MISSING, "This is no number of ours.")
    return given
