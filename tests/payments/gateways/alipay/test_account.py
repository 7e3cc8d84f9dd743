"""What a merchant types: what is taken, and the sentence for what is not."""

import json
import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from payments.gateways.standing_in import StandIn

from chuzhi.payments.gateways.alipay import account, answers, trades, yuan
from chuzhi.payments.gateways.alipay.account import FIELDS
from chuzhi.payments.gateways.contract import ConfigurationError, OutcomeUnknownError, State

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
)


def test_what_the_stand_in_gives_is_taken(provider: StandIn) -> None:
    parsed = account.parse(provider.account)

    assert parsed.seller_id == provider.account["seller_id"]
    assert parsed.certificates is None
    assert set(provider.account) <= {field.name for field in FIELDS}


def test_keys_are_taken_as_alipays_own_tool_writes_them(provider: StandIn) -> None:
    given = provider.account
    bare = {name: re.sub(r"-----[A-Z ]+-----|\s", "", given[name]) for name in ("app_private_key", "alipay_public_key")}

    parsed = account.parse({**given, **bare})

    assert parsed.alipay_keys == account.parse(given).alipay_keys


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("app_id", "123"),
        ("app_id", ""),
        ("seller_id", "2021000100000001"),
        ("app_private_key", "nonsense"),
        ("app_private_key", ""),
        ("alipay_public_key", ""),
        ("alipay_public_key", "nonsense"),
        ("agreement_scene", "industry"),
        ("agreement_product", "a b"),
        ("address", "http://openapi.alipay.com/gateway.do"),
        ("address", "ftp://x"),
        ("address", "https://openapi.alipay.com/gateway.do?x=1"),
    ],
)
def test_a_field_that_cannot_be_right_is_named(provider: StandIn, field: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        account.parse({**provider.account, field: value} if value or field not in _with_default() else {})

    assert refused.value.field == field
    assert str(refused.value.sentence)


def _with_default() -> set[str]:
    return {field.name for field in FIELDS if field.default}


def test_the_applications_own_public_key_is_not_alipays(provider: StandIn) -> None:
    """The most frequent mistake: both are on the same page."""
    own = account.parse(provider.account).app_key.public_key()
    own_text = own.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    with pytest.raises(ConfigurationError) as refused:
        account.parse({**provider.account, "alipay_public_key": own_text})

    assert refused.value.field == "alipay_public_key"


@pytest.mark.parametrize("field", ["app_certificate", "alipay_certificate", "alipay_root_certificate"])
def test_each_certificate_has_to_be_one_and_its_own(provider: StandIn, field: str) -> None:
    given = provider.control("certificate_account")
    assert account.parse(given).certificates

    for wrong in (
        "nonsense",
        given["alipay_certificate"] if field == "app_certificate" else "-----BEGIN X-----\n-----END X-----",
    ):
        with pytest.raises(ConfigurationError) as refused:
            account.parse({**given, field: wrong})
        assert refused.value.field == field


@given(st.integers(0, 10**13))
def test_amounts_survive_being_written_as_yuan(amount: int) -> None:
    assert yuan.fen(yuan.text(amount)) == amount
    assert yuan.fen(f"-{yuan.text(amount)}") == -amount


@pytest.mark.parametrize(("written", "fen"), [("0.1", 10), ("12", 1_200), ("12.30", 1_230), ("-0.01", -1), ("88.88", 8_888)])
def test_amounts_are_read_exactly(written: str, fen: int) -> None:
    assert yuan.fen(written) == fen


@pytest.mark.parametrize("written", ["", "1.234", "1e3", "NaN", " 1", "１", "1,000.00", "+1", ".5", "1.", None])
def test_what_is_no_amount_is_refused(written: str | None) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        yuan.fen(written)


@given(st.dictionaries(st.text(), VALUES))
def test_the_members_of_an_answer_are_its_own_text(members: dict[str, object]) -> None:
    for spaced in ((",", ":"), (" ,\n", " : ")):
        text = json.dumps(members, ensure_ascii=False, separators=spaced)
        pieces = answers.raw_members(text)
        assert {name: json.loads(piece) for name, piece in pieces.items()} == members
        assert all(piece in text for piece in pieces.values())


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a":1', '{"a":1}x', '{"a":1,"a":2}', '{"a" 1}', "{1:2}", '{"a":1 "b":2}'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # whatever is wrong with it
        answers.raw_members(text)


SIGNED = {"code": "10000", "out_trade_no": "P1", "trade_no": "2", "trade_status": "TRADE_SUCCESS", "total_amount": "1.00"}


def test_an_answer_in_order_is_told() -> None:
    told = trades.told(answers.Answer(SIGNED), number="P1", merchant="m")

    assert (told.state, told.amount, told.provider_id, told.paid_at) == (State.PAID, 100, "2", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "P2"},
        {"out_trade_no": None},
        {"trade_status": "SOMETHING_NEW"},
        {"total_amount": "1.001"},
        {"send_pay_date": "yesterday"},
    ],
)
def test_an_answer_about_something_else_decides_nothing(changes: dict[str, object]) -> None:
    """All of these are signed by Alipay: an answer to another question, or in words that we do not know."""
    with pytest.raises(OutcomeUnknownError):
        trades.told(answers.Answer(SIGNED | changes), number="P1", merchant="m")


def test_numbers_in_an_answer_stay_as_they_were_written() -> None:
    envelope = answers.envelope(b'{"alipay_trade_query_response":{"total_amount":88.10},"sign":"x"}', "alipay.trade.query")

    assert envelope.signed == '{"total_amount":88.10}'
    assert envelope.unverified().amount("total_amount") == 88_10


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[]", b'{"other_response":{}}', b'{"alipay_trade_query_response":1,', b"\xff"]
)
def test_what_is_no_answer_leaves_the_outcome_unknown(body: bytes) -> None:
    with pytest.raises(OutcomeUnknownError):
        answers.envelope(body, "alipay.trade.query")
