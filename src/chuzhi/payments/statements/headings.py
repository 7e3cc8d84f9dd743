"""Which column of a bank's table means what, by the words that banks use for it."""

from collections.abc import Sequence

from chuzhi.customers.headings import fold

WORDS = {
    "on": "记账日期 入账日期 交易日期 交易时间 记账时间 交易日 记账日 日期 bookingdate bookdate postingdate transactiondate valuedate"
    " date buchungstag",
    "amount": "交易金额 发生额 收支金额 金额 amount transactionamount betrag",
    "credit": "贷方发生额 贷方金额 收入金额 转入金额 存入金额 收款金额 收入 贷方 存入 credit creditamount paidin moneyin deposit deposits",
    "debit": "借方发生额 借方金额 支出金额 转出金额 支取金额 付款金额 支出 借方 支取 debit debitamount paidout moneyout withdrawal"
    " withdrawals",
    "direction": "借贷标志 借贷方向 借贷 收支类型 收支 收付标志 交易方向 direction debitcredit creditdebit drcr crdr",
    "balance": "账户余额 本次余额 交易后余额 余额 balance runningbalance accountbalance",
    "currency": "币种 交易币种 货币 currency ccy",
    "payer": "对方户名 对方账户名称 对方单位名称 对方名称 对手户名 付款人名称 付款方户名 付款人 对方 counterparty counterpartyname payer"
    " payername name",
    "payer_account": "对方账号 对方帐号 对方账户 对手账号 付款人账号 付款方账号 counterpartyaccount payeraccount counterpartyiban",
    "reference": "交易流水号 核心流水号 银行流水号 企业流水号 流水号 凭证号 交易编号 bankreference transactionid transactionreference"
    " entryreference",
    "account": "本方账号 本方帐号 账号 帐号 accountnumber account accountiban",
}
"""Field -> the headings, folded, that mean it; of two that are there the first in this order is taken."""

TEXT = frozenset(
    "附言 摘要 用途 备注 交易附言 交易摘要 汇款附言 留言 description details remittanceinformation purpose memo text narrative reference"
    " paymentreference verwendungszweck".split()
)
"""The payer's words may stand in any of these: all of them are read."""


def places(cells: Sequence[str]) -> tuple[dict[str, int], list[int]] | None:
    """Where each field stands, and the columns of text; None if these cells are no headings of a statement."""
    words = [fold(cell) for cell in cells]
    found = {field: words.index(known) for field, names in WORDS.items() if (known := _first(names.split(), words)) is not None}
    if "on" not in found or not {"amount", "credit"} & found.keys():
        return None
    return found, [place for place, word in enumerate(words) if word in TEXT]


def _first(names: Sequence[str], words: Sequence[str]) -> str | None:
    return next((name for name in names if name in words), None)
