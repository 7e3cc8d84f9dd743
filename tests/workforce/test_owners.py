import pytest
from django.test import Client

import cast
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import history, many, merging, profiles
from chuzhi.customers.errors import OwnerUnusable
from chuzhi.customers.models import Customer
from chuzhi.organization import staff
from chuzhi.organization.models import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Customer:
    return profiles.register(name="Ann", by=cast.OWNER)


@pytest.fixture
def meimei() -> Staff:
    return cast.person("cashier", name="韩梅梅")


@pytest.fixture
def page(db: None) -> Client:
    return cast.signed_in(cast.person("manager", name="李雷"))


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def gone(person: Staff) -> Staff:
    return staff.deactivate(staff=person, by=cast.OWNER)


def test_who_looks_after_a_customer_stands_in_the_history_and_on_record(ann: Customer, meimei: Staff) -> None:
    changed = many.set_owner(customer=ann.pk, owner=meimei, by=cast.OWNER)

    ann.refresh_from_db()
    assert (ann.owner, changed and changed.before) == (meimei, {"owner": None})
    [told] = [history.told(one) for one in history.of(ann, by=cast.OWNER)]
    assert (told.field, told.before, told.after) == ("owner", None, meimei.pk)
    assert AuditEntry.objects.filter(action="customer.changed", subject=f"customer:{ann.pk}").get().facts == {
        "changed": ["owner"]
    }


def test_said_twice_it_is_one_change(ann: Customer, meimei: Staff) -> None:
    many.set_owner(customer=ann.pk, owner=meimei, by=cast.OWNER)

    assert many.set_owner(customer=ann.pk, owner=meimei, by=cast.OWNER) is None
    assert Customer.objects.get().version == 2


def test_nobody_who_has_left_and_nobody_of_a_partner_is_given_customers(ann: Customer, meimei: Staff) -> None:
    for somebody in (gone(meimei), cast.person("partner", name="代理")):
        with pytest.raises(OwnerUnusable):
            many.set_owner(customer=ann.pk, owner=somebody, by=cast.OWNER)

    assert Customer.objects.get().owner is None


def test_two_records_become_one_and_the_owner_comes_along_and_goes_back(ann: Customer, meimei: Staff) -> None:
    twin = profiles.register(name="Ann Lee", owner=meimei, by=cast.OWNER)

    made = merging.merge(kept=ann, gone=twin, taken=["owner"], reason="twice", by=cast.OWNER)
    assert Customer.objects.get(pk=ann.pk).owner == meimei

    merging.undo(merge=made, by=cast.OWNER)
    assert [one.owner for one in Customer.objects.order_by("pk")] == [None, meimei]


class TestPages:
    def test_set_on_the_customers_page(self, page: Client, ann: Customer, meimei: Staff) -> None:
        page.post(f"/console/customers/{ann.pk}/edit/", {"name": "Ann", "version": ann.version, "owner": meimei.pk})

        assert "韩梅梅" in text(page.get(f"/console/customers/{ann.pk}/"))
        assert "韩梅梅" in text(page.get(f"/console/customers/{ann.pk}/changes/"))

    def test_somebody_who_has_left_stays_until_it_is_handed_over(self, page: Client, ann: Customer, meimei: Staff) -> None:
        many.set_owner(customer=ann.pk, owner=meimei, by=cast.OWNER)
        gone(meimei)

        saved = page.post(f"/console/customers/{ann.pk}/edit/", {"name": "Anna", "version": 2, "owner": meimei.pk})

        assert saved.status_code == 302
        assert Customer.objects.get().owner == meimei
        assert "Has left" in text(page.get(f"/console/customers/{ann.pk}/"))

    def test_a_colleague_who_has_left_is_not_chosen(self, page: Client, ann: Customer, meimei: Staff) -> None:
        gone(meimei)

        refused = page.post(f"/console/customers/{ann.pk}/edit/", {"name": "Ann", "version": 1, "owner": meimei.pk})

        assert refused.status_code == 422
        assert Customer.objects.get().owner is None

    def test_a_list_of_mine_of_nobodys_and_of_those_to_hand_over(self, ann: Customer, meimei: Staff) -> None:
        left = cast.person("cashier", name="赵四")
        profiles.register(name="Bob", owner=meimei, by=cast.OWNER)
        profiles.register(name="Cleo", owner=left, by=cast.OWNER)
        gone(left)
        page = cast.signed_in(meimei)

        def named(owner: object) -> list[str]:
            shown = text(page.get("/console/customers/", {"owner": owner}))
            return [name for name in ("Ann", "Bob", "Cleo") if f">{name}<" in shown]

        assert [named("mine"), named("nobody"), named("left"), named(meimei.pk)] == [["Bob"], ["Ann"], ["Cleo"], ["Bob"]]

    def test_whoever_leaves_leaves_a_list_that_is_handed_over_and_back(
        self, page: Client, ann: Customer, meimei: Staff
    ) -> None:
        many.set_owner(customer=ann.pk, owner=meimei, by=cast.OWNER)
        gone(meimei)
        heir, owner = cast.person("cashier", name="小红"), cast.signed_in(cast.person("administrator"))
        assert f"?owner={meimei.pk}" in text(owner.get(f"/console/team/{meimei.pk}/"))

        place = page.post("/console/lists/customers/act/?owner=left", {"all": "yes"})["Location"]
        page.post(f"{place}start/", {"do": "owner", "owner": heir.pk})
        after = Customer.objects.get().owner
        page.post(f"{place}undo/")

        assert (after, Customer.objects.get().owner) == (heir, meimei)


class TestApi:
    def test_said_read_and_taken_back(self, ann: Customer, meimei: Staff) -> None:
        program = Program("customers:read", "customers:write")
        address = f"/customers/{ann.pk}"

        assert program.patch(address, {"owner": str(meimei.pk)}).json()["owner"] == str(meimei.pk)
        assert program.get(address).json()["owner"] == str(meimei.pk)
        assert program.patch(address, {"owner": None}).json()["owner"] is None

    def test_who_does_not_work_here_is_refused(self, ann: Customer, meimei: Staff) -> None:
        gone(meimei)

        for number in (meimei.pk, 999_999):
            refused = Program("customers:write").patch(f"/customers/{ann.pk}", {"owner": str(number)})
            assert (refused.status_code, refused.json()["code"]) == (422, "customer.owner_unusable")
