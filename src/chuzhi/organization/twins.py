"""Two people who take one name at the same moment: the database decides, and the second hears a no instead of a fault."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from chuzhi.core.errors import Refused


@contextmanager
def refused(no: Refused) -> Iterator[None]:
    """Write inside; a broken uniqueness becomes `no`, and what was done before in the transaction stays usable."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if isinstance(fault.__cause__, UniqueViolation):
            raise no from fault
        raise
