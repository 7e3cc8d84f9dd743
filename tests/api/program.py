"""A program with a key, as an integrator would write it."""

import itertools
from typing import Any

from django.test import Client

import cast
from chuzhi.organization.models import Store

_keys = itertools.count(1)
FRESH = "a fresh one"


class Program:
    """Calls the API with a key of these scopes; each POST with a key of its own unless one is given."""

    def __init__(self, *scopes: str, at: Store | None = None) -> None:
        self.key, self.secret = cast.key(*scopes, at=at)
        self.client = Client()

    def headers(self, key: str | None = None) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self.secret}", "accept-language": "en"}
        return headers if key is None else headers | {"idempotency-key": key}

    def get(self, address: str, **query: object) -> Any:
        return self.client.get(f"/api/v1{address}", query, headers=self.headers())

    def post(self, address: str, body: object, *, key: str | None = FRESH) -> Any:
        key = f"program-{next(_keys)}" if key == FRESH else key
        return self.client.post(f"/api/v1{address}", body, content_type="application/json", headers=self.headers(key))

    def patch(self, address: str, body: object) -> Any:
        return self.client.patch(f"/api/v1{address}", body, content_type="application/json", headers=self.headers())
