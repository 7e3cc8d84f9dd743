"""The bank's own page, for a person who plays the payer: transfer, and take the statement of the day."""

import html
from decimal import Decimal, InvalidOperation

from chuzhi.simulators.bank.books import BANK, FAULTS, HOLDER, NUMBER, Books, Movement
from chuzhi.simulators.bank.forms import FORMS
from chuzhi.simulators.stage import Request, Response, Stage

FORM_WORDS = {
    "columns": "CSV（收入支出分列）",
    "words": "CSV（收支标志）",
    "european": "CSV（欧式）",
    "camt.053": "camt.053",
    "mt940": "MT940",
}
STYLE = """
body{margin:0;background:#f2f4f7;color:#1a2233;
font:17px/1.6 -apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:30rem;margin:0 auto;padding:1rem}header{text-align:center;padding:.8rem;font-weight:600}
section,form{background:#fff;border-radius:.6rem;padding:1.1rem;margin:0 0 .8rem}
h2{font-size:.95rem;color:#55607a;margin:.2rem 0 .6rem;font-weight:500}label{display:block;margin:0 0 .7rem}
input,select{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.55rem;border:1px solid #8a93a8;border-radius:.4rem;
background:#fff;color:inherit}
.row{display:flex;justify-content:space-between;gap:1rem;padding:.45rem 0;border-top:1px solid #e4e8ef}.row:first-of-type{border:0}
button{display:block;width:100%;border:0;border-radius:.5rem;padding:.8rem;background:#1c4fa0;color:#fff;font:inherit;font-weight:600}
a{color:#1c4fa0}small{color:#55607a}[role=status]{background:#e3f1e6;padding:.6rem;border-radius:.4rem}
[role=alert]{background:#fbe4e2;padding:.6rem;border-radius:.4rem}:focus-visible{outline:3px solid #0a59f7;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#10131a;color:#e6e9f0}section,form{background:#1b202b}input,select{background:#10131a}
h2,small{color:#a7b0c4}.row{border-color:#333b4d}a{color:#8db4f5}[role=status]{background:#1e3a26}[role=alert]{background:#4a2320}}
"""


def add(provider: Stage, books: Books) -> None:
    provider.route("GET", "/")(lambda _request: _home(books, ""))
    provider.route("POST", "/")(lambda request: _transfer(provider, books, request))


def _transfer(provider: Stage, books: Books, request: Request) -> Response:
    given = request.form
    if (given.get("holder", "").strip(), given.get("number", "").replace(" ", "")) != (HOLDER, NUMBER):
        return _home(books, '<p role="alert">户名与账号不符，没有转账。</p>', 422)
    try:
        amount = int(Decimal(given.get("amount", "")).scaleb(2))
    except (InvalidOperation, ValueError, OverflowError):
        amount = 0
    if not 0 < amount < 10**12:
        return _home(books, '<p role="alert">金额不对，没有转账。</p>', 422)
    if given.get("fault") in FAULTS:
        provider.faults.queue([given["fault"]])
    with provider.lock:
        books.transfer(
            at=provider.now(), amount=amount, name=given.get("name", "").strip() or "王小明", account="6217000011112220",
            text=given.get("text", "").strip(), faults=provider.faults,
        )  # fmt: skip
    return _home(books, '<p role="status">已转账。</p>')


def _home(books: Books, said: str, status: int = 200) -> Response:
    faults = "".join(f'<option value="{name}">{word}</option>' for name, word in FAULTS.items())
    links = "".join(f'<p><a href="/statements/{name}">{FORM_WORDS[name]}</a></p>' for name in FORMS)
    latest = "".join(map(_row, books.movements[:-11:-1])) or "<small>还没有转账</small>"
    body = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{BANK}</title><style>{STYLE}</style><header>{BANK}</header><main>{said}
<form method="post"><h2>转账</h2>
<label>收款户名<input name="holder" value="{HOLDER}"></label><label>收款账号<input name="number" value="{NUMBER}"></label>
<label>金额（元）<input name="amount" inputmode="decimal" required></label><label>附言（付款码）<input name="text"></label>
<label>付款人<input name="name" value="王小明"></label>
<label>出一个错<select name="fault"><option value="">不出错</option>{faults}</select></label><button>转账</button></form>
<section><h2>今天的对账单</h2>{links}</section><section><h2>最近的转账</h2>{latest}</section></main></html>"""
    return Response.page(body, status)


def _row(each: Movement) -> str:
    text = html.escape(f"{each.name} {each.text}")
    return f'<div class="row"><span>{each.on} {text}</span><span>{each.amount / 100:,.2f}</span></div>'
