from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core import audit
from chuzhi.core.audit import AuditEntry
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("audit:read")


def test_the_log_is_read_page_by_page(program: Program, wallet: Wallet, store: Store) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    for number in range(5):
        audit.record("store.changed", f"store:9{number}", by=cast.OWNER, before="A")

    read, cursor = [], ""
    while cursor is not None:
        page = program.get("/audit?" + urlencode({"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        read += page["items"]
        cursor = page["next_cursor"]

    assert [line["subject"] for line in read[:5]] == [f"store:9{number}" for number in (4, 3, 2, 1, 0)]
    assert len({line["id"] for line in read}) == len(read)
    of_value = next(line for line in read if line["action"] == "wallet.topped_up")
    assert (of_value["id"], of_value["subject"]) == (sold.id, f"wallet:{wallet.pk}")
    assert (of_value["facts"]["amount"], of_value["facts"]["asset"]) == (500_00, "CNY")


def test_a_period_an_actor_an_act_and_a_subject(program: Program) -> None:
    audit.record("store.changed", "store:1", by=cast.OWNER)
    long_ago = timezone.now() - timedelta(days=40)
    AuditEntry(actor="staff:7", action="till.changed", subject="till:2", at=long_ago).save(force_insert=True)

    def found(**asked: str) -> list[str]:
        return [line["subject"] for line in program.get(f"/audit?{urlencode(asked)}").json()["items"]]

    since = (long_ago - timedelta(days=1)).isoformat()
    assert "till:2" not in found()
    assert found(since=since, actor="staff:7") == ["till:2"]
    assert found(since=since, action="store.changed") == ["store:1"]
    assert found(since=since, subject="till:2") == ["till:2"]
    assert found(since=since, until=(long_ago + timedelta(seconds=1)).isoformat()) == ["till:2"]


def test_only_a_key_of_all_stores_with_the_scope_reads_it(store: Store) -> None:
    assert Program("audit:read", at=store).get("/audit").json()["code"] == "permission.missing"
    assert Program("stores:read").get("/audit").json()["code"] == "key.scope_missing"


@pytest.mark.parametrize(
    "asked", ["cursor=eA", "cursor=%F0", "since=yesterday", "since=2026-03-01T00:00:00", "limit=0", "who=x"]
)
def test_what_cannot_be_read_is_refused(program: Program, asked: str) -> None:
    assert program.get(f"/audit?{asked}").status_code in {400, 422}
