"""Tables of new colleagues: what a file would do, and inviting them."""

from typing import Any

from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.customers import sheets
from chuzhi.workforce import newcomers

router = Router(tags=["Staff"])


class StaffFileIn(Asked):
    take_in: bool = Field(default=False, strict=False, description="Invite them; otherwise nothing is written")


class InvitedColleague(Schema):
    line: int = Field(description="Of the file", examples=[2])
    username: str = Field(examples=["hanmeimei"])
    name: str = Field(examples=["韩梅梅"])
    link: str | None = Field(description="Works once, for 24 hours, and is told this once; null while nothing is written")


class KnownColleague(Schema):
    line: int = Field(examples=[3])
    username: str
    is_here: bool = Field(description="False: invited, and the link still works")


class RejectedColleague(Schema):
    line: int = Field(examples=[4])
    heading: str | None = Field(description="Of the cell that it is about", examples=["岗位"])
    code: str = Field(examples=["staff.role_unclear"])
    detail: str


class StaffFileOut(Schema):
    is_taken_in: bool
    columns: dict[str, str] = Field(description="Field -> heading", examples=[{"username": "用户名", "role": "岗位"}])
    new: list[InvitedColleague]
    known: list[KnownColleague] = Field(description="They stay as they are")
    rejected: list[RejectedColleague] = Field(description="Rows that are left out")


@router.post(
    "/staff-files",
    auth=KeyAuth("staff:write"),
    response=StaffFileOut,
    operation_id="bringStaff",
    summary="Invite colleagues by a file",
)
def bring(request: ApiRequest, asked: Form[StaffFileIn], file: File[UploadedFile]) -> dict[str, Any]:
    """CSV (UTF-8 or GB18030) or XLSX, at most 500 rows, with headings in its first row: username, name, role, store, e-mail, language.

    Each new colleague gets a one-time link and chooses a password there. Sent twice, the second time nobody is new. A program
    invites no administrators.

    Refusals: `import.not_a_table`, `import.file_too_large`, `import.encoding_unknown`, `import.empty`,
    `staff.columns_missing`, `staff.too_many_rows`.
    """
    content = file.read(sheets.MOST_BYTES + 1)
    links: dict[int, str] = {}
    if asked.take_in:
        plan, made = newcomers.take_in(content, base_url=request.build_absolute_uri("/"), by=request.auth)
        links = {row.line: link for row, link in made}
    else:
        plan = newcomers.check(content, by=request.auth)
    return {
        "is_taken_in": asked.take_in,
        "columns": plan.columns,
        "new": [
            {"line": row.line, "username": row.to.username, "name": row.to.name, "link": links.get(row.line)}
            for row in plan.new
        ],
        "known": [{"line": one.line, "username": one.username, "is_here": one.is_here} for one in plan.known],
        "rejected": [
            {"line": one.line, "heading": one.heading or None, "code": one.reason.code, "detail": str(one.reason)}
            for one in plan.rejected
        ],
    }
