import base64
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from chuzhi.api import answers, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.pages import Limit
from chuzhi.api.statements import BASE64, MOST_LETTERS
from chuzhi.core.errors import NotFound
from chuzhi.finance import queries, settlements, terminals
from chuzhi.finance.models import SettlementFile

router = Router(tags=["Reconciliation"])


class SettlementFileIn(Asked):
    account: str = Field(description="The code of the acquirer's account", pattern="^[a-z0-9-]{1,40}$", examples=["chinaums"])
    file_name: str = Field(min_length=1, max_length=200, examples=["2026-03-01.csv"])
    content: str = Field(
        description="The file in base64: CSV (UTF-8 or GB18030) or XLSX", pattern=BASE64, max_length=MOST_LETTERS,
        examples=["VGVybWluYWwsQW1vdW50ClQtMDEsMS4wMAo="],
    )  # fmt: skip


class SettlementFileOut(Schema):
    id: str = Field(examples=["31"])
    account: str = Field(examples=["chinaums"])
    file_name: str
    first_on: str = Field(description="Settlement days", examples=["2026-03-01"])
    last_on: str = Field(examples=["2026-03-01"])
    lines_read: int
    lines_new: int = Field(description="Lines that no earlier file had brought")


class SettlementFileList(Schema):
    items: list[SettlementFileOut]
    next_cursor: str | None


@router.post(
    "/reconciliation/settlement-files",
    auth=KeyAuth("reconciliation:write"),
    response={201: SettlementFileOut, 200: SettlementFileOut},
    operation_id="takeInSettlementFile",
    summary="Take in a settlement file of card terminals",
)
def take_in(request: ApiRequest, asked: SettlementFileIn) -> HttpResponse:
    """Its lines are compared with the slips of the tills and the ledger. The same file, or a line that was here, counts once.

    Refusals: `settlement.no_columns`, `settlement.other_merchant`, `settlement.net_differs`, `settlement.empty`,
    `settlement.of_every_store`, `statement.cell_unreadable`, `statement.date_ambiguous`.
    """
    account = terminals.accounts().filter(code=asked.account).first()
    if account is None:
        raise NotFound
    kept, is_new = settlements.take_in(
        account=account, content=base64.b64decode(asked.content), file_name=asked.file_name, by=request.auth
    )
    return answers.respond(_file(kept), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.get(
    "/reconciliation/settlement-files",
    auth=KeyAuth("reconciliation:read"),
    response=SettlementFileList,
    operation_id="listSettlementFiles",
    summary="List settlement files of card terminals",
)
def list_files(request: ApiRequest, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first."""
    rows, before = queries.settlement_files(request.auth), pages.place_of(cursor)
    found = list((rows.filter(pk__lt=before) if before is not None else rows)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_file(row) for row in found[:limit]], "next_cursor": following})


def _file(kept: SettlementFile) -> dict[str, Any]:
    return {
        "id": str(kept.pk),
        "account": kept.account.code,
        "file_name": kept.file_name,
        "first_on": str(kept.first_on),
        "last_on": str(kept.last_on),
        "lines_read": kept.lines_read,
        "lines_new": kept.lines_new,
    }
