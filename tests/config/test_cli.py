import pytest

from product import Product


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_help_lists_every_command_and_touches_nothing(product: Product, words: tuple[str, ...]) -> None:
    code, said = product.run(*words)

    assert code == 0
    assert {"serve", "migrate", "admin-link"} <= set(said.split())
    assert not product.data.exists()


def test_a_word_that_is_no_command_is_said_and_touches_nothing(product: Product) -> None:
    code, said = product.run("sevre")

    assert (code, said) == (1, "There is no command `sevre`; `chuzhi help` lists them.\n")
    assert not product.data.exists()


def test_a_packages_command_finds_the_database_up_and_ready(product: Product) -> None:
    code, said = product.run("admin-link", "--base-url", "https://shop.example")

    assert code == 0, said
    assert "https://shop.example/console/welcome/" in said
    assert product.processes() == []


def test_web_and_worker_wait_for_whoever_migrates(product: Product) -> None:
    code, said = product.run("worker")

    assert code == 1
    assert "run `chuzhi migrate`" in said


@pytest.mark.parametrize(
    ("name", "value"), [("CHUZHI_PORT", "http"), ("CHUZHI_PORT", "99999"), ("CHUZHI_PORT_FILE", "/nowhere")]
)
def test_a_setting_that_cannot_work_is_said_in_one_line(product: Product, name: str, value: str) -> None:
    code, said = product.run("serve", **{name: value})

    assert code == 1
    assert said.count("\n") == 1
    assert "CHUZHI_PORT" in said
