import pytest
from django.db import OperationalError, connection
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/livez", "/readyz"])
def test_probes_are_answered_to_whoever_asks(address: str, settings: pytest.FixtureRequest) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]  # type: ignore[attr-defined]
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]

    assert Client(headers={"host": "10.0.0.9"}).get(address).status_code == 200


def test_without_its_database_it_is_alive_and_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)

    assert Client().get("/livez").status_code == 200
    assert Client().get("/readyz").status_code == 503
