"""What the ledger's tests share."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def books_are_in_order_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    from chuzhi.ledger.proof import verification

    if request.node.get_closest_marker("django_db") and "books_may_be_wrong_afterwards" not in request.fixturenames:
        assert verification.verify(connection.connection, deep=True).findings == []


@pytest.fixture
def books_may_be_wrong_afterwards() -> None:
    """For what only the verifier can see."""
