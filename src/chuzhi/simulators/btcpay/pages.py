"""What a payer sees: the invoice with its coins, and the page where a refund is claimed."""

from html import escape

from chuzhi.simulators.btcpay.invoices import Object
from chuzhi.simulators.stage import Response

FRAME = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }}
body {{ font: 16px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }}
main {{ max-width: 26rem; margin: 6vh auto; padding: 0 1rem }} .note {{ font-size: .875rem; opacity: .75; overflow-wrap: anywhere }}
.amount {{ font-size: 2rem; font-weight: 600; margin: .25rem 0 }}
button, input {{ font: inherit; width: 100%; box-sizing: border-box; padding: .7rem; margin-top: .6rem; border-radius: .5rem }}
button {{ border: 0; background: #0f6b3d; color: #fff }} .plain {{ background: none; color: inherit; border: 1px solid var(--line) }}
</style><main><p class="note">BTCPay 模拟器 · 不会真的转账</p>{body}</main></html>"""

STATES = {"New": "等待付款", "Processing": "已收到，等待确认", "Settled": "已到账", "Expired": "已过期", "Invalid": "已失效"}
WAYS = (("1", "付足"), ("0.4", "只付四成"), ("1.2", "多付两成"))


def invoice(one: Object, coins: str, address: str) -> Response:
    buttons = "".join(
        f'<button name="share" value="{share}"{"" if share == "1" else " class=plain"}>{shown}</button>'
        for share, shown in WAYS
    )
    pay = f'<form method="post">{buttons}</form>'
    confirm = '<form method="post"><button name="act" value="confirm">网络确认</button></form>'
    back = (one["checkout"] or {}).get("redirectURL")
    home = f'<form action="{escape(back)}"><button class="plain">返回商家</button></form>' if back else ""
    return _page(
        "付款",
        f'<p class="note">{escape(str(one["metadata"].get("itemDesc", "")))}</p><p class="amount">{one["amount"]} {one["currency"]}</p>'
        f'<p>{coins} BTC · {STATES[one["status"]]}</p><p class="note">{escape(address)}</p>'
        f"{confirm if one['status'] == 'Processing' else pay if one['status'] != 'Settled' else ''}{home}",
    )


def pull_payment(one: Object, payouts: list[Object]) -> Response:
    listed = "".join(f"<p>{each['originalAmount']} {each['originalCurrency']} · {each['state']}</p>" for each in payouts)
    field = '<input name="destination" aria-label="收款地址" placeholder="收款地址" required>'
    form = f'<form method="post">{field}<button>领取</button></form>'
    return _page("退款", f'<p class="note">退款</p><p class="amount">{one["amount"]} {one["currency"]}</p>{listed or form}')


def _page(title: str, body: str) -> Response:
    return Response.page(FRAME.format(title=title, body=body))
