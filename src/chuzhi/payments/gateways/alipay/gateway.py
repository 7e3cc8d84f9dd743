"""A merchant's account at Alipay, asked and listened to."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote_plus

from chuzhi.payments.gateways.alipay import bills, notices, trades, yuan
from chuzhi.payments.gateways.alipay.account import Account
from chuzhi.payments.gateways.alipay.answers import DONE, WAITING, Answer
from chuzhi.payments.gateways.alipay.channel import Channel
from chuzhi.payments.gateways.contract import (
    AgreementAsked,
    AgreementState,
    AgreementTold,
    Asked,
    Bill,
    Notice,
    NotSentError,
    OutcomeUnknownError,
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

TRADE_UNHEARD = "ACQ.TRADE_NOT_EXIST"
AGREEMENT_UNHEARD = "USER_AGREEMENT_NOT_EXIST"
AGREEMENT_STATES = {"NORMAL": AgreementState.SIGNED, "TEMP": AgreementState.WAITING, "STOP": AgreementState.ENDED}
IN_THE_APP = "alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES&sign_params="


class Alipay:
    """Safe to share between threads. Keeps parsed keys and open connections."""

    announce_days = 0

    def __init__(self, account: Account) -> None:
        self._account = account
        self._channel = Channel(account)
        self.merchant = account.seller_id
        self.scenes = frozenset(scene for scene in trades.METHODS if scene is not Scene.ABSENT or account.agreement_scene)

    def start(self, asked: Asked) -> Started:
        """On a page there is no trade at Alipay before the payer opens it: until then `ask` says that it is unheard of."""
        if asked.currency != yuan.CURRENCY:
            raise ProviderRefusedError("currency", f"Alipay is paid in yuan here, not in {asked.currency}.")
        method, content = trades.METHODS[asked.scene], trades.content(asked)
        if asked.scene in {Scene.PAGE, Scene.PHONE}:
            return Started(url=self._channel.address(method, content, notify_url=asked.notify_url, return_url=asked.return_url))
        answer = self._channel.ask(method, content, notify_url=asked.notify_url)
        if asked.scene is not Scene.SHOWN:
            return self._at_once(asked, answer)
        if not answer.is_done:
            raise answer.refusal()
        return Started(code=answer.of("qr_code"))

    def ask(self, number: str, *, provider_id: str = "") -> Told:
        answer = self._channel.ask("alipay.trade.query", {"out_trade_no": number})
        if answer.reason == TRADE_UNHEARD:
            return Told(number=number, state=State.UNHEARD, reason=TRADE_UNHEARD)
        return trades.told(_done(answer), number=number, merchant=self.merchant)

    def close(self, number: str, *, provider_id: str = "") -> None:
        """What is not there yet is cancelled: a payment by pay-code that is still on its way is undone when it arrives."""
        answer = self._channel.ask("alipay.trade.close", {"out_trade_no": number})
        if answer.reason != TRADE_UNHEARD:
            _done(answer)
            return
        cancelled = _done(self._channel.ask("alipay.trade.cancel", {"out_trade_no": number}))
        if cancelled.of("action") == "refund":
            raise ProviderRefusedError("paid_meanwhile", "It was paid meanwhile, and the payer has the money back.")

    def refund(self, asked: RefundAsked) -> RefundTold:
        content = {
            "out_trade_no": asked.payment,
            "out_request_no": asked.number,
            "refund_amount": yuan.text(asked.amount),
            "refund_reason": asked.reason[:256],
        }
        answer = _done(self._channel.ask("alipay.trade.refund", content))
        if answer.of("out_trade_no") != asked.payment:
            raise OutcomeUnknownError(f"Asked about {asked.payment}, Alipay answers about {answer.of('out_trade_no')!r}.")
        if answer.of("fund_change") == "Y":
            at = answer.moment("gmt_refund_pay")
            return self._refunded(asked, RefundState.DONE, amount=asked.amount, provider_id=answer.of("trade_no"), at=at)
        # No money moved by this very call: it moved at an earlier one, or has not yet.
        told = self.ask_refund(asked)
        return told if told.state is RefundState.DONE else self._refunded(asked, RefundState.PROCESSING)

    def ask_refund(self, asked: RefundAsked) -> RefundTold:
        """Alipay has no word for a refund that failed: it is unheard of then, and may be asked for again by its number."""
        content = {"out_trade_no": asked.payment, "out_request_no": asked.number, "query_options": ["gmt_refund_pay"]}
        answer = self._channel.ask("alipay.trade.fastpay.refund.query", content)
        if answer.reason == TRADE_UNHEARD or not _done(answer).of("refund_amount"):
            return self._refunded(asked, RefundState.UNHEARD)
        if answer.of("refund_status") not in {"", "REFUND_SUCCESS"}:
            return self._refunded(asked, RefundState.PROCESSING)
        if (answer.of("out_trade_no"), answer.of("out_request_no")) != (asked.payment, asked.number):
            raise OutcomeUnknownError(f"Asked about {asked.number}, Alipay answers about {answer.of('out_request_no')!r}.")
        amount, at = answer.amount("refund_amount"), answer.moment("gmt_refund_pay")
        return self._refunded(asked, RefundState.DONE, amount=amount, provider_id=answer.of("trade_no"), at=at)

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """A notice does not name the certificate that it is signed with: a wrong signature makes us look for a new one."""
        try:
            return notices.read(body, account=self._account, keys=self._channel.keys(), now=now)
        except notices.WrongSignatureError:
            if not self._has_learned():
                raise
        return notices.read(body, account=self._account, keys=self._channel.keys(), now=now)

    def reply(self, *, accepted: bool) -> Reply:
        return Reply(200, b"success" if accepted else b"fail", "text/plain; charset=utf-8")

    def bill(self, on: date) -> Bill:
        """Alipay has no bill for a day without trades, and none before the next morning: refused as isp.bill_not_exist."""
        content = {"bill_type": "trade", "bill_date": on.isoformat()}
        answer = _done(self._channel.ask("alipay.data.dataservice.bill.downloadurl.query", content))
        archive = self._channel.fetch(answer.of("bill_download_url"))
        try:
            return bills.read(archive, on=on, merchant=self.merchant)
        except bills.BillUnsoundError as fault:
            raise OutcomeUnknownError(str(fault)) from fault

    def agree(self, asked: AgreementAsked) -> Started:
        """An address for any browser; on a phone also one that opens the app."""
        is_phone = asked.scene is Scene.PHONE
        content = self._agreement(asked.number) | {
            "product_code": trades.PRODUCTS[Scene.ABSENT],
            "access_params": {"channel": "ALIPAYAPP" if is_phone else "QRCODE"},
            "external_logon_id": asked.shown_name[:100],
        }
        facts = {"notify_url": asked.notify_url, "return_url": asked.return_url}
        method = "alipay.user.agreement.page.sign"
        url = self._channel.address(method, content, **facts)
        return Started(url=url, facts={"app": IN_THE_APP + quote_plus(url.partition("?")[2])} if is_phone else {})

    def ask_agreement(self, number: str, *, provider_id: str = "") -> AgreementTold:
        """Alipay forgets an agreement that has ended: one that it had named before and does not know now is over."""
        answer = self._channel.ask("alipay.user.agreement.query", self._agreement(number))
        if answer.reason.endswith(AGREEMENT_UNHEARD):
            over = AgreementState.ENDED if provider_id else AgreementState.UNHEARD
            return AgreementTold(number=number, state=over, merchant=self.merchant, provider_id=provider_id)
        state = AGREEMENT_STATES.get(_done(answer).of("status"))
        if state is None or answer.of("external_agreement_no") != number:
            raise OutcomeUnknownError(f"Asked about {number}, Alipay answers {dict(answer.facts)!r}.")
        return AgreementTold(
            number=number,
            state=state,
            merchant=self.merchant,
            provider_id=answer.of("agreement_no"),
            payer=answer.of("principal_id") or answer.of("principal_open_id"),
            changed_at=answer.moment("sign_time"),
            reason=answer.of("status"),
        )

    def announce(self, *, agreement: str, amount: int, currency: str, on: date) -> None:
        """Alipay has no message of its own for this: telling the payer beforehand is left to the merchant."""

    def release(self, *, agreement: str, reason: str) -> None:
        answer = self._channel.ask("alipay.user.agreement.unsign", {"agreement_no": agreement})
        if not answer.reason.endswith(AGREEMENT_UNHEARD):
            _done(answer)

    def _at_once(self, asked: Asked, answer: Answer) -> Started:
        """By pay-code or agreement: paid, waiting for the payer's password, or declined. Asked twice, the first time counts."""
        if answer.code in {DONE, WAITING}:
            told = trades.told(answer, number=asked.number, merchant=self.merchant)
        elif answer.reason in {"ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"}:
            told = self.ask(asked.number)
        elif answer.decline:
            told = Told(number=asked.number, state=State.FAILED, decline=answer.decline, reason=answer.reason)
        else:
            raise answer.refusal()
        return Started(provider_id=told.provider_id, told=told)

    def _refunded(
        self,
        asked: RefundAsked,
        state: RefundState,
        *,
        amount: int | None = None,
        provider_id: str = "",
        at: datetime | None = None,
    ) -> RefundTold:
        return RefundTold(
            number=asked.number,
            payment=asked.payment,
            state=state,
            merchant=self.merchant,
            amount=amount,
            currency=yuan.CURRENCY,
            provider_id=provider_id,
            done_at=at,
        )

    def _agreement(self, number: str) -> dict[str, object]:
        return {
            "personal_product_code": self._account.agreement_product,
            "sign_scene": self._account.agreement_scene,
            "external_agreement_no": number,
        }

    def _has_learned(self) -> bool:
        try:
            return self._channel.has_learned()
        except (NotSentError, OutcomeUnknownError):
            return False


def build(account: Account) -> Alipay:
    return Alipay(account)


def _done(answer: Answer) -> Answer:
    if not answer.is_done:
        raise answer.refusal()
    return answer
