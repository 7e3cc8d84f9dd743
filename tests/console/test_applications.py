import base64
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
from api.program import Program
from chuzhi.core import documents
from chuzhi.wallets.applications.models import CardApplication
from chuzhi.wallets.models import Card, Programme

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 passport"


@pytest.fixture
def counter() -> Client:
    return cast.signed_in(cast.person("cashier"))


@pytest.fixture
def manager_page() -> Client:
    return cast.signed_in(cast.person("manager"))


def filing(counter: Client, programme: Programme, content: bytes = PDF, **more: str) -> dict[str, object]:
    found = re.search(r'name="key" value="([^"]+)"', counter.get("/console/applications/file/").content.decode())
    assert found
    files = [SimpleUploadedFile("passport.pdf", content), SimpleUploadedFile("back.pdf", content)]
    return {"name": "王小明", "phone": "13812345678", "programme": programme.pk, "documents": files, "key": found[1]} | more


def test_taken_in_by_one_and_approved_by_another(counter: Client, manager_page: Client, programme: Programme) -> None:
    asked = filing(counter, programme)
    assert counter.post("/console/applications/file/", asked).status_code == 302
    application = CardApplication.objects.get()
    where = f"/console/applications/{application.pk}/"
    assert "138****5678" in counter.get("/console/applications/").content.decode()
    assert counter.get(where).status_code == 403

    page = manager_page.get(where).content.decode()
    document = manager_page.get(f"{where}documents/{application.documents.first().pk}/")  # type: ignore[union-attr]  # two
    done = manager_page.post(f"{where}approve/")

    assert "passport.pdf" in page
    assert (document.content, document["Content-Disposition"].partition(";")[0]) == (PDF, "attachment")
    card = Card.objects.get()
    assert card.number in manager_page.get(done["Location"]).content.decode()
    assert card.number in counter.get("/console/applications/?state=approved").content.decode()


def test_wrong_files_and_numbers_are_said_on_the_form(counter: Client, programme: Programme) -> None:
    answers = [
        counter.post("/console/applications/file/", filing(counter, programme, b"MZ evil")),
        counter.post("/console/applications/file/", filing(counter, programme, phone="12")),
        counter.post("/console/applications/file/", filing(counter, programme, identity_number="1")),
        counter.post("/console/applications/file/", filing(counter, programme, PDF + bytes(documents.MOST_BYTES))),
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert not CardApplication.objects.exists()


def test_a_rejection_needs_a_reason(counter: Client, manager_page: Client, programme: Programme) -> None:
    counter.post("/console/applications/file/", filing(counter, programme))
    where = f"/console/applications/{CardApplication.objects.get().pk}/"

    assert manager_page.post(f"{where}reject/", {"reason": ""}).status_code == 422
    assert manager_page.post(f"{where}reject/", {"reason": "unreadable"}).status_code == 302
    assert "unreadable" in manager_page.get("/console/applications/?state=rejected").content.decode()
    assert manager_page.post(f"{where}reject/", {"reason": "again"}).status_code == 422


def test_whoever_took_it_in_is_offered_no_decision(manager_page: Client, programme: Programme) -> None:
    manager_page.post("/console/applications/file/", filing(manager_page, programme))
    where = f"/console/applications/{CardApplication.objects.get().pk}/"

    assert "Ask a colleague" in manager_page.get(where).content.decode()
    manager_page.post(f"{where}approve/")
    assert CardApplication.objects.get().state == "waiting"


def test_by_programs(programme: Programme) -> None:
    site, office = Program("applications:write", "applications:decide"), Program("applications:decide")
    document = {"name": "a.pdf", "content": base64.b64encode(PDF).decode()}
    asked = {"programme": str(programme.pk), "name": "王小明", "phone": "13812345678", "documents": [document]}

    filed = [site.post("/card-applications", asked, key="a-1").json() for _twice in range(2)]
    where = f"/card-applications/{filed[0]['id']}"

    assert filed[0]["id"] == filed[1]["id"]
    assert site.post(f"{where}/approve", {}).json()["code"] == "application.own"
    approved = office.post(f"{where}/approve", {}).json()
    assert (approved["state"], approved["card"]) == ("approved", Card.objects.get().number)
    assert site.get(where).json()["card"] == approved["card"]
    assert office.post(f"{where}/reject", {"reason": "x"}).json()["code"] == "application.decided"
    bad = site.post("/card-applications", asked | {"documents": [{"name": "a", "content": "????"}]})
    assert (bad.status_code, bad.json()["code"]) == (400, "request.invalid")
