"""Gifts by link on the friend's page, on the staff's pages, and as a program sees them."""

import re

import make
import pytest
from django.test import Client

import cast
import shop
from api.program import Program
from chuzhi.customers import profiles
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, programmes, queries
from chuzhi.wallets.giving import links
from chuzhi.wallets.giving.models import GiftLink
from chuzhi.wallets.models import Wallet
from wallets.giving import FRIEND, funded, give, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver(store: Store) -> Wallet:
    return funded(store)


class TestPage:
    @pytest.fixture
    def visitor(self) -> Client:
        return Client(headers={"Accept-Language": "en"})

    def test_a_friend_opens_it_takes_it_and_nobody_takes_it_again(self, giver: Wallet, visitor: Client) -> None:
        gift = give(giver, words="生日快乐")
        where = f"/pay/gift/{token(gift)}/"
        given = {"phone": FRIEND, "name": "李雷", "agrees": "on"}

        shown = visitor.get(where).content.decode()
        taken = [visitor.post(where, given) for _twice in range(2)]
        late = visitor.post(where, given | {"phone": "13600002222"})
        after = visitor.get(where).content.decode()

        assert all(said in shown for said in ("A gift from 小明", "生日快乐", "CN¥100.00", "Take the gift"))
        assert "王小明" not in shown
        assert [(answer.status_code, "It is yours" in answer.content.decode()) for answer in taken] == [(200, True)] * 2
        assert (late.status_code, "has been taken" in late.content.decode()) == (200, True)
        assert FRIEND not in after
        assert queries.balance(giver).principal == 400_00

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"phone": ""}, "This field is required"),
            ({"phone": "12"}, "phone"),
            ({"name": ""}, "This field is required"),
            ({"agrees": ""}, "This field is required"),
            ({"phone": "13800138000"}, "own phone number"),
        ],
    )
    def test_a_wrong_input_is_said_and_the_gift_waits(
        self, giver: Wallet, visitor: Client, wrong: dict[str, str], said: str
    ) -> None:
        gift = give(giver)

        answer = visitor.post(f"/pay/gift/{token(gift)}/", {"phone": FRIEND, "name": "李雷", "agrees": "on"} | wrong)

        assert answer.status_code == 422
        assert said in answer.content.decode()
        gift.refresh_from_db()
        assert gift.state == "open"

    def test_what_is_wrong_with_a_known_account_is_not_told(self, giver: Wallet, visitor: Client) -> None:
        friend = profiles.register(name="韩梅梅", phone=FRIEND, by=cast.OWNER)
        accounts.freeze(wallet=shop.new_wallet(giver.programme, friend), reason="debts", key=make.key(), by=cast.OWNER)

        answer = visitor.post(f"/pay/gift/{token(give(giver))}/", {"phone": FRIEND, "name": "李雷", "agrees": "on"})

        assert (answer.status_code, "Ask the shop" in answer.content.decode()) == (422, True)
        assert not re.search("frozen|debts|韩梅梅", answer.content.decode())

    @pytest.mark.parametrize("made_up", ["7", "7.x", "0.AAAA", "…"])
    def test_an_address_that_is_not_ours_says_what_to_do(self, visitor: Client, made_up: str) -> None:
        assert visitor.get(f"/pay/gift/{made_up}/").status_code == 404

    def test_withdrawn_it_says_so(self, giver: Wallet, visitor: Client) -> None:
        gift = links.withdraw(gift=give(giver), by=cast.OWNER)

        assert "can no longer be taken" in visitor.get(f"/pay/gift/{token(gift)}/").content.decode()


class TestConsole:
    def test_a_manager_makes_one_sends_it_on_and_withdraws_it(self, giver: Wallet) -> None:
        page = cast.signed_in(cast.person("manager"))
        where = f"/console/wallets/{giver.pk}/gift-links/"
        form = page.get(f"{where}new/").content.decode()
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key is not None
        given = {"key": key[1], "amount": "88", "sender": "小明", "words": "生日快乐", "days": "7"}

        answers = [page.post(f"{where}new/", given) for _twice in range(2)]
        gift = GiftLink.objects.get()
        shown = page.get(answers[0].url).content.decode()
        page.post(f"/console/wallets/gift-links/{gift.pk}/withdraw/")
        after, listed = page.get(answers[0].url).content.decode(), page.get(where).content.decode()

        assert 'value="王小明"' in form
        assert [answer.status_code for answer in answers] == [302, 302]
        assert gift.amount == 88_00
        assert links.address_of(gift) in shown
        assert links.address_of(gift) not in after
        assert "Withdrawn" in listed

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [({"amount": "200.01"}, "at most CN¥200.00"), ({"amount": "x"}, "amount"), ({"days": "31"}, "30"), ({"sender": ""}, "required")],
    )  # fmt: skip
    def test_a_wrong_input_stands_at_its_field(self, giver: Wallet, wrong: dict[str, str], said: str) -> None:
        page = cast.signed_in(cast.person("manager"))
        where = f"/console/wallets/{giver.pk}/gift-links/new/"
        key = re.search(r'name="key" value="([^"]+)"', page.get(where).content.decode())
        assert key is not None

        answer = page.post(where, {"key": key[1], "amount": "88", "sender": "小明", "days": "7"} | wrong)

        assert (answer.status_code, said in answer.content.decode()) == (422, True)
        assert not GiftLink.objects.exists()

    def test_who_may_only_look_never_sees_the_address(self, giver: Wallet) -> None:
        gift, page = give(giver), cast.signed_in(cast.person("auditor"))

        shown = page.get(f"/console/wallets/gift-links/{gift.pk}/")
        assert (shown.status_code, token(gift) in shown.content.decode()) == (200, False)
        assert page.get(f"/console/wallets/{giver.pk}/gift-links/new/").status_code == 403

    def test_the_terms_say_how_much_and_whether_at_all(self, giver: Wallet, store: Store) -> None:
        page, plain = cast.signed_in(cast.person("administrator")), shop.prepaid(1_00, store)

        assert "Gifts by link" in page.get(f"/console/wallets/{giver.pk}/").content.decode()
        assert "Gifts by link" not in page.get(f"/console/wallets/{plain.pk}/").content.decode()
        terms = page.get(f"/console/programmes/{giver.programme_id}/").content.decode()
        assert ("Most in one gift" in terms, "CN¥200.00" in terms) == (True, True)

    def test_a_gift_stays_in_reach_when_the_terms_offer_it_no_more(self, giver: Wallet) -> None:
        gift = give(giver)
        programmes.revise(programme=giver.programme, by=cast.OWNER)

        assert links.offered(giver)
        assert links.take_into(gift=gift, wallet=shop.new_wallet(giver.programme), by=cast.OWNER).state == "taken"


class TestApi:
    def test_a_program_makes_reads_takes_and_withdraws(self, giver: Wallet) -> None:
        program, other = Program("transfers:write", "wallets:read"), shop.new_wallet(giver.programme)
        asked = {"wallet": str(giver.pk), "amount": 5000, "sender": "小明"}

        first, again = (program.post("/gift-links", asked, key="gift-1") for _twice in range(2))
        made = first.json()
        last = made["link"].rstrip("/").rpartition("/")[2]
        by_link = program.get(f"/gift-links/{last}").json()
        taken = program.post(f"/gift-links/{last}/take", {"wallet": str(other.pk)}, key=None)
        late = program.post(f"/gift-links/{made['id']}/withdraw", None, key=None)
        second = program.post("/gift-links", asked).json()
        back = program.post(f"/gift-links/{second['id']}/withdraw", None, key=None).json()
        listed = program.get(f"/wallets/{giver.pk}/gift-links").json()["items"]

        assert (first.status_code, again.json()["id"]) == (201, made["id"])
        assert (made["status"], by_link["id"]) == ("open", made["id"])
        assert (taken.status_code, taken.json()["status"], taken.json()["taken_by"]) == (200, "taken", str(other.pk))
        left = GiftLink.objects.get(state="taken").taken_seq
        assert (taken.json()["link"], taken.json()["entry"]) == (None, f"{giver.book}-{left}")
        assert (late.status_code, late.json()["code"]) == (422, "gift_link.taken")
        assert (back["status"], [one["status"] for one in listed]) == ("withdrawn", ["withdrawn", "taken"])

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"amount": 200_01}, 422, "gift_link.over_limit"),
            ({"amount": 0}, 400, "request.invalid"),
            ({"days": 31}, 400, "request.invalid"),
            ({"sender": ""}, 400, "request.invalid"),
            ({"sender": " "}, 422, "gift_link.sender_missing"),
            ({"wallet": "99999999"}, 404, "wallet.unknown"),
        ],
    )
    def test_a_wrong_input_has_its_code(self, giver: Wallet, wrong: dict[str, object], status: int, code: str) -> None:
        program = Program("transfers:write", "wallets:read")

        answer = program.post("/gift-links", {"wallet": str(giver.pk), "amount": 5000, "sender": "小明"} | wrong)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_nobody_s_gift_is_not_found(self, giver: Wallet) -> None:
        program = Program("transfers:write", "wallets:read")

        assert [program.get(f"/gift-links/{given}").status_code for given in ("999", "x", "7.x")] == [404] * 3
