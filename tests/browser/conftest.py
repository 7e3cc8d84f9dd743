from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import screenshots
from browser.site import Site


@pytest.fixture
def site(committed: None) -> Iterator[Site]:
    running = Site()
    running.start()
    yield running
    running.kill()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--into", type=Path, help="where test_album.py puts pictures of every page; without it, it takes none")
    parser.addoption(
        "--looks", nargs="*", choices=screenshots.LOOKS, default=[], help="without it: two of every page, all of some"
    )
    parser.addoption("--pages", nargs="*", default=[], help="the names of the pages to take; without them, all")
