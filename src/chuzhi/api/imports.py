"""Files of customers with opening balances: handed in, checked, taken in, given back. The worker does it; programs look how far."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from chuzhi.api import answers, named, pages, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.api.pages import Limit
from chuzhi.core.errors import recalled
from chuzhi.customers import headings, likenesses, rejections, sheets
from chuzhi.customers.alike import Choice
from chuzhi.customers.likenesses import Likeness
from chuzhi.customers.models import ImportBatch
from chuzhi.wallets import acceptances, intake, intake_steps, reversing

router = Router(tags=["Imports"])
Heading = Annotated[str, Field(min_length=1, max_length=200)]


class ImportIn(Asked):
    programme: Id = Field(description="Whose wallets are opened", examples=["1"])


class ColumnsIn(Asked):
    columns: dict[Annotated[str, Field(pattern="^[a-z0-9_.]{2,60}$")], Heading] = Field(
        max_length=150,
        description="Field -> heading, the shop's own fields as `custom.size`; empty: as the headings say",
        examples=[{"name": "姓名", "phone": "手机"}],
    )


class LikenessOut(Schema):
    line: int = Field(description="Of the file", examples=[17])
    name: str = Field(description="Of the row; empty once the file is gone")
    why: str = Field(description="identity, email, name_and_birthday or name_and_phone_end", examples=["name_and_birthday"])
    customer: str | None = Field(description="Who is here already and may be the same", examples=["42"])
    other_line: int | None = Field(description="An earlier line that may be the same")
    choice: str | None = Field(description="`update`, `new`, `leave`; null: not said yet", examples=["update"])


class LikenessList(Schema):
    items: list[LikenessOut]
    next_cursor: str | None


Chosen = Literal["update", "new", "leave"]


class RowChoiceIn(Asked):
    line: int = Field(ge=1, examples=[17])
    choice: Chosen


class ChoicesIn(Asked):
    choices: list[RowChoiceIn] = Field(default=[], max_length=1000)
    others: Chosen | None = Field(None, description="For all others that wait; `update` only for those like a customer")


class NothingMore(Asked):
    """Nothing more is to be said."""


class ImportRefusal(Schema):
    code: str = Field(examples=["import.customers_changed"])
    detail: str


class ImportOut(Schema):
    id: str = Field(examples=["7"])
    state: str = Field(description="`brought`, `read` (checked), `applied`, `reversed`", examples=["read"])
    step: str | None = Field(
        description="What is under way: `check`, `take_in`, `credit`, `reverse`, `tell`; null: nothing", examples=[None]
    )
    done: int = Field(description="Rows of that step, or of the last one", examples=[100000])
    total: int = Field(examples=[100000])
    acceptance: str | None = Field(description="The code of its acceptance sheet, once it is signed for", examples=[None])
    refusal: ImportRefusal | None = Field(description="Why the last step did not come to its end")
    file_name: str
    kit: str | None = Field(
        description="Whose table it is, by its headings: `youzan`, `pospal`, `square`, `square_cards`, `odoo`, `odoo_cards`",
        examples=["youzan"],
    )
    columns: dict[str, str] = Field(description="Field -> heading", examples=[{"name": "姓名", "phone": "手机"}])
    new: int = Field(description="Customers to add", examples=[99000])
    updated: int
    skipped: int = Field(description="Rows that bring nothing new")
    further: int = Field(description="Rows with another balance of somebody whom an earlier row is about", examples=[0])
    rejected: int = Field(description="Rows that cannot be taken in: see `/rejected`")
    cards: int = Field(description="Card numbers that it gives out", examples=[0])
    alike: int = Field(description="New rows that may be of somebody who is here already: see `/alike`", examples=[0])
    currency: str = Field(examples=["CNY"])
    principal: int = Field(description="Control total, minor units", examples=[25018035325])
    bonus: int
    told_at: str | None = Field(description="When everybody had been told what came with them", examples=[None])
    principal_taken_back: int
    bonus_taken_back: int
    stayed: list[str] = Field(description="Customers whom a reversal left, because they have moved on")
    created_at: str


class ImportList(Schema):
    items: list[ImportOut]
    next_cursor: str | None


class ReasonOut(Schema):
    heading: str | None = Field(examples=["手机"])
    code: str = Field(examples=["customer.phone_invalid"])
    detail: str


class RejectedRow(Schema):
    line: int = Field(description="Of the file", examples=[17])
    cells: list[str]
    reasons: list[ReasonOut]


class RejectedRows(Schema):
    items: list[RejectedRow]
    next_cursor: str | None


@router.post(
    "/imports",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="createImport",
    summary="Hand in a file of customers",
)
def bring(request: ApiRequest, asked: Form[ImportIn], file: File[UploadedFile]) -> HttpResponse:
    """CSV (UTF-8 or GB18030) or XLSX, at most 50 MB, with headings in its first row. It is checked; nothing is taken in.

    Refusals: `import.not_a_table`, `import.file_too_large`, `import.encoding_unknown`, `import.empty`, `programme.unknown`.
    """
    brought = intake.bring(
        content=file.read(sheets.MOST_BYTES + 1), file_name=file.name or "", programme=programmes.named(asked.programme),
        by=request.auth,
    )  # fmt: skip
    return _accepted(brought)


@router.get(
    "/imports",
    auth=KeyAuth("imports:write"),
    response=ImportList,
    operation_id="listImports",
    summary="List imports",
)
def list_imports(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first."""
    rows = intake.visible_to(request.auth)
    if (before := pages.place_of(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_import(row) for row in found[:limit]], "next_cursor": following})


@router.get(
    "/imports/{number}",
    auth=KeyAuth("imports:write"),
    response=ImportOut,
    operation_id="getImport",
    summary="How far an import is",
)
def get_import(request: ApiRequest, number: str) -> HttpResponse:
    """Ask every few seconds while `step` is not null."""
    return answers.respond(_import(_named(request, number)))


@router.get(
    "/imports/{number}/rejected",
    auth=KeyAuth("imports:write"),
    response=RejectedRows,
    operation_id="listRejectedRows",
    summary="The rows that cannot be taken in",
)
def list_rejected(request: ApiRequest, number: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Kept for a day, as the file is; then the list is empty."""
    first = pages.place_of(cursor) or 0
    found = rejections.of(_named(request, number), first=first, count=limit + 1) or []
    following = pages.cursor(first + limit) if len(found) > limit else None
    return answers.respond({"items": [_rejected(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/imports/{number}/check",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="checkImport",
    summary="Check the file again",
)
def check(request: ApiRequest, number: str, asked: ColumnsIn) -> HttpResponse:
    """With other meanings of its columns, or because customers have changed. Refusals: `import.under_way`, `import.not_open`."""
    return _accepted(intake.check(batch=_named(request, number), mapping=asked.columns, by=request.auth))


@router.get(
    "/imports/{number}/alike",
    auth=KeyAuth("imports:write"),
    response=LikenessList,
    operation_id="listRowsAlike",
    summary="The rows that may be of somebody who is here already",
)
def list_alike(request: ApiRequest, number: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Or of an earlier row of the file. Those without a choice keep the file from being taken in."""
    found = likenesses.of(_named(request, number), after=pages.place_of(cursor) or 0, count=limit + 1)
    following = pages.cursor(found[limit - 1].like.line) if len(found) > limit else None
    return answers.respond({"items": [_likeness(one) for one in found[:limit]], "next_cursor": following})


@router.post(
    "/imports/{number}/alike",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="chooseRowsAlike",
    summary="Say what is done with rows that may be of somebody who is here",
)
def choose(request: ApiRequest, number: str, asked: ChoicesIn) -> HttpResponse:
    """`update` changes the customer who is here, `new` adds somebody else, `leave` leaves the row out. The file is checked again.

    Refusals: `import.not_open`, `import.choice_unusable`.
    """
    said = {one.line: Choice(one.choice) for one in asked.choices}
    others = Choice(asked.others or "")
    return _accepted(intake.choose(batch=_named(request, number), said=said, others=others, by=request.auth))


@router.post(
    "/imports/{number}/apply",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="applyImport",
    summary="Take a checked file in",
)
def apply(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Customers in one transaction, then their balances. An import is taken in once, however often this is sent.

    Refusals: `import.not_open`, `import.already_applied`, `import.under_way`, `import.undecided`; those of
    the step itself are in `refusal`.
    """
    return _accepted(intake.take_in(batch=_named(request, number), by=request.auth))


@router.post(
    "/imports/{number}/reverse",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="reverseImport",
    summary="Give an import back",
)
def reverse(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """All of it, but for customers who have moved on since. Once, however often this is sent.

    Refusals: `import.not_applied`, `import.under_way`.
    """
    return _accepted(intake.reverse(batch=_named(request, number), by=request.auth))


@router.post(
    "/imports/{number}/notice",
    auth=KeyAuth("imports:write"),
    response={202: ImportOut},
    operation_id="tellImport",
    summary="Tell customers what came with them",
)
def tell(request: ApiRequest, number: str, asked: NothingMore) -> HttpResponse:
    """Each by a message with the figures of their own balance. Once, however often this is sent.

    Refusals: `import.nothing_to_tell`, `import.under_way`.
    """
    return _accepted(intake.tell(batch=_named(request, number), by=request.auth))


def _named(request: ApiRequest, number: str) -> ImportBatch:
    return intake.named(named.number(number), request.auth)


def _accepted(batch: ImportBatch) -> HttpResponse:
    answer = answers.respond(_import(batch), HTTPStatus.ACCEPTED)
    answer["Location"] = f"/api/v1/imports/{batch.pk}"
    return answer


def _import(batch: ImportBatch) -> dict[str, Any]:
    back = reversing.taken_back(batch, batch.stayed)
    progress = intake_steps.progress(batch)
    return {
        "id": str(batch.pk),
        "state": batch.state,
        "step": batch.step or None,
        "done": progress.done,
        "total": progress.of,
        "acceptance": acceptances.code_of(sheet) if (sheet := acceptances.of(batch)) else None,
        "refusal": _refusal(batch),
        "file_name": batch.file_name,
        "kit": kit.key if (kit := headings.kit(batch.headings)) else None,
        "columns": batch.mapping,
        "new": batch.new,
        "updated": batch.updated,
        "skipped": batch.skipped,
        "further": batch.further,
        "rejected": batch.refused,
        "alike": batch.alike,
        "cards": batch.cards,
        "currency": batch.currency,
        "principal": batch.principal,
        "bonus": batch.bonus,
        "principal_taken_back": back.principal,
        "bonus_taken_back": back.bonus,
        "stayed": [str(customer) for customer in batch.stayed],
        "told_at": answers.moment(batch.told_at) if batch.told_at else None,
        "created_at": answers.moment(batch.made_at),
    }


def _refusal(batch: ImportBatch) -> dict[str, str] | None:
    return {"code": batch.refusal, "detail": str(recalled(batch.refusal, batch.refusal_facts))} if batch.refusal else None


def _likeness(one: Likeness) -> dict[str, Any]:
    like = one.like
    return {
        "line": like.line, "name": one.name, "why": like.why, "customer": str(like.customer_id) if like.customer_id else None,
        "other_line": like.other, "choice": like.choice or None,
    }  # fmt: skip


def _rejected(row: rejections.Rejection) -> dict[str, Any]:
    reasons = [{"heading": heading or None, "code": no.code, "detail": str(no)} for heading, no in row.reasons]
    return {"line": row.line, "cells": list(row.cells), "reasons": reasons}
