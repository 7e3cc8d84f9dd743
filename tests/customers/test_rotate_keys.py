from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from chuzhi.core import vault
from chuzhi.core.actors import Actor
from chuzhi.customers import errors, profiles, search
from chuzhi.customers.management.commands import rotate_keys
from chuzhi.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAULT_KEYS = settings.VAULT_INDEX_KEYS = None
    settings.VAULT_FOLDER = tmp_path / "vault"
    monkeypatch.setattr(rotate_keys, "SETTLE_SECONDS", 0.0)


def keys_in_use() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM customer UNION ALL SELECT notes FROM customer")
        return {vault.key_of(bytes(sealed)) for (sealed,) in cursor.fetchall() if sealed}


def test_after_a_rotation_every_value_is_sealed_by_the_new_key(by: Actor) -> None:
    for number in range(25):
        profiles.register(name=f"客{number}", phone=f"138123400{number:02d}", notes="n" if number % 2 else None, by=by)

    call_command("rotate_keys", batch=10)

    assert keys_in_use() == {2}
    assert [row.phone for row in Customer.objects.order_by("pk")][3] == "+8613812340003"
    assert len(search.find("1234", by=by, limit=50)) == 25


def test_a_rotation_that_stopped_half_way_goes_on(by: Actor) -> None:
    profiles.register(name="王小明", phone="13812341234", by=by)
    vault.add_key("encryption")
    profiles.register(name="李雷", phone="13912341234", by=by)
    assert keys_in_use() == {1, 2}

    call_command("rotate_keys", resume=True)

    assert keys_in_use() == {2}


def test_between_two_index_keys_everything_is_found_and_stays_unique(by: Actor) -> None:
    profiles.register(name="王小明", phone="13812341234", email="wangxm@example.com", by=by)
    vault.add_key("index")
    profiles.register(name="李雷", phone="13912341234", by=by)

    assert {one.name for one in search.find("1234", by=by)} == {"王小明", "李雷"}
    assert [one.name for one in search.find("13812341234", by=by)] == ["王小明"]
    assert [one.name for one in search.find("wangxm@example.com", by=by)] == ["王小明"]
    with pytest.raises(errors.PhoneTaken):
        profiles.register(name="韩梅", phone="13812341234", by=by)


def test_a_new_index_key_replaces_the_old_one(by: Actor) -> None:
    customer = profiles.register(name="王小明", phone="13812341234", by=by)
    before = bytes(Customer.objects.get(pk=customer.pk).phone_mark or b"")

    call_command("rotate_keys", index=True)

    after = Customer.objects.get(pk=customer.pk)
    assert bytes(after.phone_mark or b"") != before
    assert list(vault.latest().index.keys) == [2] == [after.index_key]
    assert [one.id for one in search.find("1234", by=by)] == [customer.pk]
