"""The description is what the server does: requests made from it, good and bad, and answers held against it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from api.program import Program
from chuzhi.api import auth, site
from chuzhi.api.problems import CONTENT_TYPE
from chuzhi.organization import keys
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES_AN_OPERATION = 20
ID = re.compile("[1-9][0-9]{0,17}")
described = schemathesis.openapi.from_dict(json.loads(json.dumps(site.api.get_openapi_schema(path_prefix="/api/v1/"))))
described.app = get_wsgi_application()


@pytest.fixture
def program(db: None) -> Iterator[Program]:
    """All scopes. As Django's own test client does, the connection is kept open between requests: it holds the test's rows."""
    auth.forget_keys()
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield Program(*keys.SCOPES)
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)
    auth.forget_keys()


@described.parametrize()
@settings(
    max_examples=EXAMPLES_AN_OPERATION,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_requests_made_from_the_description(case: Any, program: Program, funded: Wallet, store: Store) -> None:
    """Half of the requests name a wallet and a store that are there, so that they get past the front."""
    if isinstance(case.body, dict) and len(str(case.body)) % 2:
        real = {"wallet": str(funded.pk), "from": str(funded.pk), "store": str(store.pk)}
        case.body.update({name: value for name, value in real.items() if ID.fullmatch(str(case.body.get(name)))})

    answer = case.call(headers={"Authorization": f"Bearer {program.secret}"})

    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == [CONTENT_TYPE]
        assert answer.json()["status"] == answer.status_code
