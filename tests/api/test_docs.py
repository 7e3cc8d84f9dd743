"""docs/api.md is run from top to bottom: each request as it is written there, each answer as it is promised."""

import importlib
import json
import pkgutil
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pydantic import BaseModel

from api.program import Program
from chuzhi import api as calls
from chuzhi.organization import keys
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Programme

PAGE = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```sh\n(curl .*?)\n```\n```json\n(\d{3})\n(.*?)\n```", re.DOTALL)
ANYTHING = "…"


@pytest.mark.django_db
def test_every_example_answers_as_the_page_says(programme: Programme, store: Store) -> None:
    known = {"KEY": Program(*keys.SCOPES).secret, "PROGRAMME": str(programme.pk), "STORE": str(store.pk)}
    examples = EXAMPLE.findall(PAGE)

    assert len(examples) == PAGE.count("```sh\n")
    for command, status, promised in examples:
        answer = run(command, known)
        assert answer.status_code == int(status), (command, answer.content)
        agrees(json.loads(promised), answer.json(), known)


def run(command: str, known: dict[str, str]):  # type: ignore[no-untyped-def]  # Django's test answer has no public type
    for name, value in known.items():
        command = command.replace(f"${name}", value)
    _curl, address, *options = shlex.split(command.replace("\\\n", " "))
    given = dict[str, str]()
    body = None
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option == "-H":
            name, _colon, text = value.partition(": ")
            given[name] = text
        else:
            assert option == "-d"
            body = value
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if body is None:
        return Client().get(path, headers=given)
    return Client().post(path, body, content_type=given.pop("Content-Type"), headers=given)


def agrees(promised: object, real: object, known: dict[str, str]) -> None:
    """Field by field. `…` stands for anything; a $NAME not known yet is learnt here."""
    if promised == ANYTHING:
        return
    if isinstance(promised, dict):
        assert isinstance(real, dict)
        assert promised.keys() == real.keys()
        for name in promised:
            agrees(promised[name], real[name], known)
    elif isinstance(promised, list):
        assert isinstance(real, list)
        assert len(promised) == len(real)
        for one, other in zip(promised, real, strict=True):
            agrees(one, other, known)
    elif isinstance(promised, str) and promised.startswith("$"):
        assert known.setdefault(promised[1:], str(real)) == real
    else:
        assert promised == real


def test_no_two_shapes_share_a_name() -> None:
    """In the description a name is one shape: of two classes with one name, one would be told in the other's words."""
    shapes: dict[str, set[str]] = {}
    for module in pkgutil.iter_modules(calls.__path__, "chuzhi.api."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == module.name:
                shapes.setdefault(name, set()).add(json.dumps(one.model_json_schema(), sort_keys=True))

    assert [name for name, told in shapes.items() if len(told) > 1] == []
