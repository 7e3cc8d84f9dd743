import base64
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Reason
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.payments.bank import cases, intake, queries
from chuzhi.payments.bank.models import BankLine, StatementFile

router = Router(tags=["Bank statements"])

MOST_LETTERS = 2 * 1024 * 1024
BASE64 = "^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class StatementIn(Asked):
    account: str = Field(description="The code of the way of paying", pattern="^[a-z0-9-]{1,40}$", examples=["icbc"])
    file_name: str = Field(min_length=1, max_length=200, examples=["2026-03-01.xml"])
    content: str = Field(
        description="The file in base64: CSV, XLSX, camt.053 or MT940", pattern=BASE64, max_length=MOST_LETTERS,
        examples=["RGF0ZSxBbW91bnQKMjAyNi0wMy0wMSwxMDAuMDAK"],
    )  # fmt: skip


class AssignIn(Asked):
    payment: str = Field(pattern="^[0-9A-Z]{6,32}$", examples=["P7K3M9PQRX7K3M9PQRX7K3M"])


class BankLineCloseIn(Asked):
    ending: str = Field(
        pattern="^(given_back|other)$", examples=["given_back"], description="`given_back` to the payer, or `other`"
    )
    remark: Reason = Field(examples=["transferred back, receipt 7"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"ending": "given_back", "remark": "receipt 7"}]})


class StatementOut(Schema):
    id: str = Field(examples=["31"])
    account: str = Field(examples=["icbc"])
    file_name: str
    form: str = Field(description="`table`, `camt.053` or `mt940`")
    first_on: str = Field(examples=["2026-03-01"])
    last_on: str = Field(examples=["2026-03-01"])
    opening: int | None = Field(description="Minor units; null where the bank states none")
    closing: int | None
    lines_read: int
    lines_new: int = Field(description="Lines that no earlier file had brought")
    cases: int = Field(description="Of its lines, how many need somebody")


class BankLineOut(Schema):
    id: str = Field(examples=["310"])
    statement: str
    on: str = Field(examples=["2026-03-01"])
    amount: int = Field(description="Minor units; positive came to us", examples=[10000])
    currency: str = Field(examples=["CNY"])
    payer: str
    text: str
    reference: str = Field(description="The bank's own")
    state: str = Field(description="`new`, `done` or `case`")
    verdict: str = Field(
        description="`pays`, `partial`, `over`, `duplicate`, `currency`, `several`, `unmatched`, `refunds`, `left`"
    )
    fix: str = Field(description="What is advised: `wait`, `give_back`, `assign`, `ask`, or nothing")
    payment: str | None = Field(description="The number of the payment that it counts for")
    pays: int
    over: int = Field(description="What is left over, or came twice")
    candidates: list[str]
    ending: str
    remark: str


class StatementList(Schema):
    items: list[StatementOut]
    next_cursor: str | None


class BankLineList(Schema):
    items: list[BankLineOut]
    next_cursor: str | None


@router.post(
    "/statements",
    auth=KeyAuth("statements:write"),
    response={201: StatementOut, 200: StatementOut},
    operation_id="takeInStatement",
    summary="Take in a bank statement",
)
def take_in(request: ApiRequest, asked: StatementIn) -> HttpResponse:
    """Its lines are matched with payments that wait for a bank transfer. The same file, or a line that was here, counts once.

    Refusals: `statement.unreadable`, `statement.no_columns`, `statement.cell_unreadable`, `statement.date_ambiguous`,
    `statement.does_not_add_up`, `statement.other_account`, `statement.empty`, `statement.of_every_store`.
    """
    account = queries.accounts().filter(code=asked.account).first()
    if account is None:
        raise NotFound
    kept, is_new = intake.take_in(
        account=account, content=base64.b64decode(asked.content), file_name=asked.file_name, by=request.auth
    )
    found = queries.visible_to(request.auth).get(pk=kept.pk)
    return answers.respond(_statement(found), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.get(
    "/statements",
    auth=KeyAuth("statements:read"),
    response=StatementList,
    operation_id="listStatements",
    summary="List bank statements",
)
def list_statements(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first."""
    rows = queries.visible_to(request.auth)
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_statement(row) for row in found[:limit]], "next_cursor": following})


@router.get(
    "/statements/{statement}/lines",
    auth=KeyAuth("statements:read"),
    response=BankLineList,
    operation_id="listStatementLines",
    summary="The lines of a bank statement",
)
def list_lines(request: ApiRequest, statement: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Those that this file brought first, in the order of the file."""
    kept = queries.visible_to(request.auth).filter(pk=named.number(statement) or 0).first()
    if kept is None:
        raise NotFound
    rows = queries.lines_visible_to(request.auth).filter(statement=kept)
    return _page(rows, limit, cursor)


@router.get(
    "/bank-lines",
    auth=KeyAuth("statements:read"),
    response=BankLineList,
    operation_id="listBankCases",
    summary="Lines that need somebody",
)
def list_cases(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Of all statements, in the order in which they came."""
    return _page(queries.cases(request.auth), limit, cursor)


@router.post(
    "/bank-lines/{line}/assign",
    auth=KeyAuth("statements:write"),
    response=BankLineOut,
    operation_id="assignBankLine",
    summary="Give a line to a payment",
)
def assign(request: ApiRequest, line: str, asked: AssignIn) -> HttpResponse:
    """The amounts decide whether the payment is paid by it, in part, or more than paid. A line is given once.

    Refusals: `bank_line.settled`, `bank_line.not_to_assign`, `bank_line.payment_paid`, `bank_line.currency`, `payment.unknown`.
    """
    return answers.respond(_line(cases.assign(line=_named(request, line), payment=asked.payment, by=request.auth)))


@router.post(
    "/bank-lines/{line}/close",
    auth=KeyAuth("statements:write"),
    response=BankLineOut,
    operation_id="closeBankLine",
    summary="Say what became of money that no payment takes",
)
def close(request: ApiRequest, line: str, asked: BankLineCloseIn) -> HttpResponse:
    """Refusals: `bank_line.settled`, `bank_line.remark_missing`."""
    ending = BankLine.Ending(asked.ending)
    return answers.respond(_line(cases.close(line=_named(request, line), ending=ending, remark=asked.remark, by=request.auth)))


def _named(request: ApiRequest, line: str) -> BankLine:
    found = queries.lines_visible_to(request.auth).filter(pk=named.number(line) or 0).first()
    if found is None:
        raise NotFound
    return found


def _page(rows: QuerySet[BankLine], limit: int, cursor: str | None) -> HttpResponse:
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_line(row) for row in found[:limit]], "next_cursor": following})


def _statement(kept: StatementFile) -> dict[str, Any]:
    return {
        "id": str(kept.pk),
        "account": kept.account.code,
        "file_name": kept.file_name,
        "form": kept.form,
        "first_on": str(kept.first_on),
        "last_on": str(kept.last_on),
        "opening": kept.opening,
        "closing": kept.closing,
        "lines_read": kept.lines_read,
        "lines_new": kept.lines_new,
        "cases": getattr(kept, "cases", 0),
    }


def _line(line: BankLine) -> dict[str, Any]:
    return {
        "id": str(line.pk),
        "statement": str(line.statement_id),
        "on": str(line.on),
        "amount": line.amount,
        "currency": line.currency,
        "payer": line.payer,
        "text": line.text,
        "reference": line.reference,
        "state": str(line.state),
        "verdict": str(line.verdict),
        "fix": str(line.fix),
        "payment": line.payment.number if line.payment else None,
        "pays": line.pays,
        "over": line.over,
        "candidates": line.candidates,
        "ending": str(line.ending),
        "remark": line.remark,
    }
