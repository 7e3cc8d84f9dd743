from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

import cast
import shop
from chuzhi.customers import profiles

MOST_QUERIES = 24


@pytest.mark.real
def test_the_number_of_queries_of_the_page_does_not_grow_with_what_somebody_holds(
    committed: None, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    till = cast.till()
    manager, person = cast.signed_in(cast.person("manager"), at=till), profiles.register(name="王小明", by=cast.OWNER)
    page_of = f"/console/customers/{person.pk}/"
    for _each in range(3):
        held = shop.new_wallet(shop.new_programme(bonus_valid_days=7), person)
        shop.top_up(held, 500_00, till.store)
        shop.charge(held, 12_00, till.store)
    manager.get(page_of)  # programmes are remembered from here on

    with django_assert_max_num_queries(MOST_QUERIES):
        page = manager.get(page_of).content.decode()

    assert page.count("¥488.00") >= 3
