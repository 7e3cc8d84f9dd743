"""Files that are handed in before the request that names them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.program import Program
from chuzhi.core import documents
from chuzhi.wallets.applications.models import ApplicationDocument
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db

LARGE = b"%PDF-1.7 passport" + bytes(6 * 2**20)


@pytest.fixture
def program() -> Program:
    return Program("documents:write", "applications:write")


def handed_in(program: Program, content: bytes, name: str = "passport.pdf") -> Any:
    file = SimpleUploadedFile(name, content)
    return program.client.post("/api/v1/documents", {"file": file}, headers=program.headers())


def test_a_large_file_is_handed_in_and_named_by_an_application(program: Program, programme: Programme) -> None:
    answer = handed_in(program, LARGE)
    assert (answer.status_code, answer.json()["media_type"], answer.json()["size"]) == (201, "application/pdf", len(LARGE))

    asked = {
        "programme": str(programme.pk),
        "name": "王小明",
        "phone": "13812345678",
        "documents": [{"id": answer.json()["id"]}],
    }
    filed = program.post("/card-applications", asked)

    assert filed.status_code == 201
    document = ApplicationDocument.objects.get()
    assert (document.name, document.content_type, document.size) == ("passport.pdf", "application/pdf", len(LARGE))


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"MZ evil", "document.type"), (b"%PDF-" + bytes(documents.MOST_BYTES), "document.too_large")],
)
def test_what_cannot_be_kept_is_refused_by_name(program: Program, content: bytes, code: str) -> None:
    answer = handed_in(program, content)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "MB" in answer.json()["detail"] or "PDF" in answer.json()["detail"]


def test_a_file_that_was_never_handed_in(program: Program, programme: Programme) -> None:
    asked = {"programme": str(programme.pk), "name": "王小明", "phone": "13812345678"}

    unknown = program.post("/card-applications", asked | {"documents": [{"id": "0" * 64}]})
    nothing = program.post("/card-applications", asked | {"documents": [{"name": "a.pdf"}]})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "document.unknown")
    assert (nothing.status_code, nothing.json()["code"]) == (400, "request.invalid")
