import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.chart import Method
from chuzhi.organization import staff
from chuzhi.organization.models import Store
from chuzhi.organization.roles import Grant
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HERE = "/console/journal/"


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("auditor"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def taken(client: Client, **asked: object) -> list[dict[str, str]]:
    """The file of what is asked, a line an entry."""
    columns = [("columns", name) for name in ("number", "kind", "amount", "change", "store", "channel", "method", "who")]
    answer = client.post(f"/console/lists/journal/take/?{urlencode([*asked.items(), *columns])}", {"form": "csv"})
    rows = answer.content.decode("utf-8-sig").partition("\r\n\r\n")[0]
    return list(csv.DictReader(io.StringIO(rows)))


def numbers(client: Client, **asked: object) -> list[str]:
    return [row["Number"] for row in taken(client, **asked)]


def test_every_recharge_with_channel_method_operator_and_store(page: Client, wallet: Wallet, store: Store) -> None:
    clerk = staff.actor_of(cast.person("cashier", name="韩梅"))
    shop.top_up(wallet, 500_00, store, by=clerk)
    shop.charge(wallet, 80_00, store, by=clerk)

    charge, top_up = taken(page)

    assert (top_up["Kind"], top_up["Amount"], top_up["Way of paying"]) == (
        "Top-up", "500.00", "Cash",
    )  # fmt: skip
    assert (top_up["Channel"], top_up["Who did it"], top_up["Store"]) == ("Counter", "韩梅", store.name)
    assert (charge["Kind"], charge["Balance change"]) == ("Charge", "-80.00")
    assert "韩梅" in said(page.get(HERE))


def test_each_filter_narrows_it(page: Client, wallet: Wallet, store: Store) -> None:
    other, clerk = cast.store("北京路店"), staff.actor_of(cast.person("cashier", name="韩梅"))
    cash, bank = shop.top_up(wallet, 500_00, store, by=clerk), shop.top_up(wallet, 90_00, other, method=Method.CASH)
    spent = shop.charge(wallet, 80_00, other)
    every = [spent.id, bank.id, cash.id]
    today = timezone.localdate()

    assert numbers(page) == every
    assert numbers(page, sort="at") == every[::-1]
    assert numbers(page, kind="in") == [bank.id, cash.id]
    assert numbers(page, kind="charge") == [spent.id]
    assert numbers(page, store=store.pk) == [cash.id]
    assert numbers(page, who="韩梅") == [cash.id]
    assert numbers(page, method="cash") == [bank.id, cash.id]
    assert numbers(page, method="wechat") == []
    assert numbers(page, channel="counter", store=store.pk) == [cash.id]
    assert numbers(page, asset="CNY", at_least="85", at_most="100") == [bank.id]
    assert numbers(page, result="refused") == []
    assert numbers(page, since=today - timedelta(days=3), until=today - timedelta(days=1)) == []
    assert numbers(page, since=today) == every


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"at_least": "5"}, "Choose the currency"),
        ({"at_least": "five", "asset": "CNY"}, "five"),
        ({"who": "nobody"}, "Nobody who works here"),
        ({"since": "2020-01-01"}, "At most a year"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "before the first day"),
        ({"kind": "nonsense"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_said(page: Client, wallet: Wallet, asked: dict[str, str], complaint: str) -> None:
    answer = page.get(HERE, asked)

    assert answer.status_code == 422
    assert complaint in said(answer)


def test_pages_lead_on_and_back_to_the_same_entries(page: Client, wallet: Wallet, store: Store) -> None:
    for _each in range(30):
        shop.top_up(wallet, 1_00, store)

    first = said(page.get(HERE))
    following = re.findall(r'href="(\?[^"]*after=[^"]+)"', first)[0].replace("&amp;", "&")
    shop.top_up(wallet, 1_00, store)
    second = said(page.get(HERE + following + "&columns=number"))
    back = re.findall(r'href="(\?[^"]*before=[^"]+)"', second)[0].replace("&amp;", "&")

    assert second.count("figure sm:whitespace-nowrap") == 5
    assert said(page.get(HERE + back)).count("<time") == first.count("<time")
    on_first, on_second = (
        set(re.findall(r">(\d+-\d+)<", said(page.get(f"{HERE}{one}&columns=number")))) for one in (back, following)
    )
    assert (len(on_first), len(on_second), len(on_first & on_second)) == (25, 5, 0)


def test_whoever_works_in_one_store_sees_what_happened_there(wallet: Wallet, store: Store) -> None:
    other = cast.store("北京路店")
    mine, _theirs = shop.top_up(wallet, 500_00, store), shop.top_up(wallet, 90_00, other)
    client = cast.signed_in(cast.person(Grant("manager", store.pk)))

    assert numbers(client) == [mine.id]
    assert numbers(client, store=other.pk) == []


def test_a_cashier_does_not_read_it() -> None:
    assert cast.signed_in(cast.person("cashier")).get(HERE).status_code == 403


def test_what_was_taken_along_is_in_the_log(page: Client, wallet: Wallet, store: Store) -> None:
    shop.top_up(wallet, 500_00, store)

    taken(page, kind="in")

    entry = AuditEntry.objects.get(action="list.exported")
    assert (entry.subject, entry.facts["count"], entry.facts["filters"]) == ("list:journal", 1, {"kind": "in"})


class TestProgram:
    def test_reads_it_page_by_page(self, wallet: Wallet, store: Store) -> None:
        made = [shop.top_up(wallet, 10_00 + number, store).id for number in range(5)]
        program = Program("journal:read")

        read, cursor = [], ""
        while cursor is not None:
            page = program.get("/entries?" + urlencode({"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            read += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]

        assert read == made[::-1]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"kind": "charge"}, 1),
            ({"method": "cash"}, 2),
            ({"currency": "CNY", "amount_from": 400_00}, 1),
            ({"amount_to": 80_00}, 1),
            ({"result": "refused"}, 0),
            ({"channel": "web"}, 0),
            ({"by": "staff:77"}, 0),
        ],
    )
    def test_by_what_it_asks_for(self, wallet: Wallet, store: Store, asked: dict[str, object], found: int) -> None:
        shop.top_up(wallet, 500_00, store)
        shop.top_up(wallet, 90_00, store)
        shop.charge(wallet, 80_00, store)

        answer = Program("journal:read").get(f"/entries?{urlencode(asked)}")

        assert len(answer.json()["items"]) == found

    @pytest.mark.parametrize("asked", ["cursor=zzz", "kind=nonsense", "amount_from=-1", "since=soon", "currency=NOPE!"])
    def test_wrong_questions_are_refused(self, wallet: Wallet, asked: str) -> None:
        assert Program("journal:read").get(f"/entries?{asked}").status_code in {400, 422}

    def test_a_key_of_one_store_reads_what_happened_there(self, wallet: Wallet, store: Store) -> None:
        mine = shop.top_up(wallet, 500_00, store)
        shop.top_up(wallet, 90_00, cast.store("北京路店"))

        answer = Program("journal:read", at=store).get("/entries")

        assert [item["id"] for item in answer.json()["items"]] == [mine.id]
