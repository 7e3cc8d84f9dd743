import pytest
from django.db import connection


@pytest.mark.django_db
def test_rows_that_change_have_room_beside_themselves() -> None:
    """Without it, each charge would write its lot to another page and into every index of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relname IN ('ledger_lot', 'ledger_hold', 'ledger_book_head')"
        )
        found = dict(cursor.fetchall())

    assert found == {
        "ledger_lot": ["fillfactor=70"],
        "ledger_hold": ["fillfactor=70"],
        "ledger_book_head": ["fillfactor=10"],
    }
