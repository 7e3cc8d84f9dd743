from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from chuzhi.api import answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.reconciliation import On
from chuzhi.core.errors import NotFound
from chuzhi.core.packs import reading
from chuzhi.core.packs.rules import Pack
from chuzhi.finance import custody, reports
from chuzhi.finance.custody import Kept
from chuzhi.finance.reports import Report

router = Router(tags=["Reconciliation"])


class ReportLineOut(Schema):
    line: str = Field(
        description="`sold`, `spent`, `returned`, `refunded`, `expired`, `moved`, `disputed` or `other`", examples=["sold"]
    )
    amount: int = Field(description="Minor units; below zero: less is unspent by it")


class ReportFiguresOut(Schema):
    currency: str = Field(examples=["CNY"])
    opening: int = Field(description="Paid beforehand and not spent when the period began")
    lines: list[ReportLineOut]
    closing: int = Field(description="Opening and all lines")
    custody: int = Field(description="What the pack wants kept apart at the end")
    custody_rule: str | None = Field(examples=["cn.custody.scale"])


class ReportOut(Schema):
    pack: str = Field(examples=["cn-national"])
    first_on: str = Field(examples=["2026-01-01"])
    last_on: str = Field(examples=["2026-03-31"])
    is_over: bool
    due_on: str | None = Field(description="By when a rule wants it reported", examples=["2026-04-21"])
    due_rule: str | None = Field(examples=["cn.report.due.scale"])
    figures: list[ReportFiguresOut]


class CustodyDayOut(Schema):
    on: str = Field(examples=["2026-03-01"])
    currency: str
    base: int = Field(description="Paid beforehand and not spent at the end of `base_on`")
    base_on: str
    required: int
    rule: str = Field(examples=["cn.custody.scale"])
    balance: int | None = Field(description="On the custody account at the end of the day; null: no statement tells it")
    shortfall: int


class CustodyOut(Schema):
    pack: str = Field(examples=["cn-shanghai"])
    accounts: list[str] = Field(description="Codes of the custody accounts")
    days: list[CustodyDayOut] = Field(description="Newest first, at most 60")


class CustodyList(Schema):
    items: list[CustodyOut]


@router.get(
    "/packs/{pack}/report",
    auth=KeyAuth("reconciliation:read"),
    response=ReportOut,
    operation_id="getPackReport",
    summary="What customers paid beforehand at the stores of a rule pack, over a period",
    openapi_extra=answers.AS_TABLE,
)
def report(request: ApiRequest, pack: str, on: On | None = None) -> HttpResponse:
    """The period is the pack's own, and the one that `on` is in; without a day, the last that is over. Also as `text/csv`."""
    known = reading.packs().get(pack)
    if known is None:
        raise NotFound
    day = date.fromisoformat(on) if on else reports.last_over(known, timezone.localdate())
    found = reports.of(request.auth, known, day)
    if found is None:
        raise NotFound
    if answers.wants_table(request):
        return answers.table(request, reports.rows(found), f"{pack}-{found.first}")
    return answers.respond(_report(found))


@router.get(
    "/reconciliation/custody",
    auth=KeyAuth("reconciliation:read"),
    response=CustodyList,
    operation_id="listCustody",
    summary="What law wants in custody, and what is there, day by day",
)
def list_custody(request: ApiRequest) -> HttpResponse:
    return answers.respond({"items": [_custody(request, pack) for pack in custody.packs()]})


def _report(found: Report) -> dict[str, Any]:
    return {
        "pack": found.pack.id,
        "first_on": str(found.first),
        "last_on": str(found.last),
        "is_over": found.is_over,
        "due_on": str(found.due[0]) if found.due else None,
        "due_rule": found.due[1].id if found.due else None,
        "figures": [
            {
                "currency": each.currency,
                "opening": each.opening,
                "lines": [{"line": line.name, "amount": line.amount} for line in each.lines],
                "closing": each.closing,
                "custody": each.custody.required,
                "custody_rule": each.custody.share.id if each.custody.share else None,
            }
            for each in found.figures
        ],
    }


def _custody(request: ApiRequest, pack: Pack) -> dict[str, Any]:
    return {
        "pack": pack.id,
        "accounts": [account.code for account in custody.accounts(pack.id)],
        "days": [_day(each) for each in custody.days(request.auth, pack.id)],
    }


def _day(kept: Kept) -> dict[str, Any]:
    day = kept.day
    return {
        "on": str(day.on), "currency": day.currency, "base": day.base, "base_on": str(day.base_on), "required": day.required,
        "rule": day.share, "balance": kept.balance, "shortfall": kept.shortfall,
    }  # fmt: skip
