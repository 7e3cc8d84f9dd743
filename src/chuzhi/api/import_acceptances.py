"""A person signs for an import through a program, and anybody with the code reads the sheet."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.wallets import acceptances, intake
from chuzhi.wallets.models import ImportAcceptance

router = Router(tags=["Imports"])


class AcceptanceIn(Asked):
    principal: Annotated[int, Field(ge=0, description="The old system's own total, minor units", examples=[25018035325])]
    bonus: Annotated[int, Field(ge=0)] = 0
    signer: str = Field(description="Who signs, by name", min_length=1, max_length=80, examples=["李会计"])
    note: str = Field("", max_length=500, description="Why the totals differ; needed only if they do")


class AcceptanceOut(Schema):
    import_id: str = Field(examples=["7"])
    code: str = Field(description="A seal over everything on the sheet", examples=["7-K7QX2M9P4TAB"])
    sha256: str = Field(description="Of the file")
    file_name: str
    currency: str = Field(examples=["CNY"])
    stated_principal: int = Field(description="What the old system said")
    stated_bonus: int
    file_principal: int = Field(description="What the rows of the file come to that were taken in")
    file_bonus: int
    principal: int = Field(description="What the lots that were made came to when it was signed")
    bonus: int
    lots: int
    rows: int
    new: int
    updated: int
    skipped: int
    further: int = Field(description="Rows with another balance of somebody whom an earlier row is about")
    rejected: int
    note: str
    signer: str
    signed_at: str


@router.post(
    "/imports/{number}/acceptance",
    auth=KeyAuth("imports:write"),
    response={201: AcceptanceOut},
    operation_id="acceptImport",
    summary="Sign for an import",
)
def accept(request: ApiRequest, number: str, asked: AcceptanceIn) -> HttpResponse:
    """By a person, named in `signer`, through your program. Once: what is signed is never changed.

    Refusals: `import.not_posted`, `import.signed_already`, `import.difference_unexplained`, `import.signer_missing`.
    """
    sheet = acceptances.sign(batch=intake.named(named.number(number), request.auth), by=request.auth, **asked.model_dump())
    return answers.respond(_acceptance(sheet), HTTPStatus.CREATED)


@router.get(
    "/import-acceptances/{code}",
    auth=KeyAuth("imports:write"),
    response=AcceptanceOut,
    operation_id="getImportAcceptance",
    summary="The acceptance sheet that has a code",
)
def get_acceptance(request: ApiRequest, code: str) -> HttpResponse:
    """As it was signed. `import.acceptance_unknown`: a code that is not ours, or a sheet that was altered."""
    return answers.respond(_acceptance(acceptances.find(code=code, actor=request.auth)))


def _acceptance(sheet: ImportAcceptance) -> dict[str, Any]:
    facts = sheet.facts
    same = ("stated_principal", "stated_bonus", "principal", "bonus", "lots", "note", "signer")
    told = ("sha256", "file_name", "currency", "file_principal", "file_bonus", "new", "updated", "skipped")
    return {
        "import_id": str(sheet.batch_id), "code": acceptances.code_of(sheet), "rows": facts["total"],
        "rejected": facts["refused"], "further": facts.get("further", 0), "signed_at": answers.moment(sheet.signed_at),
        **{name: getattr(sheet, name) for name in same}, **{name: facts[name] for name in told},
    }  # fmt: skip
