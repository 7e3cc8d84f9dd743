from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("core", "0001_initial")]

    operations: ClassVar = [
        migrations.AddIndex(model_name="auditentry", index=BrinIndex(autosummarize=True, fields=["at"], name="audit_by_time")),
    ]
