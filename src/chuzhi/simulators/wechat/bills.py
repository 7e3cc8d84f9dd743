"""The daily bill of trades: decimal yuan behind back-ticks, its totals, its hash, and differences planted on demand."""

import gzip
import hashlib
import json
import secrets
from collections import Counter as Tally
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from chuzhi.simulators.stage import Request, Response
from chuzhi.simulators.wechat.books import BEIJING
from chuzhi.simulators.wechat.counter import Answered, Counter
from chuzhi.simulators.wechat.envelopes import Refusal, bad_parameter
from chuzhi.simulators.wechat.keys import APP, MERCHANT

HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
DIFFERENCES = ("missing", "extra", "late", "amount", "fee", "double", "refund")
WRONG_HASH, WRONG_TOTALS = "wrong_hash", "wrong_totals"


@dataclass(frozen=True)
class Line:
    """A payment, or with `refund_id` a refund. Amounts in fen; the fee of a refund is negative."""

    at: datetime
    transaction_id: str
    number: str
    kind: str
    amount: int
    fee: int
    description: str
    openid: str
    refund_id: str = ""
    refund_number: str = ""
    refund_state: str = ""
    state: str = "SUCCESS"


@dataclass
class Planted:
    """How many of each difference the bills shall have from now on, and which lines they became, by day."""

    wanted: Tally[str] = field(default_factory=Tally)
    made: dict[date, list[tuple[str, str]]] = field(default_factory=dict)
    late: dict[date, list[Line]] = field(default_factory=dict)
    bills: dict[date, list[Line]] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)


def add(counter: Counter) -> None:
    planted = Planted()
    counter.route("GET", r"/v3/bill/tradebill")(lambda request: _ask(counter, planted, request))
    counter.stage.route("GET", r"/v3/billdownload/file")(lambda request: _download(counter, planted, request))
    counter.stage.route("POST", r"/_control/bill")(lambda request: _plant(planted, request))
    counter.stage.route("GET", r"/_control/bill")(lambda _request: _told(planted))


def _plant(planted: Planted, request: Request) -> Response:
    """Bills already made stay as they are."""
    given = json.loads(request.body)
    planted.wanted = Tally({name: given.get(name, 0) for name in DIFFERENCES})
    planted.faults = {name for name in (WRONG_HASH, WRONG_TOTALS) if given.get(name)}
    return Response.json({})


def _told(planted: Planted) -> Response:
    return Response.json({day.isoformat(): made for day, made in planted.made.items()})


def _ask(counter: Counter, planted: Planted, request: Request) -> Answered:
    try:
        on = date.fromisoformat(request.query.get("bill_date", ""))
    except ValueError as fault:
        raise bad_parameter("账单日期格式不正确") from fault
    if request.query.get("bill_type", "ALL") != "ALL" or request.query.get("tar_type", "GZIP") != "GZIP":
        raise bad_parameter("账单类型或压缩类型不支持")
    today = counter.stage.now().astimezone(BEIJING).date()
    if on >= today:
        raise Refusal(400, "STATEMENT_CREATING", "账单生成中，请在账单日的次日10点后再试")
    if on < today - timedelta(days=92):
        raise bad_parameter("仅支持三个月内的账单下载申请")
    if on not in planted.bills:
        planted.bills[on] = _with_differences(planted, _lines(counter, on), on)
    if not planted.bills[on]:
        raise Refusal(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在")
    content = _written(planted.bills[on], wrong=WRONG_TOTALS in planted.faults)
    token = secrets.token_urlsafe(24)
    planted.files[token] = gzip.compress(content) if "tar_type" in request.query else content
    digest = hashlib.sha1(b"another" if WRONG_HASH in planted.faults else content).hexdigest()  # noqa: S324 # the protocol's
    return 200, {
        "hash_type": "SHA1",
        "hash_value": digest,
        "download_url": f"{counter.stage.address}/v3/billdownload/file?token={token}",
    }


def _download(counter: Counter, planted: Planted, request: Request) -> Response:
    """Asked for with a signature, answered without."""
    try:
        counter.envelopes.verify(request)
    except Refusal as no:
        return Response.json({"code": no.code, "message": no.message}, no.status)
    content = planted.files.get(request.query.get("token", ""))
    if content is None:
        return Response.json({"code": "PARAM_ERROR", "message": "token无效"}, 400)
    return Response(content, 200, {"Content-Type": "text/plain"})


def _lines(counter: Counter, on: date) -> list[Line]:
    found = []
    for order in counter.books.orders.values():
        if order.paid_at is None:
            continue
        paid = Line(
            order.paid_at,
            order.transaction_id,
            order.number,
            order.kind,
            order.amount,
            order.fee,
            order.description,
            order.openid,
        )
        if paid.at.date() == on:
            found.append(paid)
        if order.revoked_at and order.revoked_at.date() == on:
            revoked_id = f"50302{order.transaction_id[5:]}"
            found.append(
                replace(paid, at=order.revoked_at, fee=-paid.fee, refund_id=revoked_id, refund_number="0", state="REVOKED")
            )
        for refund in order.refunds:
            if refund.asked_at.date() == on and refund.status != "CLOSED":
                back = -(order.fee * refund.amount // order.amount)
                found.append(
                    replace(
                        paid, at=refund.asked_at, amount=refund.amount, fee=back, refund_id=refund.refund_id,
                        refund_number=refund.number, refund_state=refund.status, state="REFUND",
                    )
                )  # fmt: skip
    return sorted(found, key=lambda line: line.at)


def _with_differences(planted: Planted, lines: list[Line], on: date) -> list[Line]:
    """One difference a payment, from the first on; what is late comes in the next day's bill."""
    lines = [*lines, *planted.late.pop(on - timedelta(days=1), [])]
    payments = [line for line in lines if not line.refund_id]
    refunds = [line for line in lines if line.refund_id]
    made = planted.made.setdefault(on, [])
    for name in DIFFERENCES:
        for _each in range(planted.wanted[name]):
            if name == "extra":
                line = Line(
                    datetime.combine(on, datetime.min.time(), BEIJING), f"42000{secrets.randbelow(10**23):023d}",
                    f"X{secrets.token_hex(8)}", "NATIVE", 12_34, 7, "另一笔", "oOther",
                )  # fmt: skip
                lines.append(line)
            elif chosen := refunds if name == "refund" else payments:
                line = chosen.pop(0)
                lines = _changed(planted, lines, line, name, on)
            else:
                break
            made.append((name, line.refund_number or line.number))
    planted.wanted = Tally()
    return lines


def _changed(planted: Planted, lines: list[Line], line: Line, name: str, on: date) -> list[Line]:
    match name:
        case "missing" | "refund":
            return [each for each in lines if each is not line]
        case "late":
            planted.late.setdefault(on, []).append(line)
            return [each for each in lines if each is not line]
        case "amount":
            return [replace(each, amount=each.amount - 1) if each is line else each for each in lines]
        case "fee":
            return [replace(each, fee=each.fee + 1) if each is line else each for each in lines]
        case _:
            return [*lines, line]


def _written(lines: list[Line], *, wrong: bool) -> bytes:
    sold = sum(line.amount for line in lines if not line.refund_id)
    back = sum(line.amount for line in lines if line.refund_id)
    fees = sum(line.fee for line in lines) + wrong
    totals = [str(len(lines)), _yuan(sold), _yuan(back), "0.00", f"{_yuan(fees)}000", _yuan(sold), _yuan(back)]
    return "\r\n".join(
        [HEADING, *(_row(line) for line in lines), TOTALS, ",".join(f"`{value}" for value in totals), ""]
    ).encode("utf-8-sig")


def _row(line: Line) -> str:
    is_refund = bool(line.refund_id)
    sold, back = (0, line.amount) if is_refund else (line.amount, 0)
    values = [
        f"{line.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}", APP, MERCHANT, "0", "", line.transaction_id, line.number, line.openid,
        line.kind, line.state, "OTHERS", "CNY", _yuan(sold), "0.00", line.refund_id or "0",
        line.refund_number or "0", _yuan(back), "0.00", "ORIGINAL" if is_refund else "", line.refund_state, line.description, "",
        f"{_yuan(line.fee)}000", "0.60%", _yuan(sold), _yuan(back), "",
    ]  # fmt: skip
    return ",".join(f"`{value}" for value in values)


def _yuan(fen: int) -> str:
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{whole // 100}.{whole % 100:02d}"
