"""What a program sent: `a[b][0]=c` as a tree, with every name known and every amount whole."""

import re
from typing import Any
from urllib.parse import parse_qsl

from chuzhi.simulators.stripe.problems import invalid

ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = set("bhd jod kwd omr tnd".split())
WHOLE_ONLY = {"isk", "ugx"}  # written with two digits that must be 00
LEAST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "hkd": 400}
MOST = 99_999_999


def read(encoded: str, *, known: str) -> dict[str, Any]:
    """`known` lists the names, `#` for a place in a list and `*` for any key: `line_items.#.quantity metadata.*`."""
    patterns = [re.compile(re.escape(name).replace(r"\#", r"\d*").replace(r"\*", r"[^.]+")) for name in known.split()]
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        if not any(pattern.fullmatch(".".join(steps)) for pattern in patterns):
            raise invalid(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
        _put(tree, steps, value)
    return {name: _settled(value) for name, value in tree.items()}


def _put(tree: dict[str, Any], steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
    tree[steps[-1] or str(len(tree))] = value


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    settled = {name: _settled(part) for name, part in value.items()}
    is_list = settled and all(name.isdigit() for name in settled)
    return [settled[name] for name in sorted(settled, key=int)] if is_list else settled


def needed(given: dict[str, Any], name: str) -> Any:
    if not given.get(name):
        raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return given[name]


def whole(value: object, param: str) -> int:
    if not re.fullmatch(r"\d{1,12}", str(value)):
        raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return int(str(value))


def currency(value: object) -> str:
    if not re.fullmatch(r"[a-z]{3}", str(value)):
        raise invalid(f"Invalid currency: {value}.", param="currency")
    return str(value)


def amount(value: object, of: str, *, param: str = "amount", is_refund: bool = False) -> int:
    units = whole(value, param)
    if (of in THREE_DECIMAL and units % 10) or (of in WHOLE_ONLY and units % 100):
        raise invalid(f"Invalid amount: {units} {of} ends in more than is taken.", code="invalid_charge_amount", param=param)
    if units < (1 if is_refund else LEAST.get(of, 1)):
        raise invalid("Amount is too small.", code="amount_too_small", param=param)
    if units > MOST:
        raise invalid("Amount must be no more than 999,999.99.", code="amount_too_large", param=param)
    return units


def metadata(given: dict[str, Any]) -> dict[str, str]:
    kept = dict(given.get("metadata") or {})
    if len(kept) > 50 or any(len(name) > 40 or len(str(value)) > 500 for name, value in kept.items()):
        raise invalid("Metadata is too long.", param="metadata")
    return {name: str(value) for name, value in kept.items()}


def shown(units: int, of: str) -> str:
    digits = 0 if of in ZERO_DECIMAL else 3 if of in THREE_DECIMAL else 2
    return f"{units / 10**digits:,.{digits}f} {of.upper()}"
