"""Files in, plans out: shortcuts of the import tests."""

from datetime import date

from chuzhi.core.actors import Actor
from chuzhi.customers import importing, imports, sheets
from chuzhi.customers.models import ImportBatch

TODAY = date(2026, 11, 22)
HEAD = "姓名,手机号,邮箱,生日,标签,备注,卡号,会员编号,本金余额,赠送余额,充值日期,赠送到期日"
GOOD = "王小明,13812341234,wang@example.com,1990/5/31,常客；老客,,VIP0001,M1,100.50,20,2026-01-05,2027-01-05"


def planned(text: str | bytes, **more: object) -> importing.Plan:
    content = text if isinstance(text, bytes) else text.encode()
    return importing.plan(sheets.read(content), **{"currency": "CNY", "today": TODAY, **more})  # type: ignore[arg-type]  # passed on


def rejected(plan: importing.Plan) -> list[str]:
    return [no.code for one in plan.rejected for _about, no in one.reasons]


def kept(plan: importing.Plan, by: Actor, *, file_name: str = "old.csv", programme: int | None = None) -> ImportBatch:
    """An import of this file, checked with what this plan found."""
    batch = imports.bring(plan.sheet, file_name=file_name, currency=plan.currency, programme=programme, by=by)
    imports.note(batch, plan, by=by)
    return batch
