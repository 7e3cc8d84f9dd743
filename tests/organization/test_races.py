"""What two people do at the same moment: real threads, real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

import cast
from chuzhi.core.errors import Refused
from chuzhi.organization import errors, invitations, staff, stores
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.usefixtures("committed")


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave, or its refusal, all begun together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Refused as no:
            return type(no)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_one_link_lets_one_person_in() -> None:
    person = cast.person("administrator")
    token = invitations.create_sign_in_link(staff=person, base_url="").rstrip("/").rpartition("/")[2]

    outcomes = at_once(*[lambda: invitations.redeem(token=token)] * 8)

    assert outcomes.count(person) == 1
    assert outcomes.count(errors.LinkUnusable) == 7


def test_one_invitation_makes_one_person() -> None:
    token = invitations.create_admin_link(base_url="").rstrip("/").rpartition("/")[2]

    def accept(username: str) -> Callable[[], object]:
        return lambda: invitations.accept(token=token, username=username, name="韩梅梅", password=cast.PASSWORD)

    at_once(*(accept(f"hanmeimei{number}") for number in range(4)))

    assert Staff.objects.count() == 1


def test_two_administrators_cannot_each_remove_the_other() -> None:
    first, second = cast.person("administrator"), cast.person("administrator")

    outcomes = at_once(
        lambda: staff.deactivate(staff=second, by=staff.actor_of(first)),
        lambda: staff.deactivate(staff=first, by=staff.actor_of(second)),
    )

    assert Staff.objects.filter(is_active=True).count() == 1
    assert outcomes.count(errors.LastAdministrator) + outcomes.count(errors.NotAllowed) == 1


def test_one_username_goes_to_one_person() -> None:
    def add() -> Staff:
        return staff.add(username="lilei", name="李雷", password=None, grants=[Grant("cashier")], by=cast.OWNER)

    assert at_once(*[add] * 4).count(errors.UsernameTaken) == 3


def test_one_code_goes_to_one_store() -> None:
    outcomes = at_once(*[lambda: stores.add(code="NJ-1", name="南京路店", by=cast.OWNER)] * 4)

    assert outcomes.count(errors.StoreCodeTaken) == 3
    assert Store.objects.count() == 1
