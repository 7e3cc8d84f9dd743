from typing import ClassVar

from django.db import migrations, models

TRAIL = """
    CREATE VIEW audit_trail AS
    SELECT id::text AS id, at, actor, action, subject, facts FROM audit_entry
    UNION ALL
    SELECT book || '-' || seq, time, actor,
        (ARRAY['wallet.topped_up', 'wallet.charged', 'wallet.held', 'wallet.captured', 'wallet.released', 'wallet.refunded',
            'wallet.top_up_refunded', 'wallet.sent', 'wallet.received', 'wallet.standing_set', 'wallet.adjusted',
            'wallet.disputed', 'wallet.dispute_ended', 'wallet.expired', 'wallet.hold_expired', 'wallet.taken_back'])[kind],
        'wallet:' || wallet,
        jsonb_strip_nulls(jsonb_build_object('book', book, 'seq', seq, 'amount', amount, 'refusal', refusal, 'store', store,
            'till', till)) || coalesce(nullif(details, '')::jsonb, '{}')
    FROM ledger_operation"""

BY_CLASS = """
    CREATE TEMPORARY TABLE summed ON COMMIT DROP AS
    SELECT book, account - account % 1000000000 AS account, pot, sum(total)::bigint AS total
    FROM ledger_system_total GROUP BY 1, 2, 3;
    DELETE FROM ledger_system_total;
    INSERT INTO ledger_system_total (book, account, pot, total) SELECT book, account, pot, total FROM summed"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0002_room_for_updates"), ("core", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(TRAIL, "DROP VIEW audit_trail"),
        migrations.RunSQL(BY_CLASS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="AuditLine",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=40)),
                ("action", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=80)),
                ("facts", models.JSONField()),
            ],
            options={"db_table": "audit_trail", "managed": False},
        ),
    ]
