from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import cast
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.customers import fields, profiles
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind
from chuzhi.messaging.models import Message
from chuzhi.wallets import intake_steps
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db
TABLE = "会员姓名,手机号,储值余额,赠送余额\n钱一,13911110001,500,80\n钱二,13911110002,100.50,\n钱三,12,100,\n钱四,13,1,\n"


@pytest.fixture
def program(db: None) -> Program:
    return Program("imports:write")


def hand_in(program: Program, programme: str, text: str = TABLE) -> Any:
    file = SimpleUploadedFile("members.csv", text.encode())
    return program.client.post("/api/v1/imports", {"programme": programme, "file": file}, headers=program.headers())


def worked(program: Program, number: str) -> Any:
    intake_steps.go_on(int(number))
    return program.get(f"/imports/{number}").json()


def test_a_program_hands_in_watches_takes_in_and_gives_back(program: Program, programme: Programme) -> None:
    accepted = hand_in(program, str(programme.pk))
    assert (accepted.status_code, accepted.json()["step"], accepted.json()["total"]) == (202, "check", 4)
    number = accepted.json()["id"]
    assert accepted["Location"] == f"/api/v1/imports/{number}"

    checked = worked(program, number)
    assert (checked["state"], checked["step"]) == ("read", None)
    assert (checked["new"], checked["rejected"], checked["principal"], checked["bonus"]) == (2, 2, 600_50, 80_00)

    assert program.post(f"/imports/{number}/apply", {}).status_code == 202
    taken_in = worked(program, number)
    assert (taken_in["state"], taken_in["done"], taken_in["total"]) == ("applied", 2, 2)
    assert Customer.objects.count() == 2
    assert program.post(f"/imports/{number}/apply", {}).json() == taken_in

    assert program.post(f"/imports/{number}/reverse", {}).json()["step"] == "reverse"
    back = worked(program, number)
    assert (back["state"], back["principal_taken_back"], back["bonus_taken_back"], back["stayed"]) == (
        "reversed",
        600_50,
        80_00,
        [],
    )
    assert program.get("/imports").json()["items"] == [back]


def test_a_program_has_customers_told_once(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk)).json()["id"]
    worked(program, number)
    early = program.post(f"/imports/{number}/notice", {})
    program.post(f"/imports/{number}/apply", {})
    assert worked(program, number)["told_at"] is None

    asked = program.post(f"/imports/{number}/notice", {})
    told = worked(program, number)
    again = program.post(f"/imports/{number}/notice", {})

    assert (early.status_code, early.json()["code"]) == (422, "import.nothing_to_tell")
    assert (asked.status_code, asked.json()["step"]) == (202, "tell")
    assert (told["step"], told["told_at"] is not None, again.json()) == (None, True, told)
    assert Message.objects.filter(kind="import.moved_in").count() == 2


def test_rejected_rows_are_told_page_by_page(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk)).json()["id"]
    worked(program, number)

    first = program.get(f"/imports/{number}/rejected", limit=1).json()
    second = program.get(f"/imports/{number}/rejected", limit=1, cursor=first["next_cursor"]).json()

    [row] = first["items"]
    assert (row["line"], row["cells"]) == (4, ["钱三", "12", "100", ""])
    assert [(reason["heading"], reason["code"]) for reason in row["reasons"]] == [("手机号", "customer.phone_invalid")]
    assert ([row["line"] for row in second["items"]], second["next_cursor"]) == ([5], None)


def test_columns_are_chosen_and_a_step_that_stops_says_why(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk), "谁,手机,电话\n钱一,13911110001,13911110002\n").json()["id"]
    stopped = worked(program, number)
    assert (stopped["state"], stopped["refusal"]["code"]) == ("brought", "import.column_twice")

    again = program.post(f"/imports/{number}/check", {"columns": {"name": "谁", "phone": "电话"}})

    assert (again.status_code, again.json()["refusal"]) == (202, None)
    assert worked(program, number)["columns"] == {"name": "谁", "phone": "电话"}


def test_what_cannot_be_is_refused(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk)).json()["id"]

    answers = [
        hand_in(program, "999"),
        hand_in(program, str(programme.pk), "nothing"),
        program.post("/imports", {"programme": str(programme.pk)}),
        program.get("/imports/999"),
        program.post(f"/imports/{number}/apply", {}),
        program.post(f"/imports/{number}/reverse", {}),
        program.post(f"/imports/{number}/apply", {"more": 1}),
    ]

    assert [answer.status_code for answer in answers] == [404, 422, 400, 404, 422, 422, 400]
    assert answers[4].json()["code"] == "import.under_way"


def test_a_key_of_one_store_sees_no_import(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk)).json()["id"]

    there = Program("imports:write", at=cast.store())

    assert there.get(f"/imports/{number}").status_code == 404
    assert there.get("/imports").json()["items"] == []


def test_a_person_signs_through_a_program(program: Program, programme: Programme) -> None:
    number = hand_in(program, str(programme.pk)).json()["id"]
    worked(program, number)
    early = program.post(f"/imports/{number}/acceptance", {"principal": 600_50, "bonus": 80_00, "signer": "李会计"})
    assert (early.status_code, early.json()["code"]) == (422, "import.not_posted")
    program.post(f"/imports/{number}/apply", {})
    assert worked(program, number)["acceptance"] is None

    signed = program.post(f"/imports/{number}/acceptance", {"principal": 600_50, "bonus": 80_00, "signer": "李会计"})

    assert signed.status_code == 201
    sheet = signed.json()
    assert (sheet["principal"], sheet["file_principal"], sheet["rejected"], sheet["signer"]) == (600_50, 600_50, 2, "李会计")
    assert program.get(f"/import-acceptances/{sheet['code']}").json() == sheet
    assert program.get("/import-acceptances/1-AAA").status_code == 404
    assert program.get(f"/imports/{number}").json()["acceptance"] == sheet["code"]


def test_a_program_says_what_is_done_with_rows_like_somebody_here(
    program: Program, programme: Programme, administrator: Actor
) -> None:
    here = profiles.register(name="钱一", phone="13800000001", by=administrator)
    number = hand_in(program, str(programme.pk), "姓名,手机,本金\n钱一,13911110001,5\n").json()["id"]
    assert worked(program, number)["alike"] == 1
    refused = program.post(f"/imports/{number}/apply", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "import.undecided")

    told = program.get(f"/imports/{number}/alike").json()["items"]
    assert told == [
        {"line": 2, "name": "钱一", "why": "name_and_phone_end", "customer": str(here.pk), "other_line": None, "choice": None}
    ]
    assert program.post(f"/imports/{number}/alike", {"choices": [{"line": 3, "choice": "new"}]}).status_code == 422
    assert program.post(f"/imports/{number}/alike", {"choices": [{"line": 2, "choice": "update"}]}).status_code == 202

    assert worked(program, number)["updated"] == 1
    assert program.get(f"/imports/{number}/alike").json()["items"][0]["choice"] == "update"


def test_columns_of_the_shop_s_own_fields_are_chosen_by_their_key(program: Program, programme: Programme) -> None:
    fields.define(key="size", kind=Kind.TEXT, label_zh="鞋码", label_en="Size", by=cast.OWNER)
    number = hand_in(program, str(programme.pk), "姓名,手机,尺寸\n钱一,13911110001,42\n").json()["id"]
    worked(program, number)

    columns = {"name": "姓名", "phone": "手机", "custom.size": "尺寸"}
    assert program.post(f"/imports/{number}/check", {"columns": columns}).status_code == 202

    assert worked(program, number)["columns"] == columns
