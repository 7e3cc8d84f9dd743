import pytest

from chuzhi.messaging import rules

NAMES = ["李雷", "李雷雷", "Ada", "han.mei", "Grace Hopper"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@李雷 请回电", {"李雷"}),
        ("@李雷雷请回电", {"李雷雷"}),
        ("@Ada @han.mei", {"Ada", "han.mei"}),
        ("请@Ada，再请@李雷看一下", {"Ada", "李雷"}),
        ("@nobody, ada@example.com", set()),
        ("@Grace Hopper please", {"Grace Hopper"}),
        ("李雷", set()),
        ("@", set()),
    ],
)
def test_who_is_meant(text: str, meant: set[str]) -> None:
    assert rules.mentioned(text, NAMES) == meant
