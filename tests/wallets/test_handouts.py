"""An employer pays once and gives to the cards of its staff: planned, once a line, with what paid for it, reversible."""

import re

import make
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

import cast
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.customers.relations import relating
from chuzhi.customers.relations.rules import Role
from chuzhi.ledger.proof import verification
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, lists, queries, tasks, transfers
from chuzhi.wallets.errors import NothingToGive
from chuzhi.wallets.giving import handouts
from chuzhi.wallets.giving.errors import HandoutNotDone, HandoutTooLarge, PurposeMissing
from chuzhi.wallets.giving.models import Handout, HandoutLine
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db
LIST = "13700000001 100\n13700000002,50.50\nnobody 10\n"


@pytest.fixture
def employer(programme: Programme, store: Store) -> Wallet:
    """500 paid, 80 given."""
    wallet = shop.new_wallet(programme, profiles.register(name="南京路公司", phone="13800138000", by=cast.OWNER))
    shop.top_up(wallet, 500_00, store)
    return wallet


@pytest.fixture
def staff(programme: Programme) -> list[Wallet]:
    people = [profiles.register(name=f"员工{place}", phone=f"1370000000{place}", by=cast.OWNER) for place in (1, 2)]
    return [shop.new_wallet(programme, person) for person in people]


def plan(wallet: Wallet, said: str = LIST, **more: object) -> Handout:
    values: dict[str, object] = {"purpose": "端午福利", "key": make.key(), "by": cast.OWNER} | more
    return handouts.plan(wallet=wallet, read=lists.pasted(said, wallet.programme), **values)  # type: ignore[arg-type]  # any


def hand_out(handout: Handout) -> Handout:
    tasks.handed_out(handouts.start(handout=handout, by=cast.OWNER))
    handout.refresh_from_db()
    return handout


def worth(wallets: list[Wallet]) -> list[int]:
    return [queries.balance(wallet).available for wallet in wallets]


class TestHandingOut:
    def test_nothing_moves_before_it_is_started_then_each_gets_their_part_once(
        self, employer: Wallet, staff: list[Wallet]
    ) -> None:
        planned = plan(employer, key="form")
        assert plan(employer, "13700000001 999", key="form") == planned
        assert (planned.count, planned.amount, worth(staff)) == (2, 150_50, [0, 0])

        done = [hand_out(planned) for _twice in range(2)][-1]
        handouts.go_on(done.pk)

        assert (done.state, worth(staff), worth([employer])) == ("done", [100_00, 50_50], [429_50])
        refused = HandoutLine.objects.get(handout=done, line=3)
        assert (refused.refusal, refused.wallet) == ("credit.nobody", None)
        assert verification.verify(connection.connection, deep=True).findings == []

    def test_what_paid_for_it_and_its_end_travel_along(self, employer: Wallet, staff: list[Wallet]) -> None:
        paid = {(lot.bucket, lot.funding, lot.terms, lot.expires_at) for lot in queries.lots(employer)}

        hand_out(plan(employer, "13700000001 550"))

        assert {(lot.bucket, lot.funding, lot.terms, lot.expires_at) for lot in queries.lots(staff[0])} == paid

    def test_everybody_is_told_who_gave_it_and_what_for(self, employer: Wallet, staff: list[Wallet]) -> None:
        hand_out(plan(employer))

        told = Message.objects.filter(kind="handout.received").order_by("pk")
        assert [message.customer_id for message in told] == [wallet.customer_id for wallet in staff]
        assert (told[0].facts["sender"], told[0].facts["purpose"]) == ("南京路公司", "端午福利")

    def test_a_line_that_cannot_be_given_says_why_and_the_others_are_given(
        self, employer: Wallet, staff: list[Wallet], store: Store
    ) -> None:
        planned = plan(employer, f"{LIST}13800138000 5")
        accounts.freeze(wallet=staff[0], reason="lost", key=make.key(), by=cast.OWNER)

        done = hand_out(planned)

        refusals = {line.line: line.refusal for line in done.lines.all()}
        assert refusals == {1: "wallet.frozen", 2: "", 3: "credit.nobody", 4: "transfer.to_itself"}
        assert (worth(staff), worth([employer])) == ([0, 50_50], [529_50])

    def test_more_than_the_wallet_holds_is_not_begun(self, employer: Wallet, staff: list[Wallet]) -> None:
        planned = plan(employer, "13700000001 500\n13700000002 80.01")

        with pytest.raises(HandoutTooLarge) as no:
            handouts.start(handout=planned, by=cast.OWNER)

        assert no.value.facts == {"asked": 580_01, "available": 580_00}
        assert (planned.state, worth(staff)) == ("planned", [0, 0])

    def test_spent_meanwhile_the_rest_is_refused_line_by_line(
        self, employer: Wallet, staff: list[Wallet], store: Store
    ) -> None:
        started = handouts.start(handout=plan(employer), by=cast.OWNER)
        shop.charge(employer, 450_00, store)

        handouts.go_on(started.pk)

        assert worth(staff) == [100_00, 0]
        assert started.lines.get(line=2).refusal == "wallet.not_enough"

    def test_interrupted_between_posting_and_noting_it_gives_nothing_twice(
        self, employer: Wallet, staff: list[Wallet], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started, real, moved = handouts.start(handout=plan(employer), by=cast.OWNER), transfers.move, list[object]()

        def dies_after_the_first(**asked: object) -> object:
            moved.append(real(**asked))  # type: ignore[arg-type]  # as it was called
            raise KeyboardInterrupt

        monkeypatch.setattr(transfers, "move", dies_after_the_first)
        with pytest.raises(KeyboardInterrupt):
            handouts.go_on(started.pk)
        monkeypatch.setattr(transfers, "move", real)
        assert (len(moved), worth(staff), handouts.unfinished()) == (1, [100_00, 0], [started.pk])

        handouts.go_on(started.pk)

        assert (worth(staff), handouts.unfinished()) == ([100_00, 50_50], [])

    def test_what_is_left_goes_back_and_what_was_spent_stays_spent(
        self, employer: Wallet, staff: list[Wallet], store: Store
    ) -> None:
        planned = plan(employer)
        with pytest.raises(HandoutNotDone):
            handouts.reverse(handout=planned, reason="wrong list", by=cast.OWNER)
        done = hand_out(planned)
        shop.charge(staff[0], 30_00, store)
        shop.top_up(staff[1], 20_00, store)

        for _twice in range(2):
            done = handouts.reverse(handout=done, reason="wrong list", by=cast.OWNER)

        assert (done.state, worth(staff), worth([employer])) == ("reversed", [0, 20_00], [550_00])
        assert [line.taken_back for line in done.lines.order_by("line")] == [70_00, 50_50, 0]
        assert verification.verify(connection.connection, deep=True).findings == []

    def test_wrong_input_and_wrong_people_are_refused(self, employer: Wallet, staff: list[Wallet], finance: Actor) -> None:
        with pytest.raises(NothingToGive):
            plan(employer, "nobody 1")
        with pytest.raises(PurposeMissing):
            plan(employer, purpose="  ")
        with pytest.raises(NotAllowed):
            plan(employer, by=finance)
        assert not Handout.objects.exists()


class TestPages:
    def test_the_same_for_each_employee_seen_started_and_taken_back(self, employer: Wallet, staff: list[Wallet]) -> None:
        for wallet in staff:
            assert employer.customer
            assert wallet.customer
            relating.relate(customer=employer.customer, other=wallet.customer, role=Role.EMPLOYEE, by=cast.OWNER)
        page = cast.signed_in(cast.person("manager"))
        where = f"/console/wallets/{employer.pk}/handouts/"
        form = page.get(where).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key is not None

        planned = page.post(where, {"key": key[1], "purpose": "端午福利", "each": "88"})
        seen = page.get(planned.url).content.decode()
        started = page.post(f"{planned.url}start/")
        after = page.get(planned.url).content.decode()
        page.post(f"{planned.url}reverse/", {"reason": "wrong list"})
        listed = page.get(where).content.decode()

        assert "2 people work for this holder" in form
        assert all(said in seen for said in ("员工1", "CN¥88.00", "CN¥176.00", "Hand it out"))
        assert (started.status_code, "Handed out" in after) == (302, True)
        assert ("Reversed" in listed, worth(staff), worth([employer])) == (True, [0, 0], [580_00])

    def test_a_file_too_and_a_wrong_input_stands_at_its_field(self, employer: Wallet, staff: list[Wallet]) -> None:
        page = cast.signed_in(cast.person("manager"))
        where = f"/console/wallets/{employer.pk}/handouts/"
        key = re.search(r'name="key" value="([^"]+)"', page.get(where).content.decode())
        assert key is not None
        good = {"key": key[1], "purpose": "端午福利"}

        wrong = [
            page.post(where, good | given)
            for given in ({}, {"pasted": "nobody 1"}, {"pasted": LIST, "purpose": ""}, {"pasted": LIST, "file": _file("x")})
        ]
        planned = page.post(where, good | {"file": _file("手机号,金额\n13700000001,88\n")})

        assert [answer.status_code for answer in wrong] == [422] * 4
        said = ("one of them", "No line", "required", "one of them")
        assert [words in answer.content.decode() for words, answer in zip(said, wrong, strict=True)] == [True] * 4
        assert (planned.status_code, Handout.objects.get().amount) == (302, 88_00)

    def test_too_much_is_said_on_its_page(self, employer: Wallet, staff: list[Wallet]) -> None:
        planned = plan(employer, "13700000001 600")

        answer = cast.signed_in(cast.person("manager")).post(f"/console/wallets/handouts/{planned.pk}/start/")

        assert answer.status_code == 422
        assert "The list needs CN¥600.00 and the wallet has CN¥580.00" in answer.content.decode()

    def test_whoever_may_not_move_value_sees_no_way_in(self, employer: Wallet) -> None:
        page = cast.signed_in(cast.person("cashier"))

        assert "Hand out to many" not in page.get(f"/console/wallets/{employer.pk}/").content.decode()
        assert page.get(f"/console/wallets/{employer.pk}/handouts/").status_code == 403


class TestApi:
    def test_a_program_plans_starts_reads_and_takes_back(self, employer: Wallet, staff: list[Wallet]) -> None:
        program = Program("transfers:write", "wallets:read")
        lines = [
            {"who": "13700000001", "amount": "100"},
            {"who": "13700000002", "amount": "50.50"},
            {"who": "x", "amount": "1"},
        ]
        asked = {"wallet": str(employer.pk), "purpose": "端午福利", "lines": lines}

        planned, again = (program.post("/handouts", asked, key="june") for _twice in range(2))
        where = f"/handouts/{planned.json()['id']}"
        early = program.post(f"{where}/reverse", {"reason": "x"}, key=None)
        started = program.post(f"{where}/start", None, key=None).json()
        told = program.get(f"{where}/lines", limit=2).json()
        rest = program.get(f"{where}/lines", limit=2, cursor=told["next_cursor"]).json()
        back = program.post(f"{where}/reverse", {"reason": "wrong list"}, key=None).json()

        assert (planned.status_code, again.json()["id"]) == (201, planned.json()["id"])
        assert (planned.json()["state"], planned.json()["count"], planned.json()["refused"]) == ("planned", 2, 1)
        assert (early.status_code, early.json()["code"]) == (422, "handout.not_done")
        assert started["state"] == "done"
        assert [(one["wallet"], one["amount"], one["refusal"]) for one in told["items"] + rest["items"]] == [
            (str(staff[0].pk), 100_00, None), (str(staff[1].pk), 50_50, None), (None, 1_00, "credit.nobody"),
        ]  # fmt: skip
        assert (back["state"], worth(staff)) == ("reversed", [0, 0])

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"lines": []}, 400, "request.invalid"),
            ({"lines": [{"who": "x", "amount": "1"}]}, 422, "credit.empty"),
            ({"purpose": " "}, 422, "handout.purpose_missing"),
            ({"wallet": "99999999"}, 404, "wallet.unknown"),
        ],
    )
    def test_a_wrong_input_has_its_code(
        self, employer: Wallet, staff: list[Wallet], wrong: dict[str, object], status: int, code: str
    ) -> None:
        asked = {"wallet": str(employer.pk), "purpose": "端午福利", "lines": [{"who": "13700000001", "amount": "1"}]} | wrong

        answer = Program("transfers:write", "wallets:read").post("/handouts", asked)

        assert (answer.status_code, answer.json()["code"]) == (status, code)


def _file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode("gb18030"))
