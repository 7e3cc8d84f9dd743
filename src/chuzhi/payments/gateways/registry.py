"""Which gateways there are, and the open connection to each of our accounts."""

import importlib
from functools import lru_cache
from types import ModuleType

from chuzhi.payments.gateways.contract import Gateway

CODES = ("wechat", "alipay", "stripe", "btcpay", "bank", "terminal")
"""Each is a folder with `account` (`parse`, `FIELDS`) and `gateway` (`build`). A new one is a line here and its folder."""


def fields_of(code: str) -> ModuleType:
    """The module that describes and parses a gateway's configuration."""
    return importlib.import_module(f"chuzhi.payments.gateways.{_known(code)}.account")


@lru_cache(maxsize=32)
def connected(code: str, configuration: tuple[tuple[str, str], ...]) -> Gateway:
    """One gateway a configuration, kept: it holds parsed keys and open connections. Raises ConfigurationError."""
    made: Gateway = importlib.import_module(f"chuzhi.payments.gateways.{_known(code)}.gateway").build(
        fields_of(code).parse(dict(configuration))
    )
    return made


def _known(code: str) -> str:
    if code not in CODES:
        raise LookupError(f"There is no gateway {code!r}.")
    return code
