import pytest
from django.test import Client

import cast
from api.program import Program
from chuzhi.kiosk.models import Kiosk
from chuzhi.organization.models import Store
from kiosk import terminal

pytestmark = pytest.mark.django_db
SCOPE = "kiosks:write"


def asked(store: Store) -> dict[str, object]:
    return {"store": str(store.pk), "name": "By the door", "services": ["balance", "loss"], "idle_seconds": 60}


def test_a_program_sets_one_up_and_its_link_opens_a_terminal(store: Store) -> None:
    program, browser = Program(SCOPE, at=store), Client()

    made = program.post("/kiosks", asked(store))
    linked = program.post(f"/kiosks/{made.json()['id']}/link", {})

    assert (made.status_code, made.json()["state"], made.json()["link"]) == (201, "new", None)
    assert linked.status_code == 201
    assert linked.json()["link"].endswith(f"/kiosk/open/{linked.json()['code']}/")
    assert browser.post("/kiosk/open/", {"code": linked.json()["code"]}).status_code == 302
    [shown] = program.get("/kiosks").json()["items"]
    assert (shown["state"], shown["link"], shown["code"]) == ("open", None, None)


def test_revoked_it_is_over(store: Store) -> None:
    program, kiosk = Program(SCOPE, at=store), terminal.set_up(store)
    browser = terminal.opened(kiosk)

    assert program.post(f"/kiosks/{kiosk.pk}/revoke", {}).json()["state"] == "revoked"

    assert browser.get("/kiosk/").status_code == 403
    assert program.post(f"/kiosks/{kiosk.pk}/link", {}).json()["code"] == "kiosk.revoked"


def test_a_key_of_one_store_knows_no_kiosk_of_another(store: Store) -> None:
    program, other = Program(SCOPE, at=cast.store("人民广场店")), terminal.set_up(store)

    assert program.get("/kiosks").json()["items"] == []
    assert program.post(f"/kiosks/{other.pk}/revoke", {}).status_code == 404
    assert program.post(f"/kiosks/{other.pk}/link", {}).status_code == 404
    assert program.post("/kiosks", asked(store)).status_code in {403, 422}
    assert Kiosk.objects.get().revoked_at is None


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "  "}, {"services": []}, {"services": ["console"]}, {"idle_seconds": 1}, {"store": "x"}]
)
def test_what_it_cannot_be_is_refused_and_nothing_is_made(store: Store, wrong: dict[str, object]) -> None:
    answer = Program(SCOPE, at=store).post("/kiosks", asked(store) | wrong)

    assert answer.status_code in {400, 422}
    assert not Kiosk.objects.exists()


def test_a_name_that_is_taken_is_said(store: Store) -> None:
    program = Program(SCOPE, at=store)
    program.post("/kiosks", asked(store))

    assert program.post("/kiosks", asked(store)).json()["code"] == "kiosk.name_taken"
