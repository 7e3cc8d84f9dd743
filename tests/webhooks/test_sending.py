"""Addresses that somebody else chose must not lead into our own network."""

import socket
from typing import Any

import pytest

from chuzhi.webhooks import sending
from chuzhi.webhooks.errors import AddressUnusable


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/",
        "https://",
        "https://user:password@example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.8/hook",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.8]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://example.com/a b",
        "https://example.com:99999/",
        f"https://example.com/{'x' * 500}",
        "",
    ],
)
def test_what_can_never_be_called_is_refused(url: str) -> None:
    with pytest.raises(AddressUnusable):
        sending.check(url)


def test_an_address_of_the_open_internet_is_kept_as_it_is() -> None:
    assert sending.check(" https://erp.example.com:8443/hook?shop=1 ") == "https://erp.example.com:8443/hook?shop=1"


@pytest.mark.parametrize("url", ["https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://localhost/"])
def test_other_ways_to_write_our_own_machine_are_seen_when_it_is_called(url: str) -> None:
    with pytest.raises(sending.Unreachable, match="address_inside"):
        sending.post(sending.check(url), headers={}, body=b"{}")


def test_one_inner_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*_asked: Any, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.8")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)

    with pytest.raises(sending.Unreachable, match="address_inside"):
        sending.post("https://two-faced.example.com/", headers={}, body=b"{}")
