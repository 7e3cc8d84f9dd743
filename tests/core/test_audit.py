import pytest
from django.db import ProgrammingError

from chuzhi.core import actors, audit


@pytest.mark.django_db
def test_the_audit_log_can_only_grow() -> None:
    entry = audit.record("till.opened", "till:1", by=actors.system("test"))

    with pytest.raises(ProgrammingError, match="permission denied"):
        audit.AuditEntry.objects.filter(pk=entry.pk).update(action="nothing.happened")
