"""Files that a request brings: in its JSON if they are small, or handed in before and named by their id."""

import base64
import binascii
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated

from django.http import HttpResponse
from ninja import File, Router, Schema, UploadedFile
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from chuzhi.api import answers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.core import documents

router = Router(tags=["Documents"])
LONGEST_BASE64 = 2_000_000
"""1.5 MB of a file: a request of JSON is at most 2.5 MB. Larger ones are handed in before."""


def _is_base64(given: str) -> str:
    try:
        base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("string_pattern_mismatch", "base64") from None
    return given


class DocumentIn(Asked):
    """Either `id`, of a file that was handed in before, or `name` and `content`."""

    id: str | None = Field(None, pattern="^[0-9a-f]{64}$", description="As `POST /documents` answered it")
    name: str | None = Field(None, min_length=1, max_length=120, examples=["proof of income.pdf"])
    content: Annotated[str, Field(max_length=LONGEST_BASE64, description="Base64"), AfterValidator(_is_base64)] | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "DocumentIn":
        if (self.id is None) == (self.name is None or self.content is None):
            raise PydanticCustomError("missing", "an id, or a name and a content")
        return self


class DocumentOut(Schema):
    id: str = Field(examples=["9f86d081884c7d65…"])
    name: str = Field(examples=["passport.jpg"])
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes", examples=[2400000])


@router.post(
    "/documents",
    auth=KeyAuth("documents:write"),
    response={201: DocumentOut},
    operation_id="handInDocument",
    summary="Hand in a file for a request that follows",
)
def hand_in(
    request: ApiRequest, file: Annotated[UploadedFile, File(description="PDF, PNG or JPEG, at most 10 MB")]
) -> HttpResponse:
    """As `multipart/form-data`. It waits for a day; the request that names it keeps it. The same file twice has one id.

    Refusals: `document.type`, `document.too_large`.
    """
    found = documents.hand_in(file.name or "", file.read(documents.MOST_BYTES + 1))
    body = {"id": found.hash, "name": found.name, "media_type": found.media_type, "size": found.size}
    return answers.respond(body, HTTPStatus.CREATED)


def files(given: Iterable[DocumentIn]) -> list[tuple[str, bytes]]:
    """Their names and contents. Raises DocumentUnknown."""
    return [documents.handed_in(one.id) if one.id else (one.name or "", base64.b64decode(one.content or "")) for one in given]
