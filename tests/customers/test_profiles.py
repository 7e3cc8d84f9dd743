import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import errors, profiles, search
from chuzhi.customers.models import Customer
from chuzhi.ledger import books

ID_NUMBER = "11010519491231002X"


@pytest.mark.django_db
def test_a_customer_is_kept_as_given(by: Actor) -> None:
    customer = profiles.register(
        name=" 王  小明 ",
        phone="１３８ 1234 1234",
        email="Wang@Example.com",
        born_on="1990-05-31",
        tags=["常客", "常客"],
        by=by,
    )

    kept = Customer.objects.get(pk=customer.pk)
    assert (kept.name, kept.phone, kept.email, str(kept.born_on), kept.tags) == (
        *("王 小明", "+8613812341234", "wang@example.com", "1990-05-31", ["常客"]),
    )
    assert kept.book == books.book_for(kept.pk)
    assert kept.masked_phone == "138****1234"


@pytest.mark.django_db
def test_registering_twice_with_one_key_registers_once(by: Actor) -> None:
    first = profiles.register(name="王小明", phone="13812341234", key="form:1", by=by)

    again = profiles.register(name="王小明", phone="13812341234", key="form:1", by=by)

    assert again.pk == first.pk
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_a_phone_number_belongs_to_one_customer(by: Actor) -> None:
    profiles.register(name="王小明", phone="13812341234", by=by)

    with pytest.raises(errors.PhoneTaken) as refused:
        profiles.register(name="李雷", phone="+86 138-1234-1234", by=by)

    assert refused.value.facts == {}
    assert Customer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": ""}, "customer.name_invalid"),
        ({"name": "x" * 81}, "customer.name_invalid"),
        ({"phone": "12345"}, "customer.phone_invalid"),
        ({"phone": "13812341234' OR 1=1"}, "customer.phone_invalid"),
        ({"email": "nobody"}, "customer.email_invalid"),
        ({"identity_number": "11010519491231002"}, "customer.identity_number_invalid"),
        ({"born_on": timezone.localdate() + timedelta(days=1)}, "customer.birthday_future"),
        ({"born_on": "1800-01-01"}, "customer.birthday_too_early"),
        ({"born_on": "31.12.1990"}, "customer.birthday_invalid"),
        ({"tags": [""]}, "customer.tag_invalid"),
        ({"tags": [str(number) for number in range(31)]}, "customer.tag_invalid"),
        ({"notes": "x" * 4001}, "customer.notes_too_long"),
        ({"external_id": "x" * 65}, "customer.external_id_invalid"),
    ],
)
def test_each_wrong_value_is_named_and_nothing_is_kept(given: profiles.Given, code: str, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        profiles.register(**{"name": "王小明", **given}, by=by)

    assert refused.value.code == code
    assert not Customer.objects.exists()
    assert not audit.AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_change_is_found_at_once_and_the_old_value_no_more(by: Actor) -> None:
    customer = profiles.register(name="王小明", phone="13812341234", by=by)

    profiles.change(customer=customer, name="李雷", phone="13999998888", by=by)

    assert [one.name for one in search.find("8888", by=by)] == ["李雷"]
    assert search.find("1234", by=by) == search.find("wangxiaoming", by=by) == []


@pytest.mark.django_db
def test_a_change_made_meanwhile_is_not_overwritten(by: Actor) -> None:
    customer = profiles.register(name="王小明", by=by)
    profiles.change(customer=customer, notes="first", version=1, by=by)

    with pytest.raises(errors.ChangedMeanwhile):
        profiles.change(customer=customer, notes="second", version=1, by=by)

    assert Customer.objects.get(pk=customer.pk).notes == "first"


@pytest.mark.django_db
def test_changing_nothing_leaves_no_trace(by: Actor) -> None:
    customer = profiles.register(name="王小明", by=by)

    same = profiles.change(customer=customer, name="王小明", by=by)

    assert same.version == 1
    assert audit.AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_looking_at_a_number_is_kept_without_the_number(by: Actor) -> None:
    customer = profiles.register(name="王小明", phone="13812341234", by=by)

    assert profiles.reveal_phone(customer, by=by) == "+8613812341234"

    entry = audit.AuditEntry.objects.get(action="customer.phone_revealed")
    assert (entry.actor, entry.subject) == (by.label, f"customer:{customer.pk}")
    assert not any("1234" in str(one.facts) for one in audit.AuditEntry.objects.all())


@pytest.mark.django_db
def test_a_dump_of_the_database_shows_nothing_personal(by: Actor) -> None:
    personal = ["13812341234", "8613812341234", "wang.secret@example.com", "wang.secret", ID_NUMBER, "1949-12-31", "对花生过敏"]
    profiles.register(
        name="王小明",
        phone=personal[0],
        email=personal[2],
        identity_number=ID_NUMBER,
        born_on=personal[5],
        notes=personal[6],
        by=by,
    )

    dump = b""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT starts_with(tablename, 'procrastinate')"
        )
        for (table,) in cursor.fetchall():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                dump += b"".join(bytes(part) for part in copy)

    assert "王小明".encode() in dump
    for value in personal:
        plain = value.encode()
        written = {plain, plain.hex().encode(), base64.b64encode(plain).rstrip(b"=")[:-1]}
        assert not [form for form in written if form in dump], value


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_of_many_at_once_one_gets_the_number(by: Actor) -> None:
    def attempt(number: int) -> str:
        try:
            with transaction.atomic():
                profiles.register(name=f"客{number}", phone="13812341234", by=by)
        except errors.PhoneTaken:
            return "taken"
        else:
            return "registered"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(attempt, range(16)))

    assert sorted(outcomes) == ["registered", *["taken"] * 15]


@pytest.mark.django_db
def test_preferences_are_kept_told_and_emptied(by: Actor) -> None:
    customer = profiles.register(name="王小明", favourite=" 手冲  咖啡 ", preferred_method="wechat", till_note="靠窗", by=by)

    profiles.change(customer=customer, favourite="", till_note=None, by=by)

    kept = Customer.objects.get()
    assert (kept.favourite, kept.preferred_method, kept.till_note) == ("", "wechat", None)
    assert {one.field for one in customer.changes.all()} == {"favourite", "till_note"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"favourite": "x" * 81}, "customer.favourite_invalid"),
        ({"preferred_method": "shells"}, "customer.method_unknown"),
        ({"preferred_method": "partner"}, "customer.method_unknown"),
        ({"till_note": "x" * 201}, "customer.till_note_invalid"),
    ],
)
def test_a_wrong_preference_is_named(given: profiles.Given, code: str, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        profiles.register(**{"name": "王小明", **given}, by=by)

    assert refused.value.code == code
    assert not Customer.objects.exists()
