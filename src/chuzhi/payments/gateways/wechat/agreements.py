"""A payer's permission to be charged when nobody is there: periodic deduction.

The provider's version 3 has no more than the announcement of it; signing, charging, asking and ending are calls of version 2.
(Version 3's scheduled deduction is another thing: its agreement ends with the first charge.)
"""

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    Asked,
    Decline,
    ForgedError,
    Notice,
    OutcomeUnknownError,
    ProviderRefusedError,
    State,
    Told,
)
from chuzhi.payments.gateways.wechat import flat_xml
from chuzhi.payments.gateways.wechat.account import Account
from chuzhi.payments.gateways.wechat.conversation import DECLINES, Conversation, plain, refusal
from chuzhi.payments.gateways.wechat.transactions import BEIJING, STATES, shortened

WAITING_DAYS, OPEN_DAYS = 2, 7
"""After an announcement nothing may be taken on that day and the next, then on seven days."""

LONGEST_NAME, LONGEST_REMARK = 64, 256  # bytes, in UTF-8
SIGNED, NOT_SIGNED, BEING_SIGNED = "0", "1", "9"
CHANGES = {"ADD": AgreementState.SIGNED, "DELETE": AgreementState.ENDED}

Words = Mapping[str, str]


class Agreements:
    """Those under one template of one merchant."""

    def __init__(self, account: Account, conversation: Conversation) -> None:
        self._account = account
        self._conversation = conversation

    def address(self, asked: AgreementAsked) -> str:
        """What the payer opens inside WeChat, or scans with it, to sign."""
        facts = {
            **self._merchant(),
            "plan_id": self._account.plan,
            "contract_code": asked.number,
            "request_serial": str(time.time_ns() // 1000),
            "contract_display_account": shortened("".join(each for each in asked.shown_name if each <= "\uffff"), LONGEST_NAME),
            "notify_url": asked.notify_url,
            "version": "1.0",
            "timestamp": str(int(time.time())),
            "return_web": "1",
        }
        return f"{self._account.address}/papay/entrustweb?{urlencode({**facts, 'sign': flat_xml.sign(facts, self._account.v2_key)})}"

    def ask(self, number: str) -> AgreementTold:
        facts = {**self._merchant(), "plan_id": self._account.plan, "contract_code": number, "version": "1.0"}
        try:
            said = self._ask("/papay/querycontract", facts)
        except ProviderRefusedError as no:
            if plain(no.reason) != "CONTRACTNOTEXIST":
                raise
            return AgreementTold(number=number, state=AgreementState.UNHEARD)
        state = {SIGNED: AgreementState.SIGNED, NOT_SIGNED: AgreementState.ENDED}.get(
            said.get("contract_state", ""), AgreementState.WAITING
        )
        changed = said.get("contract_terminated_time" if state is AgreementState.ENDED else "contract_signed_time", "")
        return AgreementTold(
            number=number,
            state=state,
            merchant=said.get("mch_id", ""),
            provider_id=said.get("contract_id", ""),
            payer=said.get("openid", ""),
            changed_at=datetime.fromtimestamp(int(changed), UTC) if changed.isdecimal() else None,
            reason=said.get("contract_termination_mode", ""),
        )

    def announce(self, *, agreement: str, amount: int, currency: str, on: date) -> None:
        """The provider tells the payer, and lets the announced amount be taken from the third day on."""
        first = datetime.now(BEIJING).date() + timedelta(days=WAITING_DAYS)
        if not first <= on < first + timedelta(days=OPEN_DAYS):
            raise ProviderRefusedError("NOT_THEN", f"Announced today, it may be charged on {OPEN_DAYS} days from {first}.")
        content = {
            "mchid": self._account.merchant,
            "appid": self._account.app,
            "estimated_amount": {"amount": amount, "currency": currency},
        }
        self._conversation.ask("POST", f"/v3/papay/contracts/{quote(agreement, safe='')}/notify", content)

    def charge(self, asked: Asked) -> None:
        """Taken on, not yet taken: the provider tells later whether it was."""
        self._ask(
            "/pay/pappayapply",
            {
                **self._merchant(),
                "nonce_str": secrets.token_hex(16),
                "body": shortened(asked.subject),
                "out_trade_no": asked.number,
                "total_fee": str(asked.amount),
                "fee_type": asked.currency,
                "notify_url": asked.notify_url,
                "trade_type": "PAP",
                "contract_id": asked.agreement,
            },
        )

    def ask_charge(self, number: str) -> Told:
        facts = {**self._merchant(), "nonce_str": secrets.token_hex(16), "out_trade_no": number}
        try:
            return _charge(self._ask("/pay/paporderquery", facts))
        except ProviderRefusedError as no:
            if plain(no.reason) != "ORDERNOTEXIST":
                raise
            return Told(number=number, state=State.UNHEARD)

    def end(self, *, agreement: str, reason: str) -> None:
        """One that has ended already is as good."""
        remark = shortened(reason, LONGEST_REMARK) or "-"
        facts = {**self._merchant(), "contract_id": agreement, "contract_termination_remark": remark, "version": "1.0"}
        try:
            self._ask("/papay/deletecontract", facts)
        except ProviderRefusedError as no:
            if plain(no.reason) not in {"CONTRACTNOTEXIST", "CONTRACTTERMINATED"}:
                raise

    def read(self, body: bytes) -> Notice:
        """A notice of the older kind: it bears no time, and the same words again are the same event. Raises ForgedError."""
        try:
            said = flat_xml.read(body)
        except ValueError as fault:
            raise ForgedError("not a notice") from fault
        if not flat_xml.is_signed(said, self._account.v2_key):
            raise ForgedError("the signature is wrong")
        if said.get("change_type"):
            return _changed(said)
        told = _charge(said)
        result = said.get("err_code") or said.get("trade_state") or said.get("result_code", "")
        return Notice(event=f"PAP {told.number} {told.provider_id} {result}", kind="PAP", content=told)

    def _merchant(self) -> dict[str, str]:
        return {"appid": self._account.app, "mch_id": self._account.merchant}

    def _ask(self, path: str, facts: Words) -> Words:
        answer = self._conversation.post_unsigned(path, flat_xml.write(facts, self._account.v2_key))
        try:
            said = flat_xml.read(answer.body)
        except ValueError as fault:
            raise OutcomeUnknownError(f"{answer.status}, and not an answer") from fault
        if said.get("return_code") != "SUCCESS" or not flat_xml.is_signed(said, self._account.v2_key):
            raise OutcomeUnknownError(f"{answer.status}, not to be believed: {said.get('return_msg', '')}")
        if said.get("result_code") != "SUCCESS":
            raise refusal(said.get("err_code", ""), said.get("err_code_des", ""))
        return said


def _charge(said: Words) -> Told:
    """Of an answer or a notice."""
    code = said.get("err_code", "")
    state = STATES.get(said.get("trade_state", ""), State.WAITING if not code else State.FAILED)
    if said.get("result_code") != "SUCCESS":
        state = State.FAILED
    amount = said.get("total_fee", "")
    return Told(
        number=said.get("out_trade_no", ""),
        state=state,
        merchant=said.get("mch_id", ""),
        amount=int(amount) if amount.isdecimal() else None,
        currency=said.get("fee_type", "") or "CNY",
        provider_id=said.get("transaction_id", ""),
        paid_at=_moment(said.get("time_end", "")),
        payer=said.get("openid", ""),
        decline=DECLINES.get(plain(code), Decline.LATER) if state is State.FAILED else None,
        reason=code or ("" if state is State.PAID else said.get("trade_state", "")),
    )


def _changed(said: Words) -> Notice:
    change, code = said["change_type"], said.get("contract_code", "")
    told = AgreementTold(
        number=code,
        state=CHANGES.get(change, AgreementState.WAITING),
        merchant=said.get("mch_id", ""),
        provider_id=said.get("contract_id", ""),
        payer=said.get("openid", ""),
        changed_at=_moment(said.get("operate_time", "")),
        reason=said.get("contract_termination_mode", ""),
    )
    return Notice(event=f"{change} {told.provider_id}", kind=f"contract.{change}", content=told)


def _moment(written: str) -> datetime | None:
    """In Beijing's time, with or without marks between the figures."""
    digits = "".join(each for each in written if each.isdecimal())
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
