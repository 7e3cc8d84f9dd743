"""One payment: how it is asked for in each scene, and what the provider's word about it means."""

from datetime import timedelta, timezone
from urllib.parse import quote

from chuzhi.payments.gateways.contract import Asked, Decline, Scene, Started, State, Told
from chuzhi.payments.gateways.wechat import facts, signing
from chuzhi.payments.gateways.wechat.account import Account
from chuzhi.payments.gateways.wechat.facts import Facts

BEIJING = timezone(timedelta(hours=8))
LONGEST_SUBJECT = 127  # bytes, in UTF-8
PLACES = {Scene.IN_APP: "jsapi", Scene.PHONE: "h5", Scene.SHOWN: "native", Scene.SCANNED: "codepay"}
SCANNED_TYPE = "MICROPAY"

STATES = {
    "SUCCESS": State.PAID,
    "REFUND": State.PAID,  # it was paid, and some of it went back since
    "NOTPAY": State.WAITING,
    "USERPAYING": State.WAITING,
    "ACCEPT": State.WAITING,
    "CLOSED": State.CLOSED,
    "REVOKED": State.CLOSED,
    "PAYERROR": State.FAILED,
    "PAY_FAIL": State.FAILED,
}


def request(asked: Asked, account: Account) -> tuple[str, dict[str, object]]:
    """Where to post, and what."""
    content: dict[str, object] = {
        "appid": account.app,
        "mchid": account.merchant,
        "description": shortened(asked.subject),
        "out_trade_no": asked.number,
        "amount": {"total": asked.amount, "currency": asked.currency},
    }
    if asked.scene is Scene.SCANNED:
        content["payer"] = {"auth_code": asked.code}
        content["scene_info"] = {"store_info": {"out_id": asked.shop or account.merchant}}
    else:
        content["notify_url"] = asked.notify_url
        content["time_expire"] = asked.expires_at.astimezone(BEIJING).isoformat(timespec="seconds")
    if asked.scene is Scene.IN_APP:
        content["payer"] = {"openid": asked.payer}
    if asked.scene is Scene.PHONE:
        content["scene_info"] = {"payer_client_ip": asked.payer_ip, "h5_info": {"type": "Wap"}}
    return f"/v3/pay/transactions/{PLACES[asked.scene]}", content


def started(asked: Asked, said: Facts, account: Account) -> Started:
    match asked.scene:
        case Scene.IN_APP:
            return Started(facts=signing.page_facts(account, facts.text(said, "prepay_id")))
        case Scene.PHONE:
            onwards = f"&redirect_url={quote(asked.return_url, safe='')}" if asked.return_url else ""
            return Started(url=facts.text(said, "h5_url") + onwards)
        case Scene.SCANNED:
            now = told(said)
            return Started(provider_id=now.provider_id, told=None if now.state is State.WAITING else now)
        case _:
            return Started(code=facts.text(said, "code_url"))


def told(said: Facts) -> Told:
    """Of an answer or a notice. A state that we do not know is asked about again."""
    written = facts.text(said, "trade_state")
    state = STATES.get(written, State.WAITING)
    amount = facts.part(said, "amount")
    return Told(
        number=facts.text(said, "out_trade_no"),
        state=state,
        merchant=facts.text(said, "mchid"),
        amount=facts.whole(amount, "total"),
        currency=facts.text(amount, "currency"),
        provider_id=facts.text(said, "transaction_id"),
        paid_at=facts.moment(said, "success_time"),
        payer=facts.text(facts.part(said, "payer"), "openid"),
        decline=Decline.LATER if state is State.FAILED else None,
        reason="" if state is State.PAID else written,
    )


def shortened(subject: str, most_bytes: int = LONGEST_SUBJECT) -> str:
    """On one line, of what can be printed, and never half a character."""
    plain = "".join(each for each in " ".join(subject.split()) if each.isprintable())
    return plain.encode()[:most_bytes].decode(errors="ignore")
