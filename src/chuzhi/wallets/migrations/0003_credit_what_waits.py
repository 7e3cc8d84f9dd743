from django.db import migrations

GO_ON = """
    UPDATE import_batch b SET step = 'credit', total = (SELECT count(*) FROM opening o WHERE o.batch = b.id)
    WHERE b.state = 'applied' AND EXISTS (SELECT 1 FROM opening o WHERE o.batch = b.id AND o.seq IS NULL)"""


class Migration(migrations.Migration):
    """Imports that were interrupted before there were steps go on as the step that credits balances."""

    dependencies = [
        ("customers", "0002_under_way"),
        ("wallets", "0002_credits"),
    ]

    operations = [migrations.RunSQL(GO_ON, migrations.RunSQL.noop)]
