"""The payer's telephone: pages on which somebody can pay, show a code, agree to be charged, and end that."""

import html
import secrets
from collections.abc import Mapping

from chuzhi.simulators.stage import Request, Response
from chuzhi.simulators.wechat import contracts, orders
from chuzhi.simulators.wechat.books import BEIJING, Contract, Order
from chuzhi.simulators.wechat.counter import STATE_WORDS, Counter
from chuzhi.simulators.wechat.envelopes import Refusal

KIND_WORDS = {"JSAPI": "公众号支付", "MWEB": "手机网页支付", "NATIVE": "扫码支付", "MICROPAY": "付款码支付", "PAP": "自动扣费"}
STYLE = """
body{margin:0;background:#ededed;color:#191919;
font:17px/1.6 -apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:26rem;margin:0 auto;padding:1rem}header{background:#ededed;text-align:center;padding:.8rem;font-weight:600}
section,form.card{background:#fff;border-radius:.6rem;padding:1.1rem;margin:0 0 .8rem}
h2{font-size:.95rem;color:#5c5c5c;margin:.2rem 0 .6rem;font-weight:500}
.big{font-size:2.6rem;font-weight:600;text-align:center;margin:.4rem 0}
.row{display:flex;justify-content:space-between;gap:1rem;padding:.45rem 0;border-top:1px solid #eee}
.row:first-of-type{border:0}
.row span:first-child{color:#5c5c5c}
.code{font:600 1.3rem/1.4 ui-monospace,monospace;letter-spacing:.04em;text-align:center;white-space:nowrap}
.code span{margin:0 .22em}
.item+.item .row{border-top:1px solid #eee}
button,a.go{display:block;width:100%;box-sizing:border-box;border:0;border-radius:.5rem;padding:.8rem;background:#06803f;color:#fff;
font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}button.quiet{background:#eee;color:#191919;margin-top:.6rem}
a.item{color:inherit;text-decoration:none}small{color:#5c5c5c}:focus-visible{outline:3px solid #0a59f7;outline-offset:2px}
@media(prefers-color-scheme:dark){body,header{background:#111;color:#e8e8e8}section,form.card{background:#1d1d1d}
.row,.item+.item .row{border-color:#333}
h2,small,.row span:first-child{color:#a8a8a8}button.quiet{background:#333;color:#e8e8e8}}
"""


def add(counter: Counter) -> None:
    route = counter.stage.route
    route("GET", "/")(lambda _request: _home(counter))
    route("GET", r"/pay/([^/]+)")(lambda request: _cashier(counter, request.parts[0], ""))
    route("POST", r"/pay/([^/]+)")(lambda request: _pay(counter, request))
    route("GET", r"/cgi-bin/mmpayweb-bin/checkmweb")(lambda request: _phone(counter, request))
    route("GET", r"/papay/entrustweb")(lambda request: _agreement(counter, request))
    route("POST", r"/papay/entrustweb")(lambda request: _agree(counter, request))
    route("POST", r"/contracts/([^/]+)/end")(lambda request: _end(counter, request))


def _home(counter: Counter) -> Response:
    now = counter.stage.now()
    with counter.stage.lock:
        kept = list(counter.books.orders.values())[::-1]
        waiting = [order for order in kept if order.as_of(now) in {"NOTPAY", "USERPAYING"} and order.prepay_id]
        done = [order for order in kept if order.paid_at][:10]
        agreed = [each for each in counter.books.contracts.values() if each.ended_at is None]
    code = f"1{secrets.randbelow(6)}{secrets.randbelow(10**16):016d}"
    groups = "".join(f"<span>{part}</span>" for part in (code[:4], code[4:8], code[8:12], code[12:]))
    parts = [
        f'<section><h2>付款码（收银员扫这里）</h2><p class="code">{groups}</p></section>',
        f"<section><h2>待付款</h2>{''.join(map(_item, waiting)) or '<small>没有待付款的订单</small>'}</section>",
        f"<section><h2>自动扣费</h2>{''.join(map(_contract, agreed)) or '<small>没有签约</small>'}</section>",
        f"<section><h2>账单</h2>{''.join(map(_paid, done)) or '<small>还没有付款</small>'}</section>",
    ]
    return _page("模拟微信", "".join(parts))


def _item(order: Order) -> str:
    words = f"{html.escape(order.description)}<br><small>{KIND_WORDS[order.kind]} · {html.escape(order.number)}</small>"
    row = f'<div class="row"><div>{words}</div><b>{_yuan(order.amount)}</b></div>'
    return f'<a class="item" href="/pay/{html.escape(order.prepay_id)}">{row}</a>'


def _paid(order: Order) -> str:
    at = f"{order.paid_at.astimezone(BEIJING):%m-%d %H:%M}" if order.paid_at else ""
    state = STATE_WORDS[order.state]
    return f'<div class="row"><div>{html.escape(order.description)}<br><small>{at} {state}</small></div><b>−{_yuan(order.amount)}</b></div>'


def _contract(contract: Contract) -> str:
    name = html.escape(contract.shown_name)
    return (
        f'<form method="post" action="/contracts/{html.escape(contract.contract_id)}/end"><div class="row"><span>{name}</span>'
        f'<span>扣费 {contract.charged} 次</span></div><button class="quiet">关闭自动扣费</button></form>'
    )


def _cashier(counter: Counter, prepay_id: str, redirect: str) -> Response:
    order = _of(counter, prepay_id)
    if order is None:
        return _page("找不到订单", "<section>没有这个订单。</section>", 404)
    facts = _rows({"商品": order.description, "商户单号": order.number, "收款方": "模拟商户", "方式": KIND_WORDS[order.kind]})
    state = order.as_of(counter.stage.now())
    body = f'<section><p class="big">{_yuan(order.amount)}</p>{facts}</section>'
    if state in {"NOTPAY", "USERPAYING"}:
        body += (
            f'<form method="post" action="/pay/{html.escape(prepay_id)}"><input type="hidden" name="redirect_url" '
            f'value="{html.escape(redirect)}"><button>确认支付</button></form>'
        )
    else:
        body += f"<section>{STATE_WORDS[state]}</section>"
    return _page("确认支付", body)


def _phone(counter: Counter, request: Request) -> Response:
    return _cashier(counter, request.query.get("prepay_id", ""), request.query.get("redirect_url", ""))


def _pay(counter: Counter, request: Request) -> Response:
    order = _of(counter, request.parts[0])
    if order is None:
        return _page("找不到订单", "<section>没有这个订单。</section>", 404)
    try:
        orders.pay(counter, order)
    except Refusal as no:
        return _page("不能支付", f"<section>{html.escape(no.message)}</section>", 409)
    redirect = request.form.get("redirect_url", "")
    if redirect.startswith(("http://", "https://")):
        return Response(b"", 303, {"Location": redirect})
    return _page(
        "支付成功",
        f'<section><p class="big">✓</p><p class="big">{_yuan(order.amount)}</p></section><a class="go" href="/">完成</a>',
    )


def _agreement(counter: Counter, request: Request) -> Response:
    try:
        given = contracts.checked_request(counter, request.query)
    except Refusal as no:
        return _page("不能签约", f"<section>{html.escape(no.message)}</section>", 400)
    facts = _rows({"开通账号": given["contract_display_account"], "收款方": "模拟商户", "协议号": given["contract_code"]})
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in given.items()
    )
    return _page(
        "开通自动扣费",
        f"<section>{facts}<p><small>开通后，商户可在约定的日子扣费，扣费前会通知你，可随时关闭。</small></p></section>"
        f'<form method="post" action="/papay/entrustweb">{hidden}<button>同意并开通</button></form>',
    )


def _agree(counter: Counter, request: Request) -> Response:
    try:
        contracts.sign(counter, contracts.checked_request(counter, request.form))
    except Refusal as no:
        return _page("不能签约", f"<section>{html.escape(no.message)}</section>", 400)
    return _page("已开通", '<section><p class="big">✓</p><p>自动扣费已开通。</p></section><a class="go" href="/">完成</a>')


def _end(counter: Counter, request: Request) -> Response:
    for contract in counter.books.contracts.values():
        if contract.contract_id == request.parts[0] and contract.ended_at is None:
            contracts.end(counter, contract, by=contracts.ENDED_BY_PAYER)
    return Response(b"", 303, {"Location": "/"})


def _of(counter: Counter, prepay_id: str) -> Order | None:
    return next((order for order in counter.books.orders.values() if prepay_id and order.prepay_id == prepay_id), None)


def _rows(facts: Mapping[str, str]) -> str:
    return "".join(
        f'<div class="row"><span>{name}</span><span>{html.escape(value)}</span></div>' for name, value in facts.items()
    )


def _yuan(fen: int) -> str:
    return f"¥{fen // 100}.{fen % 100:02d}"


def _page(title: str, body: str, status: int = 200) -> Response:
    return Response.page(
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style><header>{title}</header><main>{body}</main></html>",
        status,
    )
