import pytest

import cast
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets import programmes
from chuzhi.wallets.models import Programme, ProgrammeTerms

pytestmark = pytest.mark.django_db
NEW = {"code": "member", "name": "会员储值", "currency": "CNY"}


@pytest.fixture
def program() -> Program:
    return Program("programmes:write", "wallets:read")


def test_a_programme_is_opened_with_its_terms(program: Program, store: Store) -> None:
    terms = {
        "order": "proportional",
        "refund_order": "proportional",
        "refund_grace_days": 7,
        "most_per_charge": 1000_00,
        "most_charged_a_day": 2000_00,
        "most_per_top_up": 3000_00,
        "most_topped_up_a_day": 4000_00,
        "most_held": 5000_00,
        "principal_valid_days": 730,
        "bonus_valid_days": 90,
        "stores": [str(store.pk)],
    }

    answer = program.post("/programmes", NEW | terms | {"offers": [{"pay": 500_00, "bonus": 80_00}]})

    body = answer.json()
    assert answer.status_code == 201
    assert {name: body[name] for name in terms} == terms
    assert [(offer["pay"], offer["bonus"]) for offer in body["offers"]] == [(500_00, 80_00)]
    assert (body["version"], body["kind"], body["is_open"]) == (1, "money", True)
    assert program.get(f"/programmes/{body['id']}").json() == body


@pytest.mark.parametrize(("currency", "kind"), [("POINTS", "points"), ("VISITS:haircut", "visits"), ("JPY", "money")])
def test_it_may_hold_what_is_not_yuan(program: Program, currency: str, kind: str) -> None:
    answer = program.post("/programmes", NEW | {"currency": currency})

    assert (answer.status_code, answer.json()["kind"]) == (201, kind)


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"code": "taken"}, 422, "programme.code_taken"),
        ({"currency": "XQQ"}, 422, "asset.unknown"),
        ({"stores": ["999999"]}, 422, "programme.terms_unusable"),
        ({"offers": [{"pay": 1, "bonus": 1}, {"pay": 1, "bonus": 2}]}, 422, "programme.terms_unusable"),
        ({"code": "a b"}, 400, "request.invalid"),
        ({"name": ""}, 400, "request.invalid"),
        ({"order": "mine_first"}, 400, "request.invalid"),
        ({"most_held": 0}, 400, "request.invalid"),
        ({"most_held": 1.5}, 400, "request.invalid"),
        ({"bonus_valid_days": 36_501}, 400, "request.invalid"),
        ({"refund_grace_days": -1}, 400, "request.invalid"),
        ({"offers": [{"pay": 1}]}, 400, "request.invalid"),
        ({"accepted_from": "2026-03-01"}, 400, "request.invalid"),
        ({"discount": 1}, 400, "request.invalid"),
    ],
)
def test_what_cannot_be_is_refused(program: Program, wrong: dict[str, object], status: int, code: str) -> None:
    programmes.open(code="taken", name="储值", asset="CNY", by=cast.OWNER)

    answer = program.post("/programmes", NEW | wrong)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (Programme.objects.count(), ProgrammeTerms.objects.count()) == (1, 1)


def test_new_terms_say_everything_anew(program: Program, programme: Programme) -> None:
    answer = program.post(f"/programmes/{programme.pk}/terms", {"most_per_charge": 100_00})

    body = answer.json()
    assert (answer.status_code, body["version"], body["most_per_charge"], body["offers"]) == (201, 2, 100_00, [])
    assert program.get(f"/programmes/{programme.pk}").json()["version"] == 2


def test_new_terms_wait_for_their_moment(program: Program, programme: Programme) -> None:
    answer = program.post(f"/programmes/{programme.pk}/terms", {"accepted_from": "2100-01-01T00:00:00+08:00"})

    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    assert program.get(f"/programmes/{programme.pk}").json()["version"] == 1


def test_a_programme_is_closed_once_and_stays_so(program: Program, programme: Programme) -> None:
    for _time in range(2):
        answer = program.post(f"/programmes/{programme.pk}/close", {})

        assert (answer.status_code, answer.json()["is_open"]) == (200, False)


@pytest.mark.parametrize(("address", "body"), [("", NEW), ("/{}/terms", {}), ("/{}/close", {})])
def test_a_key_of_one_store_changes_nothing(programme: Programme, store: Store, address: str, body: dict[str, object]) -> None:
    program = Program("programmes:write", at=store)

    answer = program.post(f"/programmes{address.format(programme.pk)}", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "programme.every_store")
    programme.refresh_from_db()
    assert (programme.is_open, ProgrammeTerms.objects.count()) == (True, 1)


@pytest.mark.parametrize("address", ["/0/terms", "/x/terms", "/999999/close"])
def test_what_is_not_there_is_not_found(program: Program, address: str) -> None:
    answer = program.post(f"/programmes{address}", {})

    assert (answer.status_code, answer.json()["code"]) == (404, "programme.unknown")
