import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import cast
import shop
from chuzhi.approvals.models import Ceiling, Request
from chuzhi.customers import profiles
from chuzhi.wallets import queries
from chuzhi.wallets.models import CreditBatch, Programme, Wallet

pytestmark = pytest.mark.django_db
GIVEN = {"amount": "50", "cause": "complaint", "ticket": "T-7"}
LISTS, LIMITS = "/console/credits/", "/console/approvals/limits/"


@pytest.fixture
def known(programme: Programme) -> Wallet:
    return shop.new_wallet(programme, profiles.register(by=cast.OWNER, name="王小明", phone="13800138000"))


def key_of(page: Client, address: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.get(address).content.decode())
    assert found
    return found[1]


class TestOne:
    def test_it_is_given_once(self, funded: Wallet) -> None:
        page = cast.signed_in(cast.person("manager"))
        address = f"/console/wallets/{funded.pk}/gift/"
        assert address in page.get(f"/console/wallets/{funded.pk}/").content.decode()
        given = GIVEN | {"key": key_of(page, address), "act": "give"}

        for _twice in range(2):
            assert page.post(address, given).status_code == 302

        assert queries.balance(funded).bonus == 130_00

    def test_too_much_is_offered_for_approval(self, funded: Wallet) -> None:
        page = cast.signed_in(cast.person("manager"))
        address = f"/console/wallets/{funded.pk}/gift/"
        given = GIVEN | {"key": key_of(page, address), "amount": "200.01"}

        refused = page.post(address, given | {"act": "give"})
        asked = page.post(address, given | {"act": "ask"})

        assert (refused.status_code, "needs a second person" in refused.content.decode()) == (422, True)
        assert asked.status_code == 302
        assert "Making good for a complaint" in page.get(f"/console/approvals/{Request.objects.get().pk}/").content.decode()
        assert queries.balance(funded).bonus == 80_00

    def test_a_cashier_can_only_ask(self, funded: Wallet) -> None:
        page = cast.signed_in(cast.person("cashier"))
        address = f"/console/wallets/{funded.pk}/gift/"

        page.post(address, GIVEN | {"key": key_of(page, address), "act": "give"})

        assert (Request.objects.count(), queries.balance(funded).bonus) == (1, 80_00)

    @pytest.mark.parametrize("wrong", [{"ticket": ""}, {"cause": "whim"}, {"amount": "-1"}, {"key": "made-up"}])
    def test_what_cannot_be_is_shown_again(self, funded: Wallet, wrong: dict[str, str]) -> None:
        page = cast.signed_in(cast.person("manager"))
        address = f"/console/wallets/{funded.pk}/gift/"

        assert page.post(address, GIVEN | {"key": key_of(page, address)} | wrong).status_code == 422
        assert queries.balance(funded).bonus == 80_00


class TestMany:
    def bring(self, page: Client, programme: Programme, pasted: str = "13800138000 20\nnobody 5", **more: object) -> str:
        given = {
            "programme": programme.pk,
            "pasted": pasted,
            "cause": "campaign",
            "ticket": "Spring",
            "key": key_of(page, LISTS),
        }
        answer = page.post(LISTS, given | more)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def test_previewed_given_and_taken_back(self, programme: Programme, known: Wallet) -> None:
        page = cast.signed_in(cast.person("finance"))

        address = self.bring(page, programme)
        preview = page.get(address).content.decode()
        assert all(text in preview for text in ("CN¥20.00", "Nobody is found", "Nothing has been given yet"))
        assert queries.balance(known).bonus == 0
        assert page.post(f"{address}start/").status_code == 302
        assert page.post(f"{address}start/").status_code == 422
        assert queries.balance(known).bonus == 20_00
        assert "王小明" not in page.get(f"{address}?only=refused").content.decode()

        assert page.post(f"{address}reverse/", {"reason": ""}).status_code == 422
        assert page.post(f"{address}reverse/", {"reason": "wrong list"}).status_code == 302
        assert queries.balance(known).bonus == 0
        assert "Taken back" in page.get(address).content.decode()

    def test_a_file_does_too_and_a_large_one_waits(self, programme: Programme, known: Wallet) -> None:
        page = cast.signed_in(cast.person("finance"))
        file = SimpleUploadedFile("春.csv", "手机号,金额\n13800138000,2000.01\n".encode())

        address = self.bring(page, programme, pasted="", file=file)
        page.post(f"{address}start/")

        batch = CreditBatch.objects.get()
        assert (batch.state, batch.file_name) == ("waiting", "春.csv")
        signer = cast.signed_in(cast.person("administrator"))
        assert f'href="{address}"' in signer.get(f"/console/approvals/{batch.request_id}/").content.decode()
        assert signer.post(f"/console/approvals/{batch.request_id}/approve/").status_code == 302
        assert queries.balance(known).bonus == 2000_01

    @pytest.mark.parametrize("wrong", [{"pasted": ""}, {"pasted": "nobody 1"}, {"ticket": ""}, {"key": "x"}])
    def test_a_list_that_cannot_be_is_shown_again(self, programme: Programme, known: Wallet, wrong: dict[str, str]) -> None:
        page = cast.signed_in(cast.person("finance"))
        given = {"programme": programme.pk, "pasted": "13800138000 1", "cause": "campaign", "ticket": "x"}

        assert page.post(LISTS, given | {"key": key_of(page, LISTS)} | wrong).status_code == 422
        assert not CreditBatch.objects.exists()

    @pytest.mark.parametrize("role", ["cashier", "auditor"])
    def test_nobody_else_may(self, role: str) -> None:
        assert cast.signed_in(cast.person(role)).get(LISTS).status_code == 403


class TestLimits:
    def test_they_are_shown_set_and_taken_back(self) -> None:
        page = cast.signed_in(cast.person("administrator"))
        colleague = cast.person("finance", name="韩梅梅")
        given = {"kind": "gift", "who": f"staff:{colleague.pk}", "alone": "10", "a_day": "20", "approves": ""}
        assert "CN¥200.00" in page.get(LIMITS).content.decode()

        assert page.post(LIMITS, given).status_code == 302

        row = Ceiling.objects.get()
        assert (row.alone, row.a_day, row.approves) == (10_00, 20_00, None)
        assert "韩梅梅" in page.get(LIMITS).content.decode()
        page.post(f"{LIMITS}forget/", {"kind": "gift", "who": f"staff:{colleague.pk}"})
        assert not Ceiling.objects.exists()

    @pytest.mark.parametrize("wrong", [{"a_day": "5"}, {"alone": "much"}, {"who": "staff:0"}, {"kind": "nothing"}])
    def test_what_cannot_be_is_refused(self, wrong: dict[str, str]) -> None:
        page = cast.signed_in(cast.person("administrator"))
        given = {"kind": "gift", "who": "manager", "alone": "10", "a_day": "20", "approves": "0"}

        assert page.post(LIMITS, given | wrong).status_code == 422
        assert not Ceiling.objects.exists()

    def test_only_an_administrator_may(self) -> None:
        assert cast.signed_in(cast.person("finance")).get(LIMITS).status_code == 403
