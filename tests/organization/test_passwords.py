from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

import cast
from chuzhi.organization import passwords, staff
from chuzhi.organization.models import PastPassword, Staff

pytestmark = pytest.mark.django_db


def change(person: Staff, password: str) -> Staff:
    return staff.change_password(staff=person, password=password, by=staff.actor_of(person))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"), ("5201314520", "digits"), ("woaini5201314", "common"), ("lilei##2m7!", "personal"),
        ("李雷的密码是李雷呀", "short"), ("nanjingludian!", "personal"), ("zt19900512!", "date"), ("trustno1trustno1", None),
        ("jennifer2024", "common"),
    ],
)  # fmt: skip
def test_what_others_would_try_is_refused(password: str, code: str | None) -> None:
    cast.store("南京路店")
    person = cast.person("cashier", name="李雷", password=cast.PASSWORD)

    if code is None:
        change(person, password)
    else:
        with pytest.raises(ValidationError) as refused:
            change(person, password)
        assert [one.code for one in refused.value.error_list] == [code]
        assert Staff.objects.get(pk=person.pk).check_password(cast.PASSWORD)


def test_an_earlier_one_does_not_come_back() -> None:
    person = cast.member("cashier")
    person = change(person, "coffee with 2 lumps")

    with pytest.raises(ValidationError):
        change(person, "coffee with 2 lumps")
    with pytest.raises(ValidationError):
        change(person, cast.PASSWORD)


def test_five_are_remembered_and_no_more(settings: pytest.FixtureRequest) -> None:
    person = cast.member("cashier")
    for number in range(6):
        person = change(person, f"coffee with {number} lumps")

    assert PastPassword.objects.filter(staff=person).count() == passwords.KEPT
    change(person, cast.PASSWORD)


def test_its_age_is_known_and_counts_only_if_the_shop_says_so(settings: pytest.FixtureRequest) -> None:
    person, link = cast.member("cashier"), cast.person("cashier")
    PastPassword.objects.filter(staff=person).update(set_at=timezone.now() - timedelta(days=91))

    assert not passwords.is_too_old(person)
    settings.PASSWORD_DAYS = 90  # type: ignore[attr-defined]
    browser = cast.signed_in(person)
    assert browser.get("/console/workplace/")["Location"] == "/console/password/"
    assert "due for a change" in browser.get("/console/password/").content.decode()
    new = "coffee with 2 lumps"
    browser.post("/console/password/", {"current": cast.PASSWORD, "password": new, "again": new})
    assert browser.get("/console/workplace/").status_code == 200
    assert not passwords.is_too_old(link)
