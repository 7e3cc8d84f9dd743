"""A bank account of ours, payments that wait for a transfer to it, and small statements of it."""

import itertools
from datetime import timedelta

from django.utils import timezone

import cast
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, intents, reactions
from chuzhi.payments.bank import intake
from chuzhi.payments.bank.models import BankLine, StatementFile
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.models import Account, Payment
from chuzhi.payments.reactions import Reactions

NUMBER = "6222020200112233445"
PURPOSE = "bank_test"
FACTS = {"holder": "南京茶坊有限公司", "bank": "工商银行南京路支行", "number": "6222 0202 0011 2233 445"}
_numbers = itertools.count(1)


def account(**more: object) -> Account:
    facts = {
        "code": f"bank-{next(_numbers)}", "name": "工商银行", "gateway": "bank", "method": int(Method.BANK),
        "currency": "CNY", "configuration": FACTS,
    }  # fmt: skip
    return accounts.open_account(by=cast.OWNER, **(facts | more))  # type: ignore[arg-type]  # any account a test asks for


def payment(of: Account, amount: int, payer: str = "") -> Payment:
    reactions.connect(PURPOSE, Reactions(paid=lambda _payment: None))
    made = intents.intend(
        account=of, purpose=PURPOSE, subject_id=1, scene=Scene.PAGE, amount=amount, shown="充值", payer=payer,
        expires_at=timezone.now() + timedelta(days=3), by=cast.OWNER,
    )  # fmt: skip
    return intents.send(made, intents.Circumstances())


def reference(of: Payment) -> str:
    return str(of.started["facts"]["reference"])


def row(amount: str, text: str = "", payer: str = "", bank: str = "") -> str:
    return f"{timezone.localdate().isoformat()},{amount},{payer},{text},{bank}"


def content(*rows: str, preamble: str = f"账号：{NUMBER}") -> bytes:
    return "\n".join([preamble, "交易日期,交易金额,对方户名,附言,交易流水号", *rows]).encode()


def take_in(to: Account, *rows: str) -> StatementFile:
    return intake.take_in(account=to, content=content(*rows), file_name="march.csv", by=cast.OWNER)[0]


def lines(of: Account) -> list[BankLine]:
    return list(BankLine.objects.filter(account=of).order_by("pk"))
