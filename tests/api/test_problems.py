import json
import logging
from http import HTTPStatus

import pytest
from django.test import Client

import cast

pytestmark = [pytest.mark.urls("api.faults"), pytest.mark.django_db]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("refused", 422, "store.code_taken"),
        ("not-found", 404, "not_found"),
        ("not-allowed", 403, "permission.missing"),
        ("denied", 403, "permission.missing"),
        ("missing", 404, "request.not_found"),
        ("throttled", 429, "request.throttled"),
        ("busy", 503, "server.busy"),
        ("bug", 500, "server.fault"),
    ],
)
def test_every_no_is_a_problem_with_a_code_and_no_inner_detail(
    client: Client, kind: str, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    answer = client.get(f"/api/v1/faults/{kind}")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["status"], body["code"], body["instance"]) == (status, code, f"/api/v1/faults/{kind}")
    assert body["title"] == HTTPStatus(status).phrase
    assert body["detail"]
    assert "secret detail" not in answer.content.decode()


def test_a_refusal_carries_its_facts(client: Client) -> None:
    assert client.get("/api/v1/faults/refused").json()["facts"] == {"given": "S1"}


@pytest.mark.parametrize(("kind", "seconds"), [("throttled", "7"), ("busy", "1")])
def test_who_must_wait_is_told_how_long(client: Client, kind: str, seconds: str) -> None:
    assert client.get(f"/api/v1/faults/{kind}")["Retry-After"] == seconds


def test_a_bug_of_ours_is_logged_in_full(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/api/v1/faults/bug")

    assert "ZeroDivisionError: secret detail" in caplog.text


def test_an_unknown_address_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/nothing/here")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_method_that_is_not_there_is_a_problem(client: Client) -> None:
    answer = client.delete("/api/v1/sales")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "request.method"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        b"\xff\xfe",
        "[" * 100_000,
        '{"name": NaN, "lines": []}',
        '{"name": "a", "name": "b", "lines": []}',
        '{"name": "a\\u0000b", "lines": []}',
        '{"a\\u0000": "b"}',
    ],
)
def test_what_is_not_json_is_malformed(client: Client, body: str | bytes) -> None:
    answer = client.post("/api/v1/sales", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] in {"request.malformed", "request.invalid"}


def test_a_backslash_before_u0000_is_text(client: Client) -> None:
    answer = client.post("/api/v1/sales", '{"name": "\\\\u0000", "lines": []}', content_type="application/json")

    assert (answer.status_code, answer.json()) == (200, {"name": "\\u0000"})


def test_nul_in_an_address_is_malformed(client: Client) -> None:
    assert client.get("/api/v1/faults/bug?x=%00").status_code == 400
    assert client.get("/api/v1/faults/%00").status_code == 400


@pytest.mark.parametrize("amount", ["1", 1.5, 1e308, None, True, [], {}])
def test_a_field_that_is_wrong_is_pointed_at(client: Client, amount: object) -> None:
    body = json.dumps({"name": "茶", "lines": [{"amount": 1}, {"amount": amount}]})

    answer = client.post("/api/v1/sales", body, content_type="application/json", headers={"accept-language": "en"})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/lines/1/amount"


def test_a_missing_field_is_named(client: Client) -> None:
    answer = client.post("/api/v1/sales", "{}", content_type="application/json", headers={"accept-language": "en"})

    assert answer.json()["errors"] == [
        {"pointer": "#/name", "code": "missing", "detail": "This is required."},
        {"pointer": "#/lines", "code": "missing", "detail": "This is required."},
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "idempotency.missing"),
        ("", "idempotency.missing"),
        (" ", "idempotency.invalid"),
        ("x" * 201, "idempotency.invalid"),
        ("订单1", "idempotency.invalid"),
        ("a\tb", "idempotency.invalid"),
    ],
)
def test_a_request_that_moves_money_needs_a_usable_key(client: Client, given: str | None, code: str) -> None:
    _key, secret = cast.key("charges:write")
    headers = {"authorization": f"Bearer {secret}"} | ({} if given is None else {"idempotency-key": given})

    answer = client.post("/api/v1/money", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("given", ["a", "order 1001", "x" * 200])
def test_a_usable_key_is_taken_as_it_is(client: Client, given: str) -> None:
    _key, secret = cast.key("charges:write")

    answer = client.post("/api/v1/money", headers={"authorization": f"Bearer {secret}", "idempotency-key": given})

    assert answer.json() == {"key": given}


@pytest.mark.parametrize("host", ["evil.example", "kgzI,_"])
def test_a_name_that_is_not_ours_is_a_problem(client: Client, host: str) -> None:
    answer = client.get("/api/v1/stores", headers={"host": host})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "request.host"
