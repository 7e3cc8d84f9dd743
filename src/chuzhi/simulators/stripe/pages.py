"""What a payer sees: Stripe's page with the amount and a choice of cards, and the page of their bank."""

from html import escape

from chuzhi.simulators.stage import Response
from chuzhi.simulators.stripe import cards, forms
from chuzhi.simulators.stripe.books import Object

FRAME = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }}
body {{ font: 16px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }}
main {{ max-width: 26rem; margin: 6vh auto; padding: 0 1rem }}
.note {{ font-size: .875rem; opacity: .75 }} .amount {{ font-size: 2rem; font-weight: 600; margin: .25rem 0 1rem }}
label {{ display: flex; gap: .6rem; padding: .45rem 0; border-bottom: 1px solid var(--line) }}
summary {{ padding: .6rem 0; cursor: pointer }}
button {{ font: inherit; width: 100%; padding: .7rem; margin-top: 1rem; border-radius: .5rem; border: 0; background: #5046e5; color: #fff }}
button.plain {{ background: none; color: inherit; border: 1px solid var(--line) }} .problem {{ color: #c0392b }}
</style><main><p class="note">Stripe 模拟器 · 不会真的扣款</p>{body}</main></html>"""

USUAL = ("visa", "authenticationRequired", "chargeDeclinedInsufficientFunds", "createDispute")


def checkout(session: Object, *, problem: str = "") -> Response:
    """Everything a person needs to pay, or to fail to."""
    if session["status"] != "open":
        return over(session)
    is_setup = session["mode"] == "setup"
    amount = "保存银行卡，供日后扣款" if is_setup else forms.shown(session["amount_total"], session["currency"])
    choices = {
        name: f'<label><input type="radio" name="card" value="{name}"{" checked" if name == "visa" else ""}>{escape(card.shown)}</label>'
        for name, card in cards.CARDS.items()
    }
    usual = "".join(choices.pop(name) for name in USUAL)
    rest = f"<details><summary>其他银行卡</summary>{''.join(choices.values())}</details>"
    back = escape(session["cancel_url"] or session["success_url"])
    trouble = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "收银台",
        f'<h1 class="note">{escape(str(session["shown"]))}</h1><p class="amount">{amount}</p>{trouble}'
        f'<form method="post">{usual}{rest}<button>{"保存" if is_setup else "付款"}</button></form>'
        f'<form action="{back}"><button class="plain">返回商家</button></form>',
        status=402 if problem else 200,
    )


def over(session: Object) -> Response:
    said = "已完成" if session["status"] == "complete" else "本次付款已失效"
    return _page(said, f"<h1>{said}</h1>", status=200 if session["status"] == "complete" else 410)


def bank(intent: Object) -> Response:
    amount = "" if intent["object"] == "setup_intent" else forms.shown(intent["amount"], intent["currency"])
    return _page(
        "银行验证",
        f'<h1>银行验证（3D Secure）</h1><p class="amount">{amount}</p>'
        '<form method="post"><button name="agrees" value="yes">确认是本人</button>'
        '<button class="plain" name="agrees" value="no">拒绝</button></form>',
    )


def go(url: str) -> Response:
    return Response(b"", 303, {"Location": url})


def _page(title: str, body: str, *, status: int = 200) -> Response:
    return Response.page(FRAME.format(title=title, body=body), status)
