from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import resolve
from django.utils import timezone

import cast
from chuzhi.organization import errors, invitations, staff
from chuzhi.organization.models import Invitation, Staff
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db

BASE = "https://shop.example"


def token_of(link: str) -> str:
    return str(resolve(link.removeprefix(BASE)).kwargs["token"])


def accept(token: str, username: str = "hanmeimei") -> Staff:
    return invitations.accept(token=token, username=username, name="韩梅梅", password=cast.PASSWORD)


def test_the_command_line_makes_the_first_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("admin_link", base_url=BASE)
    link = capsys.readouterr().out.split()[-1]

    person = accept(token_of(link))

    assert staff.grants_of(person) == [Grant("administrator")]
    assert person.check_password(cast.PASSWORD)


def test_a_link_works_once() -> None:
    token = token_of(invitations.create_admin_link(base_url=BASE))
    accept(token)

    with pytest.raises(errors.LinkUnusable):
        accept(token, "second")

    assert not Staff.objects.filter(username="second").exists()


def test_a_link_lives_for_a_day() -> None:
    token = token_of(invitations.create_admin_link(base_url=BASE))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(errors.LinkUnusable):
        accept(token)


def test_a_refused_answer_keeps_the_link() -> None:
    taken, token = cast.person("cashier"), token_of(invitations.create_admin_link(base_url=BASE))

    with pytest.raises(errors.UsernameTaken):
        accept(token, taken.username)
    with pytest.raises(ValidationError):
        invitations.accept(token=token, username="hanmeimei", name="韩梅梅", password="password")

    assert accept(token).username == "hanmeimei"


def test_the_token_is_long_and_not_kept() -> None:
    token = token_of(invitations.create_admin_link(base_url=BASE))

    assert len(token) == 43  # 32 bytes in base64
    kept = Invitation.objects.get()
    assert token.encode() not in bytes(kept.token_hash)
    assert len(kept.token_hash) == 32


def test_an_invitation_promises_roles_that_the_new_colleague_gets() -> None:
    store = cast.store()
    link = invitations.create_link(grants=[Grant("cashier", store.pk)], base_url=BASE, by=cast.actor("administrator"))

    assert staff.grants_of(accept(token_of(link))) == [Grant("cashier", store.pk)]


@pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor"])
def test_only_an_administrator_invites(role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        invitations.create_link(grants=[Grant("cashier")], base_url=BASE, by=cast.actor(role))

    assert not Invitation.objects.exists()


def test_a_sign_in_link_is_for_one_person_once() -> None:
    person = cast.person("administrator")
    token = token_of(invitations.create_sign_in_link(staff=person, base_url=BASE))

    assert invitations.redeem(token=token) == person
    with pytest.raises(errors.LinkUnusable):
        invitations.redeem(token=token)


def test_a_sign_in_link_makes_nobody_and_an_invitation_signs_nobody_in() -> None:
    person = cast.person("cashier")

    with pytest.raises(errors.LinkUnusable):
        accept(token_of(invitations.create_sign_in_link(staff=person, base_url=BASE)))
    with pytest.raises(errors.LinkUnusable):
        invitations.redeem(token=token_of(invitations.create_admin_link(base_url=BASE)))


def test_a_sign_in_link_dies_with_the_job() -> None:
    person = cast.person("cashier")
    token = token_of(invitations.create_sign_in_link(staff=person, base_url=BASE))
    staff.deactivate(staff=person, by=cast.OWNER)

    with pytest.raises(errors.LinkUnusable):
        invitations.redeem(token=token)
