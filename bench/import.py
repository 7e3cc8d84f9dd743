# ruff: noqa: N999 # the name that the bars give it
"""How long it takes to move in: `python -m bench.import --size smoke|full`.

A CSV of customers with opening balances is read, checked (the dry run, kept with its control totals), taken in, and its value
posted; at the end the totals of the lots are compared with the file's, both ways. The clock covers all of it.
"""

import csv
import io
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from bench import ground

SIZES = {"smoke": 1_000, "full": 100_000}
HEADINGS = ("姓名", "手机", "邮箱", "会员编号", "卡号", "本金", "赠送金", "充值日期", "赠送金到期日")


def main() -> None:
    asked = ground.options(__doc__)
    with ground.database("chuzhi_bench_import") as url:
        content, paid, given = file_of(SIZES[asked.size])
        seconds: dict[str, float] = {}
        facts = ground.machine(url) | take_in(content, paid, given, seconds)
        facts["seconds"] = {name: round(took, 2) for name, took in seconds.items()}
    figure = ground.figure("import.100k", sum(seconds.values()), "s")
    ground.report("import", asked.size, [figure], facts=facts, write=asked.write)


def file_of(count: int) -> tuple[bytes, int, int]:
    """The file, and what its principal and bonus come to, counted apart from the product."""
    from bench import people

    draw, out, today = random.Random(7), io.StringIO(), date.today()  # noqa: DTZ011 # any day will do
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    paid = given = 0
    for number, person in enumerate(people.people(count)):
        principal, bonus = draw.randrange(1, 500_000), draw.choice((0, 80_00, 200_00, draw.randrange(1, 50_000)))
        paid, given = paid + principal, given + bonus
        bought = today - timedelta(days=draw.randrange(1, 700))
        writer.writerow(
            [
                person.name, (person.phone or "")[3:], person.email or "", person.external_id, f"C{number:08d}",
                f"{principal / 100:.2f}", f"{bonus / 100:.2f}", bought.isoformat(), (today + timedelta(days=300)).isoformat(),
            ]
        )  # fmt: skip
    return out.getvalue().encode("gb18030"), paid, given


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def take_in(content: bytes, paid: int, given: int, seconds: dict[str, float]) -> dict[str, object]:
    from django.utils import timezone

    from chuzhi.core import actors
    from chuzhi.customers import importing as files
    from chuzhi.customers import imports, sheets
    from chuzhi.wallets import importing, programmes

    by = actors.system("bench")
    programme = programmes.open(code="member", name="储值", asset="CNY", bonus_valid_days=365, by=by)
    with timed(seconds, "read"):
        sheet = sheets.read(content)
    with timed(seconds, "dry run"):
        plan = files.plan(sheet, currency="CNY", today=timezone.localdate(), card_holders=importing.card_holders)
        batch = imports.bring(sheet, file_name="old.csv", currency="CNY", programme=programme.pk, by=by)
        imports.note(batch, plan, by=by)
    with timed(seconds, "customers"):
        importing.begin(batch=batch, plan=plan, programme=programme, by=by)
    with timed(seconds, "value"):
        brought = importing.post(batch=batch)
    assert not plan.rejected
    assert (plan.principal, plan.bonus) == (brought.principal, brought.bonus) == (paid, given)
    return {"customers": len(plan.new), "lots": brought.lots, "principal": brought.principal, "bonus": brought.bonus}


if __name__ == "__main__":
    main()
