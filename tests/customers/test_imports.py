import pytest

from chuzhi.core.actors import Actor
from chuzhi.customers import imports, profiles, search
from chuzhi.customers.models import Customer, ImportBatch
from customers.checked import GOOD, HEAD, kept, planned


@pytest.mark.django_db
def test_an_import_adds_updates_and_skips(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", tags=["老客"], by=by)
    same = profiles.register(name="韩梅", external_id="M9", by=by)
    text = "姓名,手机,会员编号,标签,备注\n王小明,13812341234,M1,,\n李蕾,13912341234,M2,新客,花生过敏\n韩梅,,M9,,\n"

    plan = planned(text)
    batch = kept(plan, by)
    owners = imports.apply(batch, plan, by=by)

    assert (batch.new, batch.updated, batch.skipped, batch.refused) == (1, 1, 1, 0)
    fresh = Customer.objects.get(external_id="M1")
    assert owners == {2: fresh.pk, 3: known.pk, 4: same.pk}
    known.refresh_from_db()
    assert (known.name, known.external_id, known.tags, known.notes, known.version) == (
        "李蕾",
        "M2",
        ["老客", "新客"],
        "花生过敏",
        2,
    )
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED


@pytest.mark.django_db
def test_the_same_file_again_adds_nobody_and_cannot_be_applied(by: Actor) -> None:
    text = f"{HEAD}\n{GOOD}\n"
    first = planned(text)
    imports.apply(kept(first, by), first, by=by)

    again = planned(text)
    with pytest.raises(imports.AlreadyApplied):
        imports.apply(kept(again, by), again, by=by)

    assert (again.new, len(again.updates)) == ((), 1)
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_an_import_is_given_back_as_a_whole(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", born_on="1990-05-31", by=by)
    plan = planned("姓名,手机,生日\n王小明,13812341234,\n李蕾,13912341234,1991-01-01\n张三,13712341234,\n")
    batch = kept(plan, by)
    owners = imports.apply(batch, plan, by=by)
    busy = Customer.objects.get(pk=owners[4])
    profiles.change(customer=busy, notes="came back", by=by)

    staying = imports.reverse(batch, by=by)

    assert staying == {busy.pk}
    gone = Customer.objects.get(pk=owners[2])
    assert (gone.name, gone.phone, gone.phone_mark, gone.blind_tokens) == ("", None, None, [])
    assert search.find("13812341234", by=by) == search.find("wangxiaoming", by=by) == []
    assert profiles.register(name="王小明", phone="13812341234", by=by).pk != gone.pk
    known.refresh_from_db()
    assert (known.name, str(known.born_on)) == ("李雷", "1990-05-31")
    with pytest.raises(imports.NotApplied):
        imports.reverse(batch, by=by)


@pytest.mark.django_db
def test_a_number_taken_after_the_check_stops_the_import(by: Actor) -> None:
    plan = planned("姓名,手机\n李雷,13912341234\n王小明,13812341234\n")
    profiles.register(name="王小明", phone="13812341234", by=by)

    with pytest.raises(imports.CustomersChanged):
        imports.apply(kept(plan, by), plan, by=by)

    assert [row.name for row in Customer.objects.all()] == ["王小明"]


@pytest.mark.django_db
def test_customers_who_changed_after_the_check_stop_the_import(by: Actor) -> None:
    known = profiles.register(name="李雷", phone="13912341234", by=by)
    plan = planned("姓名,手机\n李蕾,13912341234\n王小明,13812341234\n")
    profiles.change(customer=known, name="李磊", by=by)

    with pytest.raises(imports.CustomersChanged):
        imports.apply(kept(plan, by), plan, by=by)

    assert [row.name for row in Customer.objects.all()] == ["李磊"]
