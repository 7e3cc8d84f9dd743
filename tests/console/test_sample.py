import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import make
import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
HERE = "/console/journal/sample/"


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("auditor"))


@pytest.fixture
def forty(wallet: Wallet) -> set[str]:
    """Places of forty top-ups of yesterday."""
    asked = [make.top_up_asked(wallet.pk, 10_00, book=wallet.book) for _each in range(40)]
    return {f"{done.book}-{done.seq}" for done in make.post(*asked, now=timezone.now() - timedelta(days=1))}


def numbers(client: Client, **asked: object) -> list[str]:
    answer = client.post(f"/console/lists/sample/take/?{urlencode(asked | {'columns': 'number'})}", {"form": "csv"})
    return [row["Number"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig").partition("\r\n\r\n")[0]))]


def test_on_one_page_with_what_it_was_drawn_from(page: Client, forty: set[str], wallet: Wallet) -> None:
    said = page.get(HERE, {"word": "2026-A", "size": "30"}).content.decode()

    assert said.count(f'href="/console/wallets/{wallet.pk}/"') == 30
    assert "Drawn from 40 entries by “2026-A”." in said
    chinese = cast.signed_in(cast.person("auditor", language="zh-hans"))
    assert "从40条分录中按“2026-A”抽取" in chinese.get(HERE, {"word": "2026-A"}).content.decode()


def test_the_file_holds_the_same_and_taking_it_is_logged(page: Client, forty: set[str]) -> None:
    drawn = numbers(page, word="2026-A", size=5)

    assert (len(drawn), set(drawn) <= forty) == (5, True)
    assert numbers(page, word="2026-A", size=5) == drawn
    assert numbers(page, word="2026-B", size=5) != drawn
    assert AuditEntry.objects.filter(action="list.exported", subject="list:sample").count() == 3


def test_in_proportion_to_amounts_of_one_currency(page: Client, forty: set[str]) -> None:
    said = page.get(HERE, {"chance": "amount", "asset": "CNY"}).content.decode()

    assert "Together they moved CN¥400.00." in said
    refused = page.get(HERE, {"chance": "amount"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["asset"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"size": "0"}, "size"),
        ({"size": "501"}, "size"),
        ({"word": "x" * 41}, "word"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "until"),
    ],
)
def test_what_cannot_be_drawn_is_said_at_its_field(page: Client, asked: dict[str, str], field: str) -> None:
    answer = page.get(HERE, asked)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_days_that_are_not_over_are_refused(page: Client, db: None) -> None:
    answer = page.get(HERE, {"until": timezone.localdate().isoformat()})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["until"])


def test_it_is_for_whoever_audits(db: None) -> None:
    assert cast.signed_in(cast.person("manager")).get(HERE).status_code == 403


class TestByTheApi:
    def asked(self, **more: object) -> dict[str, object]:
        now = timezone.now()
        return {"since": (now - timedelta(days=2)).isoformat(), "until": now.isoformat(), "word": "2026-A", "size": 5} | more

    def test_the_same_as_on_the_page(self, page: Client, forty: set[str]) -> None:
        told = Program("journal:read").get("/entries/sample", **self.asked()).json()

        assert (told["count"], told["amount"]) == (40, 400_00)
        assert [entry["id"] for entry in told["items"]] == numbers(page, word="2026-A", size=5)

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"until": "2199-01-01T00:00:00+00:00"}, "sample.not_over"),
            ({"chance": "amount"}, "sample.no_currency"),
            ({"size": 501}, "request.invalid"),
            ({"word": ""}, "request.invalid"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, wrong: dict[str, object], code: str) -> None:
        assert Program("journal:read").get("/entries/sample", **self.asked(**wrong)).json()["code"] == code

    def test_a_key_of_one_store_draws_there(self, forty: set[str], store: Store, wallet: Wallet) -> None:
        shop.top_up(wallet, 5_00, store)

        told = Program("journal:read", at=store).get("/entries/sample", **self.asked()).json()

        assert {entry["store"] for entry in told["items"]} <= {str(store.pk)}
