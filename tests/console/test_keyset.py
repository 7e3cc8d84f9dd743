"""Pages of lists, from one to the next and back."""

import pytest
from django.db import connection

import cast
from chuzhi.console import keyset
from chuzhi.customers import bulk
from chuzhi.customers.models import Customer

pytestmark = pytest.mark.django_db

ORDER, SIZE = ("sort_key", "id"), 20


@pytest.fixture
def many(db: None) -> None:
    """Of each name five."""
    people = [bulk.Person(name=f"N{number // 5:04d}", phone=f"+86138{number:08d}") for number in range(1000)]
    bulk.register(people, by=cast.OWNER)


def walk(order: tuple[str, ...]) -> list[int]:
    found: list[int] = []
    asked: dict[str, str] = {}
    while True:
        page = keyset.page(Customer.objects.all(), order, asked, size=SIZE)
        found += [one.pk for one in page.rows]
        if not page.next:
            return found
        name, _is, value = page.next.removeprefix("?").partition("=")
        asked = {name: value}


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("order", [ORDER, ("-sort_key", "-id"), ("-id",)])
def test_a_walk_meets_everybody_once_in_order(order: tuple[str, ...]) -> None:
    assert walk(order) == list(Customer.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.usefixtures("many")
def test_a_page_far_down_reads_no_more_than_the_first() -> None:
    edge = Customer.objects.order_by(*ORDER)[900]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customer")
        cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    rows = keyset._beyond(Customer.objects.order_by(*ORDER), Customer.objects.all(), ORDER, edge.pk)[:SIZE]

    plan = rows.explain(analyze=True)

    removed = [int(line.split(":")[1]) for line in plan.splitlines() if "Rows Removed by Filter" in line]
    assert sum(removed) <= 5, plan
