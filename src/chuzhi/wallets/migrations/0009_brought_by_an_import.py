import django.db.models.deletion
from django.db import migrations, models

OF_CUSTOMERS_BROUGHT = """
    UPDATE card SET brought_by_id = c.batch_id FROM wallet w JOIN customer c ON c.id = w.customer_id
    WHERE w.id = card.wallet_id AND card.asked_for IS NULL AND c.batch_id IS NOT NULL"""
"""A card that nobody asked for here came with its customer."""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_cards_of_an_import"),
        ("wallets", "0008_reported_at_a_kiosk"),
    ]

    operations = [
        migrations.AddField(
            model_name="card",
            name="brought_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.importbatch",
            ),
        ),
        migrations.RunSQL(OF_CUSTOMERS_BROUGHT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="card",
            index=models.Index(
                condition=models.Q(("brought_by__isnull", False)), fields=["brought_by"], name="card_of_an_import"
            ),
        ),
    ]
