"""An answer of the platform: found as the exact text that was signed, and what its codes mean for the money."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chuzhi.payments.gateways.alipay import signing, yuan
from chuzhi.payments.gateways.contract import Decline, OutcomeUnknownError, ProviderRefusedError

DONE, WAITING = "10000", "10003"
ERROR = "error_response"

# The platform or the system behind it could not say: the work may have been done all the same.
UNKNOWN_CODES = {"20000"}
UNKNOWN_REASONS = {"ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error", "AOP.SYSTEM_ERROR"}

DECLINES = {
    **dict.fromkeys(
        (
            "ACQ.BUYER_BALANCE_NOT_ENOUGH",
            "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
            "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
            "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
            "ACQ.BEYOND_PAY_RESTRICTION",
            "ACQ.BEYOND_PER_RECEIPT_RESTRICTION",
            "ACQ.PAYMENT_FAIL",
            "ACQ.PULL_MOBILE_CASHIER_FAIL",
            "ACQ.SELLER_BALANCE_NOT_ENOUGH",
            "isv.app-call-limited",
            "isv.method-call-limited",
        ),
        Decline.LATER,
    ),
    **dict.fromkeys(
        (
            "ACQ.PAYMENT_AUTH_CODE_INVALID",
            "ACQ.ERROR_BALANCE_PAYMENT_DISABLE",
            "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT",
            "ACQ.MOBILE_PAYMENT_SWITCH_OFF",
            "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE",
            "ACQ.USER_FACE_PAYMENT_SWITCH_OFF",
            "ACQ.CUSTOMER_VALIDATE_ERROR",
        ),
        Decline.ASK,
    ),
    **dict.fromkeys(
        (
            "ACQ.AGREEMENT_INVALID",
            "ACQ.AGREEMENT_NOT_EXIST",
            "ACQ.AGREEMENT_STATUS_NOT_NORMAL",
            "ACQ.BUYER_ENABLE_STATUS_FORBID",
            "ACQ.BUYER_SELLER_EQUAL",
            "ACQ.PAYER_UNMATCHED",
            "ACQ.PAYMENT_REQUEST_HAS_RISK",
            "ACQ.TRADE_BUYER_NOT_MATCH",
        ),
        Decline.NEVER,
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was signed. Numbers that are not whole are kept as they were written."""

    facts: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.facts.get("code", ""))

    @property
    def reason(self) -> str:
        return str(self.facts.get("sub_code") or self.code)

    @property
    def is_done(self) -> bool:
        return self.code == DONE

    @property
    def decline(self) -> Decline | None:
        return DECLINES.get(self.reason)

    def of(self, name: str) -> str:
        """A fact as text, empty when it is missing."""
        value = self.facts.get(name)
        return "" if value is None else str(value)

    def amount(self, name: str) -> int | None:
        """In fen; None where there is none."""
        try:
            return yuan.fen(self.of(name)) if self.of(name) else None
        except ValueError as fault:
            raise OutcomeUnknownError(f"{name}: {fault}") from fault

    def moment(self, *names: str) -> datetime | None:
        """The first of them that is there."""
        try:
            return yuan.parsed(next(filter(None, map(self.of, names)), ""))
        except ValueError as fault:
            raise OutcomeUnknownError(f"{names}: {fault}") from fault

    def refusal(self) -> ProviderRefusedError:
        return ProviderRefusedError(self.reason, self.of("sub_msg") or self.of("msg"), decline=self.decline)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer with its signature, nothing checked yet. `signed` is the raw text between its first and last brace."""

    signed: str
    signature: str
    certificate: str

    def opened(self, keys: Iterable[RSAPublicKey]) -> Answer:
        """Raises OutcomeUnknownError if it is not signed as Alipay signs, or if Alipay itself does not know."""
        if not signing.is_signed(self.signed.encode(), self.signature, keys):
            raise OutcomeUnknownError(f"An answer with a wrong signature: {self.signed[:200]}")
        answer = self.unverified()
        if answer.code in UNKNOWN_CODES or answer.reason in UNKNOWN_REASONS:
            raise OutcomeUnknownError(f"{answer.reason}: {answer.of('sub_msg')}")
        return answer

    def unverified(self) -> Answer:
        facts = json.loads(self.signed, parse_float=str)
        if not isinstance(facts, dict):
            raise OutcomeUnknownError("An answer that is no object.")
        return Answer(facts)


def envelope(body: bytes, method: str) -> Envelope:
    """Raises OutcomeUnknownError for anything that cannot be an answer to this method."""
    try:
        pieces = raw_members(body.decode())
        content = pieces.get(method.replace(".", "_") + "_response") or pieces[ERROR]
        return Envelope(content, json.loads(pieces.get("sign", '""')), json.loads(pieces.get("alipay_cert_sn", '""')))
    except (KeyError, ValueError) as fault:
        raise OutcomeUnknownError(f"No answer of the platform: {body[:200]!r}") from fault


def raw_members(text: str) -> dict[str, str]:
    """The members of a JSON object, each as the exact text it was written as.

    What is signed is this text: written anew, it would differ in its spaces, its escapes and the order of its names.
    Raises ValueError, also for a name that comes twice.
    """
    decoder, pieces = json.JSONDecoder(), {}
    at = _after(text, 0, "{")
    while text[at : at + 1] != "}":
        name, at = decoder.raw_decode(text, at)
        start = _after(text, at, ":")
        _value, at = decoder.raw_decode(text, start)
        if not isinstance(name, str) or name in pieces:
            raise ValueError("A member without a name of its own.")
        pieces[name] = text[start:at]
        at = _past_spaces(text, at)
        if text[at : at + 1] != "}":
            at = _after(text, at, ",")
    if text[at + 1 :].strip():
        raise ValueError("Something follows the object.")
    return pieces


def _after(text: str, at: int, mark: str) -> int:
    at = _past_spaces(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark} expected.")
    return _past_spaces(text, at + 1)


def _past_spaces(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at
