import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client

import agents
import cast
import rechargecards
from chuzhi.console.vouchers import papers
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter.models import Slip
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.vouchers import batches, rules
from chuzhi.wallets.vouchers.models import VoucherAlarm, VoucherBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance_page() -> Client:
    return cast.signed_in(cast.person("finance"))


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier"), at=till)


def key_in(page: bytes) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def downloaded(page: Client, where: str, **given: str) -> dict[str, bytes]:
    answer = page.post(where, given)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return {name: file.read(name) for name in file.namelist()}


class TestBatches:
    def test_ordered_printed_once_sent_counted_and_void(self, finance_page: Client, programme: Programme, till: Till) -> None:
        asked = {"code": "SPRING", "programme": programme.pk, "value": "100", "count": "4", "form": "pin"}
        where = finance_page.post("/console/vouchers/order/", asked)["Location"]
        batch = VoucherBatch.objects.get()

        files = downloaded(finance_page, f"{where}print/")

        lines = files["cards.csv"].decode("utf-8-sig").splitlines()
        assert lines[0] == "serial,number,code,value,currency"
        assert len(lines) == 5
        assert re.fullmatch(r"SPRING-000001,9157\d{12},\d{8},100.00,CNY", lines[1])
        assert {files[f"cards-{language}.pdf"][:5] for language in ("zh", "en")} == {b"%PDF-"}
        page = finance_page.get(where).content.decode()
        secret = lines[1].split(",")[2]
        assert secret not in page
        assert finance_page.post(f"{where}print/").status_code == 302
        assert finance_page.post(f"{where}send/", {"first": "1", "last": "3", "store": till.store_id}).status_code == 302
        assert finance_page.post(f"{where}void/", {"first": "3", "last": "4", "reason": "carton lost"}).status_code == 302
        assert batches.by_status(batch) == dict.fromkeys(batches.Voucher.Status.values, 0) | {"sent": 2, "void": 2}
        manager = cast.signed_in(cast.person("manager"))
        assert manager.post(f"{where}count/", {"store": till.store_id, "counted": "1"}).status_code == 302
        assert "1 / 2" in manager.get(where).content.decode()

    def test_what_is_wrong_is_said_on_the_page(self, finance_page: Client, programme: Programme, till: Till) -> None:
        made = rechargecards.printed(programme)
        where = f"/console/vouchers/batches/{made.batch.pk}/"

        answers = [
            finance_page.post(f"{where}send/", {"first": "1", "last": "9", "store": till.store_id}),
            finance_page.post(f"{where}send/", {"first": "1", "last": "2"}),
            finance_page.post(f"{where}void/", {"first": "1", "last": "2", "reason": ""}),
            finance_page.post(f"{where}take-back/", {"first": "2", "last": "1", "reason": "x"}),
            finance_page.post(f"{where}renew/", {"reason": ""}),
            finance_page.post("/console/vouchers/order/", {"code": made.batch.code}),
        ]

        assert {answer.status_code for answer in answers} == {422}
        assert batches.by_status(made.batch)["printed"] == 3

    def test_a_lost_file_is_made_anew(self, finance_page: Client, programme: Programme) -> None:
        made = rechargecards.printed(programme, form=rechargecards.FORM.SECRET)

        files = downloaded(finance_page, f"/console/vouchers/batches/{made.batch.pk}/renew/", reason="lost")

        fresh = {line.split(",")[2] for line in files["cards.csv"].decode("utf-8-sig").splitlines()[1:]}
        assert not fresh & {card.secret for card in made.cards}

    def test_a_large_batch_has_the_list_only(self, programme: Programme) -> None:
        made = rechargecards.printed(programme, count=2)

        with zipfile.ZipFile(io.BytesIO(papers.archive(made.batch, made.cards * papers.MOST_ON_SHEETS))) as file:
            assert file.namelist() == ["cards.csv"]

    def test_a_card_is_found_and_tells_no_code(self, finance_page: Client, programme: Programme, till: Till) -> None:
        made = rechargecards.sold(programme, till.store)

        page = finance_page.get(f"/console/vouchers/?find={made.cards[0].number}", follow=True).content.decode()

        assert made.cards[0].number in page
        assert made.cards[0].secret not in page

    def test_a_cashier_sees_no_batch(self, counter: Client, programme: Programme) -> None:
        made = rechargecards.printed(programme)

        assert counter.get("/console/vouchers/").status_code == 403
        assert counter.get(f"/console/vouchers/batches/{made.batch.pk}/").status_code == 403


class TestCounter:
    def test_scan_take_the_money_alive(self, counter: Client, programme: Programme, till: Till) -> None:
        made = rechargecards.sent(programme, till.store)
        led = counter.get(f"/console/till/?find={made.cards[0].number}")
        assert led["Location"].startswith("/console/vouchers/sell/")
        page = counter.get(led["Location"])

        asked = {"method": "CASH", "key": key_in(page.content)}
        told = [counter.post(led["Location"], asked) for _twice in range(2)]

        assert {answer.status_code for answer in told} == {302}
        assert "¥100.00" in counter.get(told[0]["Location"]).content.decode()
        assert made.voucher().status == "active"

    def test_a_card_paid_by_terminal_needs_its_slip_and_a_slip_pays_once(
        self, counter: Client, programme: Programme, till: Till
    ) -> None:
        first, second = (rechargecards.sent(programme, till.store) for _twice in range(2))
        paid = {"method": "TERMINAL", "terminal": "T-01", "slip": "000123"}

        def sold(lot: rechargecards.Lot, **more: str) -> int:
            where = f"/console/vouchers/sell/?find={lot.cards[0].number}"
            return counter.post(where, paid | {"key": key_in(counter.get(where).content)} | more).status_code

        assert [sold(first, slip=""), sold(first), sold(second)] == [422, 302, 422]
        assert (first.voucher().status, second.voucher().status) == ("active", "sent")
        assert Slip.objects.get().amount == 100_00

    def test_whoever_buys_much_at_once_is_asked_who_they_are(
        self, counter: Client, finance_page: Client, programme: Programme, till: Till
    ) -> None:
        Store.objects.filter(pk=till.store_id).update(pack="cn-national")
        made = rechargecards.sent(programme, till.store, 12, value=1000_00)

        def sold(place: int, **more: str) -> Any:
            where = f"/console/vouchers/sell/?find={made.cards[place].number}"
            page = counter.get(where).content
            assert ("identity_number" in page.decode()) is (place == 9)
            return counter.post(where, {"method": "CASH", "key": key_in(page)} | more)

        before = [sold(place).status_code for place in range(9)]
        refused = sold(9)
        known = sold(9, name="王小明", identity_number="11010519491231002X")
        counter.post("/console/vouchers/sell/next-buyer/")
        page = counter.get("/console/vouchers/sell/").content.decode()

        assert (set(before), refused.status_code, known.status_code) == ({302}, 422, 302)
        assert "9 cards for this buyer so far: CN¥9,000.00" in refused.content.decode()
        assert "for this buyer so far" not in page
        assert sold(10).status_code == 302
        card = finance_page.get(f"/console/vouchers/{made.voucher(9).pk}/").content.decode()
        assert "王小明 · 110***********002X" in card

    def test_what_cannot_be_sold_here_is_said(self, counter: Client, programme: Programme, till: Till) -> None:
        elsewhere = rechargecards.sent(programme, agents.partner()).cards[0]

        page = counter.get(f"/console/vouchers/sell/?find={elsewhere.number}").content.decode()
        unknown = counter.get("/console/vouchers/sell/?find=9157000000000018").content.decode()

        assert "This card cannot be sold at this till." in page
        assert "There is no such card." in unknown

    def test_a_card_is_redeemed_into_a_wallet(self, counter: Client, programme: Programme, wallet: Wallet, till: Till) -> None:
        card = rechargecards.sold(programme, till.store).cards[0]
        where = f"/console/vouchers/redeem/{wallet.pk}/"
        asked = {
            "secret": f"{rules.grouped(card.number).replace(' ', '')} {card.secret}",
            "key": key_in(counter.get(where).content),
        }

        told = [counter.post(where, asked) for _twice in range(2)]

        assert {answer.status_code for answer in told} == {302}
        assert counter.get(told[0]["Location"]).status_code == 200
        assert queries.balance(wallet).principal == 100_00

    def test_whoever_guesses_is_stopped_and_seen(
        self, counter: Client, finance_page: Client, wallet: Wallet, programme: Programme
    ) -> None:
        where = f"/console/vouchers/redeem/{wallet.pk}/"
        key = key_in(counter.get(where).content)

        told = [counter.post(where, {"number": "9157000000000018", "secret": f"{n:08d}", "key": key}) for n in range(12)]

        assert [answer.status_code for answer in told] == [422] * 10 + [429] * 2
        assert "Somebody guesses codes" in finance_page.get("/console/vouchers/").content.decode()
        for alarm in VoucherAlarm.objects.all():
            finance_page.post(f"/console/vouchers/alarms/{alarm.pk}/seen/")
        assert "Somebody guesses codes" not in finance_page.get("/console/vouchers/").content.decode()
