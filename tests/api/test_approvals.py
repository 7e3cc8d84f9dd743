import pytest

import cast
import shop
from api.program import Program
from chuzhi.approvals import authority
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.messaging import tasks
from chuzhi.messaging.models import Delivery
from chuzhi.organization.models import Store
from chuzhi.till import announcing
from chuzhi.wallets import gifts, queries
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("approvals:read", "approvals:write", "gifts:write", "refunds:write")


@pytest.fixture
def signer() -> Program:
    """A program that the shop lets sign gifts up to 100, made by somebody else."""
    made = Program("approvals:read", "approvals:decide")
    authority.set_limits(kind=gifts.GIFT, who=f"key:{made.key.pk}", limits=Limits(0, 0, 100_00), by=cast.OWNER)
    made.key.created_by = "staff:1"
    made.key.save(update_fields=["created_by"])
    return made


def gift(wallet: Wallet, amount: int = 50_00) -> dict[str, object]:
    return {"wallet": str(wallet.pk), "amount": amount, "cause": "complaint", "ticket": "T-7"}


def test_asked_by_a_program_and_signed_by_another(program: Program, signer: Program, funded: Wallet) -> None:
    asked = [program.post("/approvals/gifts", gift(funded), key="case-7") for _twice in range(2)]
    number = asked[0].json()["id"]
    assert [answer.status_code for answer in asked] == [201, 201]
    assert (asked[1].json()["id"], asked[0].json()["state"]) == (number, "waiting")
    assert signer.get("/approvals", state="waiting").json()["items"][0]["id"] == number

    done = signer.post(f"/approvals/{number}/approve", {})

    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert done.json()["decided_by"] == f"key:{signer.key.pk}"
    assert queries.balance(funded).bonus == 130_00
    assert program.get(f"/approvals/{number}").json()["result"] == done.json()["result"]


def test_every_kind_can_be_asked_for_and_taken_back(program: Program, wallet: Wallet, store: Store) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    correction = {"wallet": str(wallet.pk), "way": "take", "amount": 1_00, "reason": "x", "evidence": "y"}
    refund = {"top_up": sold.id, "method": "cash", "reason": "moves away"}

    made = [program.post("/approvals/corrections", correction), program.post("/approvals/refunds", refund)]
    ended = [program.post(f"/approvals/{one.json()['id']}/withdraw", {}) for one in made]

    assert [one.json()["kind"] for one in made] == ["correction", "payback"]
    assert [one.json()["state"] for one in ended] == ["withdrawn", "withdrawn"]
    assert program.post(f"/approvals/{made[0].json()['id']}/withdraw", {}).json()["code"] == "approval.decided"


def test_a_no_has_its_code(program: Program, signer: Program, funded: Wallet, cashier: Actor) -> None:
    large = program.post("/approvals/gifts", gift(funded, 100_01)).json()["id"]
    other = gifts.ask(wallet=funded, amount=1, cause="goodwill", ticket="x", key="k", by=cashier)

    answers = [
        signer.post(f"/approvals/{large}/approve", {}),
        signer.post(f"/approvals/{large}/refuse", {"reason": ""}),
        signer.post("/approvals/999999/approve", {}),
        program.get(f"/approvals/{other.pk}"),
        program.post("/approvals/gifts", gift(funded) | {"cause": "whim"}),
        program.post("/approvals/gifts", gift(funded), key=None),
        program.post("/gifts", gift(funded)),
    ]

    codes = [answer.json()["code"] for answer in answers]
    assert codes == [
        *("approval.beyond", "request.invalid", "approval.unknown", "approval.unknown", "request.invalid"),
        *("idempotency.missing", "approval.needed"),
    ]
    assert queries.balance(funded).bonus == 80_00
    assert Request.objects.filter(state="waiting").count() == 2


def test_a_program_that_may_gives_alone(program: Program, funded: Wallet) -> None:
    authority.set_limits(kind=gifts.GIFT, who="program", limits=Limits(50_00, 100_00, 0), by=cast.OWNER)

    given = [program.post("/gifts", gift(funded), key="once") for _twice in range(2)]

    assert [answer.status_code for answer in given] == [201, 200]
    assert queries.balance(funded).bonus == 130_00


def test_a_list_is_planned_sent_for_approval_given_and_reversed(program: Program, programme: Programme) -> None:
    known = shop.new_wallet(programme, profiles.register(by=cast.OWNER, name="王小明", phone="13800138000"))
    asked = {
        "programme": str(programme.pk), "cause": "campaign", "ticket": "Spring",
        "lines": [{"who": "13800138000", "amount": "20"}, {"who": "nobody", "amount": "5"}],
    }  # fmt: skip

    planned = program.post("/gift-lists", asked, key="spring")
    number = planned.json()["id"]
    assert planned.json() == {
        "id": number, "state": "planned", "count": 1, "refused": 1, "amount": 20_00, "currency": "CNY", "approval": None,
    }  # fmt: skip
    waiting = program.post(f"/gift-lists/{number}/start", {}).json()
    assert waiting["state"] == "waiting"
    page = cast.signed_in(cast.person("administrator"))
    page.post(f"/console/approvals/{waiting['approval']}/approve/")

    assert program.get(f"/gift-lists/{number}").json()["state"] == "done"
    lines = program.get(f"/gift-lists/{number}/lines").json()["items"]
    assert [(line["entry"] is not None, line["refusal"]) for line in lines] == [(True, None), (False, "credit.nobody")]
    assert queries.balance(known).bonus == 20_00
    assert program.post(f"/gift-lists/{number}/reverse", {"reason": "wrong"}).json()["state"] == "reversed"
    assert queries.balance(known).bonus == 0
    assert Program("gifts:write").get(f"/gift-lists/{number}").status_code == 404


def test_messages_are_listed_and_sent_again(wallet: Wallet, store: Store) -> None:
    program = Program("messages:read", "messages:write")
    shop.top_up(wallet, 500_00, store)
    announcing.follow()
    number = Delivery.objects.get().pk
    assert program.post(f"/messages/{number}/resend", {}).json()["code"] == "message.on_its_way"
    tasks.deliver(number=number)

    listed = program.get("/messages", state="sent", customer=str(wallet.customer_id)).json()["items"]

    assert [(one["id"], one["kind"], one["channel"]) for one in listed] == [(str(number), "top_up.receipt", "inbox")]
    assert program.get(f"/messages/{number}").json()["attempts"] == 1
    assert program.post(f"/messages/{number}/resend", {}).json()["state"] == "waiting"
    assert program.get("/messages", state="failed").json()["items"] == []


def test_wishes_to_be_told_are_kept_and_removed() -> None:
    program = Program("notices:write")
    asked = {"roles": ["finance"], "at_least": 1000_00, "method": "terminal"}

    made = program.post("/notices", asked)

    assert (made.status_code, made.json()["method"], made.json()["daily"]) == (201, "terminal", False)
    assert program.get("/notices").json()["items"] == [made.json()]
    assert program.post("/notices", {"roles": ["king"]}).status_code == 400
    assert program.post(f"/notices/{made.json()['id']}/remove", {}).json() == made.json()
    assert program.post(f"/notices/{made.json()['id']}/remove", {}).json()["code"] == "notice.unknown"
