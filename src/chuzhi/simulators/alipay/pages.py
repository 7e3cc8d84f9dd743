"""What the payer sees: a wallet with a code to show, what waits to be paid, and the agreements."""

from collections.abc import Iterable
from html import escape

from chuzhi.simulators.alipay.books import PAID, WAITING, Agreement, Trade, yuan

STATES = {"WAIT_BUYER_PAY": "等待付款", "TRADE_SUCCESS": "支付成功", "TRADE_CLOSED": "交易关闭", "TRADE_FINISHED": "交易结束"}
STYLE = """
body{margin:0;background:#f2f4f8;color:#1f2733;font:16px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header{background:#1677ff;color:#fff;padding:1rem;text-align:center;font-size:1.1rem}
header small{margin-left:.5rem;padding:.1rem .4rem;border:1px solid;border-radius:.35rem;font-size:.75rem;vertical-align:middle}
main{max-width:26rem;margin:1rem auto;padding:0 1rem}
section{background:#fff;border-radius:.75rem;padding:1rem;margin-bottom:1rem}
h2{font-size:1rem;margin:0 0 .5rem}.sum{font-size:2rem;text-align:center;margin:.5rem 0}
.code{font:1.4rem/1.6 ui-monospace,monospace;text-align:center;letter-spacing:.08em;word-break:break-all}
.row{display:flex;justify-content:space-between;gap:1rem;align-items:center;border-top:1px solid #edf0f5;padding:.5rem 0}
button,.button{background:#1677ff;color:#fff;border:0;border-radius:.5rem;padding:.6rem 1rem;font:inherit;cursor:pointer}
form.wide button,.button{display:block;box-sizing:border-box;width:100%;padding:.8rem;text-align:center;text-decoration:none}
.done{color:#1677ff;text-align:center;margin:.25rem 0}p.quiet{color:#66707f;font-size:.9rem;margin:.25rem 0;text-align:center}
"""


def cashier(trade: Trade) -> str:
    asks = f"""<section><p class="quiet">{escape(trade.subject)}</p><p class="sum">¥{yuan(trade.amount)}</p>
<p class="quiet">订单号 {escape(trade.number)}</p></section>"""
    if trade.state != WAITING:
        return _page("收银台", asks + f"<section><p class='quiet'>{STATES[trade.state]}</p></section>")
    return _page("收银台", asks + _button(f"/cashier/{trade.trade_no}/pay", "确认付款", is_wide=True))


def paid(trade: Trade, back: str) -> str:
    done = "✓ 支付成功" if trade.state == PAID else STATES[trade.state]
    told = f'<section><p class="done">{done}</p><p class="sum">¥{yuan(trade.amount)}</p><p class="quiet">{escape(trade.subject)}</p>'
    return _page("收银台", f"{told}</section>{_way_back(back)}")


def agreement(agreed: Agreement) -> str:
    what = f"""<section><h2>免密支付 / 自动扣款</h2><p>账号 {escape(agreed.shown_name or "—")}</p>
<p>商家可在您不在场时扣款，您可随时解约。</p></section>"""
    if agreed.state != "TEMP":
        return _page(
            "签约", what + f'<section><p class="quiet">{"已签约" if agreed.state == "NORMAL" else "已解约"}</p></section>'
        )
    return _page("签约", what + _button(f"/agreement/{agreed.agreement_no}/sign", "同意协议并开通", is_wide=True))


def wallet(code: str, trades: Iterable[Trade], agreements: Iterable[Agreement]) -> str:
    rows = "".join(_trade(trade) for trade in list(trades)[::-1][:30]) or '<p class="quiet">还没有账单</p>'
    signed = "".join(_agreed(agreed) for agreed in agreements if agreed.state == "NORMAL")
    kept = f"<section><h2>自动扣款</h2>{signed}</section>" if signed else ""
    shown = f'<section><h2>付款码</h2><p class="code">{code}</p><p class="quiet">向收银员出示；每次付款换一个</p></section>'
    return _page("支付宝", f"{shown}{kept}<section><h2>账单</h2>{rows}</section>")


def message(text: str) -> str:
    return _page("支付宝", f'<section><p class="quiet">{escape(text)}</p></section>')


def _trade(trade: Trade) -> str:
    pay = _button(f"/cashier/{trade.trade_no}/pay", "付款") if trade.state == WAITING else STATES[trade.state]
    return f'<div class="row"><span>{escape(trade.subject)}<br>¥{yuan(trade.amount)}</span><span>{pay}</span></div>'


def _agreed(agreed: Agreement) -> str:
    end = _button(f"/agreement/{agreed.agreement_no}/end", "解约")
    return f'<div class="row"><span>{escape(agreed.shown_name or agreed.number)}</span>{end}</div>'


def _way_back(address: str) -> str:
    return f'<a class="button" href="{escape(address)}">返回商家</a>' if address else ""


def _button(address: str, text: str, *, is_wide: bool = False) -> str:
    return f'<form method="post" action="{address}"{" class=wide" if is_wide else ""}><button>{text}</button></form>'


def _page(title: str, body: str) -> str:
    return f"""<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>
<body><header>{title}<small>模拟</small></header><main>{body}</main></body></html>"""
