from collections.abc import Sequence

import pytest
from django.db import connection

from chuzhi.core.actors import Actor, ActorKind, system
from chuzhi.customers import history, imports, profiles
from chuzhi.customers.models import Customer, FieldChange
from customers.checked import kept, planned

READER = system("test")

pytestmark = pytest.mark.django_db


def told(customer: Customer) -> Sequence[tuple[str, object, object]]:
    return [(one.field, one.before, one.after) for one in map(history.told, history.of(customer, by=READER))]


def test_every_field_is_kept_as_it_was_and_became_the_newest_first(by: Actor) -> None:
    customer = profiles.register(name="王小明", phone="13812341234", born_on="1990-05-31", by=by)

    profiles.change(customer=customer, name="王明", born_on=None, by=by)
    profiles.change(customer=customer, tags=["常客"], notes="花生过敏", by=by)

    assert sorted(told(customer)[:2]) == [("notes", None, "花生过敏"), ("tags", None, ["常客"])]
    assert sorted(told(customer)[2:]) == [("born_on", "1990-05-31", None), ("name", "王小明", "王明")]
    assert [one.version for one in history.of(customer, by=READER)] == [3, 3, 2, 2]


def test_what_is_masked_on_the_page_is_masked_in_the_history(by: Actor) -> None:
    customer = profiles.register(name="王小明", phone="13812341234", email="wang@example.com", by=by)

    profiles.change(customer=customer, phone="13999998888", email=None, identity_number="11010519491231002X", by=by)

    shown = str(told(customer))
    assert ("phone", "138****1234", "139****8888") in told(customer)
    assert not [whole for whole in ("13812341234", "wang@example.com", "19491231002") if whole in shown]


def test_a_dump_shows_nothing_of_the_history(by: Actor) -> None:
    customer = profiles.register(name="王小明", by=by)
    profiles.change(customer=customer, notes="secret words", by=by)

    with connection.cursor() as cursor:
        cursor.execute("SELECT before, after FROM customer_field_change")
        assert b"secret" not in b"".join(bytes(cell) for row in cursor.fetchall() for cell in row if cell)


@pytest.mark.parametrize(
    ("kind", "source"),
    [(ActorKind.STAFF, "console"), (ActorKind.KEY, "api"), (ActorKind.CUSTOMER, "customer"), (ActorKind.SYSTEM, "system")],
)
def test_it_says_where_a_change_came_from(by: Actor, kind: ActorKind, source: str) -> None:
    customer = profiles.register(name="王小明", by=by)

    profiles.change(customer=customer, name="王明", by=Actor(kind, 3))

    assert history.told(history.of(customer, by=READER).get()).source == source


def test_an_import_and_its_reversal_stand_in_the_history(by: Actor) -> None:
    customer = profiles.register(name="李雷", phone="13912341234", by=by)
    plan = planned("姓名,手机\n李蕾,13912341234\n")
    batch = kept(plan, by)

    imports.apply(batch, plan, by=by)
    imports.reverse(batch, by=by)

    assert told(customer) == [("name", "李蕾", "李雷"), ("name", "李雷", "李蕾")]
    assert {history.told(one).source for one in history.of(customer, by=READER)} == {history.Source.IMPORT}


def test_who_is_forgotten_leaves_no_history(by: Actor) -> None:
    customer = profiles.register(name="王小明", by=by)
    profiles.change(customer=customer, name="王明", by=by)

    profiles.withdraw(Customer.objects.filter(pk=customer.pk), by=by)

    assert not FieldChange.objects.exists()
