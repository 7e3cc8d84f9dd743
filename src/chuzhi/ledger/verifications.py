"""What the verifier said each time the clock asked it: pages show how old the last verdict is."""

from django.db import connection
from django.utils import timezone

from chuzhi.ledger import heads
from chuzhi.ledger.models import Verification
from chuzhi.ledger.proof import verification

WORKERS = 2


def make() -> Verification:
    """Verify everything as it stands now, against the newest exported heads too, and keep the verdict.

    Not inside a transaction: it looks at one snapshot of its own.
    """
    connection.ensure_connection()
    report = verification.verify(connection.connection, heads_file=heads.newest(), workers=WORKERS)
    return Verification.objects.create(
        at=timezone.now(),
        operations=report.operations,
        legs=report.legs,
        wrong=report.wrong,
        findings=[str(each) for each in report.findings],
        milliseconds=round(report.seconds * 1000),
    )


def latest() -> Verification | None:
    """None: nobody has verified yet."""
    return Verification.objects.order_by("at").last()


def lately(count: int) -> list[Verification]:
    """The newest first."""
    return list(Verification.objects.order_by("-at")[:count])
