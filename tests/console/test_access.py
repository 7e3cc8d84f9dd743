import pytest

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.organization.roles import Grant

pytestmark = pytest.mark.django_db


class TestGate:
    def test_a_refused_attempt_is_recorded_and_explained(self) -> None:
        cashier = cast.person("cashier")

        answer = cast.signed_in(cashier).get("/console/team/")

        assert "Invite staff and change their roles" in answer.content.decode()
        entry = AuditEntry.objects.get(action="access.refused")
        assert (entry.actor, entry.subject) == (f"staff:{cashier.pk}", "page:console:team")

    def test_power_ends_at_the_door_of_the_store(self) -> None:
        here = cast.till()
        person = cast.person(Grant("administrator"))
        client = cast.signed_in(person, at=here)
        Staff.objects.get(pk=person.pk).assignments.all().delete()

        assert client.get("/console/team/").status_code == 403


class TestWorkplace:
    def test_a_till_is_chosen_and_remembered(self) -> None:
        till = cast.till()
        client = cast.signed_in(cast.person(Grant("cashier", till.store_id)), at=till)

        assert till.name in client.get("/console/", follow=True).content.decode()

    def test_a_cashier_cannot_work_elsewhere(self) -> None:
        mine, other = cast.till(), cast.till()
        client = cast.signed_in(cast.person(Grant("cashier", mine.store_id)))

        assert client.post("/console/workplace/", {"till": other.pk}).status_code == 422
        assert client.post("/console/workplace/", {"store": other.store_id}).status_code == 422

    def test_a_till_out_of_use_is_forgotten(self) -> None:
        till = cast.till()
        client = cast.signed_in(cast.person("cashier"), at=till)

        Till.objects.filter(pk=till.pk).update(is_open=False)

        assert till.name not in client.get("/console/").content.decode()

    def test_nobody_signs_in_to_a_closed_store(self) -> None:
        till = cast.till()
        Store.objects.filter(pk=till.store_id).update(is_open=False)

        assert cast.signed_in(cast.person("cashier")).post("/console/workplace/", {"till": till.pk}).status_code == 422

    def test_a_store_is_found_by_a_few_letters(self) -> None:
        cast.store("南京路店")
        cast.store("人民广场店")

        shown = cast.signed_in(cast.person("cashier")).get("/console/workplace/?find=人民").content.decode()

        assert "人民广场店" in shown
        assert "南京路店" not in shown
