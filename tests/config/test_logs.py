import io
import json
import logging.config
import sys

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from chuzhi.config import logs, requests
from product import wait_until


def test_a_request_is_one_line_of_json_without_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", said := io.StringIO())
    logging.config.dictConfig(logs.settings())

    def answer(_request: HttpRequest) -> HttpResponse:
        logging.getLogger("chuzhi.wallets").warning("low on %s", "paper")
        return HttpResponse("done")

    requests.RequestLog(answer)(RequestFactory().get("/console/customers/", {"query": "13812345678"}))

    wait_until(lambda: said.getvalue().count("\n") == 2, "the request is told")
    meanwhile, line = [json.loads(line) for line in said.getvalue().splitlines()]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/console/customers/", 200)
    assert (meanwhile["event"], meanwhile["level"]) == ("low on paper", "warning")
    assert meanwhile["request"] == line["request"], "both lines carry the request's number"
    assert "138" not in said.getvalue()
