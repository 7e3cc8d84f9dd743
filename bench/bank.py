"""How long a long bank statement takes: `python -m bench.bank --size smoke|full`.

Half of the lines pay orders that wait for a transfer and are credited by it, three in ten went out, the rest nobody knows. The
file is read and kept, and its lines are matched; at the end every order is credited once and the lines come to the file's sum.
"""

import random
import resource
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from bench import ground

if TYPE_CHECKING:
    from chuzhi.payments.models import Account, Payment

SIZES = {"smoke": 500, "full": 10_000}
NUMBER = "6222020200112233445"


def main() -> None:
    asked = ground.options(__doc__)
    count = SIZES[asked.size]
    with ground.database("chuzhi_bench_bank") as url:
        account, payments = waiting(count // 2)
        content, total = statement_of(payments, count)
        before = megabytes()
        seconds = take_in(account, content)
        facts = ground.machine(url) | {"lines": count, "credited": credited(account, payments, total)}
        facts |= {"seconds": {name: round(took, 2) for name, took in seconds.items()}, "megabytes": megabytes() - before}
    figures = [
        ground.figure("bank.10k", sum(seconds.values()), "s"),
        ground.figure("bank.line", sum(seconds.values()) * 1000 / count, "ms"),
    ]
    ground.report("bank", asked.size, figures, facts=facts, write=asked.write)


def waiting(count: int) -> "tuple[Account, list[Payment]]":
    """Orders of a shop's customers, each waiting for its transfer."""
    from chuzhi.core import actors
    from chuzhi.ledger.chart import Method
    from chuzhi.payments import accounts
    from chuzhi.topups import orders
    from chuzhi.topups.models import Order
    from chuzhi.wallets import accounts as wallets
    from chuzhi.wallets import programmes

    by = actors.system("bench")
    programme = programmes.open(code="member", name="储值", asset="CNY", by=by)
    account = accounts.open_account(
        code="bank", name="工商银行", gateway="bank", method=int(Method.BANK), currency="CNY",
        configuration={"holder": "南京茶坊有限公司", "bank": "工商银行南京路支行", "number": NUMBER}, by=by,
    )  # fmt: skip
    made = []
    for place in range(count):
        wallet = wallets.open_wallet(programme=programme, customer=None, key=f"w{place}", by=by)
        order = orders.place(wallet=wallet, amount=100_00 + place, channel=Order.Channel.LINK, key=f"o{place}", by=by)
        made.append(orders.pay(order=order, scene=orders.Scene.PAGE, circumstances=orders.Circumstances(), by=by))
    return account, made


def statement_of(payments: "list[Payment]", count: int) -> tuple[bytes, int]:
    """The file, shuffled over a month, and what its lines come to."""
    from django.utils import timezone

    draw, today = random.Random(7), timezone.localdate()
    facts = [(each.amount, str(each.started["facts"]["reference"]), "付款人") for each in payments]
    facts += [(-draw.randrange(1_00, 9_999_00), "货款", f"供应商{place % 90}") for place in range(count * 3 // 10)]
    facts += [(draw.randrange(1, 999_00), "转账", f"顾客{place}") for place in range(count - len(facts))]
    draw.shuffle(facts)
    rows = [
        f"{today - timedelta(days=draw.randrange(30))},{amount / 100:.2f},{payer},{text},S{place:08d}"
        for place, (amount, text, payer) in enumerate(facts)
    ]
    heading = f"账号：{NUMBER}\n交易日期,交易金额,对方户名,附言,交易流水号\n"
    return (heading + "\n".join(rows)).encode("gb18030"), sum(amount for amount, *_rest in facts)


def take_in(account: "Account", content: bytes) -> dict[str, float]:
    """What whoever brings the file waits for, and what the clock goes on with."""
    from chuzhi.core import actors
    from chuzhi.payments.bank import intake, matching

    started = time.perf_counter()
    intake.take_in(account=account, content=content, file_name="march.csv", by=actors.system("bench"))
    shown = time.perf_counter()
    matching.match_left_over()
    return {"brought": shown - started, "left to the clock": time.perf_counter() - shown}


def credited(account: "Account", payments: "list[Payment]", total: int) -> int:
    from django.db.models import Sum

    from chuzhi.payments.bank.models import BankLine
    from chuzhi.topups.models import Order

    lines, done = BankLine.objects.filter(account=account), Order.objects.filter(stage=Order.Stage.CREDITED)
    assert lines.aggregate(sum=Sum("amount"))["sum"] == total
    assert not lines.filter(state=BankLine.State.NEW).exists()
    assert done.count() == len(payments)
    return done.count()


def megabytes() -> int:
    """The most that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
