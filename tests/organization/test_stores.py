import pytest

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.organization import errors, stores
from chuzhi.organization.models import Staff, Store
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db


def test_a_code_belongs_to_one_store() -> None:
    first = cast.store()

    with pytest.raises(errors.StoreCodeTaken):
        stores.add(code=first.code, name="二店", by=cast.OWNER)


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(errors.TimeZoneUnknown):
        stores.add(code="X", name="二店", time_zone="Asia/Nowhere", by=cast.OWNER)


def test_what_changes_is_recorded_and_nothing_else() -> None:
    store = cast.store("旧名")

    stores.change(store=store, code=store.code, name="新名", address="", time_zone=store.time_zone, is_open=True, by=cast.OWNER)

    assert AuditEntry.objects.get(action="store.changed").facts == {"name": "新名"}


def test_a_till_name_is_unique_in_its_store_only() -> None:
    here, there = cast.store(), cast.store()
    stores.add_till(store=here, name="一号", by=cast.OWNER)
    stores.add_till(store=there, name="一号", by=cast.OWNER)

    with pytest.raises(errors.TillNameTaken):
        stores.add_till(store=here, name="一号", by=cast.OWNER)


@pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor"])
def test_only_an_administrator_changes_stores(role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        stores.add(code="X", name="二店", by=cast.actor(role))

    assert not Store.objects.filter(code="X").exists()


def test_everybody_sees_the_stores_they_work_in() -> None:
    here, there = cast.store(), cast.store()

    assert list(stores.visible_to(cast.actor("cashier", here))) == [here]
    assert {here, there} <= set(stores.visible_to(cast.actor("cashier")))


def test_work_starts_in_an_open_store_where_one_has_a_role() -> None:
    here, there, shut = cast.store(), cast.store(), cast.store()
    Store.objects.filter(pk=shut.pk).update(is_open=False)
    person = cast.person(Grant("cashier", here.pk), Grant("cashier", shut.pk))

    assert list(stores.workplaces(Staff.objects.get(pk=person.pk))) == [here]
    assert there in stores.workplaces(cast.person("cashier"))
