"""Who stands before a kiosk sees nothing on the number alone, proves, is stopped when they guess, and leaves nothing behind."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.core.audit import AuditEntry
from chuzhi.kiosk import rules, tries
from chuzhi.kiosk.models import Kiosk, Try, Visit
from chuzhi.messaging.models import Message
from chuzhi.organization.models import Store
from chuzhi.wallets import cards
from chuzhi.wallets.models import Card, Programme, Wallet
from kiosk import terminal

pytestmark = pytest.mark.django_db
OWN_PAGES = ("account", "statement")


@pytest.fixture
def kiosk(store: Store) -> Kiosk:
    return terminal.set_up(store)


@pytest.fixture
def browser(kiosk: Kiosk) -> Client:
    return terminal.opened(kiosk)


@pytest.fixture
def card(funded: Wallet) -> Card:
    return terminal.card_of(terminal.with_address(funded))


def begin(browser: Client, card: Card, service: str = "balance") -> None:
    assert browser.post(f"/kiosk/card/{service}/", {"number": card.number}).status_code == 302


class TestIdentifying:
    def test_the_number_alone_shows_neither_name_nor_balance(self, browser: Client, card: Card) -> None:
        begin(browser, card)

        for page in OWN_PAGES:
            assert browser.get(f"/kiosk/{page}/")["Location"] == "/kiosk/proof/"
        for page in ("", "proof/", "top-up/", "loss/"):
            shown = browser.get(f"/kiosk/{page}").content.decode()
            assert card.number not in shown
            assert "王" not in shown
            assert "小明" not in shown

    def test_a_code_sent_to_the_address_on_file_opens_it(self, browser: Client, card: Card) -> None:
        begin(browser, card)
        assert browser.post("/kiosk/proof/", {"do": "send"})["Location"] == "/kiosk/proof/sent/"

        answer = browser.post("/kiosk/proof/sent/", {"code": terminal.sent_code()})

        assert answer["Location"] == "/kiosk/account/"
        assert "580.00" in browser.get("/kiosk/account/").content.decode()
        entry = AuditEntry.objects.get(action="kiosk.identified")
        assert entry.subject == f"wallet:{card.wallet_id}"
        assert entry.actor.startswith("kiosk:")

    def test_the_code_stands_in_no_log(self, browser: Client, card: Card) -> None:
        begin(browser, card)
        browser.post("/kiosk/proof/", {"do": "send"})
        code, message = terminal.sent_code(), Message.objects.get(kind="kiosk.code")

        assert code not in str(message.facts)
        assert bytes(Visit.objects.get().code_hash or b"") != code.encode()

    def test_nobody_learns_whether_there_is_an_address(
        self, browser: Client, card: Card, kiosk: Kiosk, programme: Programme
    ) -> None:
        stranger = terminal.card_of(shop.new_wallet(programme))
        shown = []
        for each in (card, stranger):
            browser.post("/kiosk/finish")
            begin(browser, each)
            page = browser.post("/kiosk/proof/", {"do": "send"}, follow=True).content.decode()
            shown.append(page.partition("<main")[2].partition("csrf")[0].replace(each.number[-4:], "last4"))

        assert shown[0] == shown[1]
        assert Message.objects.filter(kind="kiosk.code").count() == 1

    def test_the_code_of_a_receipt_opens_it_without_any_phone(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)

        assert "579.00" in browser.get("/kiosk/account/").content.decode()

    def test_the_receipt_of_another_card_opens_nothing(
        self, browser: Client, card: Card, store: Store, programme: Programme
    ) -> None:
        other = shop.new_wallet(programme)
        shop.top_up(other, 50_00, store)
        code = terminal.receipt_code(other, store)
        begin(browser, card)

        assert browser.post("/kiosk/proof/", {"code": code}).status_code == 422
        assert browser.get("/kiosk/account/")["Location"] == "/kiosk/proof/"

    def test_a_bearer_card_shows_its_balance_for_a_receipt_only(
        self, browser: Client, programme: Programme, store: Store
    ) -> None:
        bearer = Wallet.objects.create(programme=programme, book=0)
        shop.top_up(bearer, 80_00, store)
        card = terminal.card_of(bearer)
        begin(browser, card)
        browser.post("/kiosk/proof/", {"do": "send"})
        assert not Message.objects.filter(kind="kiosk.code").exists()
        assert browser.get("/kiosk/account/")["Location"] == "/kiosk/proof/"

        browser.post("/kiosk/proof/", {"code": terminal.receipt_code(bearer, store)})

        assert "79.00" in browser.get("/kiosk/account/").content.decode()

    @pytest.mark.parametrize("wrong", ["", "000000", "12345", "0-1-ABCDEFGHJK", "' OR 1=1 --", "１２３", "x" * 500])
    def test_a_wrong_code_opens_nothing_and_says_one_thing(self, browser: Client, card: Card, wrong: str) -> None:
        begin(browser, card)

        answer = browser.post("/kiosk/proof/", {"code": wrong})

        assert answer.status_code == 422
        assert browser.get("/kiosk/account/")["Location"] == "/kiosk/proof/"

    def test_a_code_is_over_after_ten_minutes_and_good_for_its_visit_only(self, browser: Client, card: Card) -> None:
        begin(browser, card)
        browser.post("/kiosk/proof/", {"do": "send"})
        code = terminal.sent_code()
        begin(browser, card)
        assert browser.post("/kiosk/proof/", {"code": code}).status_code == 422

        browser.post("/kiosk/proof/", {"do": "send"})
        Visit.objects.update(code_ends_at=timezone.now() - timedelta(seconds=1))
        assert browser.post("/kiosk/proof/", {"code": terminal.sent_code()}).status_code == 422

    @pytest.mark.parametrize("number", ["", "0000", "999999999999999", "<script>", "x" * 400, "\x00"])
    def test_a_number_that_nobody_has_is_served_nothing(self, browser: Client, number: str) -> None:
        assert browser.post("/kiosk/card/balance/", {"number": number}).status_code == 422
        assert not Visit.objects.exists()

    def test_a_lost_card_and_one_that_ended_are_as_unknown(self, browser: Client, card: Card) -> None:
        cards.report_lost(card=card, by=cast.OWNER)
        lost = browser.post("/kiosk/card/balance/", {"number": card.number}).content.decode()

        assert "No card with this number can be used here" in lost

    def test_a_scan_with_spaces_and_full_width_digits_is_read(self, browser: Client, card: Card) -> None:
        wide = card.number.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})

        assert browser.post("/kiosk/card/balance/", {"number": f" {wide[:4]} {wide[4:]} "}).status_code == 302


class TestThrottling:
    def test_the_sixth_wrong_code_stops_the_card_at_every_kiosk(
        self, browser: Client, card: Card, store: Store, kiosk: Kiosk
    ) -> None:
        right = terminal.receipt_code(card.wallet, store)
        begin(browser, card)
        for _each in range(rules.MOST_WRONG_OF_A_CARD):
            assert browser.post("/kiosk/proof/", {"code": "0-1-AAAAAAAAAA"}).status_code == 422

        stopped = browser.post("/kiosk/proof/", {"code": right})
        other = terminal.opened(terminal.set_up(cast.store("人民广场店")))
        begin(other, card)
        elsewhere = other.post("/kiosk/proof/", {"code": right})

        assert (stopped.status_code, elsewhere.status_code) == (429, 429)
        assert "Wait an hour, or ask at the counter" in stopped.content.decode()

    def test_after_an_hour_it_can_be_tried_again(self, browser: Client, card: Card, store: Store) -> None:
        begin(browser, card)
        for _each in range(rules.MOST_WRONG_OF_A_CARD):
            browser.post("/kiosk/proof/", {"code": "0-1-AAAAAAAAAA"})
        Try.objects.update(at=timezone.now() - rules.CARD_WITHIN)

        assert browser.post("/kiosk/proof/", {"code": terminal.receipt_code(card.wallet, store)}).status_code == 302

    def test_wrong_numbers_stop_the_kiosk_and_no_other(self, browser: Client, card: Card) -> None:
        for number in range(rules.MOST_WRONG_AT_A_KIOSK):
            browser.post("/kiosk/card/balance/", {"number": f"1234{number}"})

        stopped = browser.post("/kiosk/card/balance/", {"number": card.number})
        other = terminal.opened(terminal.set_up(cast.store("人民广场店")))

        assert stopped.status_code == 429
        assert "Wait ten minutes" in stopped.content.decode()
        begin(other, card)

    def test_enough_codes_are_enough(self, browser: Client, card: Card) -> None:
        begin(browser, card)
        answers = [browser.post("/kiosk/proof/", {"do": "send"}).status_code for _each in range(rules.MOST_CODES_OF_A_CARD + 1)]

        assert answers == [302] * rules.MOST_CODES_OF_A_CARD + [429]
        assert Message.objects.filter(kind="kiosk.code").count() == rules.MOST_CODES_OF_A_CARD

    def test_right_ones_are_not_counted(self, browser: Client, card: Card) -> None:
        for _each in range(rules.MOST_WRONG_AT_A_KIOSK + 2):
            begin(browser, card)

    def test_numbers_that_were_tried_are_not_kept_and_old_tries_go(self, browser: Client, card: Card) -> None:
        begin(browser, card)
        assert bytes(Try.objects.get().mark) != card.number.encode()
        Try.objects.update(at=timezone.now() - tries.KEPT)

        assert tries.forget_old() == 1


class TestLeaving:
    def test_finish_leaves_nothing(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)
        browser.post("/kiosk/language", {"language": "zh-hans"})

        answer = browser.post("/kiosk/finish")

        assert answer["Location"] == "/kiosk/"
        assert answer["Clear-Site-Data"] == '"cache"'
        assert answer.cookies["django_language"].value == ""
        for page in (*OWN_PAGES, "proof", "loss", "top-up", "order"):
            assert browser.get(f"/kiosk/{page}/")["Location"] == "/kiosk/"

    def test_an_idle_screen_is_cleared_by_the_server_too(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)
        Visit.objects.update(ends_at=timezone.now() - timedelta(seconds=1))

        assert browser.get("/kiosk/account/")["Location"] == "/kiosk/"
        assert browser.post("/kiosk/stay").status_code == 410

    def test_a_touch_lets_it_wait_anew(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)
        Visit.objects.update(ends_at=timezone.now() + timedelta(seconds=2))

        assert browser.post("/kiosk/stay").status_code == 204
        assert Visit.objects.get(ended_at=None).ends_at > timezone.now() + timedelta(seconds=50)

    def test_no_page_is_kept_by_the_browser(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)

        for page in ("", "account/", "statement/", "proof/", "loss/", "top-up/", "card/balance/"):
            assert "no-store" in browser.get(f"/kiosk/{page}").headers["Cache-Control"]

    def test_the_next_card_finds_nothing_of_the_former(
        self, browser: Client, card: Card, store: Store, programme: Programme
    ) -> None:
        terminal.proven(browser, card, store)

        begin_next = browser.post("/kiosk/finish") and terminal.card_of(shop.new_wallet(programme))
        begin(browser, begin_next)

        assert browser.get("/kiosk/account/")["Location"] == "/kiosk/proof/"
        assert Visit.objects.filter(ended_at=None).count() == 1

    def test_one_kiosk_does_not_see_who_stands_before_another(self, browser: Client, card: Card, store: Store) -> None:
        terminal.proven(browser, card, store)
        other = terminal.opened(terminal.set_up(store, name="里面"))

        assert other.get("/kiosk/account/")["Location"] == "/kiosk/"
