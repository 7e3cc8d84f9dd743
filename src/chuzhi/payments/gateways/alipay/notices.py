"""What Alipay posts to us: a form in the charset that it names itself, signed over its values."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chuzhi.payments.gateways.alipay import signing, trades, yuan
from chuzhi.payments.gateways.alipay.account import Account
from chuzhi.payments.gateways.contract import (
    AgreementState,
    AgreementTold,
    Content,
    ForgedError,
    Notice,
    RefundState,
    RefundTold,
    State,
    Told,
)

CHARSETS = {"utf-8", "gbk", "gb2312", "gb18030"}
MOST_FIELDS = 200
OLDEST, YOUNGEST = timedelta(days=3), timedelta(minutes=15)
"""Alipay repeats a notice for 25 hours, and its clock is not ours."""


class WrongSignatureError(ForgedError):
    """Of nobody we know: perhaps Alipay signs with a certificate that is new to us."""


def read(body: bytes, *, account: Account, keys: Iterable[RSAPublicKey], now: datetime) -> Notice:
    """Raises ForgedError, and says why."""
    form, charset = _form(body)
    if form.get("sign_type") != "RSA2":
        raise ForgedError(f"Signed as {form.get('sign_type')!r}, not RSA2.")
    text = signing.text_of(form, without=signing.NOT_SIGNED_IN_NOTICES)
    if not signing.is_signed(text.encode(charset), form.get("sign", ""), keys):
        raise WrongSignatureError("The signature is wrong.")
    _check_addressee(form, account)
    try:
        sent_at = yuan.parsed(form.get("notify_time"))
        content = _content(form, account)
    except ValueError as fault:
        raise ForgedError(str(fault)) from fault
    if sent_at is None or not now - OLDEST <= sent_at <= now + YOUNGEST:
        raise ForgedError(f"It was sent at {form.get('notify_time')!r}, which is not now.")
    if not form.get("notify_id"):
        raise ForgedError("It has no notify_id.")
    return Notice(event=form["notify_id"], kind=form.get("notify_type", ""), content=content)


def _form(body: bytes) -> tuple[dict[str, str], str]:
    """Its fields, and the charset in which they were escaped and signed: that name itself is plain in any of them."""
    try:
        text = body.decode("ascii")
        named = dict(_fields(text, "latin-1")).get("charset", "utf-8").lower()
        if named not in CHARSETS:
            raise ForgedError(f"Its charset is {named!r}.")
        fields = _fields(text, named)
    except ValueError as fault:
        raise ForgedError("It is no form.") from fault
    form = dict(fields)
    if len(form) != len(fields):
        raise ForgedError("A field comes twice.")
    return form, named


def _fields(text: str, charset: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MOST_FIELDS)


def _check_addressee(form: Mapping[str, str], account: Account) -> None:
    """One key of Alipay's may sign for several applications of a merchant, and each notice is about one of them."""
    if form.get("app_id") != account.app_id:
        raise ForgedError(f"It is for the application {form.get('app_id')!r}.")
    for name in ("seller_id", "partner_id"):
        if form.get(name, account.seller_id) != account.seller_id:
            raise ForgedError(f"It is about the merchant {form[name]!r}.")


def _content(form: Mapping[str, str], account: Account) -> Content | None:
    known: dict[str, Callable[[Mapping[str, str], Account], Content]] = {
        "trade_status_sync": _refund if form.get("gmt_refund") or form.get("refund_fee") else _trade,
        "dut_user_sign": _agreement,
        "dut_user_unsign": _agreement,
    }
    told = known.get(form.get("notify_type", ""))
    return told(form, account) if told else None


def _trade(form: Mapping[str, str], account: Account) -> Told:
    state = trades.STATES.get(form.get("trade_status", ""))
    if state is None:
        raise ValueError(f"The status is {form.get('trade_status')!r}.")
    return Told(
        number=form.get("out_trade_no", ""),
        state=state,
        merchant=form.get("seller_id", account.seller_id),
        amount=yuan.fen(form.get("total_amount")),
        currency=yuan.CURRENCY,
        provider_id=form.get("trade_no", ""),
        paid_at=yuan.parsed(form.get("gmt_payment")) if state is State.PAID else None,
        payer=trades.payer(form),
        reason=form.get("trade_status", ""),
    )


def _refund(form: Mapping[str, str], account: Account) -> RefundTold:
    """A refund repeats the status of its payment, and its `refund_fee` is of all refunds so far: this one's amount is not told."""
    return RefundTold(
        number=form.get("out_biz_no") or form.get("out_trade_no", ""),
        payment=form.get("out_trade_no", ""),
        state=RefundState.DONE,
        merchant=form.get("seller_id", account.seller_id),
        currency=yuan.CURRENCY,
        provider_id=form.get("trade_no", ""),
        done_at=yuan.parsed(form.get("gmt_refund")),
    )


def _agreement(form: Mapping[str, str], account: Account) -> AgreementTold:
    is_signed = form.get("notify_type") == "dut_user_sign" and form.get("status") == "NORMAL"
    at = form.get("sign_time") if is_signed else form.get("unsign_time") or form.get("notify_time")
    return AgreementTold(
        number=form.get("external_agreement_no", ""),
        state=AgreementState.SIGNED if is_signed else AgreementState.ENDED,
        merchant=account.seller_id,
        provider_id=form.get("agreement_no", ""),
        payer=form.get("alipay_user_id") or form.get("alipay_open_id", ""),
        changed_at=yuan.parsed(at),
        reason=form.get("status", ""),
    )
