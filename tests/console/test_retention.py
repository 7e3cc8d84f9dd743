"""How long personal data is kept, on its pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.customers import profiles
from chuzhi.organization.models import Store
from chuzhi.privacy import retention
from chuzhi.privacy.models import RetentionRule
from chuzhi.workforce import notes
from chuzhi.workforce.models import Note

pytestmark = pytest.mark.django_db

KINDS, NOTES, CUSTOMERS = "/console/retention/", "/console/retention/notes/", "/console/retention/customers/"


@pytest.fixture
def administrator() -> Client:
    return cast.signed_in(cast.person("administrator"))


@pytest.fixture
def three_old_notes() -> None:
    ann = profiles.register(name="Ann", by=cast.OWNER)
    for text in ("one", "two", "three"):
        notes.write(customer=ann, text=text, by=cast.OWNER)
    Note.objects.update(at=timezone.now() - timedelta(days=200))


def test_tried_kept_and_carried_out(administrator: Client, three_old_notes: None) -> None:
    assert "3 are from before" in administrator.post(f"{NOTES}try/", {"months": "6"}).content.decode()
    assert "Nothing is removed." in administrator.post(f"{NOTES}try/", {"months": "12"}).content.decode()
    assert RetentionRule.objects.count() == 0

    page = administrator.post(NOTES, {"months": "6"}, follow=True).content.decode()
    assert ("It holds from the coming night on" in page, "6 months" in page, "3 are from before" in page) == (True, True, True)
    retention.forget_what_is_past()

    page = administrator.get(NOTES).content.decode()
    assert ("Nothing is removed." in page, '<td class="amount">3</td>' in page) == (True, True)
    assert "6 months" in administrator.get(KINDS).content.decode()


def test_nothing_typed_keeps_everything(administrator: Client) -> None:
    administrator.post(NOTES, {"months": "12"})

    page = administrator.post(NOTES, {"months": ""}, follow=True).content.decode()

    assert ("No time set" in page, "Nothing is removed." in page) == (True, True)
    assert retention.of("notes").months is None


@pytest.mark.parametrize("months", ["0", "2", "-5", "601", "1.5", "a year", "１２３４", "9" * 400, "<script>"])
def test_what_is_no_time_is_refused_at_its_field(months: str, administrator: Client) -> None:
    answer = administrator.post(NOTES, {"months": months})

    assert (answer.status_code, RetentionRule.objects.count()) == (422, 0)
    assert "This time cannot be read yet." in administrator.post(f"{NOTES}try/", {"months": months}).content.decode()


def test_law_is_told_and_holds(administrator: Client) -> None:
    Store.objects.filter(pk=cast.store().pk).update(pack="cn-beijing")

    told = administrator.get(CUSTOMERS).content.decode()
    refused = administrator.post(CUSTOMERS, {"months": "59"})

    assert "kept for at least 5 years" in told
    assert (refused.status_code, "cn.register" in refused.content.decode(), RetentionRule.objects.count()) == (422, True, 0)
    assert administrator.post(CUSTOMERS, {"months": "60"}).status_code == 302


def test_an_auditor_reads_and_changes_nothing() -> None:
    auditor = cast.signed_in(cast.person("auditor"))

    page = auditor.get(NOTES).content.decode()

    assert ("Counted from" in page, 'name="months"' in page) == (True, False)
    assert (auditor.post(NOTES, {"months": "12"}).status_code, RetentionRule.objects.count()) == (422, 0)


def test_a_kind_that_is_none_has_no_page(administrator: Client) -> None:
    assert administrator.get("/console/retention/weather/").status_code == 404
    assert administrator.post("/console/retention/weather/try/", {"months": "12"}).status_code == 404


def test_in_chinese(administrator: Client) -> None:
    chinese = cast.signed_in(cast.person("administrator", language="zh-hans"))

    page = chinese.get(CUSTOMERS).content.decode()

    assert ("信息保存期限" in page, "不再到店的客户" in page, "Kept for" in page) == (True, True, False)
