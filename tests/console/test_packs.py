import pytest
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.organization.models import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator_page() -> Client:
    return cast.signed_in(cast.person("administrator"))


def test_every_pack_is_told_with_its_stores(administrator_page: Client, store: Store) -> None:
    administrator_page.post(f"/console/stores/{store.pk}/pack/", {"pack": "cn-beijing"})

    page = administrator_page.get("/console/packs/").content.decode()

    assert "China, Beijing" in page
    assert store.name in page


def test_a_pack_tells_its_own_rules_and_those_it_takes_over(administrator_page: Client) -> None:
    page = administrator_page.get("/console/packs/cn-beijing/").content.decode()

    assert "cn-bj.refund.due" in page
    assert "A named card may hold at most CN¥5,000.00." in page
    assert "Not yet compared with the official gazette" in page
    assert administrator_page.get("/console/packs/atlantis/").status_code == 404


def test_a_pack_is_read_in_chinese() -> None:
    page = cast.signed_in(cast.person("auditor", language="zh-hans")).get("/console/packs/cn-national/").content.decode()

    assert "单张记名卡限额不得超过 ¥5,000.00。" in page


def test_a_store_chooses_its_pack_and_it_stays_in_the_log(administrator_page: Client, store: Store) -> None:
    assert administrator_page.post(f"/console/stores/{store.pk}/pack/", {"pack": "cn-shanghai"}).status_code == 302

    store.refresh_from_db()
    assert store.pack == "cn-shanghai"
    assert AuditEntry.objects.get(subject=f"store:{store.pk}", action="store.changed").facts == {"pack": "cn-shanghai"}


def test_a_pack_that_is_not_there_is_refused(administrator_page: Client, store: Store) -> None:
    assert administrator_page.post(f"/console/stores/{store.pk}/pack/", {"pack": "atlantis"}).status_code == 422

    store.refresh_from_db()
    assert store.pack == "none"
