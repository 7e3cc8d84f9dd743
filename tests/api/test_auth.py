from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
from chuzhi.api import auth, site
from chuzhi.organization import keys

pytestmark = pytest.mark.django_db

STORES = "/api/v1/stores"


@pytest.fixture(autouse=True)
def no_key_remembered() -> Iterator[None]:
    auth.forget_keys()
    yield
    auth.forget_keys()


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic YTpi"},
        bearer("cz_live_" + "A" * 43),
        bearer("cz_live_\u00ff"),
    ],
)
def test_without_a_good_key_there_is_one_answer(client: Client, headers: dict[str, str]) -> None:
    answer = client.get(STORES, headers=headers | {"accept-language": "en"})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert (answer.json()["code"], answer.json()["detail"]) == ("key.invalid", "A valid API key is needed.")


def test_a_staff_session_is_no_key() -> None:
    assert cast.signed_in(cast.person("administrator")).get(STORES).status_code == 401


def test_a_key_without_the_scope_is_forbidden_and_told_which(client: Client) -> None:
    _key, secret = cast.key("wallets:read")

    answer = client.get(STORES, headers=bearer(secret))

    assert (answer.status_code, answer.json()["code"]) == (403, "key.scope_missing")
    assert answer.json()["facts"] == {"scope": "stores:read"}


def test_a_key_of_one_store_sees_that_store_only(client: Client) -> None:
    here, _there = cast.store("本店"), cast.store()
    till = cast.till(here)
    _key, secret = cast.key("stores:read", at=here)

    answer = client.get(STORES, headers=bearer(secret))

    assert answer.json() == {
        "items": [
            {
                "id": str(here.pk),
                "code": here.code,
                "name": "本店",
                "time_zone": "Asia/Shanghai",
                "is_open": True,
                "pack": "none",
                "tills": [{"id": str(till.pk), "name": till.name, "is_open": True}],
            }
        ]
    }


def test_a_key_just_used_costs_no_query(client: Client, django_assert_num_queries: pytest.FixtureRequest) -> None:
    _key, secret = cast.key()
    client.get(STORES, headers=bearer(secret))

    with django_assert_num_queries(1):  # type: ignore[operator]  # the stores themselves
        client.get(STORES, headers=bearer(secret))


def test_a_revoked_key_is_dead_within_moments(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    key, secret = cast.key()
    clock = [1000.0]
    monkeypatch.setattr(auth, "monotonic", lambda: clock[0])
    assert client.get(STORES, headers=bearer(secret)).status_code == 200
    keys.revoke(key=key, by=cast.OWNER)

    clock[0] += auth.REMEMBERED_SECONDS

    assert auth.REMEMBERED_SECONDS <= 5
    assert client.get(STORES, headers=bearer(secret)).status_code == 401


def test_a_key_is_not_remembered_beyond_its_end(client: Client) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    _key, secret = keys.create(name="x", scopes=["stores:read"], expires_at=soon, by=cast.OWNER)

    assert client.get(STORES, headers=bearer(secret)).status_code == 200

    assert auth._remembered[keys.digest_of(secret)].until <= auth.monotonic() + 1


def test_guesses_are_not_remembered(client: Client) -> None:
    for guess in range(20):
        client.get(STORES, headers=bearer(f"cz_live_{guess}"))

    assert not auth._remembered


def test_every_address_asks_for_a_scope() -> None:
    operations = [
        operation
        for router in site.api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    ]

    assert operations
    for operation in operations:
        assert all(isinstance(one, auth.KeyAuth) and one.scopes for one in operation.auth_callbacks), operation.path
        assert operation.auth_callbacks, operation.path


def test_the_description_is_public_and_names_every_refusal(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()

    assert described["openapi"] == "3.1.0"
    responses = described["paths"][STORES]["get"]["responses"]
    assert {"200", "400", "401", "403", "404", "422", "429", "503"} <= set(responses)
    assert responses["422"]["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert {"Problem", "Finding"} <= set(described["components"]["schemas"])
