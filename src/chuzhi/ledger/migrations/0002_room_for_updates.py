from django.db import migrations

ROOM = {
    "ledger_lot": 70,
    "ledger_hold": 70,
    "ledger_wallet_state": 70,
    "ledger_given_back": 70,
    "ledger_system_total": 30,
    "ledger_book_head": 10,
}
"""How full a page is made: rows that are updated in place find room beside themselves, and no index hears of it."""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(f"ALTER TABLE {table} SET (fillfactor = {percent})", f"ALTER TABLE {table} RESET (fillfactor)")
        for table, percent in ROOM.items()
    ]
