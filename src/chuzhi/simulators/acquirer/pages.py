"""The terminal on a screen, for a person who plays the cashier: take a card, read the slip, take the file of the day."""

import html
from decimal import Decimal, InvalidOperation

from chuzhi.simulators.acquirer.books import NAME, TERMINALS, Books, Taken
from chuzhi.simulators.acquirer.files import FORMS
from chuzhi.simulators.stage import Request, Response, Stage

FORM_WORDS = {"gb": "CSV（GB18030，中文表头）", "utf8": "CSV (UTF-8, English)"}
STYLE = """
body{margin:0;background:#f3f2ef;color:#22201b;
font:17px/1.6 -apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:28rem;margin:0 auto;padding:1rem}header{text-align:center;padding:.8rem;font-weight:600}
section,form{background:#fff;border-radius:.6rem;padding:1.1rem;margin:0 0 .8rem}
h2{font-size:.95rem;color:#6a6457;margin:.2rem 0 .6rem;font-weight:500}label{display:block;margin:0 0 .7rem}
input,select{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.55rem;border:1px solid #928b7b;border-radius:.4rem;
background:#fff;color:inherit}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;margin:0;font-variant-numeric:tabular-nums}dd{margin:0;text-align:right}
button{display:block;width:100%;border:0;border-radius:.5rem;padding:.8rem;background:#8c4a12;color:#fff;font:inherit;font-weight:600}
a{color:#8c4a12}small{color:#6a6457}[role=alert]{background:#fbe4e2;padding:.6rem;border-radius:.4rem}
:focus-visible{outline:3px solid #0a59f7;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#16140f;color:#efece4}section,form{background:#232019}
input,select{background:#16140f}h2,small{color:#b5ad9c}a{color:#e7a66b}[role=alert]{background:#4a2320}}
"""


def add(provider: Stage, books: Books) -> None:
    provider.route("GET", "/")(lambda _request: _home(books, ""))
    provider.route("POST", "/")(lambda request: _take(provider, books, request))


def _take(provider: Stage, books: Books, request: Request) -> Response:
    given = request.form
    try:
        amount = int(Decimal(given.get("amount", "")).scaleb(2))
    except (InvalidOperation, ValueError, OverflowError):
        amount = 0
    if not 0 < amount < 10**12 or given.get("terminal") not in TERMINALS:
        return _home(books, '<p role="alert">金额不对，没有收款。</p>', 422)
    with provider.lock:
        books.take(at=provider.now(), terminal=given["terminal"], amount=amount, card="622202******4242")
    return _home(books, "")


def _home(books: Books, said: str, status: int = 200) -> Response:
    terminals = "".join(f"<option>{name}</option>" for name in TERMINALS)
    links = "".join(f'<p><a href="/settlements/{name}">{FORM_WORDS[name]}</a></p>' for name in FORMS)
    slips = "".join(map(_slip, books.taken[:-6:-1])) or "<section><small>还没有刷卡</small></section>"
    body = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>刷卡终端</title><style>{STYLE}</style><header>刷卡终端（虚构收单行）</header><main>{said}
<form method="post"><h2>{NAME}</h2><label>终端<select name="terminal">{terminals}</select></label>
<label>金额（元）<input name="amount" inputmode="decimal" required></label><button>刷卡</button></form>
{slips}<section><h2>今天的清算文件</h2>{links}</section></main></html>"""
    return Response.page(body, status)


def _slip(each: Taken) -> str:
    facts = {
        "终端号": each.terminal, "凭证号": each.trace, "参考号": each.reference, "卡号": each.card,
        "金额": f"{each.amount / 100:,.2f}",
    }  # fmt: skip
    rows = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items())
    return f"<section><h2>签购单</h2><dl>{rows}</dl></section>"
