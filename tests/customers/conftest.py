import pytest

from chuzhi.core.actors import Actor, ActorKind


@pytest.fixture
def by() -> Actor:
    return Actor(ActorKind.STAFF, 7, "Lin", frozenset({"customers.view"}))
