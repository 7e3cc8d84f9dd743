"""Relations and consent on the customer's pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
from chuzhi.customers import profiles
from chuzhi.customers.consent import agreeing, texts
from chuzhi.customers.consent.models import Purpose
from chuzhi.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("administrator"))


@pytest.fixture
def person(db: None) -> Customer:
    return profiles.register(name="王小明", phone="13800138000", by=cast.OWNER)


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def test_a_relation_stands_on_both_pages_until_it_ends(page: Client, person: Customer) -> None:
    child = profiles.register(name="王小朋", phone="13700001111", by=cast.OWNER)

    page.post(f"/console/customers/{person.pk}/relations/", {"who": "13700001111", "role": "child"})
    mine, theirs = (said(page.get(f"/console/customers/{one.pk}/")) for one in (person, child))
    [relation] = person.relations.all()
    page.post(f"/console/customers/{child.pk}/relations/{relation.pk}/end/")

    assert ("王小朋" in mine, "Child" in mine) == (True, True)
    assert ("王小明" in theirs, "Parent" in theirs) == (True, True)
    assert "王小朋" not in said(page.get(f"/console/customers/{person.pk}/"))
    assert "Ended" in said(page.get(f"/console/customers/{person.pk}/relations/"))


@pytest.mark.parametrize(("who", "wrong"), [("13700009999", "Nobody is found"), ("13800138000", "related to themselves")])
def test_a_relation_that_cannot_be_is_said(page: Client, person: Customer, who: str, wrong: str) -> None:
    answer = page.post(f"/console/customers/{person.pk}/relations/", {"who": who, "role": "child"})

    assert answer.status_code == 422
    assert wrong in said(answer)


def test_consent_with_a_scan_that_is_shown_again(page: Client, person: Customer) -> None:
    words = {"purpose": Purpose.EMAIL, "zh": "同意接收营销邮件。", "en": "I agree to e-mails."}
    where, scan = f"/console/customers/{person.pk}/consents/", b"%PDF-1.7 signed"
    given = {"purpose": Purpose.EMAIL, "is_given": "yes", "how": "paper"}

    page.post("/console/customers/consent-texts/", words)
    without = page.post(where, given)
    page.post(where, given | {"scan": SimpleUploadedFile("signed.pdf", scan)})
    [entry] = agreeing.history(person, cast.OWNER)

    assert (without.status_code, "needs the scan" in said(without)) == (422, True)
    assert page.get(f"{where}{entry.pk}/scan/").content == scan
    assert "I agree to e-mails." in said(page.get(where))
    assert "Agrees" in said(page.get(f"/console/customers/{person.pk}/"))


def test_an_auditor_reads_and_a_stranger_to_texts_writes_none(person: Customer) -> None:
    texts.publish(purpose=Purpose.EMAIL, zh="同意", en="I agree", by=cast.OWNER)
    auditor = cast.signed_in(cast.person("auditor"))

    assert auditor.get(f"/console/customers/{person.pk}/consents/").status_code == 200
    assert auditor.post(f"/console/customers/{person.pk}/consents/", {}).status_code == 403
    assert auditor.post(f"/console/customers/{person.pk}/relations/", {}).status_code == 403
    assert auditor.get("/console/customers/consent-texts/").status_code == 403
