"""Webhooks as people and programs set them up."""

import re

import pytest

import cast
from api.program import Program
from chuzhi.till.models import TopUpNotice
from chuzhi.webhooks import delivery, endpoints
from chuzhi.webhooks.models import Call, Endpoint

pytestmark = pytest.mark.django_db

ADDRESS = "https://127.0.0.1.example.invalid/hook"


def test_a_webhook_is_added_tried_changed_and_stopped() -> None:
    owner = cast.signed_in(cast.person("administrator"))
    wrong = owner.post("/console/webhooks/add/", {"name": "ERP", "url": "http://10.0.0.1/"})
    made = owner.post("/console/webhooks/add/", {"name": "ERP", "url": ADDRESS}).content.decode()
    secret = re.search(r"whsec_[\w+/=]+", made)
    endpoint = Endpoint.objects.get()
    page = f"/console/webhooks/{endpoint.pk}/"
    assert secret
    assert (wrong.status_code, secret[0]) == (422, endpoint.secret)

    owner.post(f"{page}test/")
    call = Call.objects.get()
    delivery.attempt(call.pk)
    shown = owner.get(page).content.decode()
    rotated = owner.post(f"{page}rotate/").content.decode()
    owner.post(f"{page}stand/")
    again = owner.post(f"/console/webhooks/calls/{call.number}/again/", follow=True).content.decode()

    assert "name_unknown" in shown
    assert secret[0] not in shown + rotated
    assert Endpoint.objects.get().stopped_because == "staff"
    assert "This webhook is stopped. Start it first." in again
    owner.post(f"{page}stand/")
    assert Endpoint.objects.get().stopped_at is None
    assert "ERP" in owner.get("/console/webhooks/").content.decode()


def test_a_program_chooses_what_it_hears_of() -> None:
    owner = cast.signed_in(cast.person("administrator"))
    endpoint, _secret = endpoints.add(name="ERP", url=ADDRESS, by=cast.OWNER)

    both = owner.post("/console/messages/notices/", {"roles": ["finance"], "endpoint": endpoint.pk, "at_least": "500"})
    one = owner.post("/console/messages/notices/", {"endpoint": endpoint.pk, "at_least": "500", "method": "wechat"})

    assert (both.status_code, one.status_code) == (422, 302)
    assert TopUpNotice.objects.get().endpoint == endpoint
    assert "ERP" in owner.get("/console/messages/notices/").content.decode()


def test_a_program_does_the_same() -> None:
    program = Program("webhooks:write", "notices:write")

    refused = program.post("/webhooks", {"name": "ERP", "url": "https://192.168.0.1/"})
    made = program.post("/webhooks", {"name": "ERP", "url": ADDRESS}).json()
    notice = program.post("/notices", {"webhook": made["id"], "at_least": 500_00})
    tried = program.post(f"/webhooks/{made['id']}/test", {}).json()
    resent = program.post(f"/webhook-calls/{tried['number']}/resend", {})
    delivery.attempt(Call.objects.get().pk)
    log = program.get(f"/webhooks/{made['id']}/calls").json()["items"]
    rotated = program.post(f"/webhooks/{made['id']}/rotate", {}).json()
    stopped = program.post(f"/webhooks/{made['id']}/stop", {}).json()

    assert (refused.status_code, refused.json()["code"]) == (422, "webhook.address")
    assert made["secret"].startswith("whsec_")
    assert made["secret"] != rotated["secret"]
    assert (notice.status_code, notice.json()["webhook"]) == (201, made["id"])
    assert (resent.status_code, resent.json()["code"]) == (422, "webhook.on_its_way")
    assert (log[0]["state"], log[0]["attempts"][0]["fault"]) == ("waiting", "name_unknown")
    assert stopped["stopped_because"] == "staff"
    assert program.get("/webhooks").json()["items"][0]["secret"] is None
    assert program.post(f"/webhooks/{made['id']}/start", {}).json()["stopped_because"] is None
    assert program.post("/webhooks/999/test", {}).json()["code"] == "webhook.unknown"
