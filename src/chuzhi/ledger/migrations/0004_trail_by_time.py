from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations

TRAIL = """
    DROP VIEW audit_trail;
    CREATE VIEW audit_trail AS
    SELECT id::text AS id, at, actor::text AS actor, action::text AS action, subject::text AS subject, facts FROM audit_entry
    UNION ALL
    SELECT book || '-' || seq, time, actor::text,
        (ARRAY['wallet.topped_up', 'wallet.charged', 'wallet.held', 'wallet.captured', 'wallet.released', 'wallet.refunded',
            'wallet.top_up_refunded', 'wallet.sent', 'wallet.received', 'wallet.standing_set', 'wallet.adjusted',
            'wallet.disputed', 'wallet.dispute_ended', 'wallet.expired', 'wallet.hold_expired', 'wallet.taken_back'])[kind],
        'wallet:' || wallet,
        jsonb_strip_nulls(jsonb_build_object('book', book, 'seq', seq, 'amount', amount, 'asset', ledger_asset.code,
            'refusal', refusal, 'store', store, 'till', till)) || coalesce(nullif(details, '')::jsonb, '{}')
    FROM ledger_operation LEFT JOIN ledger_asset ON ledger_asset.id = ledger_operation.asset"""
# Both halves have the very same types, so that PostgreSQL reads them as one table and leaves out what nobody asked for.


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0003_audit_trail"), ("core", "0002_audit_by_time")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="operation", index=BrinIndex(autosummarize=True, fields=["time"], name="operation_by_time")
        ),
        migrations.RunSQL(TRAIL, migrations.RunSQL.noop),
    ]
