import make
import pytest
from django.db import connection


@pytest.mark.django_db
def test_a_charge_updates_its_lot_without_telling_the_indexes() -> None:
    """Pages have room for the new version of a row (HOT): without it, each charge would write into every index of the lot."""
    make.post_one(make.top_up_asked(1, 500_00))
    counters = "SELECT pg_stat_get_xact_tuples_updated(%s), pg_stat_get_xact_tuples_hot_updated(%s)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'ledger_lot'::regclass::oid::int")
        table = cursor.fetchone()[0]

    for _each in range(20):
        make.post_one(make.charge_asked(1, 1_00))

    with connection.cursor() as cursor:
        cursor.execute(counters, [table, table])
        updated, in_place = cursor.fetchone()
    assert updated == in_place == 20
