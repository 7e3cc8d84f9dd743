import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

import cast
import chuzhi
import shop
from chuzhi.console.audit import telling, views, wording
from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.models import AuditLine
from chuzhi.ledger.trail import Line
from chuzhi.organization import staff
from chuzhi.organization.models import Store
from chuzhi.organization.roles import Grant
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HERE = "/console/audit/"
SOURCE = Path(chuzhi.__file__).parent


@pytest.fixture
def browser(db: None) -> Client:
    return cast.signed_in(cast.person("auditor", name="方圆"))


def of(name: str) -> Actor:
    return staff.actor_of(cast.person("manager", name=name))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def test_who_did_what_is_told_in_words(browser: Client, wallet: Wallet, store: Store) -> None:
    clerk = of("韩梅")
    shop.top_up(wallet, 500_00, store)
    audit.record("customer.phone_revealed", f"customer:{wallet.customer_id}", by=clerk)

    page = said(browser.get(HERE))

    for part in ("Wallet: topped up", "CN¥500.00", store.name, "韩梅", "Customer: phone number looked at"):
        assert part in page
    assert f"/console/wallets/{wallet.pk}/" in page
    assert f"/console/customers/{wallet.customer_id}/" in page


def test_by_person_area_subject_and_day(browser: Client) -> None:
    han, li = of("韩梅"), of("李明")
    audit.record("store.changed", "store:77", by=han)
    audit.record("offer.stopped", "offer:78", by=li)
    old = AuditEntry(actor=li.label, action="till.changed", subject="till:79", at=timezone.now() - timedelta(days=30))
    old.save(force_insert=True)

    def found(query: str) -> set[str]:
        return set(re.findall(r">((?:store|offer|till):7\d)<", said(browser.get(f"{HERE}?{query}"))))

    assert found("") == {"store:77", "offer:78"}
    assert found("who=韩") == {"store:77"}
    assert found(f"who={li.label}") == {"offer:78"}
    assert found("area=offer") == {"offer:78"}
    assert found("about=store:77") == {"store:77"}
    assert found(f"since={timezone.localdate() - timedelta(days=31)}") == {"store:77", "offer:78", "till:79"}
    assert found(f"until={timezone.localdate() - timedelta(days=29)}") == {"till:79"}


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("who=nobody+of+this+name", "has this name"), ("since=2026-02-30", "date"), ("since=2026-03-02&until=2026-03-01", "before"),
        ("since=2020-01-01&until=2026-01-01", "a year"), ("area=nothing", "choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said_at_its_field(browser: Client, query: str, part: str) -> None:
    answer = browser.get(f"{HERE}?{query}")

    assert answer.status_code == 422
    assert part in said(answer)


def test_page_after_page_each_line_once(browser: Client) -> None:
    for number in range(230):
        audit.record("store.changed", f"store:{number}", by=cast.OWNER)

    seen: list[str] = []
    address = f"{HERE}?area=store"
    while address:
        page = said(browser.get(address))
        seen += re.findall(r">(store:\d+)<", page)
        following = re.search(r'href="(\?[^"]+)"[^>]*rel="next"', page)
        address = HERE + following.group(1).replace("&amp;", "&") if following else ""

    assert seen == [f"store:{number}" for number in reversed(range(230))]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_is_taken_along_and_that_is_a_line_itself(browser: Client, form: str) -> None:
    audit.record("store.changed", "store:5", by=cast.OWNER, reason="=1+1")

    content = browser.get(f"{HERE}audit.{form}?area=store").content

    rows = (
        list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        if form == "csv"
        else [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]  # type: ignore[union-attr]  # has one
    )
    assert len(rows) == 2
    assert rows[1][5:8] == ["store.changed", "store:5", "Reason: =1+1"]
    line = AuditLine.objects.get(action="audit.exported")
    assert line.facts["area"] == "store"
    assert browser.get(f"{HERE}audit.exe").status_code == 404


def test_more_than_a_file_should_hold_is_said_and_not_taken(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_EXPORTED", 3)
    for _each in range(4):
        audit.record("offer.stopped", "offer:1", by=cast.OWNER)

    answer = browser.get(f"{HERE}audit.csv?area=offer")

    assert answer.status_code == 422
    assert "More than 3 lines" in said(answer)
    assert browser.get(f"{HERE}audit.csv?area=offer&about=offer:2").status_code == 200


def test_of_some_stores_only_nobody_reads_it(store: Store) -> None:
    there = cast.signed_in(cast.person(Grant("auditor", store.pk)))

    assert there.get(HERE).status_code == 403
    assert there.get(f"{HERE}audit.csv").status_code == 403


def test_hostile_words_stay_words(browser: Client) -> None:
    audit.record("store.changed", "store:<b>", by=cast.OWNER, reason="<script>alert(1)</script>", before={"name": "<i>"})

    page = said(browser.get(HERE))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<i>" not in page


def test_every_act_that_is_recorded_has_its_word() -> None:
    code = re.compile(r'\b(?:audit\.record|_become|_void)\(\s*(?:\w+(?:\.\w+)*,\s*)*"([a-z_]+\.[a-z_]+)"')
    recorded = {match for path in SOURCE.rglob("*.py") for match in code.findall(path.read_text(encoding="utf-8"))}
    migration = (SOURCE / "ledger/migrations/0004_trail_by_time.py").read_text(encoding="utf-8")
    recorded |= set(re.findall(r"'(wallet\.[a-z_]+)'", migration))

    assert len(recorded) > 100
    nameless = {one for one in recorded if one.split(".")[0] not in wording.AREAS or one.split(".")[1] not in wording.ACTS}
    assert nameless == set()


def test_subjects_lead_to_pages_that_are_there() -> None:
    for kind in telling.PAGES:
        assert telling.of([Line("1", timezone.now(), "system:0", "x.y", f"{kind}:12", {})])[0].address
