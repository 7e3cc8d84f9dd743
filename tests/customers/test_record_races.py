"""Programs that send one record several times at the same moment: real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

import cast
import shop
from api.program import Program
from chuzhi.customers import fields, modules
from chuzhi.customers.record_models import Record
from chuzhi.customers.rules import Kind

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize("customers", [1, 2])
def test_of_many_with_one_key_one_is_added(customers: int) -> None:
    module, program = modules.define(name="Pets", by=cast.OWNER), Program("customers:read", "customers:write")
    fields.define(key="name", kind=Kind.TEXT, label_zh="名字", label_en="Name", module=module, by=cast.OWNER)
    addresses = [f"/customers/{shop.new_customer().pk}/records" for _ in range(customers)]
    asked, start = {"module": str(module.pk), "values": {"name": "Mimi"}}, Barrier(4)

    def send(number: int) -> Any:
        start.wait()
        try:
            return program.post(addresses[number % customers], asked, key="pet-1").json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(send, range(4)))

    assert Record.objects.count() == 1
    assert len({one["id"] for one in answers if "id" in one}) == 1
    assert [one["code"] for one in answers if "id" not in one] == ["idempotency.key_reused"] * (0 if customers == 1 else 2)
