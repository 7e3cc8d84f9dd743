"""Agreements for periodic deduction: signed on a page, announced, charged by the older interface, and ended by either side."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from chuzhi.simulators.stage import Outgoing, Request, Response
from chuzhi.simulators.wechat.books import BEIJING, Contract, Order
from chuzhi.simulators.wechat.counter import Answered, Counter
from chuzhi.simulators.wechat.envelopes import Refusal, bad_parameter
from chuzhi.simulators.wechat.keys import APP, MERCHANT, PLAN
from chuzhi.simulators.wechat.orders import check_address, parsed

FIRST_CHARGE_WITHIN = timedelta(hours=12)
QUIET_BEFORE, QUIET_FROM = 7, 22
FAILURES = {
    "NOTENOUGH": "余额不足",
    "ACCOUNTERROR": "用户账户异常",
    "RULELIMIT": "业务规则限制",
    "BANKERROR": "银行系统异常",
}
ENDED_BY_PAYER, ENDED_BY_MERCHANT = "2", "3"

Words = Mapping[str, str]


def add(counter: Counter) -> None:
    counter.route("POST", r"/v3/papay/contracts/([^/]+)/notify")(lambda request: _announce(counter, request))
    _older(counter, "/papay/querycontract", _query)
    _older(counter, "/papay/deletecontract", _delete)
    _older(counter, "/pay/pappayapply", _charge)
    _older(counter, "/pay/paporderquery", _query_charge)


def checked_request(counter: Counter, given: Words) -> Words:
    """What the merchant's page sent the payer here with. Raises Refusal."""
    if not _is_signed(counter, given):
        raise Refusal(400, "SIGNERROR", "签名错误")
    if (given.get("mch_id"), given.get("appid"), given.get("plan_id")) != (MERCHANT, APP, PLAN):
        raise bad_parameter("商户号、应用或模板不匹配")
    code, serial = given.get("contract_code", ""), given.get("request_serial", "")
    if not re.fullmatch(r"[0-9A-Za-z]{1,128}", code) or not re.fullmatch(r"[1-9]\d{0,18}", serial):
        raise bad_parameter("签约协议号或请求序列号不符合规则")
    if not given.get("contract_display_account") or not given.get("timestamp") or given.get("version") != "1.0":
        raise bad_parameter("缺少参数")
    check_address(given.get("notify_url"))
    return given


def sign(counter: Counter, given: Words, *, openid: str = "") -> Contract:
    """The payer agrees. A second time under the same number is refused."""
    with counter.stage.lock:
        if given["contract_code"] in counter.books.contracts:
            raise Refusal(400, "CONTRACT_EXISTED", "协议已存在")
        contract = Contract(
            code=given["contract_code"],
            contract_id=counter.books.number("", counter.stage.now(), 18),
            plan=given["plan_id"],
            shown_name=given["contract_display_account"],
            openid=openid or "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            notify_url=given["notify_url"],
            serial=given["request_serial"],
            signed_at=counter.stage.now(),
        )
        counter.books.contracts[contract.code] = contract
        _tell_changed(counter, contract, "ADD", contract.signed_at)
        return contract


def end(counter: Counter, contract: Contract, *, by: str) -> None:
    with counter.stage.lock:
        contract.ended_at, contract.ended_by = counter.stage.now(), by
        _tell_changed(counter, contract, "DELETE", contract.ended_at)


def _announce(counter: Counter, request: Request) -> Answered:
    """From the third day on, for seven days, once, and at most the announced amount."""
    content = parsed(request)
    if (content.get("mchid"), content.get("appid")) != (MERCHANT, APP):
        raise Refusal(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    contract = _signed(counter, request.parts[0])
    amount = (content.get("estimated_amount") or {}).get("amount")
    if type(amount) is not int or amount < 1:
        raise bad_parameter("预计扣费金额不符合规则")
    now = counter.stage.now().astimezone(BEIJING)
    if counter.keeps_hours and not QUIET_BEFORE <= now.hour < QUIET_FROM:
        raise Refusal(403, "RULE_LIMIT", "当前时间不能下发通知，请在北京时间7:00~22:00调用")
    if contract.announced and now.date() <= contract.announced["last"]:
        raise Refusal(400, "INVALID_REQUEST", "当前扣费周期尚未结束")
    contract.announced = {"amount": amount, "first": now.date() + timedelta(days=2), "last": now.date() + timedelta(days=8)}
    return 204, None


def _charge(counter: Counter, given: Words) -> dict[str, str]:
    """Taken on; whether it was taken follows at once, by a notice and to whoever asks."""
    contract = _signed(counter, given.get("contract_id", ""))
    number, amount = given.get("out_trade_no", ""), given.get("total_fee", "")
    if not re.fullmatch(r"[0-9A-Za-z_\-|*@]{1,32}", number) or not re.fullmatch(r"[1-9]\d{0,9}", amount):
        raise bad_parameter("商户订单号或金额不符合规则")
    if given.get("trade_type") != "PAP" or not given.get("body"):
        raise bad_parameter("交易类型或商品描述不符合规则")
    check_address(given.get("notify_url"))
    if known := counter.books.orders.get(number):
        is_same = (known.contract_id, known.amount) == (contract.contract_id, int(amount))
        raise Refusal(
            200, ("ORDERPAID" if known.paid_at else "ORDER_ACCEPTED") if is_same else "OUT_TRADE_NO_USED", "订单号已使用"
        )
    _check_turn(contract, int(amount), counter.stage.now())
    order = Order(
        number=number,
        kind="PAP",
        amount=int(amount),
        description=given["body"],
        content=dict(given),
        made_at=counter.stage.now(),
        notify_url=given["notify_url"],
        openid=contract.openid,
        contract_id=contract.contract_id,
    )
    counter.books.orders[number] = order
    outcome = counter.outcomes.popleft() if counter.outcomes else ""
    _take(counter, contract, order, outcome)
    if outcome == "SYSTEMERROR":
        raise Refusal(200, "SYSTEMERROR", "系统超时")
    return {"contract_id": contract.contract_id, "out_trade_no": number}


def _take(counter: Counter, contract: Contract, order: Order, outcome: str) -> None:
    if outcome == "ACCEPT":
        order.state = "ACCEPT"
        return
    if outcome in FAILURES:
        order.state, order.failure = "PAY_FAIL", outcome
    else:
        counter.books.paid(order, counter.stage.now())
        contract.charged += 1
        contract.announced = None
    said = _shown(order) | {"return_code": "SUCCESS", "nonce_str": secrets.token_hex(16)}
    _tell(counter, order.notify_url, said)


def _check_turn(contract: Contract, amount: int, now: datetime) -> None:
    if contract.charged == 0 and now - contract.signed_at <= FIRST_CHARGE_WITHIN:
        return
    announced = contract.announced
    if announced is None:
        raise Refusal(200, "RULELIMIT", "扣费前未下发扣费前通知")
    today: date = now.astimezone(BEIJING).date()
    if not announced["first"] <= today <= announced["last"]:
        raise Refusal(200, "RULELIMIT", "不在可扣费期内")
    if amount > announced["amount"]:
        raise Refusal(200, "RULELIMIT", "扣款金额高于预计扣费金额")


def _query_charge(counter: Counter, given: Words) -> dict[str, str]:
    order = counter.books.orders.get(given.get("out_trade_no", ""))
    if order is None or order.kind != "PAP":
        raise Refusal(200, "ORDERNOTEXIST", "此交易订单号不存在")
    return _shown(order) | {"result_code": "SUCCESS"}


def _query(counter: Counter, given: Words) -> dict[str, str]:
    contract = counter.books.contracts.get(given.get("contract_code", "")) if given.get("plan_id") == PLAN else None
    if contract is None:
        contract = _of_id(counter, given.get("contract_id", ""))
    if contract is None:
        raise Refusal(200, "CONTRACT_NOT_EXIST", "签约协议不存在")
    said = {
        "contract_id": contract.contract_id,
        "plan_id": contract.plan,
        "request_serial": contract.serial,
        "contract_code": contract.code,
        "contract_display_account": contract.shown_name,
        "contract_state": "1" if contract.ended_at else "0",
        "contract_signed_time": str(int(contract.signed_at.timestamp())),
        "openid": contract.openid,
    }
    if contract.ended_at:
        said["contract_terminated_time"] = str(int(contract.ended_at.timestamp()))
        said["contract_termination_mode"] = contract.ended_by
    return said


def _delete(counter: Counter, given: Words) -> dict[str, str]:
    if not given.get("contract_termination_remark"):
        raise bad_parameter("缺少解约备注")
    contract = _signed(counter, given.get("contract_id", ""))
    end(counter, contract, by=ENDED_BY_MERCHANT)
    return {"contract_id": contract.contract_id}


def _of_id(counter: Counter, contract_id: str) -> Contract | None:
    return next((each for each in counter.books.contracts.values() if each.contract_id == contract_id), None)


def _signed(counter: Counter, contract_id: str) -> Contract:
    contract = _of_id(counter, contract_id)
    if contract is None or contract.ended_at:
        raise Refusal(400, "CONTRACT_NOT_EXIST", "签约协议不存在")
    return contract


def _shown(order: Order) -> dict[str, str]:
    """An order in the words of the older interface."""
    said = {
        "result_code": "FAIL" if order.failure else "SUCCESS",
        "appid": APP,
        "mch_id": MERCHANT,
        "out_trade_no": order.number,
        "trade_state": order.state,
        "trade_type": "PAP",
        "total_fee": str(order.amount),
        "fee_type": "CNY",
        "contract_id": order.contract_id,
        "openid": order.openid,
    }
    if order.failure:
        said |= {"err_code": order.failure, "err_code_des": FAILURES[order.failure]}
    if order.paid_at:
        said |= {"transaction_id": order.transaction_id, "time_end": f"{order.paid_at:%Y%m%d%H%M%S}", "bank_type": "OTHERS"}
    return said


def _tell_changed(counter: Counter, contract: Contract, change: str, at: datetime) -> None:
    said = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "mch_id": MERCHANT,
        "contract_code": contract.code,
        "plan_id": contract.plan,
        "openid": contract.openid,
        "change_type": change,
        "operate_time": f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        "contract_id": contract.contract_id,
        "request_serial": contract.serial,
    }
    if contract.ended_by:
        said["contract_termination_mode"] = contract.ended_by
    _tell(counter, contract.notify_url, said)


def _tell(counter: Counter, url: str, said: Words) -> None:
    def make(forged: bool) -> tuple[Mapping[str, str], bytes]:  # noqa: FBT001 # the stage's shape
        signature = "0" * 32 if forged else _signature(counter, said)
        return {"Content-Type": "text/xml"}, _xml({**said, "sign": signature})

    counter.stage.tell(Outgoing(url, make, lambda status, body: status == 200 and b"SUCCESS" in body))


def _older(counter: Counter, path: str, serve: Callable[[Counter, Words], dict[str, str]]) -> None:
    """An address of the older interface: XML both ways, each signed inside, refusals with status 200."""

    def answer(request: Request) -> Response:
        given = _parsed(request.body)
        try:
            if not _is_signed(counter, given):
                return Response(_xml({"return_code": "FAIL", "return_msg": "签名错误"}))
            if (given.get("mch_id"), given.get("appid")) != (MERCHANT, APP):
                return Response(_xml({"return_code": "FAIL", "return_msg": "商户号与应用不匹配"}))
            with counter.stage.lock:
                said = {"result_code": "SUCCESS", **serve(counter, given)}
        except Refusal as no:
            said = {"result_code": "FAIL", "err_code": no.code, "err_code_des": no.message}
        said |= {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            "appid": APP,
            "mch_id": MERCHANT,
            "nonce_str": secrets.token_hex(16),
        }
        return Response(_xml({**said, "sign": _signature(counter, said)}), 200, {"Content-Type": "text/xml"})

    counter.stage.route("POST", path)(answer)


def _is_signed(counter: Counter, given: Words) -> bool:
    return given.get("sign") == _signature(counter, given)


def _signature(counter: Counter, given: Words) -> str:
    pairs = [f"{name}={value}" for name, value in sorted(given.items()) if value and name != "sign"]
    return hashlib.md5("&".join([*pairs, f"key={counter.keys.v2_key}"]).encode()).hexdigest().upper()  # noqa: S324 # the protocol's


def _parsed(body: bytes) -> dict[str, str]:
    found = re.findall(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", body.decode(), re.DOTALL)
    return {name: marked or _unescaped(plain) for name, marked, plain in found}


def _unescaped(plain: str) -> str:
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _xml(said: Words) -> bytes:
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in said.items())}</xml>".encode()
