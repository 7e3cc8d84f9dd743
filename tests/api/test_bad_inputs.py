"""security.md's table of bad inputs, on every address that moves money: a clear no, and the database as it was."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

SCOPES = (
    "charges:write",
    "topups:write",
    "holds:write",
    "refunds:write",
    "transfers:write",
    "wallets:freeze",
    "disputes:write",
)
AMOUNTS = [
    "-1", "0", "-0", "0.001", "1.0", "100.5", "1e3", "1E3", "1e308", "1e-3", "9007199254740992.0", "9223372036854775808",
    "1000000000000001", "-9223372036854775809", "1" * 40, "1" * 5000, "NaN", "Infinity", "-Infinity", '"1"', '" 1"', '"１００"',
    '"1e3"', '"1,000"', '"¥1"', '"0x10"', '""', "true", "false", "null", "[]", "[1]", "{}", '{"amount": 1}', "１００", "+1",
    "01", "0x10", "1_000", "",
]  # fmt: skip
NAMES = [
    '""', '"0"', '"-1"', '"1.0"', '"01"', '" 1"', '"1 "', '"１"', '"1e3"', '"9223372036854775808"', f'"{"9" * 400}"', '"NaN"',
    '"1\\u0000"', '"\\ud800"', '"{{7*7}}"', '"${7*7}"', '"1 OR 1=1"', '"1; DROP TABLE wallet"', '"<script>"', '"../1"', "1",
    "1.5", "true", "null", "[]", "{}", '"1\\n"',
]  # fmt: skip
TEXTS = ["1", "1.5", "true", "[]", "{}", f'"{"长" * 201}"', '"a\\u0000b"', '"\\ud800"', '"a\\udfff"']
UNREADABLE = [b"", b"{", b"[]", b"null", b'"x"', b"1", b"\xff\xfe", b'{"amount": 1, "amount": 2}', b"[" * 100_000]
OTHER_CURRENCY = ['"currency": "USD"', '"currency": "CNY"', '"asset": 2', '"bonus": 1000', '"price": 1', '"\\ud800": 1']
INJECTIONS = [
    "{{7*7}}", "{0.__class__}", "${7*7}",
    "<script>alert(1)</script>", "'; DROP TABLE wallet; --", "=1+1", "%(x)s %s", "茶\u202e",
]  # fmt: skip


class Address:
    """One address that moves money, with a body that would be taken."""

    def __init__(self, path: str, **body: str) -> None:
        self.path, self.body = path, body

    def __str__(self) -> str:
        return self.path

    def with_(self, **changed: str) -> bytes:
        return self.raw(*(f'"{name}": {value}' for name, value in (self.body | changed).items()))

    def raw(self, *fields: str) -> bytes:
        inner = ", ".join(fields)
        text = f'{{"charges": [{{{inner}}}]}}' if self.path == "/charges/batch" else f"{{{inner}}}"
        return text.encode()


@pytest.fixture
def program(db: None) -> Program:
    return Program(*SCOPES)


@pytest.fixture
def addresses(funded: Wallet, store: Store, program: Program) -> list[Address]:
    other = shop.new_wallet(funded.programme)
    there = {"wallet": f'"{funded.pk}"', "amount": "100", "store": f'"{store.pk}"'}

    def made(path: str, **more: object) -> str:
        body = {"wallet": str(funded.pk), "amount": 100, "store": str(store.pk)} | more
        return str(program.post(path, body).json()["id"])

    def disputed() -> str:
        return str(program.post(f"/topups/{made('/topups', method='cash')}/dispute", {}).json()["id"])

    return [
        Address("/topups", **there, method='"cash"', reference='"r"'),
        Address(f"/topups/{made('/topups', method='cash')}/refunds", amount="1", method='"cash"', reason='"r"'),
        Address("/charges", **there, reference='"r"'),
        Address("/charges/batch", **there, key='"k"', reference='"r"'),
        Address(f"/charges/{made('/charges')}/refunds", amount="1", reason='"r"'),
        Address("/holds", **there, reference='"r"'),
        Address(f"/holds/{made('/holds')}/captures", amount="1"),
        Address(f"/holds/{made('/holds')}/void"),
        Address("/transfers", **{"from": f'"{funded.pk}"', "to": f'"{other.pk}"', "amount": "1", "reason": '"r"'}),
        Address(f"/wallets/{funded.pk}/freeze", reason='"r"'),
        Address(f"/wallets/{funded.pk}/unfreeze", reason='"r"'),
        Address(f"/wallets/{funded.pk}/close", reason='"r"'),
        Address(f"/topups/{made('/topups', method='cash')}/dispute"),
        Address(f"/disputes/{disputed()}/end", won="true"),
    ]


@pytest.fixture
def nothing_changes(addresses: list[Address]) -> Iterator[None]:
    before = everything()
    yield
    after = everything()
    came, went = after - before, before - after
    assert (came, went) == (Counter(), Counter())


def everything() -> Counter[str]:
    """Every row of every table with the table's name, but for when a key was last used."""
    found: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for table in {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}:
            cursor.execute(f"SELECT (to_jsonb(t) - 'last_used_at')::text FROM \"{table}\" t")  # a table's own name
            found.update(f"{table} {row}" for (row,) in cursor)
    return found


def refuses(program: Program, address: Address, body: bytes) -> None:
    answer = program.client.generic(
        "POST", f"/api/v1{address.path}", body, content_type="application/json", headers=program.headers("a-new-key")
    )

    said = answer.json()
    assert 400 <= answer.status_code < 500, (address.path, body[:200], answer.content[:300])
    assert answer["Content-Type"] == "application/problem+json"
    assert said["code"]
    assert said["detail"]
    assert said["code"] != "wallet.not_enough"


@pytest.mark.usefixtures("nothing_changes")
def test_what_is_no_amount_moves_nothing(program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        for amount in AMOUNTS if "amount" in address.body else []:
            if not (amount == "null" and address.path.startswith("/topups/")):  # there it means: all that is left
                refuses(program, address, address.with_(amount=amount))


@pytest.mark.parametrize("field", ["wallet", "store", "till", "offer", "from", "to"])
@pytest.mark.usefixtures("nothing_changes")
def test_what_is_no_id_names_nothing(field: str, program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        takes_it = (
            field in address.body
            or (field == "till" and "store" in address.body)
            or (field, address.path) == ("offer", "/topups")
        )
        for name in NAMES if takes_it else []:
            if not (name == "null" and field in {"till", "offer"}):
                refuses(program, address, address.with_(**{field: name}))


@pytest.mark.usefixtures("nothing_changes")
def test_what_is_no_text_is_not_kept(program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        for field in {"reference", "reason", "method", "key"} & address.body.keys():
            for text in [*TEXTS, "null"]:
                refuses(program, address, address.with_(**{field: text}))


@pytest.mark.usefixtures("nothing_changes")
def test_fields_that_do_not_exist_are_refused_and_not_ignored(program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        fields = [f'"{name}": {value}' for name, value in address.body.items()]
        for extra in OTHER_CURRENCY:
            refuses(program, address, address.raw(*fields, extra))


@pytest.mark.usefixtures("nothing_changes")
def test_fields_that_are_missing_are_asked_for(program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        for missing in address.body.keys() - {"reference"}:
            if (missing, address.path.split("/")[1]) != ("amount", "topups") or address.path == "/topups":
                fields = [f'"{name}": {value}' for name, value in address.body.items() if name != missing]
                refuses(program, address, address.raw(*fields))


@pytest.mark.usefixtures("nothing_changes")
def test_what_cannot_be_read_is_refused(program: Program, addresses: list[Address]) -> None:
    for address in addresses:
        for body in UNREADABLE:
            refuses(program, address, body)


@pytest.mark.parametrize(
    "operation",
    ["0-1", "1-0", "99-1", "1-999999999", "-1", "1", "１-１", "1-1e3", "1-9223372036854775808", "x" * 400, "%ED%A0%80", "%00"],
)
@pytest.mark.usefixtures("nothing_changes")
def test_an_operation_that_is_not_there_is_answered_as_such(operation: str, program: Program, addresses: list[Address]) -> None:
    for kind, ending, body in (
        ("charges", "refunds", {"amount": 1, "reason": "r"}),
        ("topups", "refunds", {"method": "cash", "reason": "r"}),
        ("holds", "captures", {"amount": 1}),
        ("holds", "void", {}),
    ):
        refuses(program, Address(f"/{kind}/{operation}/{ending}"), json.dumps(body).encode())


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_looks_like_code_is_text(text: str, funded: Wallet, store: Store) -> None:
    program = Program("charges:write", "wallets:read")
    lines = [{"name": text, "amount": 100}]

    charge = program.post(
        "/charges", {"wallet": str(funded.pk), "amount": 100, "store": str(store.pk), "reference": text, "lines": lines}
    )

    entry = program.get(f"/operations/{charge.json()['id']}").json()
    assert charge.status_code == 201
    assert entry["reference"] == "".join(each for each in text if each.isprintable())
