import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.organization import errors, staff
from chuzhi.organization.models import Assignment, Staff
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db


def test_a_username_is_read_in_one_spelling() -> None:
    person = staff.add(username=" Ｌi.Lei ", name="李雷", password=None, grants=[Grant("cashier")], by=cast.OWNER)

    assert person.username == "li.lei"
    with pytest.raises(errors.UsernameTaken):
        staff.add(username="LI.LEI", name="李雷", password=None, grants=[Grant("cashier")], by=cast.OWNER)


@pytest.mark.parametrize("username", ["", "a", "li lei", "li@lei", "{{7*7}}", "x" * 41, "li\x00lei"])
def test_an_unusable_username_is_refused(username: str) -> None:
    with pytest.raises(errors.UsernameUnusable):
        staff.add(username=username, name="李雷", password=None, grants=[Grant("cashier")], by=cast.OWNER)


def test_a_password_is_kept_by_argon2() -> None:
    assert cast.member("cashier").password.startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    ("grants", "refusal"),
    [
        ([], errors.NoRole),
        ([Grant("owner")], errors.UnknownRole),
        ([Grant("cashier", 999_999)], errors.StoreUnknown),
        ([Grant("administrator", 1)], errors.AdministratorsAreEverywhere),
    ],
)
def test_roles_that_cannot_be_are_refused(grants: list[Grant], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        staff.add(username="lilei", name="李雷", password=None, grants=grants, by=cast.OWNER)


def test_the_database_too_knows_no_administrator_of_one_store() -> None:
    person, store = cast.person("cashier"), cast.store()

    with pytest.raises(IntegrityError, match="assignment_of_administrators_is_everywhere"):
        Assignment.objects.create(staff=person, role="administrator", store=store)


def test_new_roles_replace_the_old_and_are_recorded() -> None:
    person, store, boss = cast.person("cashier"), cast.store(), cast.actor("administrator")

    staff.assign(staff=person, grants=[Grant("manager", store.pk)], by=boss)

    assert staff.grants_of(Staff.objects.get(pk=person.pk)) == [Grant("manager", store.pk)]
    entry = AuditEntry.objects.get(action="staff.assigned", subject=f"staff:{person.pk}")
    assert entry.facts == {"before": [["cashier", None]], "after": [["manager", store.pk]]}


@pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor"])
def test_only_an_administrator_changes_staff(role: str) -> None:
    person = cast.person("cashier")

    with pytest.raises(errors.NotAllowed):
        staff.assign(staff=person, grants=[Grant("manager")], by=cast.actor(role))
    with pytest.raises(errors.NotAllowed):
        staff.deactivate(staff=person, by=cast.actor(role))

    assert staff.grants_of(Staff.objects.get(pk=person.pk)) == [Grant("cashier")]


def test_nobody_changes_their_own_roles() -> None:
    boss = cast.person("administrator")

    with pytest.raises(errors.Yourself):
        staff.assign(staff=boss, grants=[Grant("cashier")], by=staff.actor_of(boss))


def test_the_last_administrator_stays() -> None:
    boss = cast.person("administrator")

    with pytest.raises(errors.LastAdministrator):
        staff.deactivate(staff=boss, by=cast.OWNER)
    with pytest.raises(errors.LastAdministrator):
        staff.assign(staff=boss, grants=[Grant("cashier")], by=cast.OWNER)

    cast.person("administrator")
    staff.deactivate(staff=boss, by=cast.OWNER)


def test_somebody_who_has_left_may_do_nothing() -> None:
    person = cast.person("manager")

    left = staff.actor_of(staff.deactivate(staff=person, by=cast.OWNER))

    assert (left.permissions, left.stores) == (frozenset(), frozenset())


def test_a_weak_password_is_not_taken() -> None:
    person = cast.person("cashier")

    with pytest.raises(ValidationError):
        staff.change_password(staff=person, password="1234567890", by=staff.actor_of(person))


def test_colleagues_are_seen_by_those_who_share_a_store() -> None:
    here, there = cast.store(), cast.store()
    mine, other, everywhere = (
        cast.person(Grant("cashier", here.pk)),
        cast.person(Grant("cashier", there.pk)),
        cast.person("finance"),
    )

    seen = set(staff.visible_to(cast.actor("manager", here)))

    assert {mine, everywhere} <= seen
    assert other not in seen
