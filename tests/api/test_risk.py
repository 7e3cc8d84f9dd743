import pytest

import cast
from api.program import Program
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Standing
from chuzhi.organization.models import Store
from chuzhi.risk.models import Case
from chuzhi.wallets.models import Wallet
from risk.watched import CODE, case_of

pytestmark = pytest.mark.django_db
HERE = "/risk-cases"


@pytest.fixture
def program(db: None) -> Program:
    return Program("risk:read", "risk:work", "risk:rules")


@pytest.fixture
def case(wallet: Wallet, store: Store) -> Case:
    return case_of(wallet, store)


def test_a_case_is_listed_read_worked_on_and_closed(program: Program, case: Case, wallet: Wallet) -> None:
    colleague = cast.person("finance")
    [listed] = program.get(HERE).json()["items"]
    one = f"{HERE}/{listed['id']}"

    program.post(f"{one}/assign", {"staff": str(colleague.pk)})
    program.post(f"{one}/notes", {"text": "called"})
    closed = program.post(f"{one}/close", {"verdict": "false", "remark": "a raffle"})
    again = program.post(f"{one}/close", {"verdict": "true", "remark": "no"})

    assert (listed["rule"], listed["subject"], listed["amount"], listed["state"]) == (CODE, str(wallet.pk), 300_00, "open")
    told = closed.json()
    assert [each["what"] for each in told["evidence"]] == ["top_up"] * 3
    assert [each["kind"] for each in told["story"]] == ["assigned", "noted", "closed"]
    assert (told["state"], told["assigned_to"]) == ("false", str(colleague.pk))
    assert (again.status_code, again.json()["code"]) == (422, "risk.case_closed")
    assert program.get(HERE).json()["items"] == []
    assert len(program.get(HERE, state="false", rule=CODE).json()["items"]) == 1


def test_money_is_held_once_for_a_key_and_let_go(program: Program, case: Case, wallet: Wallet) -> None:
    one = f"{HERE}/{case.pk}/acts"

    missing = program.post(one, {"act": "hold"}, key=None)
    for _time in range(2):
        held = program.post(one, {"act": "hold"}, key="hold-1")
    program.post(one, {"act": "freeze"}, key="freeze-1")
    frozen = journal.standing(wallet.book, wallet.pk)
    let_go = program.post(one, {"act": "let_go", "reason": "a raffle"}, key="go-1")

    assert missing.status_code == 400
    assert [each["kind"] for each in held.json()["story"]] == ["held"] * 3
    assert frozen is Standing.FROZEN
    assert [each["kind"] for each in let_go.json()["story"]].count("let_go") == 4
    assert journal.kept(wallet.book, wallet.pk) == []


def test_rules_are_read_tried_and_changed(program: Program, case: Case) -> None:
    given = {"minutes": 30, "count": 2}
    before = {each["rule"]: each for each in program.get("/risk-rules").json()["items"]}

    tried = program.post(f"/risk-rules/{CODE}/preview", given)
    changed = program.post(f"/risk-rules/{CODE}", given | {"action": "hold", "is_on": False})

    assert tried.json() == {"cases": 1}
    told = changed.json()
    assert (told["version"], told["minutes"], told["count"], told["action"], told["is_on"]) == (
        before[CODE]["version"] + 1, 30, 2, "hold", False,
    )  # fmt: skip
    assert before["new_payer"]["asks"] == ["minutes", "amount"]


def test_what_makes_no_sense_is_refused(program: Program) -> None:
    for address, body in (
        (f"/risk-rules/{CODE}", {"minutes": 30}),
        (f"/risk-rules/{CODE}/preview", {"minutes": 30}),
        ("/risk-rules/top_ups_at_till", {"minutes": 30, "count": 1, "action": "freeze"}),
    ):
        answer = program.post(address, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "risk.rule_unusable")
    for address in ("/risk-rules/nothing", "/risk-cases/77/notes"):
        assert program.post(address, {"minutes": 30, "count": 1} if "rules" in address else {"text": "x"}).status_code == 404
    assert program.get(f"{HERE}/77").status_code == 404


def test_pages_of_cases(program: Program, case: Case, wallet: Wallet, store: Store) -> None:
    Case.objects.update(verdict="true", remark="x", closed_by="staff:1", closed_at=case.raised_at)
    case_of(wallet, store)

    first = program.get(HERE, limit=1).json()
    assert (len(first["items"]), first["next_cursor"]) == (1, None)
    assert program.get(HERE, cursor="nonsense").status_code == 400
    assert program.get(HERE, state="whatever").status_code in {400, 422}


def test_a_key_of_one_store_sees_its_own_cases(case: Case) -> None:
    elsewhere = Program("risk:read", at=cast.store())

    assert elsewhere.get(HERE).json()["items"] == []
    assert elsewhere.get(f"{HERE}/{case.pk}").status_code == 404
