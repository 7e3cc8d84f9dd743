"""Payments: asked for in four scenes, queried, closed, reversed, and paid by somebody."""

import ipaddress
import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chuzhi.simulators.stage import NOTICE_FIRST, Request
from chuzhi.simulators.wechat.books import BEIJING, Order
from chuzhi.simulators.wechat.counter import Answered, Counter, transaction
from chuzhi.simulators.wechat.envelopes import Refusal, bad_parameter
from chuzhi.simulators.wechat.keys import APP, MERCHANT

KINDS = {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE", "codepay": "MICROPAY"}
PASSWORD_ABOVE = 1000_00
"""Whoever pays more than this by showing a code is asked for their password."""

PAY_FIRST = "pay_first"  # the payer is quicker than the merchant who closes or reverses

DECLINES = {
    "NOTENOUGH": (403, "用户帐号余额不足"),
    "AUTHCODEEXPIRE": (403, "二维码已过期，请用户在微信上刷新后再试"),
    "ACCOUNTERROR": (403, "帐号异常，用户不能使用"),
    "RULELIMIT": (403, "业务规则限制"),
    "TRADE_ERROR": (403, "因业务原因交易失败"),
    "BANKERROR": (500, "银行系统异常"),
}


def add(counter: Counter) -> None:
    """`asked_for` is the scene in the address."""
    counter.route("POST", r"/v3/pay/transactions/(jsapi|h5|native|codepay)")(lambda request: _place(counter, request))
    counter.route("GET", r"/v3/pay/transactions/out-trade-no/([^/]+)")(lambda request: _query(counter, request))
    counter.route("GET", r"/v3/pay/transactions/id/([^/]+)")(lambda request: _query_by_id(counter, request))
    counter.route("POST", r"/v3/pay/transactions/out-trade-no/([^/]+)/close")(lambda request: _close(counter, request))
    counter.route("POST", r"/v3/pay/transactions/out-trade-no/([^/]+)/reverse")(lambda request: _reverse(counter, request))


def pay(counter: Counter, order: Order, *, openid: str = "") -> None:
    """The payer pays. Raises Refusal when nobody can any more."""
    with counter.stage.lock:
        if order.as_of(counter.stage.now()) not in {"NOTPAY", "USERPAYING"}:
            raise Refusal(400, "ORDERPAID" if order.paid_at else "ORDER_CLOSED", "订单不能支付")
        counter.books.paid(order, counter.stage.now(), openid=openid)
        counter.tell_paid(order)


def _place(counter: Counter, request: Request) -> Answered:
    scene = request.parts[0]
    content = parsed(request)
    _check(content, scene, counter.stage.now())
    books = counter.books
    order = books.orders.get(content["out_trade_no"])
    if order and (order.content != content or scene == "codepay"):
        raise Refusal(403, "OUT_TRADE_NO_USED", "商户订单号重复")
    if order and order.as_of(counter.stage.now()) != "NOTPAY":
        raise Refusal(400, "ORDERPAID" if order.paid_at else "ORDER_CLOSED", "订单已支付或已关闭")
    if order is None:
        order = _order(content, scene, counter.stage.now())
        if scene == "codepay":
            return _scanned(counter, order, content["payer"]["auth_code"])
        books.orders[order.number] = order
    if counter.stage.faults.strikes(NOTICE_FIRST):
        pay(counter, order)
    address = counter.stage.address
    match scene:
        case "jsapi":
            return 200, {"prepay_id": order.prepay_id}
        case "h5":
            return 200, {
                "h5_url": f"{address}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={order.prepay_id}&package={order.number}"
            }
        case _:
            return 200, {"code_url": f"weixin://wxpay/bizpayurl?pr={order.prepay_id}"}


def _scanned(counter: Counter, order: Order, code: str) -> Answered:
    """Paid at once, or waiting for the payer's password, or declined with nothing kept."""
    books = counter.books
    outcome = counter.outcomes.popleft() if counter.outcomes else ""
    if code in books.used_codes:
        raise Refusal(403, "AUTH_CODE_INVALID", "每个二维码仅限使用一次，请刷新再试")
    if outcome in DECLINES:
        status, words = DECLINES[outcome]
        raise Refusal(status, outcome, words)
    books.used_codes.add(code)
    books.orders[order.number] = order
    if outcome == "USERPAYING" or (order.amount > PASSWORD_ABOVE and outcome != "PAID"):
        order.state = "USERPAYING"
        return 202, {"code": "USERPAYING", "message": "用户支付中，需要输入密码"}
    if outcome == "PAYERROR":
        order.state = "PAYERROR"
        return 200, transaction(order)
    books.paid(order, counter.stage.now())
    if outcome == "SYSTEMERROR":  # paid, and the answer does not know it
        raise Refusal(500, "SYSTEMERROR", "系统超时")
    return 200, transaction(order)


def _query(counter: Counter, request: Request) -> Answered:
    if request.query.get("mchid") != MERCHANT:
        raise bad_parameter("商户号与签名的商户号不一致")
    order = _known(counter, request.parts[0])
    order.as_of(counter.stage.now())
    return 200, transaction(order)


def _query_by_id(counter: Counter, request: Request) -> Answered:
    found = [order for order in counter.books.orders.values() if order.transaction_id == request.parts[0]]
    if not found:
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return 200, transaction(found[0])


def _close(counter: Counter, request: Request) -> Answered:
    if parsed(request).get("mchid") != MERCHANT:
        raise bad_parameter("商户号与签名的商户号不一致")
    order = _known(counter, request.parts[0])
    if order.kind == "MICROPAY":
        raise Refusal(400, "INVALID_REQUEST", "付款码支付订单不支持关单，请调用撤销接口")
    if counter.stage.faults.strikes(PAY_FIRST):
        pay(counter, order)
    if order.paid_at:
        raise Refusal(400, "ORDERPAID", "订单已支付，不能发起关单")
    order.state = "CLOSED"
    return 204, None


def _reverse(counter: Counter, request: Request) -> Answered:
    order = _known(counter, request.parts[0])
    if order.kind != "MICROPAY":
        raise Refusal(400, "INVALID_REQUEST", "仅支持撤销付款码支付订单")
    if counter.stage.faults.strikes(PAY_FIRST):
        pay(counter, order)
    order.state = "REVOKED"
    order.revoked_at = counter.stage.now().astimezone(BEIJING)
    return 200, {"appid": APP, "mchid": MERCHANT, "out_trade_no": order.number}


def _known(counter: Counter, number: str) -> Order:
    """A deduction under an agreement is not found here: the older interface has an address of its own for it."""
    order = counter.books.orders.get(number)
    if order is None or order.kind == "PAP":
        raise Refusal(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def _order(content: dict[str, Any], scene: str, now: datetime) -> Order:
    expires = content.get("time_expire")
    return Order(
        number=content["out_trade_no"],
        kind=KINDS[scene],
        amount=content["amount"]["total"],
        description=content["description"],
        content=content,
        made_at=now,
        prepay_id=f"wx{now.astimezone(BEIJING):%d%H%M%S}{secrets.token_hex(14)}",
        notify_url=content.get("notify_url", ""),
        openid=content.get("payer", {}).get("openid", ""),
        expires_at=datetime.fromisoformat(expires) if expires else None,
    )


def _check(content: dict[str, Any], scene: str, now: datetime) -> None:
    if content.get("mchid") != MERCHANT or content.get("appid") != APP:
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    if not re.fullmatch(r"[0-9A-Za-z_\-|*]{6,32}", str(content.get("out_trade_no", ""))):
        raise bad_parameter("商户订单号不符合规则")
    if not 0 < len(str(content.get("description", "")).encode()) <= 127:
        raise bad_parameter("商品描述不符合规则")
    amount = content.get("amount") or {}
    if type(amount.get("total")) is not int or not 0 < amount["total"] <= 10**10 or amount.get("currency", "CNY") != "CNY":
        raise bad_parameter("订单金额不符合规则")
    if scene == "codepay":
        if not re.fullmatch(r"1[0-5]\d{16}", str((content.get("payer") or {}).get("auth_code", ""))):
            raise bad_parameter("付款码不符合规则")
        if not (content.get("scene_info") or {}).get("store_info"):
            raise bad_parameter("缺少门店信息")
        return
    check_address(content.get("notify_url"))
    _check_expiry(content.get("time_expire"), now)
    if scene == "jsapi" and not (content.get("payer") or {}).get("openid"):
        raise bad_parameter("无效的openid")
    if scene == "h5":
        _check_phone(content.get("scene_info") or {})


def _check_phone(scene: dict[str, Any]) -> None:
    try:
        ipaddress.ip_address(scene.get("payer_client_ip", ""))
    except ValueError as fault:
        raise bad_parameter("用户终端IP不符合规则") from fault
    if not (scene.get("h5_info") or {}).get("type"):
        raise bad_parameter("缺少H5场景信息")


def _check_expiry(expires: str | None, now: datetime) -> None:
    if expires is None:
        return
    try:
        at = datetime.fromisoformat(expires)
    except ValueError as fault:
        raise bad_parameter("交易结束时间不符合格式") from fault
    if at.tzinfo is None or at < now + timedelta(seconds=30):
        raise bad_parameter("交易结束时间过早")


def check_address(url: object) -> None:
    """Reachable, encrypted unless it is this machine, and without parameters."""
    found = urlsplit(str(url or ""))
    is_here = found.hostname in {"127.0.0.1", "localhost"}
    if found.query or not found.netloc or found.scheme not in ({"http", "https"} if is_here else {"https"}):
        raise bad_parameter("通知地址不符合规则")


def parsed(request: Request) -> dict[str, Any]:
    try:
        content = json.loads(request.body)
    except ValueError as fault:
        raise bad_parameter("请求体不是合法的JSON") from fault
    if not isinstance(content, dict):
        raise bad_parameter("请求体不是JSON对象")
    return content
