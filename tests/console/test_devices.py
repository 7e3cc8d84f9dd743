from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.messaging.models import Message
from chuzhi.organization import devices, staff
from chuzhi.organization.models import Device, Staff
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db

SECURITY = "/console/security/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def person() -> Staff:
    return cast.member("cashier")


def signs_in(person: Staff, agent: str = DESK, address: str = "10.1.1.1", browser: Client | None = None) -> Client:
    browser = browser or Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    assert browser.post("/console/sign-in/", {"username": person.username, "password": cast.PASSWORD}).status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get(SECURITY).status_code == 200


def test_every_open_session_is_listed_with_device_and_address(person: Staff) -> None:
    desk, _phone = signs_in(person), signs_in(person, PHONE, "10.2.2.2")

    page = desk.get(SECURITY).content.decode()

    for part in ("Edge · Windows", "10.1.1.1", "Safari · iPhone", "10.2.2.2", "This device"):
        assert part in page
    assert page.count("This device") == 1


def test_one_device_is_signed_out(person: Staff) -> None:
    desk, phone = signs_in(person), signs_in(person, PHONE)
    there = Device.objects.get(agent=PHONE)

    desk.post(f"{SECURITY}devices/{there.pk}/end/")

    assert (is_in(desk), is_in(phone)) == (True, False)
    assert [one.agent for one in devices.open_of(Staff.objects.get(pk=person.pk))] == [DESK]
    assert AuditEntry.objects.get(action="session.ended").facts == {"device": there.pk}


def test_everywhere_else(person: Staff) -> None:
    here, there, third = signs_in(person), signs_in(person, PHONE), signs_in(person)

    here.post(f"{SECURITY}devices/others/end/")

    assert (is_in(here), is_in(there), is_in(third)) == (True, False, False)
    assert "This device" in here.get(SECURITY).content.decode()
    assert len(devices.open_of(Staff.objects.get(pk=person.pk))) == 1


def test_another_s_device_is_not_there(person: Staff) -> None:
    signs_in(cast.member("cashier"))

    assert signs_in(person).post(f"{SECURITY}devices/{Device.objects.earliest('pk').pk}/end/").status_code == 404


@pytest.mark.parametrize("what", ["role", "leaving"])
def test_sessions_die_with_the_role_and_with_leaving(person: Staff, what: str) -> None:
    browser = signs_in(person)

    if what == "role":
        staff.assign(staff=person, grants=[Grant("manager")], by=cast.OWNER)
    else:
        staff.deactivate(staff=person, by=cast.OWNER)

    assert not is_in(browser)
    assert devices.open_of(Staff.objects.get(pk=person.pk)) == []


def test_a_new_device_is_recorded_and_told_of_and_a_known_one_is_not(person: Staff) -> None:
    staff.be_reached_at(staff=person, email="li@example.com", by=cast.OWNER)
    desk = signs_in(person)
    assert not Message.objects.exists()

    signs_in(person, PHONE, "10.2.2.2")
    desk.post("/console/sign-out/")
    signs_in(person, browser=desk)

    message = Message.objects.get()
    assert (message.staff_id, message.kind) == (person.pk, "session.new_device")
    assert {one.channel for one in message.deliveries.all()} == {"inbox", "email"}
    assert (message.facts["device"], message.facts["address"]) == ("Safari · iPhone", "10.2.2.2")
    assert AuditEntry.objects.filter(action="session.new_device").count() == 2
    assert Device.objects.count() == 2


def test_when_it_was_last_seen_is_known_to_some_minutes(person: Staff) -> None:
    browser = signs_in(person)
    browser.get(SECURITY)
    Device.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    browser.get(SECURITY)
    assert Device.objects.get().last_seen_at < timezone.now() - timedelta(hours=1)
    session = browser.session
    session["seen_at"] -= 600
    session.save()

    browser.get(SECURITY)

    assert Device.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)


def test_the_cookie_says_nothing_and_is_no_script_s(person: Staff) -> None:
    browser = signs_in(person)
    cookie = browser.cookies["device"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie.value.encode() not in bytes(Device.objects.get().mark)
