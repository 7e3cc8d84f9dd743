import hypothesis
import pytest

from chuzhi.core.actors import Actor, ActorKind

# A machine that does other work besides is slow, not wrong.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture
def by() -> Actor:
    return Actor(ActorKind.STAFF, 7, "Lin", frozenset({"customers.view"}))
