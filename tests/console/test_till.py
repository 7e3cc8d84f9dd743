import re
from urllib.parse import urlencode

import make
import pytest
from django.db import transaction
from django.test import Client

import cast
import shop
from chuzhi.console import formkeys
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Kind, Method
from chuzhi.organization.models import Store, Till
from chuzhi.organization.roles import Grant
from chuzhi.till.models import Sale
from chuzhi.wallets import accounts, cards, funding, queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved

pytestmark = pytest.mark.django_db
TILL = "/console/till/"
MONEY_PAGES = ["charge/", "top-up/", "hold/", "holds/1/capture/", "holds/1/release/", "charges/1/refund/", "top-ups/1/refund/"]


@pytest.fixture
def counter(till: Till) -> Client:
    return cast.signed_in(cast.person("cashier"), till)


def at(wallet: Wallet, page: str = "") -> str:
    return f"{TILL}wallets/{wallet.pk}/{page}"


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def do(counter: Client, address: str, **given: str) -> object:
    """Both steps: what was typed, then the confirmation."""
    key = key_in(said(counter.get(address)))
    assert counter.get(f"{address}?{urlencode(given | {'key': key})}").status_code == 200
    return counter.post(address, given | {"key": key}, follow=True)


def available(wallet: Wallet) -> int:
    return queries.balance(wallet).available


class TestFinding:
    def test_by_name_pinyin_and_phone(self, counter: Client, programme: Programme) -> None:
        for name, phone in (("王小明", "13800138000"), ("王大力", "13911112222")):
            person = profiles.register(name=name, phone=phone, by=cast.OWNER)
            accounts.open_wallet(programme=programme, customer=person, key=make.key(), by=cast.OWNER)

        assert "王小明" in said(counter.get(TILL, {"find": "wang"}))
        assert "王大力" in said(counter.get(TILL, {"find": "wang"}))
        assert "138****8000" in said(counter.get(TILL, {"find": "wxm"}, headers={"HX-Request": "true"}))
        assert counter.get(TILL, {"find": "2222"}).status_code == 302
        assert "Nobody" in said(counter.get(TILL, {"find": "nobody-here"}))

    def test_a_scanned_card_leads_to_its_wallet_and_a_lost_one_nowhere(self, counter: Client, wallet: Wallet) -> None:
        card = cards.issue(wallet=wallet, key=make.key(), by=cast.OWNER)

        assert counter.get(TILL, {"find": card.number})["Location"] == at(wallet)
        cards.report_lost(card=card, by=cast.OWNER)
        assert counter.get(TILL, {"find": card.number}).status_code == 200

    def test_the_code_on_a_receipt_leads_to_it(self, counter: Client, funded: Wallet) -> None:
        shown = said(do(counter, at(funded, "charge/"), amount="10"))
        code = re.search(r"\d+-\d+-[0-9A-Z]{10}", shown)
        assert code

        assert "/receipts/" in counter.get(TILL, {"find": code[0]})["Location"]
        assert counter.get(TILL, {"find": f"{code[0][:-1]}!"}).status_code == 200

    def test_somebody_new_gets_a_wallet_without_leaving_the_till(self, counter: Client, programme: Programme) -> None:
        key = key_in(said(counter.get(f"{TILL}new/?said=13800138000")))
        given = {"name": "赵新", "phone": "138 0013 8000", "programme": programme.pk, "key": key}

        counter.post(f"{TILL}new/", given)
        answer = counter.post(f"{TILL}new/", given)

        wallet = Wallet.objects.get(customer__name="赵新")
        assert answer["Location"] == at(wallet, "top-up/")
        assert counter.post(f"{TILL}new/", given | {"key": formkeys.new("join.0.0")}).status_code == 422
        assert Customer.objects.filter(name="赵新").count() == 1


class TestMoney:
    def test_sell_charge_refund_and_the_lots_agree(self, counter: Client, wallet: Wallet) -> None:
        do(counter, at(wallet, "top-up/"), amount="５００", method="CASH")
        assert available(wallet) == 580_00

        receipt = said(do(counter, at(wallet, "charge/"), amount="123.45", reference="A-7"))

        assert "¥123.45" in receipt
        assert "A-7" in receipt
        charge = next(entry for entry in queries.entries(wallet) if entry.outcome.kind is Kind.CHARGE)
        do(counter, at(wallet, f"charges/{charge.outcome.seq}/refund/"), amount="23.45", reason="退货")
        assert available(wallet) == 480_00
        assert [lot.remaining for lot in queries.lots(wallet)] == [400_00, 80_00]

    def test_a_part_is_paid_in_cash_and_goes_back_in_cash(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        short = said(counter.get(f"{address}?{urlencode({'amount': '600', 'key': key_in(said(counter.get(address)))})}"))
        assert "CN¥580.00 from the wallet, CN¥20.00 in cash" in short

        receipt = said(do(counter, address, amount="600", otherwise="20", method="CASH"))
        assert "CN¥600.00" in receipt
        assert available(funded) == 0
        charge = queries.entries(funded)[0].outcome.seq
        back = said(do(counter, at(funded, f"charges/{charge}/refund/"), amount="300", reason="退货"))

        assert "CN¥10.00" in back
        assert available(funded) == 290_00

    def test_a_part_by_card_needs_its_slip(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        asked = {"amount": "600", "otherwise": "20", "method": "TERMINAL", "key": key_in(said(counter.get(address)))}

        assert counter.post(address, asked).status_code == 422
        done = counter.post(address, asked | {"terminal": "T-01", "slip": "000123"}, follow=True)

        assert "Card terminal" in said(done)
        assert available(funded) == 0

    def test_hold_take_and_let_go(self, counter: Client, funded: Wallet) -> None:
        do(counter, at(funded, "hold/"), amount="100", days="2")
        hold = queries.entries(funded)[0].outcome.seq
        do(counter, at(funded, f"holds/{hold}/capture/"), amount="30")
        assert queries.balance(funded).held == 70_00

        page = at(funded, f"holds/{hold}/release/")
        assert page in said(counter.get(at(funded, "")))
        counter.post(page, {"key": key_in(said(counter.get(page)))})

        assert page not in said(counter.get(at(funded, "")))  # it is over: nothing more can be done with it
        assert queries.balance(funded).held == 0
        assert available(funded) == 550_00

    def test_what_is_left_of_a_top_up_is_paid_back(self, counter: Client, funded: Wallet) -> None:
        seq = queries.entries(funded)[0].outcome.seq

        do(counter, at(funded, f"top-ups/{seq}/refund/"), amount="", reason="不要了", method="CASH")

        assert available(funded) == 0

    def test_sending_the_form_again_moves_nothing_again(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        key = key_in(said(counter.get(address)))
        first = counter.post(address, {"amount": "10", "key": key})

        again = counter.post(address, {"amount": "10", "key": key})
        changed = counter.post(address, {"amount": "20", "key": key})
        back = counter.get(f"{address}?{urlencode({'amount': '10', 'key': key})}")

        assert {answer["Location"] for answer in (again, changed, back)} == {first["Location"] + "?was=done"}
        assert available(funded) == 570_00

    def test_did_it_happen(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        key = key_in(said(counter.get(address)))

        not_yet = counter.get(f"{TILL}happened/{key}/?amount=10", follow=True)
        assert "It did not happen" in said(not_yet)
        assert key_in(said(not_yet)) == key
        counter.post(address, {"amount": "10", "key": key})
        assert "/receipts/" in counter.get(f"{TILL}happened/{key}/?amount=10")["Location"]
        assert counter.get(f"{TILL}happened/{key}x/").status_code == 404

    @pytest.mark.parametrize(
        "amount", ["-1", "0", "0.001", "1e308", "NaN", "", "1e3", "9007199254740993", "9223372036854775808"]
    )
    def test_what_is_no_amount_is_refused_at_its_field(self, counter: Client, funded: Wallet, amount: str) -> None:
        address = at(funded, "charge/")
        key = key_in(said(counter.get(address)))

        asked = counter.get(f"{address}?{urlencode({'amount': amount, 'key': key})}")
        sent = counter.post(address, {"amount": amount, "key": key})

        assert (asked.status_code, sent.status_code) == (422, 422)
        assert 'id="id_amount_error"' in said(sent)
        assert available(funded) == 580_00

    def test_too_much_is_a_sentence_with_money_in_it(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")

        asked = counter.get(f"{address}?{urlencode({'amount': '1000', 'key': key_in(said(counter.get(address)))})}")

        assert asked.status_code == 422
        assert "CN¥580.00 available, CN¥1,000.00 asked" in said(asked)

    def test_a_refund_of_more_than_was_taken_is_refused(self, counter: Client, funded: Wallet, store: Store) -> None:
        charge = shop.charge(funded, 100_00, store)
        page = at(funded, f"charges/{charge.seq}/refund/")

        asked = counter.get(f"{page}?{urlencode({'amount': '100.01', 'reason': 'x', 'key': key_in(said(counter.get(page)))})}")

        assert asked.status_code == 422
        assert "Only CN¥100.00 can still be refunded" in said(asked)

    def test_a_form_without_our_key_does_nothing(self, counter: Client, funded: Wallet) -> None:
        answer = counter.post(at(funded, "charge/"), {"amount": "10", "key": "made-up"})

        assert answer.status_code == 422
        assert available(funded) == 580_00

    def test_a_frozen_wallet_says_so(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        accounts.freeze(wallet=funded, reason="lost", key=make.key(), by=cast.OWNER)

        asked = counter.get(f"{address}?{urlencode({'amount': '10', 'key': key_in(said(counter.get(address)))})}")

        assert "The wallet is frozen. A manager can unfreeze it." in said(asked)

    def test_htmx_is_given_the_receipt_at_once(self, counter: Client, funded: Wallet) -> None:
        address = at(funded, "charge/")
        given = {"amount": "10", "key": key_in(said(counter.get(address)))}

        answer = counter.post(address, given, headers={"HX-Request": "true"})

        assert "/receipts/" in answer["HX-Replace-Url"]
        assert "data-done" in said(answer)


class TestReceipt:
    def test_the_second_print_is_marked(self, counter: Client, funded: Wallet, store: Store) -> None:
        charge = shop.charge(funded, 10_00, store)
        page = f"{TILL}receipts/{charge.id}/print/"

        assert "Reprint" not in said(counter.post(page, {"paper": "58"}))
        assert "Reprint" in said(counter.post(page, {"paper": "a4"}))
        assert AuditEntry.objects.filter(action="receipt.printed").count() == 2

    @pytest.mark.parametrize(
        ("method", "name"), [(Method.CASH, "Cash"), (Method.WECHAT, "WeChat Pay"), (Method.PARTNER, "Partner")]
    )
    def test_a_receipt_says_how_it_was_paid(self, counter: Client, wallet: Wallet, method: Method, name: str) -> None:
        payment = funding.Payment(wallet=wallet, amount=100_00, method=method, store=None, key=make.key())
        with transaction.atomic():
            [sold] = funding.credit_many(arrived=[funding.Arrived(payment, "web")], by=cast.OWNER)
        assert isinstance(sold, Moved)

        assert f"<span>Payment</span><span>{name}</span>" in said(counter.get(f"{TILL}receipts/{sold.id}/"))

    @pytest.mark.parametrize("number", ["0-0", "x", "99999-1", "1-2-3"])
    def test_there_is_no_receipt_of_nothing(self, counter: Client, number: str) -> None:
        assert counter.get(f"{TILL}receipts/{number}/").status_code == 404


class TestForbidden:
    @pytest.mark.parametrize("page", MONEY_PAGES)
    def test_an_auditor_moves_nothing_and_is_noted(self, funded: Wallet, till: Till, page: str) -> None:
        auditor = cast.signed_in(cast.person("auditor"), till)

        assert auditor.get(at(funded, page)).status_code == 403
        assert auditor.post(at(funded, page), {"amount": "1"}).status_code == 403
        assert AuditEntry.objects.filter(action="access.refused").count() == 2
        assert available(funded) == 580_00

    @pytest.mark.parametrize("page", MONEY_PAGES)
    def test_whoever_chose_no_till_chooses_one_first(self, funded: Wallet, page: str) -> None:
        nowhere = cast.signed_in(cast.person("cashier"))

        assert nowhere.post(at(funded, page), {"amount": "1"})["Location"].startswith("/console/workplace/")
        assert available(funded) == 580_00

    def test_a_wallet_that_is_not_there_is_not_found(self, counter: Client) -> None:
        assert counter.get(f"{TILL}wallets/0/charge/").status_code == 404


def test_a_plain_charge_says_who_sold_it(counter: Client, funded: Wallet, store: Store) -> None:
    colleague, stranger = cast.person("cashier"), cast.person(Grant("cashier", cast.store().pk))
    address, key = at(funded, "charge/"), formkeys.new(f"charge.{funded.pk}.0")

    page = said(do(counter, address, amount="10", served_by=str(colleague.pk)))

    assert colleague.name in page
    assert Sale.objects.get().served_by == colleague.pk
    assert counter.get(address, {"key": key, "amount": "10", "served_by": stranger.pk}).status_code == 422
