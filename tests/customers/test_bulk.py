from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from chuzhi.core.actors import Actor
from chuzhi.customers import bulk, profiles
from chuzhi.customers.models import Customer

PERSON = bulk.Person(
    name="吕 O'Neill\\小明",
    phone="+8613812341234",
    email="lv@example.com",
    identity_number="11010519491231002X",
    born_on=date(1949, 12, 31),
    notes="a\tb\nc\\N",
    tags=["常客", 'a"b,{c}'],
    external_id="M\\1",
)


@pytest.mark.django_db
def test_many_at_once_make_the_same_row_as_one(by: Actor) -> None:
    one = profiles.register(by=by, **{name: getattr(PERSON, name) for name in PERSON.__slots__})
    alone = model_to_dict(Customer.objects.get(pk=one.pk), exclude=["id", "book", "created_at", "changed_at"])
    Customer.objects.all().delete()

    (identity,) = bulk.register([PERSON], by=by)

    assert model_to_dict(Customer.objects.get(pk=identity), exclude=["id", "book", "created_at", "changed_at"]) == alone


@pytest.mark.django_db
def test_if_one_number_is_taken_nobody_is_registered(by: Actor) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.register([bulk.Person(name="甲"), PERSON, bulk.Person(name="乙", phone=PERSON.phone)], by=by)

    assert not Customer.objects.exists()
